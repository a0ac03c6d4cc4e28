from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.deployments import Completeness
from bot.domain.errors import (
    SourceAuthError,
    SourceContractError,
    SourceError,
    SourceNotFound,
    SourceRateLimited,
    SourceRefused,
    SourceUnavailable,
)
from bot.domain.query import SourceQuery, TimeWindow
from bot.services.deployments import DeploymentService
from tests.builders import NOW, deployment
from tests.fakes import Clock, FakeSource

QUERY = SourceQuery("default", "production", TimeWindow(NOW - timedelta(days=1)))


def service(source: FakeSource, clock: Clock, **options) -> DeploymentService:
    return DeploymentService(source, clock=clock, **options)


async def test_a_hundred_equal_questions_at_once_cost_one_read():
    source = FakeSource(deployment())
    source.gate = asyncio.Event()
    deployments = service(source, Clock(NOW))
    asked = [asyncio.ensure_future(deployments.read(QUERY)) for _ in range(100)]
    await asyncio.sleep(0)
    source.gate.set()
    readings = await asyncio.gather(*asked)
    assert len(source.reads) == 1
    assert all(reading.copy is None and len(reading.deployments.items) == 1 for reading in readings)


async def test_the_same_instants_said_in_other_words_are_the_same_question():
    source = FakeSource(deployment())
    deployments = service(source, Clock(NOW))
    await deployments.read(QUERY)
    await deployments.read(replace(QUERY, window=replace(QUERY.window, words="since yesterday")))
    assert len(source.reads) == 1


async def test_a_cancelled_caller_does_not_kill_the_read_of_the_others():
    source = FakeSource(deployment())
    source.gate = asyncio.Event()
    deployments = service(source, Clock(NOW))
    impatient = asyncio.ensure_future(deployments.read(QUERY))
    patient = asyncio.ensure_future(deployments.read(QUERY))
    await asyncio.sleep(0)
    impatient.cancel()
    source.gate.set()
    assert len((await patient).deployments.items) == 1


async def test_a_repeat_is_answered_from_the_copy_with_its_age_until_it_is_too_old():
    source, clock = FakeSource(deployment()), Clock(NOW)
    deployments = service(source, clock, fresh_for=60)
    await deployments.read(QUERY)
    clock.now = NOW + timedelta(seconds=60)
    repeat = await deployments.read(QUERY)
    assert repeat.copy is not None
    assert repeat.copy.because == ""
    assert repeat.deployments.as_of == NOW
    clock.now = NOW + timedelta(seconds=61)
    assert (await deployments.read(QUERY)).copy is None
    assert len(source.reads) == 2


@pytest.mark.parametrize(
    "error", [SourceUnavailable("503"), SourceRateLimited("429", retry_after=9), SourceContractError("not JSON")]
)
async def test_when_launchdarkly_does_not_answer_the_last_copy_is_given_with_the_reason(error: SourceError):
    source, clock = FakeSource(deployment()), Clock(NOW)
    deployments = service(source, clock)
    await deployments.read(QUERY)
    source.error = error
    clock.now = NOW + timedelta(minutes=14)
    reading = await deployments.read(QUERY)
    assert reading.copy is not None
    assert reading.copy.because == error.message
    assert reading.deployments.as_of == NOW


async def test_a_copy_of_a_longer_window_serves_a_shorter_one_cut_to_it():
    """ "The last 2 hours" begin later with every minute; the copy of the minute before still covers them."""
    old = deployment("old", started_at=NOW - timedelta(hours=2, minutes=5))
    source, clock = FakeSource(deployment("new"), old), Clock(NOW)
    deployments = service(source, clock)
    two_hours = replace(QUERY, window=TimeWindow(NOW - timedelta(hours=2, minutes=4)))
    assert len((await deployments.read(two_hours)).deployments.items) == 2
    source.error = SourceUnavailable("503")
    clock.now = NOW + timedelta(minutes=14)
    later = replace(QUERY, window=TimeWindow(clock.now - timedelta(hours=2)))
    reading = await deployments.read(later)
    assert [d.id for d in reading.deployments.items] == ["new"]
    assert reading.copy is not None
    assert reading.copy.because == "503"


@pytest.mark.parametrize(
    "asked",
    [
        TimeWindow(NOW - timedelta(days=2)),  # begins before the copy does
        TimeWindow(NOW - timedelta(hours=1), NOW + timedelta(minutes=1)),  # ends after the copy was made
    ],
)
async def test_a_copy_never_serves_a_window_that_it_does_not_cover(asked: TimeWindow):
    source, clock = FakeSource(deployment()), Clock(NOW)
    deployments = service(source, clock)
    await deployments.read(QUERY)
    source.error = SourceUnavailable("503")
    clock.now = NOW + timedelta(minutes=14)
    with pytest.raises(SourceUnavailable):
        await deployments.read(replace(QUERY, window=asked))


async def test_a_copy_of_a_closed_window_does_not_serve_an_open_one():
    source, clock = FakeSource(deployment()), Clock(NOW)
    deployments = service(source, clock)
    await deployments.read(replace(QUERY, window=TimeWindow(NOW - timedelta(days=1), NOW - timedelta(hours=1))))
    await deployments.read(QUERY)
    assert len(source.reads) == 2


@pytest.mark.parametrize("error", [SourceAuthError("401"), SourceNotFound("404"), SourceRefused("400")])
async def test_a_copy_never_hides_that_somebody_must_act(error: SourceError):
    source, clock = FakeSource(deployment()), Clock(NOW)
    deployments = service(source, clock)
    await deployments.read(QUERY)
    source.error = error
    clock.now = NOW + timedelta(minutes=14)
    with pytest.raises(type(error)):
        await deployments.read(QUERY)


async def test_without_a_copy_the_error_is_told():
    source = FakeSource()
    source.error = SourceUnavailable("LaunchDarkly answered 503.")
    with pytest.raises(SourceUnavailable, match="503"):
        await service(source, Clock(NOW)).read(QUERY)


async def test_a_partial_reading_is_given_but_never_kept_as_a_copy():
    source, clock = FakeSource(deployment()), Clock(NOW)
    source.completeness = Completeness(("pages 3 to 9 could not be read",))
    deployments = service(source, clock)
    assert not (await deployments.read(QUERY)).deployments.completeness.is_complete
    source.completeness = Completeness()
    assert (await deployments.read(QUERY)).copy is None
    assert len(source.reads) == 2


async def test_kept_copies_are_bounded_by_deployments():
    source = FakeSource(*(deployment(f"d{n}") for n in range(10)))
    deployments = service(source, Clock(NOW), keep=25)
    queries = [replace(QUERY, applications=(f"app-{n}", "billing-service")) for n in range(3)]
    for query in queries:
        await deployments.read(query)
    await deployments.read(queries[2])
    assert len(source.reads) == 3
    await deployments.read(queries[0])  # the least recently used one had to go
    assert len(source.reads) == 4


async def test_closing_stops_a_read_that_is_under_way():
    source = FakeSource()
    source.gate = asyncio.Event()
    deployments = service(source, Clock(NOW))
    asked = asyncio.ensure_future(deployments.read(QUERY))
    await asyncio.sleep(0)
    await deployments.aclose()
    with pytest.raises(asyncio.CancelledError):
        await asked
