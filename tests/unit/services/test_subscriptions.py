from __future__ import annotations

from dataclasses import replace
from datetime import UTC, time, timedelta
from typing import Any

import pytest

from bot.commands.digest import NewDigest, parse_digest
from bot.commands.questions import Asker
from bot.domain.digests import Occurrence, SubscriptionState
from bot.domain.errors import CommandError, SourceNotFound
from bot.domain.filters import Filters
from bot.domain.schedule import EVERY_DAY, Schedule
from bot.formatting.digest_results import Ended
from bot.services.catalog import Catalog
from bot.services.digest_ports import Posted
from bot.services.resolver import Resolver
from bot.services.subscriptions import NotManager, Subscriptions
from tests.builders import NOW, subscription
from tests.fakes import Clock, FakeSource
from tests.fakes_digests import FakeLedger, FakeSubscriptionStore

ASKER = Asker(NOW, UTC, project="default")
LATER = NOW + timedelta(days=1)
HOUR = timedelta(hours=1)


class World:
    """The use cases on fakes, with these managers."""

    def __init__(self, *managers: str, **names: Any) -> None:
        self.store = FakeSubscriptionStore()
        self.ledger = FakeLedger(self.store)
        self.source = FakeSource(**names)
        resolver = Resolver(Catalog(self.source, clock=Clock(NOW)))
        self.use = Subscriptions(self.store, self.ledger, resolver, managers=managers, new_id=lambda: "new")

    async def drafted(self, words: str):
        typed = parse_digest(words, ASKER)
        assert isinstance(typed, NewDigest)
        blank = self.use.blank(ASKER, team="T1", channel="C1", user="U1")
        return (await self.use.drafted(blank, typed, ASKER, "U1")).subscription

    async def sent(self, id: str, due, *told: str) -> None:
        occurrence = Occurrence(id, due, due - timedelta(days=1), due)
        claim = await self.ledger.claim(occurrence, owner="w", now=due, lease=HOUR)
        assert claim
        await self.ledger.begin_sending(claim, told, now=due, lease=HOUR)
        await self.ledger.mark_sent(claim, Posted("C1", "1.2"), now=due)


# -- Making -----------------------------------------------------------------------------------------------------------


async def test_a_draft_is_what_was_typed_with_its_keys_resolved():
    draft = await World().drafted('daily 18:00 Billing checkout-* -by:bot "round" empty:skip name:Bills tz:Asia/Tokyo')
    assert draft.filters == Filters(
        applications=("billing-service", "checkout-*"), excluded_authors=("bot",), words=("round",)
    )
    assert (draft.project, draft.environment, draft.name, draft.say_when_empty) == (
        "default",
        "production",
        "Bills",
        False,
    )
    assert draft.schedule == Schedule(EVERY_DAY, time(18), "Asia/Tokyo")
    assert (draft.id, draft.team_id, draft.channel_id, draft.created_by, draft.number) == ("new", "T1", "C1", "U1", 0)


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("daily 18:00 biling-service", "billing-service"),
        ("daily 18:00 app:biling-service", "billing-service"),
        ("daily 18:00 in:prod-uction", "production"),
        ("daily 18:00 project:defalt", "default"),
    ],
)
async def test_unknown_keys_are_refused_with_near_ones(words, near):
    with pytest.raises(SourceNotFound) as refused:
        await World().drafted(words)
    assert near in refused.value.near


async def test_a_word_that_is_like_no_application_is_one_of_titles():
    assert (await World().drafted("daily 18:00 refund")).filters.words == ("refund",)


async def test_a_subscription_counts_from_when_it_is_stored_and_belongs_to_who_stored_it():
    world = World()
    draft = await world.drafted("daily 18:00")
    outcome = await world.use.subscribe(draft, "U2", LATER)
    assert outcome.changed
    stored = world.store.held["new"]
    assert stored == outcome.subscription
    assert (stored.created_by, stored.created_at, stored.counts_from, stored.due_after) == ("U2", LATER, LATER, LATER)
    assert stored.number == 1


async def test_the_same_draft_is_stored_once():
    world = World()
    draft = await world.drafted("daily 18:00")
    await world.use.subscribe(draft, "U1", NOW)
    again = await world.use.subscribe(draft, "U1", LATER)
    assert not again.changed
    assert again.subscription.counts_from == NOW
    assert len(world.store.held) == 1


async def test_what_cannot_be_delivered_is_taken_back():
    world = World()
    outcome = await world.use.subscribe(await world.drafted("daily 18:00"), "U1", NOW)
    await world.use.withdraw(outcome.subscription)
    assert world.store.held == {}


# -- Changing ---------------------------------------------------------------------------------------------------------


async def test_a_new_time_counts_from_now_and_loses_nothing():
    world = World()
    stored = await world.store.add(subscription())
    outcome = await world.use.save(replace(stored, schedule=Schedule(EVERY_DAY, time(8), "UTC")), "U1", NOW)
    assert outcome.subscription.due_after == NOW
    assert outcome.subscription.counts_from == stored.counts_from
    assert outcome.before == stored


