"""LaunchDarkly's own answers, for people who want to see what it really sends. Secrets never come out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlencode

from bot.launchdarkly import sansio, schemas
from bot.launchdarkly.client import Client
from bot.launchdarkly.paging import Page, Pages
from bot.launchdarkly.redact import redacted


async def raw_pages(client: Client, request: sansio.Request, token: str, deadline: float) -> AsyncIterator[object]:
    """The pages of a list, one after the other: what was asked, and the decoded JSON of the answer in any shape."""
    latest: object = None

    async def fetch(request: sansio.Request) -> Page[None]:
        def read(reply: sansio.Reply) -> Page[None]:
            nonlocal latest
            body = schemas.decode(schemas.ANYTHING, reply.body)
            latest = {"request": f"{request.path}?{urlencode(request.params)}", "response": redacted(body, token)}
            return _page(body)

        return await client.get(request, read, deadline=deadline)

    pages = Pages(fetch, request, client.base_url)
    while await pages.advance() is not None:
        yield latest


def _page(body: object) -> Page[None]:
    items, href, total = _at(body, "items"), _at(body, "_links", "next", "href"), _at(body, "totalCount")
    listed = items if isinstance(items, list) else []
    return Page(
        {str(_at(item, "id")): None for item in listed},
        len(listed),
        total if isinstance(total, int) else None,
        href if isinstance(href, str) else None,
    )


def _at(value: object, *names: str) -> object:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
