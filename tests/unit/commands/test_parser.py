from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.filters import RELEASE, SHIPPED
from bot.commands.parser import LONGEST_TEXT, parse, parse_command
from bot.commands.questions import Asker, FindRelease, Question, ShowHelp, ShowShipped
from bot.domain.errors import CommandError
from tests.unit.commands.asking import ASKER, BERLIN


@pytest.mark.parametrize(
    ("text", "complaint", "example"),
    [
        ("sinc:2d billing", "Did you mean “since:”?", "/shipped since:2d billing"),
        ("staus:failed in:staging", "Did you mean “status:”?", "/shipped status:failed in:staging"),
        ("--aap billing", "Did you mean “app:”?", "/shipped app: billing"),
        ("-autor:sam", "Did you mean “author:”?", "/shipped -author:sam"),
        ("sinc:2d staus:failed", "Did you mean “since:”?", "/shipped since:2d status:failed"),
        ("feat:login today", "put them in quotes", '/shipped "feat:login" today'),
        ("--verbose", "“--verbose”", None),
        ("version:1.2", "a filter of /release", "/release version:1.2"),
        ("/release by:jane", "a filter of /shipped", "/shipped by:jane"),
        ("in:staging in:prod", "“in:” can have one value; these are two: “staging” and “prod”", "/shipped in:staging"),
        ("in:a,b", "“in:” can have one value", "/shipped in:a"),
        ("status:failed status:finished", "“status:” can have one value", "/shipped status:failed"),
        ("project:a project:b", "“project:” can have one value", "/shipped project:a"),
        ("-in:staging billing", "cannot be turned round", "/shipped billing"),
        ("-flag:x", "cannot be turned round", "/shipped since:2d"),
        ("-billing today", "Only people can be left out", "/shipped today"),
        ("not billing today", "“not billing” cannot", "/shipped today"),
        ("what has not shipped yet today?", "“not shipped yet today?” cannot", "/shipped what has"),
        ("--dependabot[bot] today", "“--dependabot[bot]” cannot", "/shipped today"),
        ("not in:staging today", "“in:” cannot be turned round", "/shipped today"),
        ("-today billing", "“-today” cannot", "/shipped billing"),
        ("- in:staging today", "“in:” cannot be turned round", "/shipped today"),
        ("--by:jane today", "can mean by:jane or, without that person, -by:jane", "/shipped -by:jane today"),
        ("—by=jane today", "can mean by:jane or, without that person, -by:jane", "/shipped -by:jane today"),
        ("—by jane today", "can mean by:jane or, without that person, -by:jane", "/shipped -by:jane today"),
        ("—autor:sam", "Did you mean “author:”?", "/shipped —author:sam"),
        ("by:- today", "“by:” needs a value", "/shipped today"),
        ("in:", "“in:” needs a value", "/shipped since:2d"),
        ('app:"" today', "“app:” needs a value", None),
        ("public:no", "stands alone", None),
        ('app:"billing', "not closed", '/shipped app:"billing"'),
        ('today "add button in:staging', "not closed", '/shipped today "add button" in:staging'),
        ('billing "', "not closed", "/shipped billing"),
        ("<@U123>", "as in by:jane.doe", "/shipped by:jane.doe"),
        ("by:<@U123> today", "as in by:jane.doe", "/shipped by:jane.doe today"),
        ("-by:<@U123>", "as in by:jane.doe", None),
        ("<!subteam^S1>", "as in by:jane.doe", None),
        ("by:me", "as in by:jane.doe", "/shipped by:jane.doe"),
        ("#billing", "not the number of a pull request", "/shipped billing"),
        ("#406–#410 today", "not the number of a pull request", "/shipped #406 #410 today"),
        ("pr:406-410", "not the number of a pull request", "/shipped #406 #410"),
        ("/release #406–#410", "not the number of a pull request", "/release #406"),
        ("<#C1|>", "not the number of a pull request", None),
        ("pr:abc today", "pr: takes a number, as in pr:406", "/shipped pr:406 today"),
        ("since : 2d", "No space before the colon: since:2d", "/shipped since:2d"),
        ("since ： 2d", "No space before the colon: since:2d", "/shipped since:2d"),
        ("billing status :failed", "No space before the colon", "/shipped billing status:failed"),
        ("in :", "No space before the colon", None),
        ("https://acme.example/a/b/pull/4", "/release", "/release https://acme.example/a/b/pull/4"),
        ("acme/billing#406 today", "/release", "/release acme/billing#406"),
        ("/release web@1.2 api@1.3", "One thing at a time", None),
        ("/release a90a8a2 #406", "One thing at a time: “a90a8a2” or “406”", "/release a90a8a2"),
        ("/release flag:x pr:5", "One thing at a time", None),
        ("/release #406 --raww", "“--raww”", "/release #406"),
        ("/release Introduce the new payment step", "its title", '/shipped "Introduce the new payment step" since:30d'),
        ("/release fix the refund totals last week", "its title", '/shipped "fix the refund totals" last week'),
        ("/release a90a8a2 #406 flag:x", "One thing at a time", "/release a90a8a2"),
        ("/release app:a app:b", "One thing at a time", "/release app:a"),
        ("/release in:staging", "Name what to look for", "/release #406 in:staging"),
        ("/release https://acme.example/wiki", "not the address of a pull request", "/release #406"),
        ("/release @jane", "/shipped", "/shipped by:jane.doe"),
        ("/shiped billing today", "Did you mean /shipped?", "/shipped billing today"),
        ("/relase #406", "Did you mean /release?", "/release #406"),
        ("/giphy cats", "I do not know the command “/giphy”", "/shipped cats"),
        ("x" * (LONGEST_TEXT + 1), "2,000 characters", "/shipped since:2d"),
        ("x" * 500 + " sinc:2d", "“sinc:”", "/shipped since:2d"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_one_command_that_works(text, complaint, example):
    with pytest.raises(CommandError) as caught:
        parse(text, ASKER)
    assert complaint in caught.value.message
    if example:
        assert caught.value.example == example
    assert isinstance(parse(caught.value.example, ASKER), ShowShipped | FindRelease)


def test_what_was_typed_is_shortened_in_a_message():
    with pytest.raises(CommandError) as caught:
        parse("since:" + "x" * 1_000, ASKER)
    assert len(caught.value.message) < 300


def test_an_example_is_not_corrected_for_ever():
    with pytest.raises(CommandError) as caught:
        parse("sinc:2d staus:failed -a -b -c -d -e", ASKER)
    assert caught.value.example == "/shipped since:2d"


@pytest.mark.parametrize("now", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
@pytest.mark.parametrize("text", ["", "since:x", "last month", "/release #406"])
def test_the_ends_of_the_calendar(now, text):
    assert isinstance(outcome(text, Asker(now, BERLIN)), CommandError | ShowShipped | FindRelease)


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("did #406 ship?", "/release #406"),
        ("did #406 ship or not?", "/release #406"),
        ("did billing@ca7d74e ship?", "/release app:billing version:ca7d74e"),
        ("has #406 reached production?", "/release #406 production"),
        ("where is billing?", "/release billing"),
        ("when was v3.20.3 released to staging", "/release v3.20.3 staging"),
        ("is flag:new-checkout out yet?", "/release flag:new-checkout"),
        ("did billing ship today?", "/shipped did billing ship today"),
        ("what shipped to staging?", "/shipped what shipped to staging"),
        ("where is it", "/release it"),
        ("where", "/shipped where"),
        ("did #billing ship", None),
    ],
)
def test_a_sentence_asks_release_where_it_asks_for_one_thing(text, same_as):
    if same_as is None:
        assert isinstance(outcome(text, ASKER), CommandError)
    else:
        assert parse(text, ASKER) == parse(same_as, ASKER)


def test_slack_passes_command_and_text_apart():
    assert parse_command("/shipped", "in:staging", ASKER) == parse("/shipped in:staging", ASKER)
    assert parse_command("/RELEASE", "#406", ASKER) == parse("release #406", ASKER)
    with pytest.raises(CommandError, match="/shippd"):
        parse_command("/shippd", "", ASKER)


@pytest.mark.parametrize("text", ["help", "?", "HELP", "/shipped help", "billing --help"])
def test_help(text):
    assert parse(text, ASKER) == ShowHelp("/shipped")


PIECES = st.one_of(
    st.text(max_size=8),
    st.sampled_from([s for f in (*SHIPPED, *RELEASE) for s in f.spellings]).map(lambda key: f"{key}:"),
    st.sampled_from([*"-–—\"'“”‘’`,:=<>|@#!&? \n", "--", "..", "…", "&lt;", "&amp;", "\u202e", "\x1b", "\ud800"]),
    st.sampled_from(
        ["/shipped ", "/release ", "release ", "help", "public", "406", "#406", "https://a.example/x/pull/4"]
    ),
    st.sampled_from(["<@U1>", "<@U1|jane>", "<#C1|>", "<!here>", "<http://x.io|x.io>"]),
    st.sampled_from(
        ["today", "yesterday", "monday", "last ", "past ", "this ", "week", "month", "year", "since ", "from "]
    ),
    st.sampled_from(["to ", "2d", "24h", "90 m", "mo", "999999", "14:05", "25:99", "T02:30", "+99:00", "2026-11-01"]),
    st.sampled_from(["2026-02-30", "9999-12-31", "0001-01-01"]),
)
TYPED = st.lists(PIECES, max_size=12).map("".join) | st.lists(PIECES, max_size=8).map(" ".join)
MOMENTS = st.integers(31_536_000, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Pacific/Apia"]).map(
    ZoneInfo
)


def outcome(text: str, asker: Asker) -> Question | CommandError:
    try:
        return parse(text, asker)
    except CommandError as mistake:
        return mistake


@given(TYPED, st.builds(Asker, MOMENTS, ZONES))
def test_any_text_is_a_question_or_a_mistake_whose_example_works(text, asker):
    question = outcome(text, asker)
    if isinstance(question, CommandError):
        question = parse(question.example, asker)
        assert not isinstance(question, ShowHelp)
    if not isinstance(question, ShowHelp):
        assert question.window.start <= asker.now
        assert question.window.end is None or question.window.start < question.window.end < asker.now
        assert question.window.words


@given(st.datetimes(timezones=st.just(UTC)), ZONES, st.sampled_from(["", "/release #4", "last month", "since:3"]))
def test_no_clock_reading_breaks_it(now, zone, text):
    assert isinstance(outcome(text, Asker(now, zone)), ShowShipped | FindRelease | CommandError)
