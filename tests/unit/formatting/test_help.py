from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.digest import DigestCommand, parse_digest
from bot.commands.filters import PUBLIC, RELEASE, SHIPPED
from bot.commands.parser import COMMANDS
from bot.commands.parser import parse as parse_question
from bot.commands.questions import Asker, FindRelease, Question, ShowHelp, ShowShipped
from bot.formatting.help import FILTERS, TOPICS, format_help
from bot.formatting.message import Message

ASKER = Asker(datetime(2026, 11, 25, 10, 0, tzinfo=UTC), UTC)
PAGES = [(command, topic) for command in (*COMMANDS, "/digest") for topic in ("", *TOPICS)]


def parse(example: str, asker: Asker) -> Question | DigestCommand:
    """What an example asks, by the parser of its command."""
    command, _, text = example.partition(" ")
    return parse_digest(text, asker) if command == "/digest" else parse_question(example, asker)


def code_in(part: Any) -> list[str]:
    """Everything that a message shows as code: what a reader will type."""
    if isinstance(part, list | tuple):
        return [code for one in part for code in code_in(one)]
    if not isinstance(part, dict):
        return []
    if part.get("type") == "mrkdwn":
        return [html.unescape(code) for code in re.findall(r"`([^`]+)`", part["text"])]
    if part.get("type") == "text" and part.get("style", {}).get("code"):
        return [part["text"]]
    return code_in(list(part.values()))


def examples(message: Message) -> list[str]:
    return [code for code in code_in(list(message.blocks)) if code.startswith("/")]


@pytest.mark.parametrize(("command", "topic"), PAGES)
def test_every_example_on_every_page_parses(command, topic):
    page = format_help(command, topic, ["web-app"])
    questions = [parse(example, ASKER) for example in examples(page)]
    assert any(isinstance(question, ShowShipped | FindRelease | DigestCommand) for question in questions)
    pages = [question.topic for question in questions if isinstance(question, ShowHelp)]
    assert set(pages) <= set(TOPICS)
    assert all(example in html.unescape(page.text) for example in examples(page))


def test_help_tells_every_filter_that_the_parser_knows_and_no_other():
    known = {spelling for filter in (*SHIPPED, *RELEASE) for spelling in filter.spellings} | {PUBLIC}
    known |= {f"-{spelling}" for filter in SHIPPED if filter.excludes for spelling in filter.spellings}
    assert {spelling for filter in FILTERS for spelling in filter.spellings} == known


def test_every_filter_stands_on_the_page_that_help_on_it_shows():
    for filter in FILTERS:
        for spelling in filter.spellings:
            page = format_help("/shipped", spelling)
            assert spelling in page.text, spelling
            assert "There is no help" not in page.text


def test_each_filters_example_uses_it():
    for filter in FILTERS:
        assert any(re.search(rf"(?<![\w-]){re.escape(s)}\b", filter.example) for s in filter.spellings), filter


def test_a_command_has_its_own_page_and_names_the_other_topics():
    assert format_help("/shipped").text != format_help("/release").text
    assert format_help("/shipped") == format_help("/shipped", "shipped")
    assert "/release help windows" in format_help("/release").text
    assert format_help("/elsewhere") == format_help("/shipped")


@pytest.mark.parametrize("topic", ["Windows", " windows ", "/windows", "since:"])
def test_topics_are_found_however_they_are_typed(topic):
    assert format_help("/shipped", topic) == format_help("/shipped", "windows")


def test_an_unknown_topic_shows_the_nearest_and_says_so():
    page = format_help("/shipped", "filtrs")
    assert page.text.startswith("There is no help on “filtrs”. The nearest is:\nFilters")
    assert "What shipped?" in format_help("/shipped", "qqqq").text


def test_examples_name_an_application_that_exists():
    assert "/shipped web-app this week" in format_help("/shipped", applications=["web-app", "api"]).text
    assert "/shipped billing-service this week" in format_help("/shipped").text


@pytest.mark.parametrize("key", ["today", "Monday", "public", "the app", "`x`", "<!channel>", "last", "406", ""])
def test_a_key_that_would_mean_something_else_is_not_used(key):
    assert "/shipped api this week" in format_help("/shipped", applications=[key, "api"]).text


TOPIC = st.text(max_size=80) | st.sampled_from(["<!channel>", "*" * 300, "\x1b[31m", "since", "`", "&"])
KEYS = st.text(max_size=70) | st.sampled_from(
    ["today", "help", "version", "from", "this", "a-b", "WEB", "sunday", "past"]
)


@given(st.sampled_from(COMMANDS), TOPIC, st.lists(KEYS, max_size=3))
def test_any_topic_and_keys_make_a_message_whose_examples_parse(command, topic, applications):
    for example in examples(format_help(command, topic, applications)):
        assert parse(example, ASKER)
