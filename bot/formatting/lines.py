"""A line of an answer as data, and its three forms: rich text and mrkdwn for blocks, plain words for ``text``.

Formatters write lines once; so what is seen and what is read aloud cannot differ, and what strangers wrote is escaped
in one place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from bot.formatting import mrkdwn
from bot.formatting.text import ELLIPSIS, plural
from bot.formatting.times import stamp

PARAGRAPH, BULLET, SUB_BULLET = 0, 1, 2
_PLAIN_MARKS = ("", "• ", "   – ")
_MRKDWN_MARKS = ("", "• ", "     ◦ ")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text in one style. ``url`` makes it a link, ``at`` a date whose words (``text``) are its fallback.

    ``ago`` adds how long ago that is when the reader looks, where Slack shows it.
    """

    text: str
    url: str = ""
    at: datetime | None = None
    ago: bool = False
    bold: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Pieces beside each other, as a paragraph, a bullet or a bullet below a bullet."""

    pieces: tuple[Piece, ...]
    level: int = PARAGRAPH


def line(*pieces: Piece | str, level: int = PARAGRAPH) -> Line:
    """A line of pieces; bare strings are plain text, empty ones are left out."""
    made = (Piece(piece) if isinstance(piece, str) else piece for piece in pieces)
    return Line(tuple(piece for piece in made if piece.text), level)


def bullet(*pieces: Piece | str) -> Line:
    return line(*pieces, level=BULLET)


def sub_bullet(*pieces: Piece | str) -> Line:
    return line(*pieces, level=SUB_BULLET)


def bold(text: str) -> Piece:
    return Piece(text, bold=True)


def code(text: str) -> Piece:
    return Piece(text, code=True)


def link(text: str, url: str) -> Piece:
    """A link, or plain text where the address is not one to lead people to."""
    return Piece(text, url=mrkdwn.safe_url(url))


def when(at: datetime, zone: tzinfo, now: datetime, *, ago: bool = False) -> Piece:
    """An instant: Slack shows it in the reader's own zone, everything else in ``zone``."""
    return Piece(stamp(at, zone, now), at=at, ago=ago)


def to_mrkdwn(lines: Iterable[Line]) -> str:
    return "\n".join(_MRKDWN_MARKS[one.level] + "".join(map(_mrkdwn_piece, one.pieces)) for one in lines)


def _mrkdwn_piece(piece: Piece) -> str:
    if piece.at is not None:
        return mrkdwn.date(piece.at, piece.text, ago=piece.ago)
    if piece.url:
        return mrkdwn.link(piece.url, piece.text)
    if piece.code:
        return mrkdwn.code(piece.text)
    return mrkdwn.bold(piece.text) if piece.bold else mrkdwn.inert(piece.text)


def to_rich_text(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """The elements of a ``rich_text`` block, where Slack parses nothing: titles stay exactly what they are."""
    elements: list[dict[str, Any]] = []
    for one in lines:
        section = {"type": "rich_text_section", "elements": [_rich_piece(piece) for piece in one.pieces]}
        if one.level == PARAGRAPH:
            elements.append(section)
            continue
        indent = one.level - BULLET
        if not (elements and elements[-1]["type"] == "rich_text_list" and elements[-1]["indent"] == indent):
            elements.append({"type": "rich_text_list", "style": "bullet", "indent": indent, "elements": []})
        elements[-1]["elements"].append(section)
    return elements


def _rich_piece(piece: Piece) -> dict[str, Any]:
    style = {name: True for name, on in (("bold", piece.bold), ("code", piece.code)) if on}
    made: dict[str, Any]
    if piece.at is not None:
        made = {"type": "date", "timestamp": int(piece.at.timestamp()), "format": mrkdwn.date_format(piece.ago)}
        made["fallback"] = piece.text
    elif piece.url:
        made = {"type": "link", "url": piece.url, "text": piece.text}
    else:
        made = {"type": "text", "text": piece.text}
    return made | ({"style": style} if style else {})


def to_plain(lines: Sequence[Line], most: int) -> str:
    """All lines as escaped words in at most ``most`` characters; what does not fit is counted, never cut silently."""
    told = [mrkdwn.escape(_PLAIN_MARKS[one.level] + "".join(piece.text for piece in one.pieces)) for one in lines]
    if len(whole := "\n".join(told)) <= most:
        return whole
    room = most - len(f"\n{ELLIPSIS} and {plural(len(told), 'more line')}")
    kept: list[str] = []
    used = 0
    for words in told:
        used += len(words) + 1
        if used > room:
            break
        kept.append(words)
    return "\n".join([*kept, f"{ELLIPSIS} and {plural(len(told) - len(kept), 'more line')}"])
