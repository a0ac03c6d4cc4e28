"""A worker is killed before and after each of its writes and calls, and started again: what does the channel see?"""

from __future__ import annotations

import asyncio
import random
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.digests import Subscription
from bot.domain.filters import Filters
from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from bot.sandbox.slack import ManualClock, Message, SandboxSlack
from bot.services.digest_ports import Delivery, DeliveryState
from bot.services.unknown_deliveries import UnknownDelivery
from bot.storage.database import Database
from bot.storage.ledger import SqlDeliveryLedger
from bot.storage.migrate import migrate
from bot.storage.subscriptions import SqlSubscriptionStore
from tests.builders import subscription
from tests.end_to_end.killable import Plan, run

FRIDAY, MONDAY, TUESDAY = (datetime(2026, 11, day, 8, 30, tzinfo=UTC) for day in (20, 23, 24))  # 09:30 in Berlin
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MINUTES_LATER = tuple(MONDAY + 5 * MINUTE + n * MINUTE for n in range(4))  # when the dead worker's lease is over
NEVER_TWICE, NEVER_LOST = UnknownDelivery
KILLED = -9
# The steps of a digest that is posted: two for each of claim, read, begin_sending, post and mark_sent.
BEFORE_POST, AFTER_POST, BEFORE_RECORD = 7, 8, 9
STEPS = range(1, 11)
NEVER_POSTED, POSTED_UNRECORDED = {BEFORE_POST - 1, BEFORE_POST}, {AFTER_POST, BEFORE_RECORD}


@dataclass
class Company:
    """Both sandboxes, a database, and one channel's digest of the billing service."""

    slack: SandboxSlack
    launchdarkly: SandboxLaunchDarkly
    database_url: str
    generation: int = 0

    def plan(self, *moments: datetime, dies_at: int = 0, otherwise: UnknownDelivery = NEVER_TWICE) -> Plan:
        self.generation += 1
        return Plan(
            database_url=self.database_url,
            slack_url=self.slack.api_url,
            slack_token=self.slack.world.app.bot_token,
            launchdarkly_url=self.launchdarkly.base_url,
            launchdarkly_token=self.launchdarkly.token,
            moments=moments,
            otherwise=otherwise,
            owner=f"worker-{self.generation}",
            dies_at=dies_at,
        )

    def digests(self, due: datetime = MONDAY) -> list[Message]:
        key = f"s1@{due:%Y-%m-%dT%H:%MZ}"
        return [m for m in self.slack.messages("#deploys") if (m.metadata or {})["event_payload"]["key"] == key]

    async def subscribe(self, **changes) -> Subscription:
        database = Database(self.database_url)
        try:
            fields = {"channel_id": "C0DEPLOYS", "created_by": "U0JANE", "team_id": "T0SANDBOX"}
            filters = Filters(applications=("billing-service",))
            one = subscription(counts_from=FRIDAY, due_after=FRIDAY, filters=filters, **fields)
            return await SqlSubscriptionStore(database).add(replace(one, **changes))
        finally:
            await database.close()

    async def rows(self) -> list[Delivery]:
        """Newest first."""
        database = Database(self.database_url)
        try:
            return list(await SqlDeliveryLedger(database).history("s1", 10))
        finally:
            await database.close()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory) -> Path:
    file: Path = tmp_path_factory.mktemp("migrated") / "empty.db"
    asyncio.run(migrate(f"sqlite:///{file}"))
    return file


@pytest.fixture
async def company(migrated, tmp_path) -> AsyncIterator[Company]:
    shutil.copy(migrated, tmp_path / "whatshipped.db")
    async with SandboxSlack(clock=ManualClock(MONDAY)) as slack, SandboxLaunchDarkly(now=TUESDAY) as launchdarkly:
        slack.rate_limits.enabled = False
        for day, due in enumerate((MONDAY, TUESDAY)):
            launchdarkly.company.deploy("billing-service", due - HOUR, version=f"day-{day}")
        yield Company(slack, launchdarkly, f"sqlite:///{tmp_path}/whatshipped.db")


async def told_days(company: Company) -> Counter[str]:
    """How often each of the two deployments was told in the channel."""
    texts = "\n".join(message.text for message in company.slack.messages("#deploys"))
    return Counter({f"day-{day}": texts.count(f"day-{day}") for day in (0, 1)})


async def test_a_worker_that_lives_takes_the_steps_that_are_counted_here(company):
    await company.subscribe()
    assert await run(company.plan(MONDAY, dies_at=STEPS[-1])) == KILLED
    assert await run(company.plan(*MINUTES_LATER, dies_at=1)) == 0  # no step was left to die at
    assert len(company.digests()) == 1


