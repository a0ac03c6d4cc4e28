from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.digests import Occurrence
from bot.domain.errors import ProjectNotShown, SourceNotFound
from bot.services.catalog import Catalog
from bot.services.deployments import DeploymentService
from bot.services.digest_ports import Posted
from bot.services.previews import Previews
from bot.services.resolver import Resolver
from tests.builders import NOW, deployment, subscription
from tests.fakes import Clock, FakeSource
from tests.fakes_digests import FakeLedger, FakeSubscriptionStore

HOUR = timedelta(hours=1)


def looking(source: FakeSource, **allowed) -> tuple[Previews, FakeSubscriptionStore, FakeLedger]:
    clock = Clock(NOW)
    store = FakeSubscriptionStore()
    ledger = FakeLedger(store)
    catalog = Catalog(source, clock=clock, **allowed)
    deployments = DeploymentService(source, clock=clock, allows=catalog.allows)
    return Previews(deployments, Resolver(catalog), store, ledger), store, ledger


async def test_the_last_days_are_read_once_and_the_example_is_a_summary_of_its_window():
    held = [deployment(f"d{days}", started_at=NOW - timedelta(days=days)) for days in (1, 2, 5)]
    source = FakeSource(*held)
    previews, store, _ = looking(source)
    await store.add(subscription("other"))
    sample = await previews.last_days(subscription(), NOW)
    assert len(source.reads) == 1
    assert sample.preview.deployments == 3
    assert sample.preview.example
    assert sample.example
    assert {s.deployment.id for s in sample.example.shipments} == {d.id for d in sample.preview.example.deployments}
    assert sample.example.query.window.start == sample.preview.example.occurrence.window_start
    assert [overlap.subscription.id for overlap in sample.preview.overlaps] == ["other"]


async def test_a_preview_of_nothing_has_no_example():
    previews, _, _ = looking(FakeSource())
    assert (await previews.last_days(subscription(), NOW)).example is None


async def test_now_tells_what_came_since_the_last_digest_and_was_not_told():
    held = [
        deployment("told", started_at=NOW - 30 * HOUR),
        deployment("late", started_at=NOW - 29 * HOUR),
        deployment("new", started_at=NOW - HOUR),
    ]
    previews, store, ledger = looking(FakeSource(*held))
    stored = await store.add(subscription())
    due = NOW - 20 * HOUR
    claim = await ledger.claim(Occurrence("s1", due, due - 24 * HOUR, due), owner="w", now=due, lease=HOUR)
    assert claim
    await ledger.begin_sending(claim, ["told"], now=due, lease=HOUR)
    await ledger.mark_sent(claim, Posted("C1", "1.2"), now=due)
    so_far = await previews.until_now(stored, NOW)
    assert [s.deployment.id for s in so_far.summary.shipments] == ["new", "late"]
    assert so_far.occurrence.window_start == due
    assert so_far.summary.query.window.end is None  # not the end of the minute, which is to come


async def test_now_of_a_new_digest_tells_what_came_since_it_counts():
    held = [deployment("before", started_at=NOW - 3 * HOUR), deployment("after", started_at=NOW - HOUR)]
    previews, store, _ = looking(FakeSource(*held))
    stored = await store.add(subscription(counts_from=NOW - 2 * HOUR))
    assert [s.deployment.id for s in (await previews.until_now(stored, NOW)).summary.shipments] == ["after"]


async def test_an_environment_that_is_not_there_is_named_with_those_that_are():
    previews, _, _ = looking(FakeSource())
    with pytest.raises(SourceNotFound) as refused:
        await previews.last_days(subscription(environment="prodution"), NOW)
    assert "production" in refused.value.near


async def test_a_project_that_may_not_be_shown_is_not_read():
    source = FakeSource(environments_of={"default": ("production",), "secret": ("production",)})
    previews, store, _ = looking(source, allowed_projects=("default",))
    stored = await store.add(subscription(project="secret"))
    for look in (previews.last_days(stored, NOW), previews.until_now(stored, NOW)):
        with pytest.raises(ProjectNotShown, match="project “secret”"):
            await look
    assert source.reads == []
