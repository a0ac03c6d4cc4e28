"""Who may talk to the page's server: its own page on this machine. And what that page may do.

https://developer.mozilla.org/docs/Web/HTTP/CSP and https://fetch.spec.whatwg.org/#http-requests
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

LOCAL_NAMES = ("127.0.0.1", "localhost")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}

_REFUSAL = (
    "Only a person on this machine may open this page, and only by its own address. "
    "Where a link of another page led you here, type or paste the address yourself."
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what does not come from the page itself or from a person's address bar, and add the headers to the rest.

    A name that some other host has given to this machine fails by its ``Host``, another host's page by its ``Origin``
    or by ``Sec-Fetch-Site``. Whatever changes something must name its origin.
    """
    try:
        _check(request)
        response = await handler(request)
    except web.HTTPException as refused:
        refused.headers.update(HEADERS)
        raise
    if not response.prepared:
        response.headers.update(HEADERS)
    return response


def _check(request: web.Request) -> None:
    port = request.transport.get_extra_info("sockname")[1] if request.transport else None
    hosts = {f"{name}:{port}" for name in LOCAL_NAMES}
    origin = request.headers.get("Origin")
    allowed = {f"http://{request.host}"} | ({None} if request.method in ("GET", "HEAD") else set())
    site = request.headers.get("Sec-Fetch-Site", "none")
    if request.host not in hosts or origin not in allowed or site not in ("none", "same-origin"):
        raise web.HTTPForbidden(text=_REFUSAL)
