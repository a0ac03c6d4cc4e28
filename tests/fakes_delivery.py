"""A channel's side of digests in memory, and a whole worker around it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.formatting.message import Message, check_message
from bot.services.clock_guard import ClockGuard
from bot.services.delivery import DigestDelivery
from bot.services.deployments import DeploymentService
from bot.services.digest_ports import Digest, Hitch, NotPosted, Posted
from bot.services.digest_troubles import Troubles
from bot.services.digests import Digests
from bot.services.unknown_deliveries import UnknownDeliveries, UnknownDelivery
from tests.fakes import Clock


class FakeDigestMessenger:
    """A Slack in memory. ``troubles`` are met one by one: ``(trouble, stored)``, where ``stored`` posts all the same.

    ``may_look``: whether the history may be read. ``gate`` holds posts until it is set, and ``begun`` tells that one
    came.
    """

    def __init__(self, clock: Callable[[], datetime], *, may_look: bool = False) -> None:
        self._clock = clock
        self.may_look = may_look
        self.posted: list[tuple[datetime, Digest]] = []
        self.told: list[tuple[str, Message]] = []
        self.troubles: list[tuple[NotPosted, bool]] = []
        self.closed: dict[str, NotPosted] = {}
        self.turns: Counter[str] = Counter()
        self.gate: asyncio.Event | None = None
        self.begun = asyncio.Event()

    async def turn(self, channel_id: str) -> None:
        self.turns[channel_id] += 1

    async def post(self, digest: Digest) -> Posted:
        check_message(digest.message)
        if self.gate is not None:
            self.begun.set()
            await self.gate.wait()
        if closed := self.closed.get(digest.channel_id):
            raise closed
        trouble, stored = self.troubles.pop(0) if self.troubles else (None, True)
        if stored:
            self.posted.append((self._clock(), digest))
        if trouble:
            raise trouble
        return Posted(digest.channel_id, f"{len(self.posted)}.000000")

    async def find(self, channel_id: str, key: str, since: datetime) -> Posted | None:
        if not self.may_look:
            raise NotPosted(Hitch.ACCESS, "missing_scope")
        for place, (at, digest) in enumerate(self.posted, start=1):
            if (digest.channel_id, digest.key) == (channel_id, key) and at >= since:
                return Posted(channel_id, f"{place}.000000")
        return None

    async def tell(self, user_id: str, message: Message) -> None:
        self.told.append((user_id, message))

    @property
    def texts(self) -> list[str]:
        return [digest.message.text for _, digest in self.posted]


class FakeMeter:
    def __init__(self) -> None:
        self.ends: Counter[tuple[str, str]] = Counter()
        self.retries: Counter[str] = Counter()
        self.lateness: list[float] = []

    def ended(self, result: str, reason: str = "") -> None:
        self.ends[result, reason] += 1

    def retried(self, reason: str) -> None:
        self.retries[reason] += 1

    def sent_after(self, seconds: float) -> None:
        self.lateness.append(seconds)


@dataclass
class Worker:
    """One worker's digests, and what it holds in its hands. Its sleeps move the clock."""

    clock: Clock
    subscriptions: Any  # the fakes, or a test's own stand-ins for the ports
    ledger: Any
    messenger: Any
    source: Any
    otherwise: UnknownDelivery = UnknownDelivery.NEVER_TWICE
    owner: str = "worker-1"
    allowed_projects: tuple[str, ...] = ()
    meter: FakeMeter = field(default_factory=FakeMeter)
    guard: ClockGuard | None = None

    def __post_init__(self) -> None:
        self.deployments = DeploymentService(self.source, clock=self.clock, fresh_for=0)
        self.delivery = DigestDelivery(
            self.ledger,
            self.messenger,
            Troubles(self.subscriptions, self.messenger),
            self.meter,
            owner=self.owner,
            base_url="https://app.launchdarkly.com",
            clock=self.clock,
            allowed_projects=self.allowed_projects,
            sleep=self.sleep,
        )
        unknowns = UnknownDeliveries(
            self.subscriptions,
            self.ledger,
            self.messenger,
            self.meter,
            otherwise=self.otherwise,
            owner=self.owner,
            clock=self.clock,
        )
        self.digests = Digests(
            self.subscriptions,
            self.ledger,
            self.deployments,
            self.delivery,
            unknowns,
            clock=self.clock,
            guard=self.guard,
        )

    async def sleep(self, seconds: float) -> None:
        self.clock.now += timedelta(seconds=seconds)

    async def tick(self) -> None:
        await self.digests.tick(self.clock())
