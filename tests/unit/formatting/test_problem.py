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


def test_the_same_question_corrected_is_offered():
    error = SourceNotFound("No application “c”.", ["a"], commands=["/shipped a status:failed", "/shipped b"])
    assert format_problem(error).text.endswith("Did you mean /shipped a status:failed or /shipped b?")


def test_a_wrong_setting_is_the_operators_to_correct():
    told = format_problem(SourceNotFound("No “prod”.", ["production"], setting="LAUNCHDARKLY_ENVIRONMENT")).text
    assert told.endswith("Whoever runs this bot: correct LAUNCHDARKLY_ENVIRONMENT to production.")
    assert format_problem(SourceNotFound("No “x”.", setting="LAUNCHDARKLY_PROJECT")).text.endswith("_PROJECT.")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "in 1 second."),
        (60, "in 60 seconds."),
        (600, "in 10 minutes."),
        (601, "in 11 minutes."),
        (None, "minute."),
    ],
)
def test_a_rate_limit_says_how_long_to_wait(seconds, words):
    assert format_problem(SourceRateLimited("Used up.", seconds)).text.endswith(words)


@pytest.mark.parametrize("words", ["", "<!channel> *x*\n" * 2_000])
def test_any_words_make_a_valid_message(words):
    text = format_problem(SourceUnavailable(words)).text
    assert "<" not in text
    assert "right now" in text
