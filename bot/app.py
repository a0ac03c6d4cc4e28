"""The composition root: the one place where concrete classes meet, and where they are started and stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.commands.questions import Asker, FindRelease, Question, ShowShipped
from bot.config import Settings
from bot.domain.errors import CommandError
from bot.launchdarkly import LaunchDarklySource
from bot.services.answers import Answers
from bot.services.budget import left
from bot.services.catalog import Catalog
from bot.services.deployments import DeploymentService
from bot.services.releases import Releases
from bot.services.resolver import Resolver

Progress = Callable[[int, int | None], None]


def utc_now() -> datetime:
    """The system's clock; everything inwards gets the moment as an argument."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class App:
    """What the edges need: the use cases and, for the doctor and ``--raw``, LaunchDarkly itself."""

    settings: Settings
    source: LaunchDarklySource
    deployments: DeploymentService
    catalog: Catalog
    answers: Answers
    resolver: Resolver
    releases: Releases

    def asker(self, now: datetime | None = None) -> Asker:
        """Somebody of whom nothing is known: the configured zone and defaults."""
        return Asker(
            now=now or utc_now(),
            zone=self.settings.zone,
            project=self.settings.launchdarkly_project,
            environment=self.settings.launchdarkly_environment,
        )

    async def raw(self, question: Question, asker: Asker) -> AsyncIterator[object]:
        """LaunchDarkly's own pages behind a question, each with its request, secrets replaced."""
        match question:
            case ShowShipped():
                queries = [(await self.resolver.shipped(question, asker)).query]
            case FindRelease():
                queries, _ = await self.releases.queries(question, asker)
            case _:
                raise CommandError("Help asks nothing of LaunchDarkly, so there is nothing raw.", "/shipped since:2d")
        for query in queries:
            timeout = left(self.settings.answer_timeout)
            async for page in self.source.raw(query.for_source(), now=asker.now, timeout=timeout):
                yield page


@asynccontextmanager
async def build(
    settings: Settings, on_progress: Progress | None = None, *, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[App]:
    """Everything that answers questions, wired; closed in reverse order."""
    async with LaunchDarklySource(
        token=settings.token,
        base_url=settings.launchdarkly_base_url,
        concurrency=settings.launchdarkly_concurrency,
        request_timeout=settings.launchdarkly_request_timeout,
        on_progress=on_progress,
        clock=lambda: clock().timestamp(),
    ) as source:
        seconds = settings.answer_timeout
        # A question may need three lists of names first: what does not come of them leaves time for the deployments.
        catalog = Catalog(source, clock=clock, timeout=seconds / 4, allowed_projects=settings.allowed_projects)
        deployments = DeploymentService(
            source,
            clock=clock,
            fresh_for=settings.cache_seconds,
            timeout=seconds,
            allows=catalog.allows,
        )
        resolver = Resolver(catalog)
        releases = Releases(deployments, catalog, resolver, source, timeout=seconds)
        answers = Answers(
            deployments, catalog, resolver, releases, base_url=settings.launchdarkly_base_url, timeout=seconds
        )
        try:
            yield App(settings, source, deployments, catalog, answers, resolver, releases)
        finally:
            await deployments.aclose()
            await catalog.aclose()
