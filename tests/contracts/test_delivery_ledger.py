"""What every ledger promises, step by step."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.digests import LOOK_BACK, Progress
from bot.services.digest_ports import (
    INTERRUPTED,
    OVERTAKEN,
    Claim,
    DeliveryLedger,
    DeliveryState,
)
from tests.builders import subscription
from tests.contracts.digest_stores import KINDS, Stores, opened
from tests.contracts.ledger_steps import (
    FRIDAY,
    LATER,
    LEASE,
    MESSAGE,
    MINUTE,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    claimed,
    occurrence,
    only_row,
    sending,
    sent,
    unknown,
)


@pytest.fixture(params=KINDS)
async def stores(request):
    async with opened(request.param, request) as another:
        opened_stores = another()
        await opened_stores.subscriptions.add(subscription())
        yield opened_stores


@pytest.fixture
def ledger(stores: Stores) -> DeliveryLedger:
    return stores.ledger


# The way of one occurrence


async def test_a_delivery_goes_from_claimed_over_sending_to_sent(ledger: DeliveryLedger):
    claim = await claimed(ledger)
    assert claim == Claim(occurrence(), "a", 1)
    row = await only_row(ledger)
    assert (row.team_id, row.state, row.lease_until) == ("T1", DeliveryState.CLAIMED, MONDAY + LEASE)

    assert await ledger.begin_sending(claim, {"d2", "d1"}, now=MONDAY + MINUTE, lease=LEASE)
    row = await only_row(ledger)
    assert (row.state, row.deployments, row.changed_at) == (DeliveryState.SENDING, ("d1", "d2"), MONDAY + MINUTE)
    assert row.lease_until == MONDAY + MINUTE + LEASE

    assert await ledger.mark_sent(claim, MESSAGE, now=MONDAY + 2 * MINUTE)
    row = await only_row(ledger)
    assert (row.state, row.message, row.changed_at) == (DeliveryState.SENT, MESSAGE, MONDAY + 2 * MINUTE)
    assert (row.occurrence, row.claimed_at, row.attempt) == (occurrence(), MONDAY, 1)
    assert (row.covers, row.reason, row.retry_at, row.settled) == (True, "", None, False)


async def test_what_was_sent_or_skipped_or_failed_for_good_cannot_be_claimed_again(ledger: DeliveryLedger):
    await sent(ledger)
    skipped = await claimed(ledger, occurrence(TUESDAY), TUESDAY)
    assert await ledger.skip(skipped, "nothing shipped", now=TUESDAY)
    failed = await claimed(ledger, occurrence(WEDNESDAY), WEDNESDAY)
    assert await ledger.mark_failed(failed, "channel_not_found", now=WEDNESDAY)
    for due in (MONDAY, TUESDAY, WEDNESDAY):
        assert await ledger.claim(occurrence(due), owner="b", now=WEDNESDAY + LEASE, lease=LEASE) is None
    states = [(row.state, row.reason) for row in await ledger.history("s1", 2)]
    assert states == [(DeliveryState.FAILED, "channel_not_found"), (DeliveryState.SKIPPED, "nothing shipped")]


async def test_a_claim_cannot_be_had_while_another_holds_it(ledger: DeliveryLedger):
    await claimed(ledger)
    assert await ledger.claim(occurrence(), owner="b", now=LATER - MINUTE, lease=LEASE) is None


async def test_an_expired_claim_is_taken_over_with_its_window_and_its_old_owner_is_refused(ledger: DeliveryLedger):
    old = await claimed(ledger)
    late = occurrence(window_end=LATER, late=True)
    new = await ledger.claim(late, owner="b", now=LATER, lease=LEASE)
    assert new == Claim(occurrence(), "b", 2)
    assert not await ledger.begin_sending(old, ["d1"], now=LATER, lease=LEASE)
    assert not await ledger.skip(old, "nothing shipped", now=LATER)
    assert not await ledger.mark_failed(old, "could not read", now=LATER)
    assert (await only_row(ledger)).owner == "b"


async def test_an_owner_that_takes_over_from_itself_is_not_its_former_self(ledger: DeliveryLedger):
    old = await claimed(ledger)
    assert await ledger.claim(occurrence(), owner="a", now=LATER, lease=LEASE) == Claim(occurrence(), "a", 2)
    assert not await ledger.begin_sending(old, ["d1"], now=LATER, lease=LEASE)


@pytest.mark.parametrize("change", ["skip", "mark_sent", "mark_unknown", "begin_sending"])
async def test_a_step_out_of_turn_is_refused(ledger: DeliveryLedger, change):
    claim = await (claimed if change in {"mark_sent", "mark_unknown"} else sending)(ledger)
    before = await only_row(ledger)
    assert not await {
        "skip": lambda: ledger.skip(claim, "nothing shipped", now=MONDAY),
        "mark_sent": lambda: ledger.mark_sent(claim, MESSAGE, now=MONDAY),
        "mark_unknown": lambda: ledger.mark_unknown(claim, "timeout", now=MONDAY),
        "begin_sending": lambda: ledger.begin_sending(claim, [], now=MONDAY, lease=LEASE),
    }[change]()
    assert await only_row(ledger) == before


@pytest.mark.parametrize("start", [claimed, sending], ids=["claimed", "sending"])
async def test_what_failed_is_tried_again_when_its_time_has_come(ledger: DeliveryLedger, start):
    claim = await start(ledger)
    retry_at = MONDAY + 2 * MINUTE
    assert await ledger.mark_failed(claim, "Slack is busy", now=MONDAY, retry_at=retry_at)
    row = await only_row(ledger)
    assert (row.state, row.reason, row.retry_at) == (DeliveryState.FAILED, "Slack is busy", retry_at)
    assert await ledger.claim(occurrence(), owner="b", now=retry_at - MINUTE, lease=LEASE) is None
    assert await ledger.claim(occurrence(), owner="b", now=retry_at, lease=LEASE) == Claim(occurrence(), "b", 2)
    row = await only_row(ledger)
    assert (row.state, row.reason, row.retry_at) == (DeliveryState.CLAIMED, "", None)


# Unknown: posted or not?


async def test_a_sending_whose_lease_expired_is_unknown_and_never_simply_sent_again(ledger: DeliveryLedger):
    await sending(ledger, "d1")
    assert await ledger.claim(occurrence(), owner="b", now=LATER - MINUTE, lease=LEASE) is None
    assert (await only_row(ledger)).state is DeliveryState.SENDING
    assert await ledger.claim(occurrence(), owner="b", now=LATER, lease=LEASE) is None
    row = await only_row(ledger)
    assert (row.state, row.reason, row.deployments) == (DeliveryState.UNKNOWN, INTERRUPTED, ("d1",))
    assert await ledger.claim(occurrence(), owner="b", now=LATER + LEASE, lease=LEASE) is None


async def test_unknown_ones_are_listed_until_something_is_done_about_them(ledger: DeliveryLedger):
    claim = await sending(ledger, "d1")
    assert await ledger.unknowns(now=MONDAY) == []
    assert await ledger.mark_unknown(claim, "no answer", now=MONDAY)
    (found,) = await ledger.unknowns(now=MONDAY)
    assert (found.state, found.reason, found.deployments) == (DeliveryState.UNKNOWN, "no answer", ("d1",))
    assert await ledger.let_be(found, now=LATER)
    assert await ledger.unknowns(now=LATER) == []
    row = await only_row(ledger)
    assert (row.state, row.settled, row.reason) == (DeliveryState.UNKNOWN, True, "no answer")


async def test_a_found_message_is_adopted(ledger: DeliveryLedger):
    found = await unknown(ledger, "d1")
    assert await ledger.adopt(found, MESSAGE, now=LATER)
    row = await only_row(ledger)
    assert (row.state, row.message, row.deployments) == (DeliveryState.SENT, MESSAGE, ("d1",))
    assert row.reason == ""


async def test_what_was_surely_not_posted_can_be_sent_again(ledger: DeliveryLedger):
    found = await unknown(ledger, "d1")
    claim = await ledger.send_again(found, owner="b", now=LATER, lease=LEASE)
    assert claim == Claim(occurrence(), "b", 2)
    assert await ledger.told("s1", FRIDAY) == frozenset()
    assert await ledger.begin_sending(claim, ["d1", "d2"], now=LATER, lease=LEASE)


async def test_only_one_thing_is_done_about_an_unknown_one(ledger: DeliveryLedger):
    found = await unknown(ledger)
    assert await ledger.let_be(found, now=LATER)
    assert not await ledger.let_be(found, now=LATER)
    assert not await ledger.adopt(found, MESSAGE, now=LATER)
    assert await ledger.send_again(found, owner="b", now=LATER, lease=LEASE) is None


async def test_an_answer_that_comes_late_makes_an_unknown_one_sent(ledger: DeliveryLedger):
    claim = await sending(ledger, "d1")
    await ledger.unknowns(now=LATER)
    assert await ledger.mark_sent(claim, MESSAGE, now=LATER)
    assert (await only_row(ledger)).state is DeliveryState.SENT


async def test_an_answer_that_comes_after_it_is_being_sent_again_is_refused(ledger: DeliveryLedger):
    claim = await sending(ledger)
    (found,) = await ledger.unknowns(now=LATER)
    await ledger.send_again(found, owner="a", now=LATER, lease=LEASE)
    assert not await ledger.mark_sent(claim, MESSAGE, now=LATER)


async def test_a_refusal_that_comes_late_counts_unless_the_matter_is_settled(ledger: DeliveryLedger):
    claim = await sending(ledger, "d1")
    (found,) = await ledger.unknowns(now=LATER)
    assert await ledger.mark_failed(claim, "rate limited", now=LATER, retry_at=LATER)
    again = await ledger.claim(occurrence(), owner="a", now=LATER, lease=LEASE)
    assert again is not None
    await ledger.begin_sending(again, ["d1"], now=LATER, lease=LEASE)
    (found,) = await ledger.unknowns(now=LATER + LEASE)
    await ledger.let_be(found, now=LATER + LEASE)
    assert not await ledger.mark_failed(again, "rate limited", now=LATER + LEASE)
    assert await ledger.told("s1", FRIDAY) == {"d1"}


# One after the other


async def test_nothing_is_claimed_for_a_subscription_that_is_paused_or_gone(stores: Stores):
    kept = await stores.subscriptions.get("T1", "s1")
    assert kept is not None
    paused = await stores.subscriptions.update(kept.paused("archived"))
    assert await stores.ledger.claim(occurrence(), owner="a", now=MONDAY, lease=LEASE) is None
    assert paused is not None
    await stores.subscriptions.update(paused.resumed(FRIDAY))
    await claimed(stores.ledger)
    await stores.subscriptions.remove("T1", "s1")
    assert await stores.ledger.claim(occurrence(TUESDAY), owner="a", now=TUESDAY, lease=LEASE) is None


@pytest.mark.parametrize("start", [claimed, sending], ids=["claimed", "sending"])
async def test_the_next_occurrence_waits_for_the_one_in_hand(ledger: DeliveryLedger, start):
    await start(ledger)
    assert await ledger.claim(occurrence(TUESDAY), owner="b", now=LATER - MINUTE, lease=LEASE) is None
    assert len(await ledger.history("s1", 10)) == 1


async def test_the_next_occurrence_waits_until_an_unknown_one_is_settled(ledger: DeliveryLedger):
    await sending(ledger)
    assert await ledger.claim(occurrence(TUESDAY), owner="b", now=TUESDAY, lease=LEASE) is None
    (found,) = await ledger.unknowns(now=TUESDAY)
    assert await ledger.let_be(found, now=TUESDAY)
    assert await ledger.claim(occurrence(TUESDAY), owner="b", now=TUESDAY, lease=LEASE) is not None


@pytest.mark.parametrize("is_waiting", [True, False], ids=["to be tried again", "left by its owner"])
async def test_the_next_occurrence_overtakes_one_that_was_never_sent(ledger: DeliveryLedger, is_waiting):
    claim = await claimed(ledger)
    if is_waiting:
        await ledger.mark_failed(claim, "could not read", now=MONDAY, retry_at=WEDNESDAY)
    await claimed(ledger, occurrence(TUESDAY), TUESDAY, owner="b")
    _, monday = await ledger.history("s1", 10)
    assert (monday.state, monday.reason, monday.retry_at) == (DeliveryState.FAILED, OVERTAKEN, None)
    assert not await ledger.begin_sending(claim, ["d1"], now=TUESDAY, lease=LEASE)


async def test_there_is_no_way_back_to_an_earlier_occurrence(ledger: DeliveryLedger):
    await sent(ledger, of=occurrence(TUESDAY), now=TUESDAY)
    assert await ledger.claim(occurrence(MONDAY), owner="b", now=TUESDAY, lease=LEASE) is None


async def test_subscriptions_do_not_wait_for_each_other(stores: Stores):
    await stores.subscriptions.add(subscription("s2"))
    await claimed(stores.ledger)
    await sent(stores.ledger, of=occurrence(TUESDAY, id="s2"))
    assert await stores.ledger.claim(occurrence(id="s2"), owner="a", now=MONDAY, lease=LEASE) is None


# What was told, how far, what is open


async def test_deployments_count_as_told_from_the_moment_at_which_the_message_may_leave(ledger: DeliveryLedger):
    await sent(ledger, "d1", "d2")
    claim = await claimed(ledger, occurrence(TUESDAY, MONDAY), TUESDAY)
    assert await ledger.told("s1", FRIDAY) == {"d1", "d2"}
    await ledger.begin_sending(claim, ["d3"], now=TUESDAY, lease=LEASE)
    assert await ledger.told("s1", FRIDAY) == {"d1", "d2", "d3"}
    await ledger.mark_unknown(claim, "no answer", now=TUESDAY)
    assert await ledger.told("s1", FRIDAY) == {"d1", "d2", "d3"}
    await ledger.mark_failed(claim, "it was refused", now=TUESDAY)
    assert await ledger.told("s1", FRIDAY) == {"d1", "d2"}
    assert await ledger.told("s1", MONDAY) == frozenset()
    assert await ledger.told("s2", FRIDAY) == frozenset()


async def test_progress_tells_what_is_done_with_and_what_is_covered(ledger: DeliveryLedger):
    async def progress() -> Progress | None:
        return (await ledger.progress(["s1", "s2"])).get("s1")

    assert await progress() is None
    claim = await sending(ledger, of=occurrence(window_end=LATER, late=True))
    assert await progress() == Progress(None, None)
    await ledger.mark_sent(claim, MESSAGE, now=MONDAY)
    assert await progress() == Progress(MONDAY, LATER)
    failed = await claimed(ledger, occurrence(TUESDAY, LATER), TUESDAY)
    await ledger.mark_failed(failed, "could not read", now=TUESDAY, retry_at=TUESDAY + MINUTE)
    assert await progress() == Progress(MONDAY, LATER)
    await claimed(ledger, occurrence(WEDNESDAY, LATER), WEDNESDAY)
    assert await progress() == Progress(TUESDAY, LATER)


async def test_a_message_that_does_not_cover_its_window_leaves_it_to_the_next(ledger: DeliveryLedger):
    await sent(ledger)
    await sent(ledger, "d1", of=occurrence(TUESDAY, MONDAY), now=TUESDAY, covers=False, reason="LaunchDarkly is down")
    assert (await ledger.progress(["s1"]))["s1"] == Progress(TUESDAY, MONDAY)
    assert await ledger.told("s1", MONDAY) == {"d1"}
    row = (await ledger.history("s1", 1))[0]
    assert (row.state, row.covers, row.reason) == (DeliveryState.SENT, False, "LaunchDarkly is down")


@pytest.mark.parametrize("how", ["skipped", "unknown"])
async def test_silence_and_uncertainty_cover_their_window(ledger: DeliveryLedger, how):
    if how == "skipped":
        await ledger.skip(await claimed(ledger), "nothing shipped", now=MONDAY)
    else:
        await unknown(ledger)
    assert (await ledger.progress(["s1"]))["s1"] == Progress(MONDAY, MONDAY)


async def test_progress_is_told_for_more_subscriptions_than_a_statement_takes_parameters(stores: Stores):
    await sent(stores.ledger)
    many = [f"s{number}" for number in range(1200)]
    assert await stores.ledger.progress(many) == {"s1": Progress(MONDAY, MONDAY)}
    assert await stores.ledger.progress([]) == {}


async def test_history_is_the_newest_first(ledger: DeliveryLedger):
    for due in (MONDAY, TUESDAY, WEDNESDAY):
        await sent(ledger, of=occurrence(due), now=due)
    assert [row.occurrence.due_at for row in await ledger.history("s1", 2)] == [WEDNESDAY, TUESDAY]
    assert await ledger.history("s2", 2) == []


async def test_the_oldest_undelivered_is_the_first_that_still_has_to_come(stores: Stores):
    ledger = stores.ledger
    await stores.subscriptions.add(subscription("s2"))
    assert await ledger.oldest_undelivered() is None
    claim = await claimed(ledger)
    await claimed(ledger, occurrence(TUESDAY, id="s2"), TUESDAY)
    assert await ledger.oldest_undelivered() == MONDAY
    await ledger.mark_failed(claim, "busy", now=MONDAY, retry_at=LATER)
    assert await ledger.oldest_undelivered() == MONDAY
    again = await claimed(ledger, now=LATER)
    await ledger.begin_sending(again, [], now=LATER, lease=LEASE)
    await ledger.mark_unknown(again, "no answer", now=LATER)
    assert await ledger.oldest_undelivered() == MONDAY
    await ledger.let_be((await ledger.unknowns(now=LATER))[0], now=LATER)
    assert await ledger.oldest_undelivered() == TUESDAY
    await stores.subscriptions.remove("T1", "s2")
    assert await ledger.oldest_undelivered() is None


async def test_what_waited_when_its_digest_was_rescheduled_is_awaited_no_more(stores: Stores):
    claim = await claimed(stores.ledger)
    await stores.ledger.mark_failed(claim, "busy", now=MONDAY, retry_at=LATER)
    (one,) = await stores.subscriptions.active()
    await stores.subscriptions.update(replace(one, due_after=LATER))
    assert await stores.ledger.oldest_undelivered() is None


async def test_purging_keeps_what_the_next_digest_needs(stores: Stores):
    ledger = stores.ledger
    day = timedelta(days=1)
    dues = [MONDAY + number * day for number in range(8)]
    for due in dues:
        await sent(ledger, f"d-{due.day}", of=occurrence(due, due - day), now=due)
    assert await ledger.purge(dues[2]) == 2
    assert await ledger.purge(dues[-1] + 100 * day) == 2
    kept = [row.occurrence.due_at for row in await ledger.history("s1", 10)]
    assert kept == [due for due in reversed(dues) if due >= dues[-1] - LOOK_BACK]
    await stores.subscriptions.remove("T1", "s1")
    assert await ledger.purge(dues[-1] + day) == 4


async def test_purging_keeps_the_news_of_a_subscription_that_was_never_told_anything(ledger: DeliveryLedger):
    await ledger.mark_failed(await claimed(ledger), "not_in_channel", now=MONDAY)
    assert await ledger.purge(WEDNESDAY) == 0


async def test_a_removed_subscription_that_comes_back_knows_what_it_told(stores: Stores):
    await sent(stores.ledger, "d1")
    removed = await stores.subscriptions.remove("T1", "s1")
    assert removed is not None
    await stores.subscriptions.add(removed)
    assert await stores.ledger.told("s1", FRIDAY) == {"d1"}
    assert await stores.ledger.claim(occurrence(), owner="b", now=MONDAY, lease=LEASE) is None
