"""What digests need from the world: the subscriptions, the ledger of what was delivered, and a way into the channel.

Every datetime is aware. A store's methods raise ``StorageError`` where it cannot be used, and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from bot.domain.digests import Occurrence, Progress, Subscription
from bot.domain.query import DeploymentQuery
from bot.formatting.message import Message


class SubscriptionStore(Protocol):
    """The subscriptions of all workspaces; each belongs to one team."""

    async def add(self, subscription: Subscription) -> Subscription:
        """Keep a new one, or one that was removed. What is returned has a number that is its own in its channel.

        The number that it brings is kept where it is free; ``ValueError`` where the id is taken.
        """

    async def get(self, team_id: str, subscription_id: str) -> Subscription | None:
        """The team's subscription of that id."""

    async def of_channel(self, team_id: str, channel_id: str) -> Sequence[Subscription]:
        """The channel's, by number."""

    async def of_team(self, team_id: str) -> Sequence[Subscription]:
        """The team's, by channel and number."""

    async def active(self) -> Sequence[Subscription]:
        """All that are not paused, of every team."""

    async def update(self, subscription: Subscription) -> Subscription | None:
        """Store a changed one; what is returned has the next ``revision``.

        None where it was changed or removed since it was read: ``revision`` is compared and set. Its id, team, channel
        and number stay what they are.
        """

    async def remove(self, team_id: str, subscription_id: str) -> Subscription | None:
        """Forget it; what it was, or None where there is none. Adding it again takes up where its ledger ends."""


class DeliveryState(Enum):
    """Where an occurrence is on its way: claimed → sending → sent, failed or unknown; or skipped."""

    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"
    """There was nothing to say, and the channel wished not to hear that."""
    FAILED = "failed"
    """With ``retry_at`` to be tried again, else for good."""
    UNKNOWN = "unknown"
    """Slack may have posted it or not: its answer was lost, or the sender died."""


OVERTAKEN = "overtaken by the next one"
"""Why an occurrence failed that was never sent before the next one began."""

INTERRUPTED = "interrupted while it was being sent"
"""Why an occurrence is unknown whose sender did not come back."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A message in Slack."""

    channel_id: str
    ts: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to deliver an occurrence, for as long as nobody took it over; ``attempt`` counts from 1.

    ``occurrence`` is as it was first claimed: a later attempt tells the same window.
    """

    occurrence: Occurrence
    owner: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the ledger.

    ``deployments`` are the ids that its message tells. ``covers``: the message (or the silence) accounts for the whole
    window; otherwise the next digest's begins where this one's began. ``settled``: nothing more is done about an
    unknown one. ``changed_at`` is when it came into its state.
    """

    team_id: str
    occurrence: Occurrence
    state: DeliveryState
    owner: str
    attempt: int
    claimed_at: datetime
    changed_at: datetime
    lease_until: datetime
    retry_at: datetime | None = None
    reason: str = ""
    covers: bool = True
    deployments: tuple[str, ...] = ()
    message: Posted | None = None
    settled: bool = False


