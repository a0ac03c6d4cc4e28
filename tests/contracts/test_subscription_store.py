from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import time, timedelta, timezone

import pytest

from bot.domain.digests import SubscriptionState
from bot.domain.filters import Filters
from bot.domain.schedule import Schedule, Weekday
from bot.services.digest_ports import SubscriptionStore
from tests.builders import NOW, subscription
from tests.contracts.digest_stores import KINDS, opened


@pytest.fixture(params=KINDS)
async def store(request):
    async with opened(request.param, request) as another:
        yield another().subscriptions


async def test_what_was_added_is_read_back_whole(store: SubscriptionStore):
    added = await store.add(
        subscription(
            name="Ünïcode “news” 🚀",
            number=3,
            say_when_empty=False,
            schedule=Schedule(frozenset({Weekday.SUNDAY, Weekday.MONDAY}), time(0, 5), "Asia/Kathmandu"),
            filters=Filters(
                applications=("billing-*",),
                kind="redeployment",
                status="failed",
                authors=("jane.doe",),
                excluded_authors=("dependabot[bot]",),
                flags=("new-*",),
                pull_requests=("406",),
                words=("refund", "a, b"),
            ),
        )
    )
    assert added.number == 3
    assert await store.get("T1", "s1") == added


async def test_times_come_back_as_the_same_instants_in_utc(store: SubscriptionStore):
    tokyo = timezone(timedelta(hours=9))
    made = (NOW + timedelta(microseconds=123456)).astimezone(tokyo)
    await store.add(subscription(created_at=made, counts_from=made, due_after=made))
    found = await store.get("T1", "s1")
    assert found is not None
    assert found.created_at == found.counts_from == found.due_after == made


async def test_another_team_does_not_see_it(store: SubscriptionStore):
    await store.add(subscription())
    assert await store.get("T2", "s1") is None
    assert await store.of_team("T2") == []
    assert await store.of_channel("T2", "C1") == []
    assert await store.remove("T2", "s1") is None
    assert await store.update(subscription(team_id="T2", name="stolen")) is None
    assert await store.get("T1", "s1") is not None


async def test_numbers_are_a_channels_own_and_stay(store: SubscriptionStore):
    first, second, elsewhere = [
        await store.add(subscription(id, channel_id=channel))
        for id, channel in (("s1", "C1"), ("s2", "C1"), ("s3", "C2"))
    ]
    assert (first.number, second.number, elsewhere.number) == (1, 2, 1)
    await store.remove("T1", "s1")
    assert [s.number for s in await store.of_channel("T1", "C1")] == [2]
    assert (await store.add(subscription("s4"))).number == 3


async def test_a_removed_one_comes_back_with_its_number_where_it_is_still_free(store: SubscriptionStore):
    removed = await store.add(subscription("s1"))
    await store.add(subscription("s2"))
    assert await store.remove("T1", "s1") == removed
    assert await store.add(removed) == removed
    await store.remove("T1", "s1")
    await store.add(subscription("s5", number=1))
    assert (await store.add(removed)).number == 3


async def test_an_id_is_taken_once(store: SubscriptionStore):
    await store.add(subscription())
    with pytest.raises(ValueError, match="already"):
        await store.add(subscription(channel_id="C2"))


async def test_lists_are_in_order_and_complete(store: SubscriptionStore):
    for id, team, channel in (("s4", "T2", "C9"), ("s3", "T1", "C2"), ("s1", "T1", "C1"), ("s2", "T1", "C1")):
        await store.add(subscription(id, team_id=team, channel_id=channel))
    paused = await store.get("T1", "s3")
    assert paused is not None
    await store.update(paused.paused("on holiday"))
    assert [s.id for s in await store.of_channel("T1", "C1")] == ["s1", "s2"]
    assert [s.id for s in await store.of_team("T1")] == ["s1", "s2", "s3"]
    assert [s.id for s in await store.active()] == ["s1", "s2", "s4"]


async def test_a_change_is_stored_and_what_identifies_it_stays(store: SubscriptionStore):
    added = await store.add(subscription())
    changed = await store.update(replace(added, name="Billing", channel_id="C7", number=9).paused("archived"))
    assert changed is not None
    assert (changed.name, changed.state, changed.reason) == ("Billing", SubscriptionState.PAUSED, "archived")
    assert (changed.channel_id, changed.number, changed.revision) == ("C1", 1, 2)
    assert await store.get("T1", "s1") == changed


async def test_a_change_to_what_was_changed_or_removed_meanwhile_is_refused(store: SubscriptionStore):
    added = await store.add(subscription())
    changed = await store.update(replace(added, name="first"))
    assert await store.update(replace(added, name="second")) is None
    assert await store.get("T1", "s1") == changed
    assert changed is not None
    await store.remove("T1", "s1")
    assert await store.update(changed) is None


@pytest.mark.parametrize("kind", KINDS)
async def test_many_who_add_at_once_get_different_numbers(kind, request):
    async with opened(kind, request) as another:
        workers = [another().subscriptions for _ in range(4)]
        added = await asyncio.gather(*(workers[n % 4].add(subscription(f"s{n}")) for n in range(12)))
    assert sorted(s.number for s in added) == list(range(1, 13))


@pytest.mark.parametrize("kind", KINDS)
async def test_of_many_changes_at_once_one_is_stored(kind, request):
    async with opened(kind, request) as another:
        workers = [another().subscriptions for _ in range(4)]
        added = await workers[0].add(subscription())
        results = await asyncio.gather(*(w.update(replace(added, name=f"by {n}")) for n, w in enumerate(workers)))
        stored = await workers[0].get("T1", "s1")
    assert [result for result in results if result] == [stored]
