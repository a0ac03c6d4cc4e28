from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.domain.deployments import Completeness
from bot.domain.digests import Subscription
from bot.domain.errors import SourceAuthError, SourceRateLimited, SourceUnavailable, StorageError
from bot.domain.filters import Filters
from bot.domain.schedule import EVERY_DAY, Schedule
from bot.services.clock_guard import ClockGuard
from bot.services.digest_ports import Claim, DeliveryState, Hitch, NotPosted
from bot.services.digest_reading import SharedReads
from bot.services.digest_troubles import Troubles
from bot.services.digests import DigestHealth
from bot.services.unknown_deliveries import UnknownDelivery
from tests.builders import deployment, pull_request, subscription
from tests.fakes import Clock, FakeSource
from tests.fakes_delivery import FakeDigestMessenger, Worker
from tests.fakes_digests import FakeLedger, FakeSubscriptionStore

FRIDAY, MONDAY, TUESDAY = (datetime(2026, 11, day, 8, 30, tzinfo=UTC) for day in (20, 23, 24))  # 09:30 in Berlin
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=s) for s in (1, 60, 3600, 86400))
CLAIMED, SENDING, SENT, SKIPPED, FAILED, UNKNOWN = DeliveryState
DOWN = SourceUnavailable("LaunchDarkly answered 503.")


def shipped(id: str, ended_at: datetime, **changes):
    return deployment(id, started_at=ended_at - 4 * MINUTE, ended_at=ended_at, **changes)


async def worker_at(now: datetime, *deployments, subscriptions=None, may_look=False, **changes) -> Worker:
    """A worker whose subscriptions were made on Friday, just after that day's digest."""
    clock, store = Clock(now), FakeSubscriptionStore()
    for one in subscriptions or [subscription(counts_from=FRIDAY, due_after=FRIDAY)]:
        await store.add(one)
    messenger = FakeDigestMessenger(clock, may_look=may_look)
    return Worker(clock, store, FakeLedger(store), messenger, FakeSource(*deployments), **changes)


async def states(worker: Worker, id: str = "s1") -> list[DeliveryState]:
    """Newest first."""
    return [row.state for row in await worker.ledger.history(id, 100)]


async def ticks(worker: Worker, until: datetime, step: timedelta = MINUTE) -> None:
    while worker.clock.now <= until:
        await worker.tick()
        worker.clock.now += step


# What is sent, and when


async def test_a_due_digest_is_posted_once_and_tells_its_window():
    worker = await worker_at(MONDAY, shipped("weekend", MONDAY - DAY), shipped("before", FRIDAY - MINUTE))
    await ticks(worker, MONDAY + 2 * HOUR)
    ((at, digest),) = worker.messenger.posted
    assert at == MONDAY
    assert digest.key == "s1@2026-11-23T08:30Z"
    assert "Shipped to production, Fri 20 Nov 09:30 – Mon 23 Nov 09:30 CET" in digest.message.text
    assert "1 deployment" in digest.message.text
    assert digest.everything.window.start == FRIDAY
    assert await states(worker) == [SENT]
    assert worker.meter.ends == {("sent", ""): 1}


async def test_nothing_is_posted_before_its_minute():
    worker = await worker_at(MONDAY - SECOND)
    await worker.tick()
    assert not worker.messenger.posted


async def test_what_is_known_late_or_was_running_comes_in_the_next_digest_and_nothing_twice():
    on_time, running = shipped("on-time", MONDAY - HOUR), shipped("running", MONDAY + HOUR)
    known_late = shipped("known-late", MONDAY - 2 * HOUR)
    worker = await worker_at(MONDAY, on_time, replace(running, ended_at=None, status="started"))
    await worker.tick()
    worker.source.held = [on_time, running, known_late]
    worker.clock.now = TUESDAY
    await worker.tick()
    monday, tuesday = worker.messenger.texts
    assert "1 deployment" in monday
    assert "2 deployments" in tuesday
    assert "1 deployment from before Mon 23 Nov 09:30 CET" in tuesday


