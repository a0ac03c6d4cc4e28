"""What the buttons about digests carry: a whole subscription, so that any replica can store it, any day."""

from __future__ import annotations

import json
from dataclasses import astuple
from datetime import UTC, datetime, time

from bot.domain.digests import Subscription, SubscriptionState
from bot.domain.filters import Filters
from bot.domain.schedule import Schedule, Weekday
from bot.slack.state import BadState

VERSION = 1
MOST_VALUE = 2_000
"""Characters of a button's value: https://docs.slack.dev/reference/block-kit/block-elements/button-element"""

_REASON = 100


def encode(subscription: Subscription) -> str:
    """One line that ``decode`` reads. Instants are kept to the second, the reason of a pause in its beginning."""
    one = subscription
    fields = [
        VERSION,
        one.id,
        one.team_id,
        one.channel_id,
        one.number,
        one.revision,
        one.name,
        one.project,
        one.environment,
        _shortened(one.filters),
        "".join(str(int(day)) for day in sorted(one.schedule.days)),
        f"{one.schedule.at:%H:%M}",
        one.schedule.zone,
        int(one.say_when_empty),
        one.created_by,
        *(int(at.timestamp()) for at in (one.created_at, one.counts_from, one.due_after)),
        int(one.is_active),
        one.reason[:_REASON],
    ]
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def decode(value: str) -> Subscription:
    """The subscription; raises ``BadState`` for everything that ``encode`` of this version cannot have written."""
    try:
        version, *fields = json.loads(value)
        if version != VERSION:
            raise BadState("another version's digest")
        return _subscription(*fields)
    except BadState:
        raise
    except (ValueError, TypeError, OverflowError, OSError, RecursionError):
        raise BadState("not a digest") from None


def _shortened(filters: Filters) -> list[object]:
    """Filters in the order of their fields, without the empty ones at the end."""
    values: list[object] = list(astuple(filters))
    while values and not values[-1]:
        values.pop()
    return values


def _subscription(
    id: str,
    team_id: str,
    channel_id: str,
    number: int,
    revision: int,
    name: str,
    project: str,
    environment: str,
    filters: list[object],
    days: str,
    at: str,
    zone: str,
    say_when_empty: int,
    created_by: str,
    created_at: int,
    counts_from: int,
    due_after: int,
    active: int,
    reason: str,
) -> Subscription:
    return Subscription(
        id=id,
        team_id=team_id,
        channel_id=channel_id,
        number=number,
        revision=revision,
        name=name,
        project=project,
        environment=environment,
        filters=Filters(*(tuple(value) if isinstance(value, list) else value for value in filters)),  # type: ignore[arg-type]  # as ``encode`` wrote them
        schedule=Schedule(frozenset(Weekday(int(day)) for day in days), time.fromisoformat(at), zone),
        say_when_empty=bool(say_when_empty),
        created_by=created_by,
        created_at=datetime.fromtimestamp(created_at, UTC),
        counts_from=datetime.fromtimestamp(counts_from, UTC),
        due_after=datetime.fromtimestamp(due_after, UTC),
        state=SubscriptionState.ACTIVE if active else SubscriptionState.PAUSED,
        reason=reason,
    )
