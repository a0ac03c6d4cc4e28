from __future__ import annotations

import pytest

from bot.domain.errors import CommandError, SourceNotFound, SourceRateLimited, SourceUnavailable
from bot.formatting.problem import format_problem


def test_a_mistake_comes_with_a_command_that_works():
    assert format_problem(CommandError("No such filter", "/shipped status:failed")).text.splitlines() == [
        "Please ask that another way",
        "No such filter.",
        "Try: /shipped status:failed",
    ]


def test_near_keys_are_offered():
    assert "Did you mean a or b?" in format_problem(SourceNotFound("No application “c”.", ["a", "b"])).text


def test_without_near_keys_help_is_offered():
    assert "/shipped help" in format_problem(SourceNotFound("No application “c”.")).text


@pytest.mark.parametrize(("seconds", "words"), [(0.2, "in 1 second."), (60, "in 60 seconds."), (None, "in a minute.")])
def test_a_rate_limit_says_how_long_to_wait(seconds, words):
    assert format_problem(SourceRateLimited("Used up.", seconds)).text.endswith(words)


@pytest.mark.parametrize("words", ["", "<!channel> *x*\n" * 2_000])
def test_any_words_make_a_valid_message(words):
    text = format_problem(SourceUnavailable(words)).text
    assert "<" not in text
    assert "right now" in text