async def test_new_filters_tell_what_came_since_the_last_digest_and_not_what_the_old_ones_left_out():
    world = World()
    stored = await world.store.add(subscription())
    await world.sent("s1", NOW - HOUR)
    outcome = await world.use.save(replace(stored, filters=Filters(status="failed")), "U1", NOW)
    assert outcome.subscription.counts_from == NOW - HOUR
    assert outcome.subscription.due_after == stored.due_after


async def test_a_new_name_changes_nothing_else():
    world = World()
    stored = await world.store.add(subscription())
    await world.sent("s1", NOW - HOUR)
    outcome = await world.use.save(replace(stored, name="Bills", say_when_empty=False), "U1", NOW)
    assert outcome.subscription == replace(stored, name="Bills", say_when_empty=False, revision=2)


async def test_a_paused_digest_stays_paused_when_it_is_changed():
    world = World()
    stored = await world.store.add(subscription().paused("by sam.poe"))
    draft = replace(stored, state=SubscriptionState.ACTIVE, name="Bills")
    assert not (await world.use.save(draft, "U1", NOW)).subscription.is_active


async def test_a_change_of_an_older_revision_is_refused_and_the_same_change_again_is_none():
    world = World()
    stored = await world.store.add(subscription())
    mine, others = replace(stored, name="Mine"), replace(stored, name="Others")
    await world.use.save(others, "U2", NOW)
    with pytest.raises(CommandError, match="a moment before you"):
        await world.use.save(mine, "U1", NOW)
    assert not (await world.use.save(others, "U2", LATER)).changed
    assert world.store.held["s1"].name == "Others"


async def test_a_change_between_reading_and_writing_is_refused(monkeypatch):
    world = World()
    stored = await world.store.add(subscription())

    async def overtaken(_):
        return None

    monkeypatch.setattr(world.store, "update", overtaken)
    for change in (
        world.use.pause("T1", "s1", "U1", "r"),
        world.use.save(replace(stored, name="Mine"), "U1", NOW),
    ):
        with pytest.raises(CommandError, match="a moment before you"):
            await change


async def test_pausing_and_resuming_twice_change_once():
    world = World()
    await world.store.add(subscription())
    assert (await world.use.pause("T1", "s1", "U1", "by jane.doe")).changed
    again = await world.use.pause("T1", "s1", "U2", "by sam.poe")
    assert (again.changed, again.subscription.reason) == (False, "by jane.doe")
    resumed = await world.use.resume("T1", "s1", "U1", LATER)
    assert (resumed.subscription.counts_from, resumed.subscription.due_after) == (LATER, LATER)
    assert not (await world.use.resume("T1", "s1", "U1", LATER + HOUR)).changed


async def test_removing_and_restoring_twice_do_it_once():
    world = World()
    stored = await world.store.add(subscription())
    removed = await world.use.remove("T1", "s1", "U1")
    assert removed == stored
    with pytest.raises(CommandError, match="removed it"):
        await world.use.remove("T1", "s1", "U1")
    assert (await world.use.restore(removed, "U1")).changed
    assert not (await world.use.restore(removed, "U1")).changed
    assert world.store.held["s1"] == stored


async def test_another_teams_digest_is_not_there():
    world = World()
    await world.store.add(subscription())
    with pytest.raises(CommandError):
        await world.use.pause("T2", "s1", "U1", "r")


# -- Who --------------------------------------------------------------------------------------------------------------


async def test_where_managers_are_named_nobody_else_changes_anything():
    world = World("U2", "U3")
    stored = await world.store.add(subscription())
    for change in (
        world.drafted("daily 18:00"),
        world.use.subscribe(replace(stored, id="s9"), "U1", NOW),
        world.use.save(replace(stored, name="x"), "U1", NOW),
        world.use.pause("T1", "s1", "U1", "r"),
        world.use.resume("T1", "s1", "U1", NOW),
        world.use.remove("T1", "s1", "U1"),
        world.use.restore(stored, "U1"),
    ):
        with pytest.raises(NotManager) as refused:
            await change
        assert refused.value.managers == ("U2", "U3")
    assert world.store.held == {"s1": stored}
    assert (await world.use.pause("T1", "s1", "U2", "r")).changed


# -- What is there ----------------------------------------------------------------------------------------------------


@pytest.fixture
async def three():
    world = World()
    for number, name in enumerate(("Bills", "", "Search"), start=1):
        await world.store.add(subscription(f"s{number}", name=name))
    return world.use


@pytest.mark.parametrize(
    ("which", "id"), [("1", "s1"), ("2", "s2"), ("bills", "s1"), ("sea", "s3"), ("Search", "s3"), ("03", "s3")]
)
async def test_a_digest_is_found_by_number_or_name(three, which, id):
    assert (await three.find("T1", "C1", which, "pause")).id == id


