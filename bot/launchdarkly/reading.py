"""One reading of a whole window: pages one by one or slices side by side, and whether what came adds up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.domain.deployments import COMPLETE, Completeness, Deployment, Deployments
from bot.domain.errors import SourceAuthError, SourceError, SourceNotFound, SourceRateLimited, SourceRefused
from bot.domain.query import SourceQuery
from bot.launchdarkly import sansio, schemas, shards
from bot.launchdarkly.client import Client
from bot.launchdarkly.convert import Converter
from bot.launchdarkly.nested import completed
from bot.launchdarkly.paging import BrokenPaging, Page, Pages
from bot.launchdarkly.shards import Slice

Progress = Callable[[int, int | None], None]
"""Called with how many deployments were read so far, and how many there are where that is known."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_MOST_SPANS_NAMED = 3

# Not about one page: the question or the token is wrong, and a part of an answer would hide it.
_FATAL = (SourceAuthError, SourceNotFound, SourceRefused)


def epoch_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


class Reading:
    """Reads one window once: make it, ``run`` it, drop it. ``deadline`` is a time of the client's ``monotonic``."""

    def __init__(
        self,
        client: Client,
        query: SourceQuery,
        now: datetime,
        *,
        deadline: float,
        side_by_side: int,
        on_progress: Progress | None = None,
    ) -> None:
        self._client = client
        self._query = query
        self._now = now
        self._deadline = deadline
        self._on_progress = on_progress
        self._converter = Converter(query.project, query.environment)
        self._start_ms = epoch_ms(query.window.start)
        self._end_ms = epoch_ms(query.window.end_or(now) + _MILLISECOND - timedelta.resolution)  # rounded up
        self._found: dict[str, Deployment] = {}
        self._whole = self._pages(self._start_ms, self._end_ms)
        # What the slices that are read side by side tell each other:
        self._side_by_side = side_by_side
        self._turns = asyncio.Semaphore(side_by_side)
        self._stop: SourceError | None = None
        self._uneven = False
        self._missing: list[tuple[Slice, str]] = []
        self._planned = self._most_planned = self._promised = 0

    async def run(self) -> Deployments:
        """All deployments of the window, or what could be read of them with its gaps; raises when nothing could."""
        if self._start_ms >= self._end_ms:
            return Deployments((), COMPLETE, self._now)  # it lies in the future: nothing can have shipped in it
        await self._turn(self._whole)
        gaps = await self._read_side_by_side(self._whole.total or 0)
        if gaps is None:
            gaps = await self._read_one_by_one()
        inside = [d for d in self._found.values() if self._query.window.touches(d, self._now)]
        inside.sort(key=lambda d: (d.started_at, d.id), reverse=True)
        outside = len(self._found) - len(inside)
        if outside and not inside:
            # Nobody documents which of a deployment's times the window tests: these may have shipped in it after all.
            count, each = ("1 deployment", "") if outside == 1 else (f"{outside:,} deployments", "all ")
            gaps = (*gaps, f"LaunchDarkly listed {count} for this window, {each}with times outside it.")
        if not gaps:
            inside = await completed(inside, self._client, self._converter, self._deadline)
        return Deployments(tuple(inside), Completeness(gaps), self._now, outside)

    async def _read_one_by_one(self) -> tuple[str, ...]:
        """Follows the cursors of the whole window to their end, and says what is missing then."""
        try:
            while not self._whole.ended:
                await self._turn(self._whole)
        except _FATAL:
            raise
        except SourceError as error:
            of = "" if self._whole.total is None else f" of {self._whole.total:,}"
            return (f"Only {len(self._found):,}{of} deployments could be read: {error.message}",)
        counted = self._whole.total or 0
        if len(self._found) < counted:
            return (f"LaunchDarkly counts {counted:,} deployments but listed {len(self._found):,}.",)
        return ()

    async def _read_side_by_side(self, total: int) -> tuple[str, ...] | None:
        """Reads slices of the window at once and says what is missing then; None where that does not add up.

        It does not pay for a few pages, so these are left to be read one by one.
        """
        slices = shards.split(self._start_ms, self._end_ms, total, self._side_by_side)
        if total <= shards.FEW_PAGES * sansio.PAGE or len(slices) == 1:
            return None
        self._planned, self._most_planned = len(slices), 3 * len(slices)
        async with asyncio.TaskGroup() as group:
            for piece in slices:
                group.create_task(self._read_slice(piece, total, group))
        if isinstance(self._stop, _FATAL):
            raise self._stop
        if self._missing:
            return self._gaps()
        return None if self._uneven or len(self._found) < total else ()

    async def _read_slice(self, piece: Slice, total: int, group: asyncio.TaskGroup) -> None:
        async with self._turns:
            pages = self._pages(piece.start_ms, piece.end_ms)
            try:
                await self._turn(pages)
                if self._split_again(piece, pages.total or 0, group):
                    return
                self._promised += pages.total or 0
                # Slices that together promise far more than there is are no slices: the window was not respected.
                self._uneven |= self._promised > 2 * total
                while not pages.ended and not self._uneven:
                    await self._turn(pages)
                self._uneven |= not pages.adds_up
            except _FATAL as error:
                self._stop = error
            except BrokenPaging:
                self._uneven = True
            except SourceError as error:
                self._missing.append((piece, error.message))
                if isinstance(error, SourceRateLimited):
                    self._stop = error

    def _split_again(self, piece: Slice, total: int, group: asyncio.TaskGroup) -> bool:
        if not shards.is_much_busier(piece, total):
            return False
        parts = shards.split(piece.start_ms, piece.end_ms, total, self._side_by_side)
        if len(parts) < 2 or self._planned + len(parts) > self._most_planned:
            return False
        self._planned += len(parts)
        for part in parts:
            group.create_task(self._read_slice(part, self._whole.total or 0, group))
        return True

    def _gaps(self) -> tuple[str, ...]:
        by_reason: dict[str, list[Slice]] = {}
        for piece, reason in self._missing:
            by_reason.setdefault(reason, []).append(piece)
        return tuple(f"Not every deployment of {_named(pieces)} could be read: {r}" for r, pieces in by_reason.items())

    def _pages(self, start_ms: int, end_ms: int) -> Pages[Deployment]:
        return Pages(self._fetch, sansio.deployments(self._query, start_ms, end_ms), self._client.base_url)

    async def _turn(self, pages: Pages[Deployment]) -> None:
        if self._stop is not None:
            raise self._stop
        page = await pages.advance()
        if page is not None:
            self._found.update(page.items)
        if self._on_progress is not None:
            self._on_progress(len(self._found), self._whole.total)

    async def _fetch(self, request: sansio.Request) -> Page[Deployment]:
        return await self._client.get(request, self._page, deadline=self._deadline)

    def _page(self, reply: sansio.Reply) -> Page[Deployment]:
        wire = schemas.page(schemas.DEPLOYMENTS, reply.body)
        listed = wire.items or []
        convert = self._converter.deployment
        items = {item.id: item for item in [convert(one) for one in listed if one is not None]}
        return Page(items, len(listed), wire.total_count, wire.next_href)


def _named(pieces: list[Slice]) -> str:
    spans = shards.spans(pieces)
    words = [shards.in_words(*span) for span in spans[:_MOST_SPANS_NAMED]]
    if len(spans) > _MOST_SPANS_NAMED:
        words.append(f"{len(spans) - _MOST_SPANS_NAMED} more stretches")
    return " and ".join(words)