async def test_after_an_outage_one_late_digest_says_what_it_covers():
    worker = await worker_at(TUESDAY + 3 * HOUR, shipped("d1", MONDAY - HOUR), shipped("d2", TUESDAY + HOUR))
    await ticks(worker, TUESDAY + 5 * HOUR)
    (text,) = worker.messenger.texts
    assert "Late: covers Fri 20 Nov 09:30 – Tue 24 Nov 12:30 CET" in text
    assert "2 deployments" in text


@pytest.mark.parametrize("say", [True, False])
async def test_an_empty_window_is_said_or_skipped_as_the_channel_wishes(say):
    one = subscription(counts_from=FRIDAY, due_after=FRIDAY, say_when_empty=say)
    worker = await worker_at(MONDAY, subscriptions=[one])
    await ticks(worker, MONDAY + HOUR)
    assert await states(worker) == ([SENT] if say else [SKIPPED])
    assert len(worker.messenger.posted) == say
    if say:
        assert "Nothing shipped to production" in worker.messenger.texts[0]
        assert worker.messenger.posted[0][1].everything is None


async def test_what_a_skipped_digest_covered_is_not_read_for_ever():
    worker = await worker_at(
        MONDAY, subscriptions=[subscription(counts_from=FRIDAY, due_after=FRIDAY, say_when_empty=False)]
    )
    await worker.tick()
    worker.clock.now = TUESDAY
    await worker.tick()
    assert worker.source.reads[-1].window.start == MONDAY - 3 * DAY


async def test_an_empty_digest_is_not_skipped_while_something_may_belong_in_it():
    filters = Filters(authors=("jane.doe",))
    one = subscription(counts_from=FRIDAY, due_after=FRIDAY, say_when_empty=False, filters=filters)
    unlisted = shipped("d1", MONDAY - HOUR, pull_request_count=3)
    worker = await worker_at(MONDAY, unlisted, subscriptions=[one])
    await worker.tick()
    assert "1 more deployment may belong" in worker.messenger.texts[0]


# Shared reads


async def test_digests_with_the_same_question_share_one_read():
    def at(number: int, **changes: object) -> Subscription:
        fields = {"channel_id": f"C{number}", "counts_from": FRIDAY, "due_after": FRIDAY} | changes
        return subscription(f"s{number}", **fields)

    daily = Schedule(EVERY_DAY, time(9, 30), "Europe/Berlin")
    others = [at(9, filters=Filters(applications=("search-api",)))]
    same = [at(1), at(2, schedule=daily, counts_from=MONDAY - 8 * DAY), at(3, filters=Filters(authors=("sam.lee",)))]
    carried = shipped("d1", MONDAY - 4 * DAY, pull_requests=[pull_request(1)])
    worker = await worker_at(MONDAY, carried, shipped("d2", MONDAY - HOUR), subscriptions=same + others)
    await worker.tick()
    assert len(worker.messenger.posted) == 4
    assert len(worker.source.reads) == 2
    told = {digest.channel_id: digest.message.text for _, digest in worker.messenger.posted}
    assert "1 deployment" in told["C1"]
    assert "2 deployments" in told["C2"]


async def test_a_thousand_digests_do_not_hold_all_readings_at_once():
    many = [
        subscription(f"s{n}", channel_id=f"C{n}", environment=f"env-{n % 10}", counts_from=FRIDAY, due_after=FRIDAY)
        for n in range(100)
    ]
    worker = await worker_at(MONDAY, subscriptions=many)
    worker.source.environments_of = {"default": [f"env-{n}" for n in range(10)]}
    await worker.tick()
    assert len(worker.messenger.posted) == 100
    assert len(worker.source.reads) == 10


# LaunchDarkly in trouble