@pytest.mark.parametrize(
    ("which", "said", "example"),
    [
        ("", "several digests; say which. There is #1 Bills, #2, #3 Search.", "/digest pause 1"),
        ("serch", "no digest “serch”", "/digest pause 3"),
        ("9", "no digest “9”", "/digest pause 1"),
    ],
)
async def test_another_digest_is_refused_with_what_there_is(three, which, said, example):
    with pytest.raises(CommandError) as refused:
        await three.find("T1", "C1", which, "pause")
    assert said in refused.value.message
    assert refused.value.example == example


@pytest.mark.parametrize("which", ["Morning", "morn", "MORNING"])
async def test_of_two_digests_of_one_name_the_number_is_asked_for(which):
    world = World()
    for number, name in enumerate(("Morning", "Search", "Morning"), start=1):
        await world.store.add(subscription(f"s{number}", name=name))
    with pytest.raises(CommandError) as refused:
        await world.use.find("T1", "C1", which, "pause")
    assert refused.value.message == "Two digests here are called “Morning”; say which number."
    assert (refused.value.example, refused.value.others) == ("/digest pause 1", ("/digest pause 3",))


async def test_the_only_digest_needs_no_name_and_none_is_told():
    world = World()
    with pytest.raises(CommandError, match="no digest yet"):
        await world.use.find("T1", "C1", "", "pause")
    await world.store.add(subscription())
    assert (await world.use.find("T1", "C1", "", "pause")).id == "s1"


async def test_a_person_sees_their_own_digests_and_who_oversees_sees_all():
    world = World("U9")
    await world.store.add(subscription("mine", channel_id="C2", created_by="U1"))
    await world.store.add(subscription("theirs", created_by="U2"))
    assert [entry.subscription.id for entry in await world.use.of_person("T1", "U1")] == ["mine"]
    assert [entry.subscription.id for entry in await world.use.of_person("T1", "U9")] == ["theirs", "mine"]
    assert await world.use.of_person("T2", "U9") == []


async def test_results_are_told_with_the_newest_first():
    world = World()
    await world.store.add(subscription())
    await world.sent("s1", NOW - 2 * HOUR, "d1")
    occurrence = Occurrence("s1", NOW, NOW - HOUR, NOW)
    claim = await world.ledger.claim(occurrence, owner="w", now=NOW, lease=HOUR)
    assert claim
    await world.ledger.mark_failed(claim, "no connection", now=NOW, retry_at=NOW + HOUR)
    (entry,) = await world.use.of_channel("T1", "C1")
    assert entry.last
    assert (entry.last.ended, entry.last.reason, entry.last.retry_at) == (Ended.RETRYING, "no connection", NOW + HOUR)
    newest, oldest = await world.use.history(entry.subscription, 5)
    assert newest == entry.last
    assert (oldest.ended, oldest.deployments) == (Ended.SENT, 1)


@pytest.mark.parametrize(("settled", "ended"), [(False, Ended.UNKNOWN), (True, Ended.NEVER_KNOWN)])
async def test_what_stays_unknown_is_told_from_what_may_still_be_known(settled, ended):
    world = World()
    stored = await world.store.add(subscription())
    claim = await world.ledger.claim(Occurrence("s1", NOW, NOW - HOUR, NOW), owner="w", now=NOW, lease=HOUR)
    assert claim
    await world.ledger.begin_sending(claim, ["d1"], now=NOW, lease=HOUR)
    await world.ledger.mark_unknown(claim, "no answer", now=NOW)
    if settled:
        (unknown,) = await world.ledger.unknowns(now=NOW)
        await world.ledger.let_be(unknown, now=NOW)
    (result,) = await world.use.history(stored, 5)
    assert (result.ended, result.deployments) == (ended, 1)


@pytest.mark.parametrize(
    ("change", "ended"),
    [
        (lambda one: one.rescheduled(Schedule(EVERY_DAY, time(8), "UTC"), NOW + HOUR), Ended.LEFT_TO_NEXT),
        (lambda one: one.paused("by jane.doe"), Ended.FAILED),
        (lambda one: one.paused("by jane.doe").resumed(NOW + HOUR), Ended.FAILED),
    ],
)
async def test_what_waits_for_an_attempt_that_a_change_has_called_off_is_told_as_not_sent(change, ended):
    world = World()
    stored = await world.store.add(subscription())
    claim = await world.ledger.claim(Occurrence("s1", NOW, NOW - HOUR, NOW), owner="w", now=NOW, lease=HOUR)
    assert claim
    await world.ledger.mark_failed(claim, "no connection", now=NOW, retry_at=NOW + HOUR)
    changed = await world.store.update(change(stored))
    assert changed
    (result,) = await world.use.history(changed, 5)
    assert (result.ended, result.reason) == (ended, "no connection")
