from __future__ import annotations

from datetime import UTC

from bot.formatting.blocks import rich_text
from bot.formatting.lines import bold, bullet, code, line, link, sub_bullet, to_mrkdwn, to_plain, to_rich_text, when
from bot.formatting.message import message
from tests.builders import NOW

LINES = [
    line(bold("Head"), " at ", when(NOW, UTC, NOW)),
    bullet(link("#1", "https://a.example/1"), " <b>"),
    sub_bullet(code("k_1")),
    bullet("again"),
]


def test_plain_words_mark_the_levels_and_are_escaped():
    assert to_plain(LINES, 4_000) == "Head at Mon 23 Nov 10:00 UTC\n• #1 &lt;b&gt;\n   – k_1\n• again"


def test_mrkdwn_shows_the_same():
    assert to_mrkdwn(LINES) == (
        "*Head* at <!date^1795428000^{date_short_pretty} at {time}|Mon 23 Nov 10:00 UTC>\n"
        "• <https://a.example/1|#1> &lt;b&gt;\n     ◦ `k_1`\n• again"
    )


def test_rich_text_nests_bullets_and_leaves_strangers_words_alone():
    head, first, below, second = to_rich_text(LINES)
    assert [part["type"] for part in (head, first, below, second)] == ["rich_text_section"] + ["rich_text_list"] * 3
    assert [part["indent"] for part in (first, below, second)] == [0, 1, 0]
    assert first["elements"][0]["elements"] == [
        {"type": "link", "url": "https://a.example/1", "text": "#1"},
        {"type": "text", "text": " <b>"},
    ]
    assert message("said", [rich_text(LINES)]).blocks[0]["elements"][0]["elements"][0]["style"] == {"bold": True}


def test_an_instant_can_say_how_long_ago():
    (section,) = to_rich_text([line(when(NOW, UTC, NOW, ago=True))])
    assert section["elements"][0]["format"] == "{date_short_pretty} at {time} ({ago})"


def test_plain_words_are_cut_at_a_line_and_say_so():
    text = to_plain([line(f"line {index}") for index in range(100)], 60)
    assert text == "line 0\nline 1\nline 2\nline 3\nline 4\n… and 95 more lines"


def test_the_rest_is_counted_right_where_one_line_is_too_long():
    assert to_plain([line("short"), line("x" * 5_000)], 4_000) == "short\n… and 1 more line"
