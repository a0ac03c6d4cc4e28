"""A real browser at the playground. Each test has a playground and a page of its own; all have one browser."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.browser.desk import Desk, at_desk, chromium, launched, missing, new_context, running_playground


@pytest.fixture(scope="package")
def browser() -> Iterator[object]:
    """Chromium; where there is none, tests are skipped with how to get it, or fail where CI says that it must be."""
    if what := missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(what)
    with launched(chromium()) as started:
        yield started


@pytest.fixture(scope="module")
def context(browser) -> object:
    """One for all tests of a module: each has an address of its own, so nothing is carried over."""
    return new_context(browser)


@pytest.fixture
def desk(context) -> Iterator[Desk]:
    """Jane at her desk in Japan, in front of the playground, whose Slack speaks Socket Mode with the bot."""
    with running_playground() as playground, at_desk(context, playground) as found:
        yield found


@pytest.fixture
def desk_over_http(context) -> Iterator[Desk]:
    """The same, with signed HTTP."""
    with running_playground(http=True) as playground, at_desk(context, playground) as found:
        yield found
