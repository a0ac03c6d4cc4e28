"""``LaunchDarklySource``: what the use cases see of LaunchDarkly."""

from __future__ import annotations

import asyncio
import random as random_module
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from types import TracebackType

import httpx

from bot.domain.deployments import Application, Deployment, Deployments, Identity, Named, PullRequest
from bot.domain.errors import SourceAuthError, SourceNotFound, SourceRefused, SourceUnavailable
from bot.domain.query import SourceQuery, TimeWindow
from bot.launchdarkly import convert, retry, sansio, schemas
from bot.launchdarkly.client import Client
from bot.launchdarkly.convert import Converter
from bot.launchdarkly.paging import Page, Pages
from bot.launchdarkly.raw import raw_pages
from bot.launchdarkly.reading import Progress, Reading, epoch_ms

_MOST_PAGES = 50
_MOST_KEYS = 10_000


class LaunchDarklySource:
    """Reads one LaunchDarkly account. Make it once and close it: its connections are kept.

    ``concurrency`` is how many requests may be under way at once, over all callers; ``request_timeout`` is in seconds,
    for one attempt; ``attempts`` is how often one request is tried. Every method raises the right ``SourceError`` and
    nothing else; ``timeout`` is the caller's budget in seconds, retries included.
    """

    def __init__(
        self,
        *,
        token: str,
        base_url: str,
        concurrency: int = 8,
        request_timeout: float = 20.0,
        attempts: int = retry.ATTEMPTS,
        on_progress: Progress | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        self._client = Client(
            token=token,
            base_url=base_url,
            concurrency=concurrency,
            request_timeout=request_timeout,
            attempts=attempts,
            transport=transport,
            clock=clock,
            monotonic=monotonic,
            sleep=sleep,
            random=random,
        )
        self._token = token
        self._clock = clock
        self._concurrency = max(1, concurrency)
        self._on_progress = on_progress

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._client.base_url!r})"

    async def aclose(self) -> None:
        await self._client.aclose()

    async def __aenter__(self) -> LaunchDarklySource:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def read(self, query: SourceQuery, *, now: datetime, timeout: float) -> Deployments:
        """Every deployment that matches, with pull requests and flag references, archived ones included.

        A reading that broke off after some pages is returned with its gaps; one that gave nothing raises.
        """
        reading = Reading(
            self._client,
            query,
            now,
            deadline=self._deadline(timeout),
            side_by_side=self._concurrency,
            on_progress=self._on_progress,
        )
        return await reading.run()

    async def deployment(self, project: str, deployment_id: str, *, timeout: float) -> Deployment:
        """One deployment; ``SourceNotFound`` where there is none, or where the id is none by its form."""
        request = sansio.deployment(deployment_id)
        converter = Converter(project)
        try:
            return await self._client.get(
                request,
                lambda reply: converter.deployment(schemas.decode(schemas.DEPLOYMENT, reply.body)),
                deadline=self._deadline(timeout),
            )
        except SourceRefused as error:  # nothing but the id can be wrong with it
            raise SourceNotFound(error.message) from error

    async def pull_requests(
        self, project: str, *, start: datetime, end: datetime, text: str = "", timeout: float
    ) -> Sequence[PullRequest]:
        """The project's pull requests of a window; all of them or an error."""
        deadline = self._deadline(timeout)
        try:
            request = sansio.pull_requests(project, str(epoch_ms(start)), str(epoch_ms(end)), text)
            return await self._pull_requests(request, deadline)
        except SourceRefused:
            # The API's text wants milliseconds here, its schema date-times; nobody documents which of the two holds.
            request = sansio.pull_requests(project, start.isoformat(), end.isoformat(), text)
            return await self._pull_requests(request, deadline)

    async def _pull_requests(self, request: sansio.Request, deadline: float) -> Sequence[PullRequest]:
        def page(reply: sansio.Reply) -> Page[PullRequest]:
            wire = schemas.page(schemas.PULL_REQUESTS, reply.body)
            listed = [convert.pull_request(item) for item in wire.items or () if item is not None]
            items = {item.id or item.url or item.number: item for item in listed}
            return Page(items, len(wire.items or ()), wire.total_count, wire.next_href)

        async def fetch(request: sansio.Request) -> Page[PullRequest]:
            return await self._client.get(request, page, deadline=deadline)

        pages = Pages(fetch, request, self._client.base_url)
        found: dict[str, PullRequest] = {}
        for _ in range(_MOST_PAGES):
            one = await pages.advance()
            if one is None:
                return tuple(found.values())
            found.update(one.items)
        raise SourceUnavailable(
            f"There are more than {len(found):,} pull requests in this time; ask about a shorter one."
        )

    async def applications(self, *, timeout: float) -> Sequence[Application]:
        """All applications of the account; LaunchDarkly does not divide them by project."""
        return convert.applications(await self._keyed(sansio.applications(), timeout))

    async def projects(self, *, timeout: float) -> Sequence[Named]:
        """All projects that the token may see."""
        return convert.named(await self._keyed(sansio.projects(), timeout))

    async def environments(self, project: str, *, timeout: float) -> Sequence[Named]:
        """The environments of one project."""
        return convert.named(await self._keyed(sansio.environments(project), timeout))

    async def _keyed(self, request: sansio.Request, timeout: float) -> Iterable[schemas.Keyed]:
        """A list that is paged by offset. It ends where a page brings nothing new, whatever the counts say."""
        deadline = self._deadline(timeout)
        found: dict[str, schemas.Keyed] = {}
        offset = 0
        while len(found) < _MOST_KEYS:
            page = await self._client.get(
                sansio.with_params(request, offset=str(offset)),
                lambda reply: schemas.page(schemas.KEYED, reply.body),
                deadline=deadline,
            )
            before = len(found)
            found.update((item.key, item) for item in page.items or () if item and item.key)
            offset += len(page.items or ())
            more = bool(page.next_href) or offset < (page.total_count or 0)
            if not more or len(found) == before:
                break
        return found.values()

    async def identity(self, *, timeout: float) -> tuple[Identity, timedelta | None]:
        """Who the token is, and how far LaunchDarkly's clock is ahead of ours (to about a second; None is unknown).

        An SDK key is answered too: only ``check`` proves that deployments can be read.
        """

        def read(reply: sansio.Reply) -> tuple[Identity, timedelta | None]:
            who = convert.identity(schemas.decode(schemas.IDENTITY, reply.body))
            date = sansio.server_date(reply.headers)
            return who, None if date is None else timedelta(seconds=round(date.timestamp() - self._clock()))

        try:
            return await self._client.get(sansio.caller_identity(), read, deadline=self._deadline(timeout))
        except SourceNotFound as error:  # LaunchDarkly knows every caller
            raise SourceAuthError(
                "What answers is not LaunchDarkly's API (404). Whoever runs this bot: correct LAUNCHDARKLY_BASE_URL."
            ) from error

    async def check(self, project: str, environment: str, *, now: datetime, timeout: float) -> int | None:
        """Whether deployments of this environment can be read: raises, or says how many the last week had if told."""
        query = SourceQuery(project, environment, TimeWindow(now - timedelta(days=7), now))
        page = await self._client.get(
            sansio.deployments(query, epoch_ms(query.window.start), epoch_ms(now), limit=1),
            lambda reply: schemas.page(schemas.DEPLOYMENTS, reply.body),
            deadline=self._deadline(timeout),
        )
        return page.total_count

    def raw(self, query: SourceQuery, *, now: datetime, timeout: float) -> AsyncIterator[object]:
        """The API's own pages of a window, one after the other: ``{"request": …, "response": …}``, secrets replaced."""
        request = sansio.deployments(query, epoch_ms(query.window.start), epoch_ms(query.window.end_or(now)))
        return raw_pages(self._client, request, self._token, self._deadline(timeout))

    def _deadline(self, timeout: float) -> float:
        return self._client.monotonic() + timeout
