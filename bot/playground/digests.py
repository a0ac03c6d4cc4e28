"""Time as a person moves it in the playground, and the digests that come due in it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.digests import Subscription
from bot.domain.filters import NO_FILTERS
from bot.domain.schedule import WEEKDAYS, Schedule, next_due
from bot.playground.running_bot import RunningBot
from bot.sandbox.playground import Button, News, Table
from bot.sandbox.playground.workspace import DEPLOYS
from bot.sandbox.slack import SandboxSlack, ShiftedClock
from bot.services.digest_ports import Delivery, DeliveryState
from bot.stores import Stores

ZONE = ZoneInfo("Europe/Berlin")
"""Of the digest that is there from the beginning; what is told of time beside the conversation is told in it."""

_PLACE, _TIME = "Berlin", "Time"
_LEDGER_SECONDS = 0.2
_LEDGER_ROWS = 8


class Digests:
    """Time as a person moves it, and the ledger of the digests that come due in it."""

    def __init__(self, bot: RunningBot, slack: SandboxSlack, stores: Stores, clock: ShiftedClock, news: News) -> None:
        self._bot, self._slack, self._stores, self._clock, self._news = bot, slack, stores, clock, news
        self._rows: list[_Row] = []

    async def subscribe(self) -> None:
        """A digest that is there from the beginning, and has a day to tell of."""
        now, world = self._clock.now(), self._slack.world
        await self._stores.subscriptions.add(
            Subscription(
                id="playground",
                team_id=world.team_id,
                channel_id=world.channel(DEPLOYS).id,
                name="Morning",
                project="default",
                environment="production",
                filters=NO_FILTERS,
                schedule=Schedule(WEEKDAYS, time(9, 30), ZONE.key),
                say_when_empty=True,
                created_by=world.user("sam.poe").id,
                created_at=now - timedelta(days=1),
                counts_from=now - timedelta(days=1),
                due_after=now,
            )
        )

    def buttons(self) -> Sequence[Button]:
        """Both move the one clock that the bot, Slack and LaunchDarkly have here."""
        return (
            Button(
                "due",
                _TIME,
                "Make the next digest due now",
                "The clock moves on to the moment at which it is due, Acme ships on meanwhile, and the bot looks.",
                self._next,
                note=lambda: f"It is {_moment(self._clock.now())} in {_PLACE}.",
            ),
            Button(
                "tomorrow",
                _TIME,
                "Move the clock to tomorrow",
                "A day passes at Acme in a moment. A digest that came due in it is late and says so, or is left "
                "to the next one where that is due within the hour.",
                self._tomorrow,
            ),
        )

    def table(self) -> Table:
        return Table(
            "ledger",
            "The ledger",
            ("Due", "Digest", "State"),
            lambda: [row.cells() for row in self._rows],
        )

    async def watch(self) -> None:
        """Keep the rows as they are in the database, until cancelled; it is read when something has happened."""
        world = self._slack.world
        while True:
            version = world.version
            await self._look()
            await world.change_after(version)
            await asyncio.sleep(_LEDGER_SECONDS)  # what is written down comes after what was sent

    async def _next(self) -> str:
        now = self._clock.now()
        subscriptions = await self._stores.subscriptions.of_team(self._slack.world.team_id)
        if waiting := [next_due(one.schedule, now) for one in subscriptions if one.is_active]:
            return await self._moved(min(waiting))
        if subscriptions:
            return f"No digest is active. {'; '.join(self._paused(one) for one in subscriptions)}."
        return "No digest is active. Subscribe a channel first: /digest weekdays 09:30"

    async def _tomorrow(self) -> str:
        return await self._moved(self._clock.now() + timedelta(days=1))

    async def _moved(self, moment: datetime) -> str:
        self._news.until(moment, ZONE)
        self._clock.move_to(moment)
        before = [row.delivery for row in self._rows]
        looked = await self._bot.tick()
        await self._look()
        self._slack.world.changed()
        news = [row for row in reversed(self._rows) if row.delivery not in before]
        newest = {row.subscription.id: row for row in news}.values()
        told = [row.outcome() if row.subscription.is_active else self._paused(row.subscription) for row in newest]
        what = "; ".join(told) or "Nothing is due" if looked else "The bot does not run: restart it"
        return f"It is {_moment(moment)} in {_PLACE} now. {what}."

    def _paused(self, subscription: Subscription) -> str:
        channel = self._slack.world.channels[subscription.channel_id].name
        reason = f" ({subscription.reason})" if subscription.reason else ""
        name = f"#{subscription.number} {subscription.name}".strip()
        return f"{name} is paused{reason}; in #{channel}, /digest resume {subscription.number} lets it go on"

    async def _look(self) -> None:
        subscriptions = await self._stores.subscriptions.of_team(self._slack.world.team_id)
        rows = [
            _Row(delivery, one, self._slack.world.channels[one.channel_id].name)
            for one in subscriptions
            for delivery in await self._stores.ledger.history(one.id, _LEDGER_ROWS)
        ]
        rows.sort(key=lambda row: row.delivery.occurrence.due_at, reverse=True)
        if rows[:_LEDGER_ROWS] != self._rows:
            self._rows = rows[:_LEDGER_ROWS]
            self._slack.world.changed()


_OUTCOMES = {
    DeliveryState.CLAIMED: "is being read",
    DeliveryState.SENDING: "is being sent",
    DeliveryState.SENT: "is posted",
    DeliveryState.SKIPPED: "is skipped",
    DeliveryState.FAILED: "is not sent",
    DeliveryState.UNKNOWN: "may be posted or not",
}


@dataclass(frozen=True, slots=True)
class _Row:
    """One delivery, of that subscription in the channel of that name."""

    delivery: Delivery
    subscription: Subscription
    channel: str

    def cells(self) -> tuple[str, ...]:
        delivery, told = self.delivery, len(self.delivery.deployments)
        state = ": ".join(filter(None, (delivery.state.value, self._why())))
        state += f" ({told} told)" if told else ""
        return _moment(delivery.occurrence.due_at), f"#{self.channel} {self.subscription.number}", state

    def outcome(self) -> str:
        name = f"#{self.subscription.number} {self.subscription.name}".strip()
        return ": ".join(filter(None, (f"{name} in #{self.channel} {_OUTCOMES[self.delivery.state]}", self._why())))

    def _why(self) -> str:
        again = f"again from {_moment(self.delivery.retry_at)}" if self.delivery.retry_at else ""
        return "; ".join(filter(None, (self.delivery.reason.rstrip("."), again)))


def _moment(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%a %d %b %H:%M}"