@pytest.mark.parametrize("dies_at", STEPS)
async def test_where_the_bot_may_look_a_digest_is_posted_exactly_once(company, dies_at):
    company.slack.world.app.scopes.add("channels:history")
    await company.subscribe()
    assert await run(company.plan(MONDAY, dies_at=dies_at)) == KILLED
    assert await run(company.plan(*MINUTES_LATER, TUESDAY)) == 0
    assert [len(company.digests(due)) for due in (MONDAY, TUESDAY)] == [1, 1]
    assert await told_days(company) == {"day-0": 1, "day-1": 1}
    assert [row.state for row in await company.rows()] == [DeliveryState.SENT] * 2


@pytest.mark.parametrize("dies_at", STEPS)
@pytest.mark.parametrize("otherwise", UnknownDelivery)
async def test_where_it_may_not_look_the_setting_decides_what_cannot_be_known(company, dies_at, otherwise):
    await company.subscribe()
    assert await run(company.plan(MONDAY, dies_at=dies_at)) == KILLED
    assert await run(company.plan(*MINUTES_LATER, TUESDAY, otherwise=otherwise)) == 0
    lost = dies_at in NEVER_POSTED and otherwise is NEVER_TWICE
    doubled = dies_at in POSTED_UNRECORDED and otherwise is NEVER_LOST
    assert len(company.digests()) == 1 - lost + doubled
    assert len(company.digests(TUESDAY)) == 1
    assert await told_days(company) == {"day-0": 1 - lost + doubled, "day-1": 1}
    unknown = dies_at in NEVER_POSTED | POSTED_UNRECORDED and otherwise is NEVER_TWICE
    monday = (await company.rows())[-1]
    assert monday.state is (DeliveryState.UNKNOWN if unknown else DeliveryState.SENT)
    assert monday.settled is unknown


@pytest.mark.parametrize("dies_at", range(1, 7))
async def test_nothing_to_say_stays_unsaid(company, dies_at):
    await company.subscribe(filters=Filters(applications=("ledger",)), say_when_empty=False)
    assert await run(company.plan(MONDAY, dies_at=dies_at)) == KILLED
    assert await run(company.plan(*MINUTES_LATER)) == 0
    assert not company.slack.messages("#deploys")
    assert [row.state for row in await company.rows()] == [DeliveryState.SKIPPED]


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("dies_at", [0, 8, 9, 10])
async def test_slack_drops_its_answer_and_the_worker_dies_over_it(company, stored, dies_at):
    """Steps 8 to 10 are around ``mark_unknown`` (``post`` itself did not come back) and the look for the message."""
    company.slack.world.app.scopes.add("channels:history")
    await company.subscribe()
    (company.slack.faults.reset_after if stored else company.slack.faults.reset_before)("chat.postMessage")
    await run(company.plan(MONDAY, dies_at=dies_at))
    assert len(company.digests()) == stored
    assert await run(company.plan(*MINUTES_LATER, TUESDAY)) == 0
    assert [len(company.digests(due)) for due in (MONDAY, TUESDAY)] == [1, 1]


@pytest.mark.parametrize("seed", [3, 4, 5])
async def test_however_often_it_dies_the_channel_sees_one_digest_a_day(company, seed):
    chance = random.Random(seed)
    company.slack.world.app.scopes.add("channels:history")
    await company.subscribe()
    now, died = MONDAY, 0
    while now < MONDAY + HOUR:
        moments = tuple(now + n * MINUTE for n in range(5))
        died += await run(company.plan(*moments, dies_at=chance.choice([*STEPS, 0]))) == KILLED
        now += 6 * MINUTE
    assert await run(company.plan(*(now + n * MINUTE for n in range(10)), TUESDAY)) == 0
    assert died
    assert [len(company.digests(due)) for due in (MONDAY, TUESDAY)] == [1, 1]
    assert await told_days(company) == {"day-0": 1, "day-1": 1}


@pytest.mark.parametrize("dies_at", range(9, 15))
async def test_a_closed_channel_pauses_the_digest_wherever_the_worker_dies(company, dies_at):
    await company.subscribe()
    company.slack.faults.archive("#deploys")
    await run(company.plan(MONDAY, dies_at=dies_at))
    assert await run(company.plan(*MINUTES_LATER, TUESDAY)) == 0
    told = company.slack.visible_to("jane.doe", company.slack.world.direct_messages("jane.doe").id)
    assert len(told) <= 1
    database = Database(company.database_url)
    paused = await SqlSubscriptionStore(database).get("T0SANDBOX", "s1")
    await database.close()
    assert paused is not None
    assert not paused.is_active