async def test_an_unreadable_source_is_tried_again_until_it_answers():
    worker = await worker_at(MONDAY, shipped("d1", MONDAY - HOUR))
    worker.source.error = DOWN
    await ticks(worker, MONDAY + 5 * MINUTE)
    assert not worker.messenger.posted
    assert worker.meter.retries == {"SourceUnavailable": 3}
    worker.source.error = None
    await ticks(worker, MONDAY + 30 * MINUTE)
    (text,) = worker.messenger.texts
    assert "1 deployment" in text
    assert "Late" not in text


@pytest.mark.parametrize("error", [DOWN, SourceAuthError("The token was refused."), SourceRateLimited("Wait.", 300.0)])
async def test_at_the_deadline_one_honest_line_and_the_deployments_come_next_time(error):
    worker = await worker_at(MONDAY, shipped("d1", MONDAY - HOUR))
    worker.source.error = error
    await ticks(worker, TUESDAY - HOUR, 5 * MINUTE)
    ((at, digest),) = worker.messenger.posted
    assert MONDAY + 40 * MINUTE <= at <= MONDAY + HOUR + MINUTE
    assert error.message in digest.message.text
    assert "What shipped comes with the next digest, Tue 24 Nov 09:30 CET" in digest.message.text
    worker.source.error = None
    worker.clock.now = TUESDAY
    await worker.tick()
    assert "Fri 20 Nov 09:30 – Tue 24 Nov 09:30 CET" in worker.messenger.texts[-1]
    assert "1 deployment" in worker.messenger.texts[-1]


async def test_a_partial_reading_is_made_again_then_told_with_its_gaps_and_once_more_next_time():
    told, missing = shipped("told", MONDAY - HOUR), shipped("missing", MONDAY - 2 * HOUR)
    worker = await worker_at(MONDAY, told)
    worker.source.completeness = Completeness(("Only 1 of 2 deployments could be read: LaunchDarkly was slow",))
    await ticks(worker, MONDAY + 9 * MINUTE)
    assert not worker.messenger.posted
    await ticks(worker, MONDAY + 30 * MINUTE)
    (text,) = worker.messenger.texts
    assert "Only 1 of 2" in text
    worker.source.completeness, worker.source.held = Completeness(), [told, missing]
    worker.clock.now = TUESDAY
    await worker.tick()
    assert "1 deployment" in worker.messenger.texts[-1]
    assert "Fri 20 Nov 09:30 – Tue 24 Nov" in worker.messenger.texts[-1]


async def test_a_gap_that_stays_does_not_make_windows_grow_for_ever():
    worker = await worker_at(MONDAY)
    worker.source.completeness = Completeness(("LaunchDarkly counts 2 deployments but listed 1.",))
    await ticks(worker, MONDAY + 60 * DAY, 20 * MINUTE)
    longest = max(row.occurrence.window_end - row.occurrence.window_start for row in worker.ledger.rows.values())
    assert longest < 20 * DAY


# Slack in trouble


async def test_a_rate_limit_is_waited_for_and_then_it_is_posted_once():
    worker = await worker_at(MONDAY)
    worker.messenger.troubles = [(NotPosted(Hitch.LATER, "ratelimited", 30.0), False)] * 2
    await worker.tick()
    ((at, _),) = worker.messenger.posted
    assert at == MONDAY + MINUTE
    assert worker.meter.retries == {"ratelimited": 2}


async def test_slack_out_of_reach_is_tried_until_the_deadline_and_told_in_the_next_digest():
    worker = await worker_at(MONDAY, shipped("d1", MONDAY - HOUR))
    worker.messenger.closed["C1"] = NotPosted(Hitch.LATER, "no connection")
    await ticks(worker, MONDAY + 3 * HOUR)
    assert await states(worker) == [FAILED]
    worker.messenger.closed.clear()
    worker.clock.now = TUESDAY
    await worker.tick()
    (text,) = worker.messenger.texts
    assert "Fri 20 Nov 09:30 – Tue 24 Nov 09:30 CET" in text


