"""A planned fault as it meets one HTTP request."""

from __future__ import annotations

from aiohttp import web

from bot.sandbox.slack.clock import Clock
from bot.sandbox.slack.faults import Fault
from bot.sandbox.slack.refusals import Refused

_SERVER_ERROR = "<!DOCTYPE html><html><head><title>Server Error</title></head><body>Something broke.</body></html>"


class BrokenOff(Exception):
    """The request ends without one of Slack's answers: with a page of HTML, or with a broken connection."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind
        self.status = 500 if kind == "server_error" else None

    def answer(self, request: web.Request) -> web.Response:
        if self.kind == "server_error":
            return web.Response(status=500, text=_SERVER_ERROR, content_type="text/html")
        if request.transport is not None:
            request.transport.abort()
        return web.Response()  # goes nowhere: the connection is gone


async def before(fault: Fault | None, clock: Clock) -> None:
    """What the fault does before the request has any effect."""
    match fault:
        case Fault("slow", seconds=seconds):
            await clock.sleep(seconds)
        case Fault("rate_limit", seconds=seconds):
            raise Refused("ratelimited", status=429, headers={"Retry-After": str(int(seconds))})
        case Fault("refuse", error=error):
            raise Refused(error)
        case Fault("server_error" | "reset_before" as kind):
            raise BrokenOff(kind)


def after(fault: Fault | None) -> None:
    """What the fault does when the request has had its effect."""
    if fault is not None and fault.kind == "reset_after":
        raise BrokenOff(fault.kind)
