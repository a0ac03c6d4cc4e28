"""Text → words: quotes, dashes, commas, and the forms that Slack wraps around what people type.

Slack's forms: https://docs.slack.dev/interactivity/implementing-slash-commands (``should_escape``).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_STRAIGHTENED = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‘’‚‛′", "'"),
        **dict.fromkeys("‐‑‒−", "-"),
        "`": None,  # a version copied from a message often brings its code marks along
    }
)
_LONG_DASH = "—"  # phones make it of two short ones
_SLACK_FORM = re.compile(r"<([^<>|]+)\|?([^<>]*)>")
_HEAD = re.compile(r"(?P<dashes>[-–—]*)(?:(?P<key>[a-z][a-z_-]*)(?P<mark>[:：=])(?!//))?", re.IGNORECASE)
_KEY = re.compile(r"[a-z][a-z_-]*", re.IGNORECASE)
_UNQUOTED = re.compile(r"https?://\S*|[^\s,]*", re.IGNORECASE)
_NEXT_FILTER = re.compile(r"\s+[-–—]*[a-z][a-z_-]*:(?!//)", re.IGNORECASE)
_CLOSING_SINGLE = re.compile(r"'(?=[\s,]|$)")


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """A free word, ``key:value``, or ``--key`` whose value (if any) is the next word.

    ``source`` is how to type it again. ``key`` is in lower case and "" for a free word. ``values`` are the parts of a
    comma list, case kept; a free word has exactly one. ``dash`` is what leads it: "", "-", "--" or "—"; a free word
    and one after "not" have "-" for all of these. ``colon`` tells that a colon (and not "=" or a space) ends the key,
    ``quoted`` that the (first) value stood in quotes. Two words are never equal: each has its own place.
    """

    source: str
    key: str = ""
    values: tuple[str, ...] = ()
    dash: str = ""
    colon: bool = False
    quoted: bool = False

    @property
    def negated(self) -> bool:
        """Whether one dash, or a small word such as "not", turns it round."""
        return self.dash == "-"

    @property
    def text(self) -> str:
        """The first value, or ""."""
        return self.values[0] if self.values else ""


class UnclosedQuote(Exception):
    """A double quote opens and does not close; ``closed`` is the text with it closed before the next ``key:``."""

    def __init__(self, closed: str) -> None:
        super().__init__(closed)
        self.closed = closed


def split(text: str) -> list[Word]:
    """The words of a command's text; raises ``UnclosedQuote``."""
    text = _plain(text)
    words: list[Word] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        head = _HEAD.match(text, at)
        start, at = at, head.end() if head else at
        parts, at = _parts(text, at)
        words += _words(
            source=text[start:at],
            dash=_dash(head["dashes"]) if head else "",
            key=(head["key"] or "").lower() if head else "",
            colon=head is not None and head["mark"] != "=",
            parts=parts,
        )
    return words


def quote(value: str) -> str:
    """A value as it must be typed to be read back as one."""
    return f'"{value}"' if not value or re.search(r"[\s,]", value) else value


def _plain(text: str) -> str:
    text = "".join(" " if char.isspace() else char for char in text if char.isspace() or not _is_invisible(char))
    text = _SLACK_FORM.sub(_typed, text)
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text.translate(_STRAIGHTENED)


def _is_invisible(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs"}


def _typed(form: re.Match[str]) -> str:
    """What the person typed before Slack wrapped it; a mention without a name stays as it is."""
    target, label = form[1], form[2].strip()
    if target[0] == "@":
        return f"@{label.removeprefix('@')}" if label else form[0]
    if target[0] == "#":
        return f"#{label}" if label else form[0]
    if target[0] == "!":
        return form[0]
    for prefix in ("mailto:", "tel:", "http://", "https://"):
        bare = target.removeprefix(prefix)
        if bare != target and label and bare.rstrip("/") == label.rstrip("/"):
            return label  # Slack made an address of a plain word such as "checkout.io"
    return target.removeprefix("mailto:")


def _parts(text: str, at: int) -> tuple[list[tuple[str, bool]], int]:
    """The parts of a comma list that begins at ``at``, each with whether it was quoted, and the place after them."""
    parts = []
    while True:
        closing = _closing_quote(text, at)
        quoted = closing is not None
        part = text[at + 1 : closing] if closing is not None else ""
        at = closing + 1 if closing is not None else at
        unquoted = _UNQUOTED.match(text, at)
        if unquoted:
            part, at = part + (unquoted[0] if quoted else _without_end_mark(unquoted[0])), unquoted.end()
        part = " ".join(part.split())
        if part or quoted:
            parts.append((part, quoted))
        if text[at : at + 1] != ",":
            return parts, at
        at += 1


def _closing_quote(text: str, at: int) -> int | None:
    opening = text[at : at + 1]
    if opening == '"':
        closing = text.find('"', at + 1)
        if closing < 0:
            raise UnclosedQuote(_closed(text, at))
        return closing
    if opening == "'" and (single := _CLOSING_SINGLE.search(text, at + 1)):
        return single.start()
    return None


def _closed(text: str, at: int) -> str:
    """The text with the quote that opens at ``at`` closed, or without it where it holds nothing."""
    following = _NEXT_FILTER.search(text, at + 1)
    end = following.start() if following else len(text)
    held = text[at + 1 : end].strip()
    return text[:at] + (f'"{held}"' if held else "") + text[end:]


def _without_end_mark(word: str) -> str:
    return word.rstrip("?!;") or word


def _dash(dashes: str) -> str:
    if _LONG_DASH in dashes:
        return _LONG_DASH
    return "-" * min(len(dashes), 2)


def _words(source: str, dash: str, key: str, colon: bool, parts: list[tuple[str, bool]]) -> list[Word]:
    if key:
        values = tuple(value for value, _ in parts if value)
        return [Word(source, key, values, dash, colon, quoted=bool(parts) and parts[0][1])]
    parts = [(value, quoted) for value, quoted in parts if value]
    if not parts:
        return [Word("-", values=("-",))] if dash else []
    first, first_quoted = parts[0]
    if dash in {"--", _LONG_DASH} and not first_quoted and _KEY.fullmatch(first):
        return [Word(source, first.lower(), dash=dash)]
    sign = "-" if dash else ""
    if len(parts) == 1:
        return [Word(source, values=(first,), dash=sign, quoted=first_quoted)]
    return [
        Word(sign + (f'"{value}"' if quoted else quote(value)), values=(value,), dash=sign, quoted=quoted)
        for value, quoted in parts
    ]
