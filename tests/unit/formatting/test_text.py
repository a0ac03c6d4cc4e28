from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.formatting.text import clean, listed, plural, sentence, truncate


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  two\n\n lines\tand\r\nmore ", "two lines and more"),
        ("\u202egnp.exe\u2066 \u200fx", "gnp.exe x"),
        ("a\u200bb\x00c\x1b[31md", "abc[31md"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("👩‍🚀 launch", "👩‍🚀 launch"),
        ("\u2028", ""),
    ],
)
def test_strangers_text_becomes_one_plain_line(text, shown):
    assert clean(text, 100) == shown


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("abc def", 5, "abc…"),
        ("abe\u0301\u0301d!", 5, "ab…"),
        ("ab👩‍👩‍👧x", 5, "ab…"),
        ("ab👍🏽x", 4, "ab…"),
        ("🇩🇪🇫🇷x", 4, "🇩🇪…"),
        ("❤️❤️❤️", 4, "❤️…"),
    ],
)
def test_text_is_cut_between_visible_characters(text, most, shown):
    assert truncate(text, most) == shown


def test_a_text_that_is_one_endless_character_is_cut_all_the_same():
    assert len(truncate("e" + "\u0301" * 5_000, 40)) == 40


def test_a_title_of_ten_thousand_spaces_and_a_word_says_that_it_was_cut():
    assert clean("a" + " " * 10_000 + "b", 20) == "a…"


@given(st.text(), st.integers(min_value=2, max_value=60))
def test_cleaned_text_keeps_its_length_and_holds_nothing_unseen(text, most):
    shown = clean(text, most)
    assert len(shown) <= most
    assert not [c for c in shown if c != "\u200d" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]


def test_counts_agree_with_their_words():
    assert [plural(n, "person", "people") for n in (0, 1, 1200)] == ["0 people", "1 person", "1,200 people"]


def test_long_lists_say_how_many_more():
    assert listed(["a", "b", "c"], 3) == "a, b, c"
    assert listed(["a", "b", "c"], 2) == "a, b and 1 more"


def test_a_sentence_ends_once():
    assert [sentence("Gone"), sentence("Gone."), sentence("Gone?")] == ["Gone.", "Gone.", "Gone?"]
