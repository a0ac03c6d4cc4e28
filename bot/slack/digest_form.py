"""The form of a digest: from a subscription to what is filled in, and back to what could have been typed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, time
from typing import Any

from bot.commands.digest import NewDigest, parse_digest
from bot.commands.questions import Asker
from bot.commands.retyped import filter_words
from bot.commands.words import quote
from bot.domain.digests import Subscription
from bot.domain.errors import CommandError
from bot.domain.schedule import Weekday
from bot.formatting.digest_form import (
    APPLICATIONS,
    CHANNEL,
    DAYS,
    EMPTY,
    ENVIRONMENT,
    MORE,
    NAME,
    PROJECT,
    SKIP,
    TIME,
    ZONE,
    Form,
    environment_block,
)

_DAYS = {day.short.lower(): day for day in Weekday}
# A schedule and a filter before the words to be read, so that none of them can be taken for days or a time.
_READ = "daily 00:00 empty:say"

Errors = dict[str, str]
"""What is wrong, by block id: https://docs.slack.dev/surfaces/modals#displaying_errors"""


def filled(subscription: Subscription, applications: Collection[str]) -> Form:
    """The form of a subscription; of its applications, those that are in ``applications`` are chosen from the menu."""
    filters = subscription.filters
    others = tuple(key for key in filters.applications if key not in applications)
    return Form(
        project=subscription.project,
        environment=subscription.environment,
        applications=tuple(key for key in filters.applications if key in applications),
        days=subscription.schedule.days,
        at=subscription.schedule.at,
        zone=subscription.schedule.zone,
        more=filter_words(replace(filters, applications=others)),
        say_when_empty=subscription.say_when_empty,
        name=subscription.name,
    )


def read_form(view: dict[str, Any]) -> Form:
    """What is filled in now; ``view`` is Slack's, as an interaction brings it along."""
    values = (view.get("state") or {}).get("values") or {}
    given: dict[str, Any] = {action: value for block in values.values() for action, value in block.items()}
    project = _option(given.get(PROJECT))
    environment = values.get(environment_block(project), {}).get(ENVIRONMENT)  # of this project, not of the one before
    at = (given.get(TIME) or {}).get("selected_time")
    return Form(
        project=project,
        environment=_option(environment),
        applications=_options(given.get(APPLICATIONS)),
        days=frozenset(_DAYS[day] for day in _options(given.get(DAYS)) if day in _DAYS),
        at=time.fromisoformat(at) if at else None,
        zone=_text(given.get(ZONE)),
        more=_text(given.get(MORE)),
        say_when_empty=_option(given.get(EMPTY)) != SKIP,
        name=_text(given.get(NAME)),
        channel=str((given.get(CHANNEL) or {}).get("selected_conversation") or ""),
    )


def typed(form: Form, asker: Asker) -> NewDigest | Errors:
    """What would have been typed for it, or what is wrong in which field."""
    errors: Errors = {}
    zone = _read(f"tz:{quote(form.zone)}", asker, errors, ZONE)
    name = _read(f'name:"{form.name.replace(chr(34), chr(39))}"' if form.name else "", asker, errors, NAME)
    more = _read(form.more, asker, errors, MORE)
    if not form.days:
        errors[DAYS] = "Choose a day."
    if form.at is None:
        errors[TIME] = "Choose a time."
    if more and (more.asked.project or more.asked.environment or more.name or more.zone):
        errors[MORE] = "Project, environment, time zone and name have fields of their own."
    if more and _is_whole(form.more, asker):
        errors[MORE] = "Days and time have fields of their own."
    if errors or form.at is None or not (zone and name and more):
        return errors
    applications = tuple(dict.fromkeys((*form.applications, *more.asked.filters.applications)))
    return replace(
        more,
        days=form.days,
        at=form.at,
        zone=zone.zone,
        asked=replace(
            more.asked,
            project=form.project,
            environment=form.environment or None,
            filters=replace(more.asked.filters, applications=applications),
        ),
        name=name.name or "",
        say_when_empty=form.say_when_empty,
    )


def _read(words: str, asker: Asker, errors: Errors, block_id: str) -> NewDigest | None:
    try:
        read = parse_digest(f"{_READ} {words}", replace(asker, zone=UTC))
    except CommandError as error:
        errors[block_id] = error.message
        return None
    if not isinstance(read, NewDigest):
        errors[block_id] = "This is not a filter."
        return None
    return read


def _is_whole(words: str, asker: Asker) -> bool:
    """Whether the words are a whole digest, with days and a time."""
    try:
        return isinstance(parse_digest(words, asker), NewDigest)
    except CommandError:
        return False


def _option(given: Any) -> str:
    return str(((given or {}).get("selected_option") or {}).get("value") or "")


def _options(given: Any) -> tuple[str, ...]:
    return tuple(str(option["value"]) for option in (given or {}).get("selected_options") or ())


def _text(given: Any) -> str:
    return str((given or {}).get("value") or "").strip()