@pytest.mark.parametrize("hitch", [Hitch.CHANNEL, Hitch.ACCESS])
async def test_what_only_people_can_mend_pauses_the_digest_and_tells_its_owner_once(hitch):
    worker = await worker_at(MONDAY)
    worker.messenger.closed["C1"] = NotPosted(hitch, "is_archived" if hitch is Hitch.CHANNEL else "token_revoked")
    await ticks(worker, TUESDAY + HOUR, 10 * MINUTE)
    paused = worker.subscriptions.held["s1"]
    assert not paused.is_active
    if hitch is Hitch.ACCESS:
        assert "token" in paused.reason
        assert not worker.messenger.told  # nobody can be told with a dead token
        return
    assert paused.reason == "the channel is archived"
    ((user, message),) = worker.messenger.told
    assert user == "U1"
    assert "/digest resume 1" in message.text
    assert "<#C1>" in message.text


async def test_a_digest_that_changed_meanwhile_is_paused_all_the_same():
    worker = await worker_at(MONDAY)
    (due,) = await worker.digests.due(MONDAY)
    await worker.subscriptions.update(replace(due.subscription, name="renamed"))
    troubles = Troubles(worker.subscriptions, worker.messenger)
    await troubles.refused(due.subscription, NotPosted(Hitch.CHANNEL, "is_archived"))
    assert not worker.subscriptions.held["s1"].is_active
    assert worker.subscriptions.held["s1"].name == "renamed"


async def test_a_project_that_may_no_longer_be_shown_is_not_told_but_its_owner_is():
    worker = await worker_at(MONDAY, allowed_projects=("another",))
    await ticks(worker, MONDAY + 3 * MINUTE)
    assert not worker.messenger.posted
    assert not worker.source.reads
    ((user, message),) = worker.messenger.told
    assert user == "U1"
    assert "does not let project default be shown" in message.text


async def test_a_message_that_slack_refuses_altogether_fails_and_pauses_nothing():
    worker = await worker_at(MONDAY)
    worker.messenger.closed["C1"] = NotPosted(Hitch.MESSAGE, "msg_too_long")
    await worker.tick()
    assert await states(worker) == [FAILED]
    assert worker.subscriptions.held["s1"].is_active


# What is unknown

LOST = NotPosted(Hitch.UNCLEAR, "no answer")


@pytest.mark.parametrize("stored", [True, False])
async def test_a_lost_answer_is_looked_for_and_adopted_or_sent(stored):
    worker = await worker_at(MONDAY, may_look=True)
    worker.messenger.troubles = [(LOST, stored)]
    await worker.tick()
    assert await states(worker) == [UNKNOWN]
    await ticks(worker, MONDAY + 10 * MINUTE)
    assert await states(worker) == [SENT]
    assert len(worker.messenger.posted) == 1
    assert worker.meter.ends["adopted", ""] == stored


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("otherwise", UnknownDelivery)
async def test_where_nobody_can_look_the_setting_decides(stored, otherwise):
    worker = await worker_at(MONDAY, shipped("d1", MONDAY - HOUR), otherwise=otherwise)
    worker.messenger.troubles = [(LOST, stored)]
    await ticks(worker, MONDAY + 10 * MINUTE)
    never_lost = otherwise is UnknownDelivery.NEVER_LOST
    assert len(worker.messenger.posted) == stored + never_lost
    assert await states(worker) == [SENT if never_lost else UNKNOWN]
    worker.clock.now = TUESDAY
    await worker.tick()
    assert "Nothing shipped" in worker.messenger.texts[-1]  # what is unknown counts as told


async def test_never_lost_gives_up_after_a_few_lost_answers():
    worker = await worker_at(MONDAY, otherwise=UnknownDelivery.NEVER_LOST)
    worker.messenger.troubles = [(LOST, True)] * 100
    await ticks(worker, MONDAY + 3 * HOUR)
    assert len(worker.messenger.posted) == 5
    assert worker.meter.ends["let be", "no answer"] == 1


