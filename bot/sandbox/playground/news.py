"""What ships at Acme while somebody looks: at the press of a button, and while the clock is moved on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from itertools import cycle

from bot.sandbox.launchdarkly import SandboxLaunchDarkly


@dataclass(frozen=True, slots=True)
class _Release:
    application: str
    title: str
    author: str
    minutes: float
    flag: str = ""


_RELEASES = (
    _Release("checkout-web", "Let customers keep a basket for later", "mina.park", 5, "keep-basket-for-later"),
    _Release("billing-service", "Send the invoice in the customer's own language", "otto.lind", 7),
    _Release("search-api", "Understand plurals", "lena.voss", 3, "search-plurals"),
    _Release(
        "identity-service",
        "Ask for the second factor on a new device only",
        "priya.shah",
        9,
        "second-factor-on-new-device",
    ),
    _Release("mobile-app", "Fix the crash on opening a shared link", "ines.rocha", 18),
    _Release("catalog-api", "Say since when a price is valid", "tariq.noor", 4),
    _Release("checkout-api", "Keep the basket when a payment is refused", "hugo.marsh", 6),
    _Release("notifications-worker", "Send one mail for all parcels of an order", "kofi.lane", 4, "one-mail-an-order"),
    _Release("docs-site", "Explain how to return a gift", "ada.brook", 2),
)
_DAY = (time(8), time(19))  # when people at Acme ship, from Monday to Friday
_BETWEEN = timedelta(hours=2, minutes=37)


class News:
    """Releases that reach production one after the other, and from the beginning again."""

    def __init__(self, launchdarkly: SandboxLaunchDarkly) -> None:
        self._launchdarkly = launchdarkly
        self._releases = cycle(_RELEASES)

    def happen(self, at: datetime | None = None) -> str:
        """One more reaches production, now or at that moment (aware); what a person would say of it."""
        what = next(self._releases)
        deployment = self._launchdarkly.deploy(
            what.application, at, titles=(what.title,), author=what.author, flag=what.flag, minutes=what.minutes
        )
        return f"{what.application} {deployment.version} has reached production: “{what.title}”."

    def until(self, moment: datetime, zone: tzinfo) -> None:
        """What ships between now and a moment to come (aware), in the working hours of that zone."""
        at = (self._launchdarkly.now() + _BETWEEN).astimezone(zone)
        while at < moment:
            if at.weekday() < 5 and _DAY[0] <= at.time() < _DAY[1]:
                self.happen(at)
            at += _BETWEEN
