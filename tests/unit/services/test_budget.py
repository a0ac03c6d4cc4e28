"""However many reads a question takes, and however slowly they end, it has its seconds once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import TypeVar

import pytest

from bot.commands.parser import parse
from bot.commands.questions import Asker
from bot.domain.errors import SourceError, SourceUnavailable
from bot.services import budget
from bot.services.answers import Answers
from bot.services.catalog import Catalog
from bot.services.deployments import DeploymentService
from bot.services.releases import Releases
from bot.services.resolver import Resolver
from tests.builders import NOW, deployment, pull_request
from tests.fakes import Clock, FakeSource

T = TypeVar("T")
ASKER = Asker(NOW, UTC)
SECONDS = 60.0


class SlowSource(FakeSource):
    """What hangs takes all the time that it is given, and no real one."""

    def __init__(self, *hanging: str) -> None:
        super().__init__(deployment(pull_requests=[pull_request(406)]), pull_requests=[pull_request(77)])
        self.hanging = hanging
        self.spent = 0.0
        self.given: dict[str, float] = {}

    async def _call(self, what: str, timeout: float, answer: Callable[[], Awaitable[T]]) -> T:
        self.given[what] = timeout
        if what not in self.hanging:
            return await answer()
        self.spent += timeout
        raise SourceUnavailable("LaunchDarkly did not answer in time.")

    async def read(self, query, *, now, timeout):
        return await self._call("read", timeout, lambda: FakeSource.read(self, query, now=now, timeout=timeout))

    async def pull_requests(self, project, *, start, end, text="", timeout):
        listed = lambda: FakeSource.pull_requests(self, project, start=start, end=end, text=text, timeout=timeout)  # noqa: E731
        return await self._call("pull requests", timeout, listed)

    async def applications(self, *, timeout):
        return await self._call("applications", timeout, lambda: FakeSource.applications(self, timeout=timeout))

    async def projects(self, *, timeout):
        return await self._call("projects", timeout, lambda: FakeSource.projects(self, timeout=timeout))

    async def environments(self, project, *, timeout):
        return await self._call(
            "environments", timeout, lambda: FakeSource.environments(self, project, timeout=timeout)
        )


async def ask(text: str, source: SlowSource, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(budget, "monotonic", lambda: source.spent)
    clock = Clock(NOW)
    catalog = Catalog(source, clock=clock, timeout=SECONDS / 4)
    service, resolver = DeploymentService(source, clock=clock, timeout=SECONDS), Resolver(catalog)
    releases = Releases(service, catalog, resolver, source, timeout=SECONDS)
    answers = Answers(service, catalog, resolver, releases, base_url="", timeout=SECONDS)
    return (await answers.answer(parse(text, ASKER), ASKER)).text


@pytest.mark.parametrize(
    ("text", "hanging"),
    [
        ("/shipped", ["read"]),
        ("/shipped billing", ["applications"]),
        ("/shipped refunds in:production", ["environments", "read"]),
        ("/release #406", ["environments", "read", "pull requests"]),
        ("/release billing app:billing in:production", ["environments", "applications", "read"]),
    ],
)
async def test_all_reads_of_a_question_together_take_no_longer_than_it_may(text, hanging, monkeypatch):
    source = SlowSource(*hanging)
    with pytest.raises(SourceError):
        await ask(text, source, monkeypatch)
    assert 0 < source.spent <= SECONDS


async def test_names_that_do_not_come_leave_time_for_the_deployments(monkeypatch):
    source = SlowSource("environments")
    assert "Only production was searched" in await ask("/release #406", source, monkeypatch)
    assert source.given["read"] == SECONDS - source.spent > SECONDS / 4


async def test_what_is_asked_last_has_what_is_left(monkeypatch):
    source = SlowSource("environments", "pull requests")
    assert "Not found in what could be read" in await ask("/release #9", source, monkeypatch)
    assert source.given["pull requests"] == SECONDS * 3 / 4
    assert source.spent == SECONDS


async def test_each_question_begins_anew(monkeypatch):
    source = SlowSource("environments")
    await ask("/release #406", source, monkeypatch)
    source.hanging = ()
    await ask("/shipped", source, monkeypatch)
    assert source.given["read"] == SECONDS