async def test_a_sending_that_a_dead_worker_left_is_unknown_after_its_lease():
    worker = await worker_at(MONDAY, may_look=True)
    worker.messenger.gate = asyncio.Event()
    dying = asyncio.create_task(worker.tick())
    await worker.messenger.begun.wait()
    assert await states(worker) == [SENDING]
    worker.messenger.gate = None
    await ticks(worker, MONDAY + 3 * MINUTE)
    assert not worker.messenger.posted
    await ticks(worker, MONDAY + 10 * MINUTE)
    assert len(worker.messenger.posted) == 1
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)


async def test_an_unknown_one_that_was_overtaken_becomes_part_of_the_next_digest():
    worker = await worker_at(MONDAY, shipped("d1", MONDAY - HOUR), may_look=True)
    worker.messenger.troubles = [(LOST, False)]
    await worker.tick()
    worker.clock.now = TUESDAY + 2 * HOUR
    await worker.tick()
    await worker.tick()
    (text,) = worker.messenger.texts
    assert "Late: covers Fri 20 Nov 09:30" in text
    assert await states(worker) == [SENT, FAILED]


async def test_an_unknown_one_of_a_digest_that_was_removed_is_let_be():
    worker = await worker_at(MONDAY, may_look=True)
    worker.messenger.troubles = [(LOST, False)]
    await worker.tick()
    await worker.subscriptions.remove("T1", "s1")
    await ticks(worker, MONDAY + 5 * MINUTE)
    assert not worker.messenger.posted
    assert not await worker.ledger.unknowns(now=worker.clock())


async def test_a_digest_found_due_before_the_last_one_turned_out_lost_tells_that_ones_part_too():
    worker = await worker_at(MONDAY, shipped("d1", MONDAY - HOUR))
    worker.messenger.troubles = [(LOST, False)]
    await worker.tick()
    (due,) = await worker.digests.due(TUESDAY)
    (unknown,) = await worker.ledger.unknowns(now=TUESDAY)
    assert due.occurrence.window_start == MONDAY
    lost = Claim(unknown.occurrence, unknown.owner, unknown.attempt)
    assert await worker.ledger.mark_failed(lost, "looked for in vain", now=TUESDAY)
    worker.clock.now = TUESDAY
    await worker.delivery.deliver(due, SharedReads(worker.deployments, [due]))
    (text,) = worker.messenger.texts
    assert "Fri 20 Nov 09:30 – Tue 24 Nov 09:30 CET" in text
    assert "1 deployment" in text


# Faults of ours, and the end


async def test_one_digests_fault_does_not_stop_the_others(monkeypatch, caplog):
    both = [subscription(f"s{n}", channel_id=f"C{n}", counts_from=FRIDAY, due_after=FRIDAY) for n in (1, 2)]
    worker = await worker_at(MONDAY, subscriptions=both)
    claim = worker.ledger.claim

    async def broken(occurrence, **options):
        if occurrence.subscription_id == "s1":
            raise ZeroDivisionError
        return await claim(occurrence, **options)

    monkeypatch.setattr(worker.ledger, "claim", broken)
    await worker.tick()
    assert len(worker.messenger.posted) == 1
    assert "delivering a digest failed" in caplog.text


async def test_a_tick_survives_a_store_that_cannot_be_used(monkeypatch, caplog):
    worker = await worker_at(MONDAY)

    async def down():
        raise StorageError("The database cannot be reached.")

    monkeypatch.setattr(worker.subscriptions, "active", down)
    await worker.tick()
    assert "The database cannot be reached." in caplog.text
    monkeypatch.undo()
    await worker.tick()
    assert len(worker.messenger.posted) == 1


