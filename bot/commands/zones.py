"""Time zones as people name them → IANA names."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import available_timezones

from bot.commands.filters import Given
from bot.commands.mistakes import Mistake, said
from bot.commands.words import Word
from bot.domain.spelling import nearest

# Names that do not say by which rules their clocks change, and a place that people mean by them.
_ABBREVIATIONS = {
    "est": "America/New_York",
    "edt": "America/New_York",
    "et": "America/New_York",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "ct": "America/Chicago",
    "mst": "America/Denver",
    "mdt": "America/Denver",
    "mt": "America/Denver",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "pt": "America/Los_Angeles",
    "gmt": "Europe/London",
    "bst": "Europe/London",
    "wet": "Europe/Lisbon",
    "cet": "Europe/Berlin",
    "cest": "Europe/Berlin",
    "met": "Europe/Berlin",
    "eet": "Europe/Helsinki",
    "ist": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
    "aest": "Australia/Sydney",
}


def known_zone(typed: Given) -> str:
    """The IANA name that was typed, in whatever case; raises ``Mistake`` with the one that was probably meant."""
    wanted = typed.value.replace(" ", "_").lower()
    if place := _ABBREVIATIONS.get(wanted):
        raise Mistake(
            f"{said(typed.value)} does not say when its clocks change; name a place in it.", typed.words, f"tz:{place}"
        )
    name = _zones().get(wanted)
    if name and _says_its_rules(name):
        return name
    places = [zone for zone in _zones().values() if "/" in zone and not zone.startswith("Etc/")]
    cities = sorted((zone for zone in places if zone.lower().endswith(f"/{wanted}")), key=len)
    near = (*cities, *nearest(wanted, places, most=1), "Europe/Berlin")[0]
    raise Mistake(
        f"I do not know the time zone {said(typed.value)}; it is named after a place, as in {near}.",
        typed.words,
        f"tz:{near}",
    )


def is_bare_zone(word: Word) -> bool:
    """Whether a word alone names a zone, as in "weekdays 09:30 Europe/Berlin"."""
    if word.key or word.quoted or word.negated:
        return False
    name = _zones().get(word.text.lower())
    return (name is not None and _says_its_rules(name)) or (word.text.isupper() and word.text.lower() in _ABBREVIATIONS)


def _says_its_rules(name: str) -> bool:
    return "/" in name or name == "UTC"


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    """Every zone's name by the same in lower case."""
    return {name.lower(): name for name in available_timezones()}
