"""Following the cursors of one list, page by page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.domain.errors import SourceContractError
from bot.launchdarkly import sansio

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """``items`` by their ids; ``listed`` counts what stood on the page, doubles and empty ones included."""

    items: dict[str, T]
    listed: int
    total: int | None
    next_href: str | None


class BrokenPaging(SourceContractError):
    """The links of a list lead nowhere new, or to where we do not go."""


class Pages(Generic[T]):
    """The pages of one list, in their order.

    ``ids`` are those listed so far. ``total`` is how many LaunchDarkly counted in the whole list when the reading
    began, None where it does not say, or counts each page for itself.
    """

    def __init__(
        self, fetch: Callable[[sansio.Request], Awaitable[Page[T]]], request: sansio.Request, base_url: str
    ) -> None:
        self._fetch = fetch
        self._base_url = base_url
        self._request = request
        self._asked = {frozenset(request.params)}
        self._last: Page[T] | None = None
        self._brought_news = True
        self._most_counted: int | None = None
        self.ids: set[str] = set()
        self.total: int | None = None
        self.ended = False

    @property
    def adds_up(self) -> bool:
        """Whether all was listed that LaunchDarkly counts. More is fine: some arrived meanwhile."""
        return self.ended and len(self.ids) >= (self.total or 0)

    async def advance(self) -> Page[T] | None:
        """The next page, or None after the last. Raises ``BrokenPaging`` instead of going round in circles."""
        if self.ended:
            return None
        if self._last is not None:
            self._request = self._following(self._last)
        page = await self._fetch(self._request)
        known = len(self.ids)
        self.ids.update(page.items)
        self._brought_news = len(self.ids) > known
        self._note_total(page)
        everything = self._most_counted is not None and known >= self._most_counted
        self.ended = not page.next_href or (not page.listed and everything)
        self._last = page
        return page

    def _note_total(self, page: Page[T]) -> None:
        if page.total is None:
            return
        if self._most_counted is None and not (page.next_href and page.total <= page.listed):
            self.total = page.total
        self._most_counted = max(page.total, self._most_counted or 0)

    def _following(self, page: Page[T]) -> sansio.Request:
        if not self._brought_news:
            raise BrokenPaging("LaunchDarkly's pages go on without anything new.")
        try:
            request = sansio.next_query(self._request, page.next_href or "", self._base_url)
        except SourceContractError as error:
            raise BrokenPaging(error.message) from error
        asked = frozenset(request.params)
        if asked in self._asked:
            raise BrokenPaging("LaunchDarkly's link to the next page leads back to one that was read.")
        self._asked.add(asked)
        return request
