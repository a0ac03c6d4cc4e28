"""The pictures of the README, taken from the playground: ``python -m tests.browser.screenshots``.

Real answers of the real bot about the made-up company, for somebody in Berlin, where the digest is at home.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.desk import NOON, Desk, at_desk, chromium, expect, launched, missing, new_context, running_playground

if TYPE_CHECKING:
    from playwright.sync_api import Locator

ZONE = "Europe/Berlin"
DESKTOP = {"width": 1240, "height": 760}
SCREEN = {"width": 1000, "height": 1600}  # so high that a whole answer is on it
DOCS = Path(__file__).parents[2] / "docs"


def shipped(desk: Desk) -> Locator:
    return desk.ask("/shipped since:3h")


def release(desk: Desk) -> Locator:
    return desk.ask("/release #406")


def digest(desk: Desk) -> Locator:
    desk.page.get_by_role("button", name="Time and trouble", exact=True).click()
    due = desk.page.get_by_role("button", name="Make the next digest due now")
    for count in (2, 3):  # the first one tells of two days
        due.click()
        expect(desk.messages).to_have_count(count)
    desk.page.get_by_role("button", name="Close time and trouble").click()
    expect(desk.page.locator(".toast")).to_have_count(0)
    return desk.messages.last


ANSWERS: dict[str, Callable[[Desk], Locator]] = {"shipped": shipped, "release": release, "digest": digest}


def take(folder: Path = DOCS) -> list[Path]:
    """Take all pictures; returns where they are."""
    folder.mkdir(exist_ok=True)
    with launched(chromium()) as browser:
        screen, desktop = (new_context(browser, viewport=size, timezone_id=ZONE) for size in (SCREEN, DESKTOP))
        taken = [folder / f"{name}.png" for name in ANSWERS]
        for path, ask in zip(taken, ANSWERS.values(), strict=True):
            with running_playground(start=NOON) as playground, at_desk(screen, playground) as desk:
                answer = ask(desk)
                expect(answer.locator(".actions").first).to_be_visible()
                desk.page.mouse.move(0, 0)
                answer.screenshot(path=path)
        with running_playground(start=NOON) as playground, at_desk(desktop, playground) as desk:
            desk.page.get_by_role("button", name="A new deployment happens").click()
            expect(desk.ask("/shipped since:24h").locator(".actions").first).to_be_visible()
            expect(desk.page.locator(".toast")).to_have_count(0)
            taken.append(folder / "playground.png")
            desk.page.screenshot(path=taken[-1])
    return taken


if __name__ == "__main__":
    if lacking := missing():
        sys.exit(lacking)
    for picture in take():
        sys.stdout.write(f"{picture} {picture.stat().st_size // 1000} kB\n")