async def test_a_stop_hands_over_what_has_not_left_and_begins_nothing():
    worker = await worker_at(MONDAY)
    worker.source.gate = asyncio.Event()
    running = asyncio.create_task(worker.tick())
    await worker.source.begun.wait()
    worker.digests.stop()
    await running  # at once, though the read goes on
    assert not worker.messenger.posted
    worker.source.gate = None
    other = Worker(worker.clock, worker.subscriptions, worker.ledger, worker.messenger, worker.source, owner="worker-2")
    await other.tick()  # at once: it need not wait for a lease
    assert len(worker.messenger.posted) == 1
    await worker.deployments.aclose()


async def test_a_stop_between_the_claim_and_the_read_hands_over_at_once(monkeypatch):
    worker = await worker_at(MONDAY)
    worker.source.gate = asyncio.Event()
    claim = worker.ledger.claim

    async def claim_and_stop(*occurrence, **options):
        claimed = await claim(*occurrence, **options)
        worker.digests.stop()
        return claimed

    monkeypatch.setattr(worker.ledger, "claim", claim_and_stop)
    async with asyncio.timeout(10):
        await worker.tick()
    assert await states(worker) == [FAILED]
    assert not worker.source.reads
    await worker.deployments.aclose()


async def test_a_cancelled_tick_hands_over_as_well():
    worker = await worker_at(MONDAY)
    worker.source.gate = asyncio.Event()
    running = asyncio.create_task(worker.tick())
    await worker.source.begun.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await states(worker) == [FAILED]
    worker.source.gate = None
    other = Worker(worker.clock, worker.subscriptions, worker.ledger, worker.messenger, worker.source, owner="worker-2")
    await other.tick()
    assert len(worker.messenger.posted) == 1
    await worker.deployments.aclose()


async def test_a_stop_lets_the_message_in_flight_arrive():
    worker = await worker_at(MONDAY)
    worker.messenger.gate = asyncio.Event()
    running = asyncio.create_task(worker.tick())
    await worker.messenger.begun.wait()
    worker.digests.stop()
    worker.messenger.gate.set()
    await running
    assert await states(worker) == [SENT]


async def test_nothing_is_delivered_at_a_time_that_is_not_believed():
    async def ahead() -> timedelta:
        return MONDAY - worker.clock.now

    worker = await worker_at(MONDAY, shipped("d1", MONDAY - HOUR))
    worker = Worker(
        worker.clock, worker.subscriptions, worker.ledger, worker.messenger, worker.source, guard=ClockGuard(ahead)
    )
    worker.clock.now = MONDAY + timedelta(days=9)
    await worker.tick()
    assert not worker.messenger.posted
    assert (await worker.digests.health()).last_tick is None
    worker.clock.now = MONDAY
    await worker.tick()
    assert len(worker.messenger.posted) == 1


async def health_at(worker: Worker, now: datetime) -> DigestHealth:
    worker.clock.now = now
    return await worker.digests.health()


async def test_health_tells_the_oldest_that_waits_claimed_or_not_and_the_last_tick():
    worker = await worker_at(MONDAY)
    assert (await health_at(worker, MONDAY - MINUTE)).oldest_undelivered is None
    waiting = await health_at(worker, MONDAY + 10 * MINUTE)
    assert (waiting.oldest_undelivered, waiting.last_tick) == (600.0, None)
    worker.source.error = DOWN
    worker.clock.now = MONDAY
    await worker.tick()
    failing = await health_at(worker, MONDAY + 20 * SECOND)
    assert (failing.oldest_undelivered, failing.last_tick) == (20.0, 20.0)
    worker.source.error = None
    await ticks(worker, MONDAY + 5 * MINUTE)
    assert (await health_at(worker, worker.clock.now)).oldest_undelivered is None


async def test_old_rows_are_purged():
    worker = await worker_at(MONDAY)
    await ticks(worker, MONDAY + 120 * DAY, HOUR)
    before = len(worker.ledger.rows)
    await worker.digests.purge(worker.clock())
    assert 0 < len(worker.ledger.rows) < before
