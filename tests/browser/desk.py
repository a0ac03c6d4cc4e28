"""Somebody in front of the playground: its server in a thread, a browser, and what people do with it."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.playground import Served, serving
from bot.sandbox.slack import Message

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Locator, Page, Request

T = TypeVar("T")

ZONE = "Asia/Tokyo"
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
"""When every test begins, whenever it is run: a Wednesday, two and a half hours after the digest was due."""
WAIT_MS = 30_000  # much more than anything takes, for busy machines
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-lcd-text",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """Where Chromium is, or ""."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), "")


def missing() -> str:
    """What these tests lack on this machine, and how to get it, or ""."""
    if find_spec("playwright") is None:
        return "Playwright is not installed: pip install -e '.[dev]'"
    if not chromium():
        return "there is no Chromium: apt-get install chromium, or set CHROMIUM to the path of one (also of Chrome)"
    return ""


@contextmanager
def launched(executable: str) -> Iterator[Browser]:
    """A headless browser that asks nothing of anybody by itself."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def expect(what: Locator) -> Any:
    """What must become true of it within ``WAIT_MS``."""
    from playwright.sync_api import expect as expecting

    expecting.set_options(timeout=WAIT_MS)
    return expecting(what)


@dataclass(frozen=True)
class Playground:
    served: Served
    loop: asyncio.AbstractEventLoop

    def do(self, what: Callable[[], T]) -> T:
        """Do something in the server's own thread."""

        async def done() -> T:
            return what()

        return asyncio.run_coroutine_threadsafe(done(), self.loop).result(WAIT_MS / 1000)


@contextmanager
def running_playground(*, http: bool = False, start: datetime | None = NOON) -> Iterator[Playground]:
    """The playground in a thread of its own until the block ends; ``start`` as in ``serving``."""
    loop, ended, ready = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    served: list[Served] = []

    async def serve() -> None:
        async with serving(http=http, start=start) as started:
            served.append(started)
            ready.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert ready.wait(WAIT_MS / 1000), "the playground did not start"
        yield Playground(served[0], loop)
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(WAIT_MS / 1000)
        loop.close()


@dataclass
class Desk:
    """The page and the hands in front of it. ``troubles`` are what no test must see, see ``at_desk``."""

    page: Page
    playground: Playground
    troubles: list[str] = field(default_factory=list)

    @property
    def box(self) -> Locator:
        """Where one types in the conversation."""
        return self.page.locator("#main textarea")

    @property
    def messages(self) -> Locator:
        return self.page.locator("#main .message")

    def ask(self, text: str) -> Locator:
        """Type something and press Enter; what comes next in the conversation."""
        following = self.messages.nth(self.messages.count())
        self.box.fill(text)
        self.box.press("Enter")
        following.wait_for()
        return following

    def go(self, place: str) -> None:
        self.page.get_by_role("navigation").get_by_role("button", name=place).click()

    def switch(self, what: str, position: str) -> None:
        """Set a switch under "Time and trouble", and wait until it is set."""
        choice = self.page.get_by_role("group", name=what)
        choice.locator("label", has_text=position).click()
        choice.get_by_role("radio", name=position, checked=True).wait_for()

    def post(self, user: str = "", channel: str = "C0DEPLOYS", **message: Any) -> None:
        """A message of the bot, also one that Slack would refuse; or of some other ``user``."""
        world = self.playground.served.slack.world
        own: dict[str, Any] = {"user": user} if user else {"user": world.app.bot_user_id, "bot_id": world.app.bot_id}

        def add() -> None:
            world.add(Message(channel, world.next_ts(), **own, **message))

        self.playground.do(add)


def new_context(browser: Browser, **looks: Any) -> BrowserContext:
    """Where a person looks from: a wide screen in Japan, unless ``looks`` (Playwright's options) say otherwise."""
    settings = {"locale": "en-GB", "timezone_id": ZONE, "viewport": {"width": 1360, "height": 860}, **looks}
    return browser.new_context(**settings)


@contextmanager
def at_desk(context: BrowserContext, playground: Playground) -> Iterator[Desk]:
    """A page at the playground. At the end there was no error, no dialog, and no request to another machine."""
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    desk = Desk(page, playground)
    home = urlsplit(playground.served.url).netloc

    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            desk.troubles.append(message.text)

    def asked(request: Request) -> None:
        if urlsplit(request.url).netloc != home:
            desk.troubles.append(request.url)

    def opened(dialog: Dialog) -> None:
        desk.troubles.append(dialog.message)
        dialog.dismiss()

    page.on("console", said)
    page.on("pageerror", lambda error: desk.troubles.append(str(error)))
    page.on("dialog", opened)
    page.on("request", asked)
    try:
        page.goto(playground.served.url)
        page.get_by_role("heading", level=1).wait_for()
        yield desk
        assert desk.troubles == []
    finally:
        page.close()
