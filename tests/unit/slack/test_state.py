from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.questions import Asker, FindRelease, ShowHelp, ShowShipped
from bot.domain.errors import CommandError
from bot.domain.query import TimeWindow
from bot.formatting.controls import MOST_BLOCK_ID
from bot.slack.state import BadState, State, as_asked, decode, minute_of
from tests.builders import NOW

BERLIN = ZoneInfo("Europe/Berlin")
STATE = State("/shipped", "billing since:2d", NOW, "Europe/Berlin", 3, "staging", "last week")


def asker() -> Asker:
    return Asker(NOW, BERLIN, "default")


def test_what_is_encoded_is_decoded():
    assert decode(STATE.encode()) == STATE


@given(st.text(max_size=300), st.integers(1, 100_000), st.text(max_size=50), st.sampled_from(["", "Asia/Tokyo"]))
def test_any_question_survives(text, page, window, zone):
    state = State("/release", text, None, zone, page, "", window)
    assert decode(state.encode()) == state


@given(st.text(max_size=200) | st.recursive(st.integers() | st.text(max_size=5), st.lists).map(repr))
def test_anything_else_is_a_bad_state_and_no_other_error(value):
    with pytest.raises(BadState):
        decode(value)


@pytest.mark.parametrize(
    "value",
    [
        '[2,"/shipped","",1,"",1,"",""]',
        '[1,"/shipped","",1,"",0,"",""]',
        '[1,"/shipped","",-1,"",1,"",""]',
        '[1,"/shipped","",9999999999,"",1,"",""]',
        '[1,"/shipped","",1,"Mars/Base",1,"",""]',
        '[1,"/shipped","",1,"../../etc/passwd",1,"",""]',
        '[1,"/shipped","",1,"",1,"","",""]',
        '[1,"/shipped",null,1,"",1,"",""]',
        '{"command":"/shipped"}',
        "[" * 100_000,
    ],
)
def test_strict(value):
    with pytest.raises(BadState):
        decode(value)


def test_an_ordinary_question_fits_into_the_id_of_a_block():
    assert len(STATE.encode()) < MOST_BLOCK_ID / 2


def test_the_minute_is_kept_and_seconds_are_not():
    moment = NOW + timedelta(seconds=42)
    assert decode(State("/shipped", "", minute_of(moment)).encode()).asked_at == NOW


def test_the_question_is_read_at_the_askers_moment():
    question = State("/shipped", "today").question(asker())
    assert isinstance(question, ShowShipped)
    assert question.window.start == datetime(2026, 11, 23, tzinfo=BERLIN)


def test_what_was_chosen_comes_before_what_was_typed():
    question = STATE.question(asker())
    assert isinstance(question, ShowShipped)
    assert question.names == ("billing",)
    assert question.environment == "staging"
    assert question.window.words.startswith("last week")


def test_a_release_takes_another_window_too():
    question = State("/release", "#406").in_window("since:90d", NOW).question(asker())
    assert isinstance(question, FindRelease)
    assert question.window.start < NOW - timedelta(days=89)


def test_without_a_command_the_words_may_name_one():
    assert isinstance(State("", "release #406").question(asker()), FindRelease)
    assert isinstance(State("", "billing").question(asker()), ShowShipped)
    assert isinstance(State("", "help").question(asker()), ShowHelp)


def test_a_mistake_stays_a_mistake():
    with pytest.raises(CommandError):
        State("/shipped", "sinc:2d").question(asker())


def test_choosing_starts_at_the_first_page_and_a_time_at_the_moment_of_choosing():
    later = NOW + timedelta(days=1, seconds=5)
    assert STATE.in_environment("test") == State(
        "/shipped", "billing since:2d", NOW, "Europe/Berlin", 1, "test", "last week"
    )
    assert STATE.in_window("today", later).asked_at == NOW + timedelta(days=1)


def test_told_names_what_was_typed_and_chosen():
    assert STATE.told == "/shipped billing since:2d · staging · last week"
    assert State("", "release #406").told == "release #406"


def test_an_open_window_stays_open_for_an_hour_and_then_ends_where_it_ended():
    window = TimeWindow(NOW - timedelta(days=1), None, BERLIN, "today and yesterday")
    assert as_asked(window, NOW, NOW + timedelta(minutes=59)) is window
    later = as_asked(window, NOW, NOW + timedelta(days=1))
    assert (later.start, later.end) == (window.start, NOW + timedelta(minutes=1))
    assert (later.zone, later.words) == (BERLIN, "")


def test_a_closed_window_keeps_its_end_but_not_its_words():
    window = TimeWindow(NOW - timedelta(days=2), NOW - timedelta(days=1), UTC, "yesterday")
    later = as_asked(window, NOW, NOW + timedelta(days=1))
    assert (later.end, later.words) == (window.end, "")
