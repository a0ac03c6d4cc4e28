from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.formatting import mrkdwn
from tests.builders import NOW


@given(st.text())
def test_escaped_text_holds_no_mark_up_and_reads_back_as_it_was(text):
    escaped = mrkdwn.escape(text)
    assert "<" not in escaped
    assert ">" not in escaped
    assert escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


@given(st.text(alphabet="*_~`<>&|! @#a"))
def test_inert_text_holds_nothing_that_slack_formats(text):
    assert not set(mrkdwn.inert(text)) & set("*_~`<>")


def test_code_keeps_keys_as_they_are_typed():
    assert mrkdwn.code("new_*_checkout`<") == "`new_*_checkoutˋ&lt;`"


def test_bold_cannot_be_ended_from_inside():
    assert mrkdwn.bold("a*b") == "*a∗b*"


def test_spaces_around_bold_words_stay_outside_where_slack_wants_them():
    assert mrkdwn.bold("Yes: ") == "*Yes:* "
    assert mrkdwn.bold(" – which one?") == " *– which one?*"
    assert mrkdwn.bold("  ") == "  "


def test_a_date_carries_its_fallback():
    assert mrkdwn.date(NOW, "Mon | <now>") == ("<!date^1795428000^{date_short_pretty} at {time}|Mon ¦ &lt;now&gt;>")


def test_a_link_cannot_be_ended_from_inside():
    made = mrkdwn.link("https://a.example/x|y>z w?a=1&b=2", "la|bel > *x*")
    assert made == "<https://a.example/x%7Cy%3Ez%20w?a=1&amp;b=2|la¦bel &gt; ∗x∗>"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "ftp://a.example",
        "//a.example",
        "https://",
        "https://github.com@evil.example/",
        "https://gıthub.example/",
        "https://a.example/\u202etxt",
        "https://a.example/\nx",
        "https://a b.example/",
        "https://[::1/",
        "https://a.example/\ud800",
        "https://a.example/" + "x" * 500,
    ],
)
def test_odd_addresses_are_not_linked(url):
    assert mrkdwn.safe_url(url) == ""
    assert mrkdwn.link(url, "label") == "label"


@pytest.mark.parametrize("url", ["https://github.com/acme/billing/pull/406", "http://localhost:8080/a%20b?q=1#c"])
def test_ordinary_addresses_stay_as_they_are(url):
    assert mrkdwn.safe_url(url) == url


@given(st.text())
def test_no_text_becomes_a_second_link_or_a_mention(text):
    made = mrkdwn.link("https://a.example/" + text, text)
    assert html.unescape(made).count("https://a.example/") <= 2
    assert made.count("<") <= 1


def test_segments_of_a_flag_page_are_quoted():
    assert mrkdwn.flag_url("https://ld.example/", "a/b", "k?x=1|<") == (
        "https://ld.example/projects/a%2Fb/flags/k%3Fx%3D1%7C%3C"
    )