class DeliveryLedger(Protocol):
    """The memory of what was said: one row for each (subscription, due time), changed by compare-and-set only.

    Whatever number of workers call it at once and wherever one of them dies, an occurrence is sent by one of them at a
    time, and a subscription's occurrences one after the other. Methods that take a ``Claim`` answer False, and change
    nothing, where it was taken over meanwhile.
    """

    async def claim(self, occurrence: Occurrence, *, owner: str, now: datetime, lease: timedelta) -> Claim | None:
        """The right to deliver it until ``now + lease``, or None where that is not to be had now.

        It is new, or due for another attempt, or its claim was left to expire. None where the subscription is gone
        or paused; where it or an earlier one of its subscription is in another's hands, or unknown and not settled;
        where a later one was begun. Earlier ones that were never sent fail as ``OVERTAKEN``. A ``sending`` one whose
        lease has expired becomes ``unknown``.
        """

    async def skip(self, claim: Claim, reason: str, *, now: datetime) -> bool:
        """claimed → skipped: there is nothing to say."""

    async def begin_sending(
        self,
        claim: Claim,
        deployments: Collection[str],
        *,
        now: datetime,
        lease: timedelta,
        covers: bool = True,
        reason: str = "",
    ) -> bool:
        """claimed → sending: the message that tells these deployments may leave from now on.

        From here on they count as told. ``reason`` says what is lacking where it does not cover its window.
        """

    async def mark_sent(self, claim: Claim, message: Posted, *, now: datetime) -> bool:
        """sending → sent; also unknown → sent, where Slack's answer came after all."""

    async def mark_failed(self, claim: Claim, reason: str, *, now: datetime, retry_at: datetime | None = None) -> bool:
        """claimed, sending or unsettled → failed: it surely was not posted. Its deployments are not told.

        ``retry_at``: from when it may be claimed again; None: never.
        """

    async def mark_unknown(self, claim: Claim, reason: str, *, now: datetime) -> bool:
        """sending → unknown: it may have been posted or not. Its deployments count as told."""

    async def unknowns(self, *, now: datetime) -> Sequence[Delivery]:
        """Those that are unknown and not settled, oldest first; an expired ``sending`` becomes one here as well."""

    async def adopt(self, delivery: Delivery, message: Posted, *, now: datetime) -> bool:
        """unknown → sent: the message was found."""

    async def send_again(self, delivery: Delivery, *, owner: str, now: datetime, lease: timedelta) -> Claim | None:
        """unknown → claimed: it surely was not posted, or may come twice. None where it is no longer so."""

    async def let_be(self, delivery: Delivery, *, now: datetime) -> bool:
        """unknown, settled: it stays so, and counts as told."""

    async def progress(self, subscription_ids: Collection[str]) -> Mapping[str, Progress]:
        """How far each of them has come; one without a row is missing.

        Done with: sent, skipped, unknown, failed for good. Covered: sent, skipped or unknown, where it ``covers``.
        """

    async def told(self, subscription_id: str, since: datetime) -> frozenset[str]:
        """The deployments told by occurrences whose window ends after ``since``: sending, sent or unknown."""

    async def history(self, subscription_id: str, most: int) -> Sequence[Delivery]:
        """Its last occurrences, newest first."""

    async def oldest_undelivered(self) -> datetime | None:
        """The earliest due time, over all active subscriptions, of what is claimed, being sent, to be tried again or
        unknown and not settled.

        What was claimed or to be tried again before its subscription was resumed or rescheduled is not: it never comes.
        """

    async def purge(self, before: datetime) -> int:
        """Remove rows whose window ended before that, and tell how many.

        What the next digest of a subscription needs stays: its newest rows, and those within its look-back.
        """


class Hitch(Enum):
    """What stood in a message's way, by what can be done about it."""

    LATER = "later"
    """It surely was not posted; another attempt may succeed."""
    UNCLEAR = "unclear"
    """It may have been posted: the answer was lost."""
    MESSAGE = "message"
    """Slack refuses the message itself, its plain text included."""
    CHANNEL = "channel"
    """The channel is gone, archived or closed to the bot."""
    ACCESS = "access"
    """The bot's token is revoked, or lacks a right."""


class NotPosted(Exception):
    """Slack did not take a message, or did not answer. ``code`` is Slack's word for it; ``retry_after`` in seconds."""

    def __init__(self, hitch: Hitch, code: str, retry_after: float | None = None) -> None:
        super().__init__(f"{hitch.value}: {code}")
        self.hitch = hitch
        self.code = code
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest as it is to be posted.

    ``key`` goes with the message, unseen, and finds it again; ``everything`` is what "Show all" asks, None where there
    is nothing more to show.
    """

    channel_id: str
    key: str
    message: Message
    everything: DeploymentQuery | None = None


class DigestMessenger(Protocol):
    """The channel's side of a digest. Every method raises ``NotPosted`` and nothing else."""

    async def turn(self, channel_id: str) -> None:
        """Return when a message may leave: one a second for a channel, and so many a minute in all. Never raises."""

    async def post(self, digest: Digest) -> Posted:
        """Post it, once; where Slack refuses its blocks, once more as plain text."""

    async def find(self, channel_id: str, key: str, since: datetime) -> Posted | None:
        """The message with that key, posted after ``since``; None where there surely is none.

        ``NotPosted`` with ``ACCESS`` or ``CHANNEL`` where the bot may not look.
        """

    async def tell(self, user_id: str, message: Message) -> None:
        """A direct message to one person."""


class DigestMeter(Protocol):
    """Counts what happens to digests. ``reason`` is one of few words, "" where there is none."""

    def ended(self, result: str, reason: str = "") -> None:
        """An attempt came to its end: sent, skipped, failed, unknown, adopted or let be."""

    def retried(self, reason: str) -> None:
        """An attempt failed, and another will be made."""

    def sent_after(self, seconds: float) -> None:
        """A digest was posted that many seconds after it was due."""
