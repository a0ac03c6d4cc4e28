"""A message in a terminal: its Block Kit blocks as coloured, linked text.

Where the terminal cannot show links (a pipe, a dumb terminal), each address stands once at the end, numbered like a
footnote: addresses inside the lines would make every line of a list wrap.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.emoji import Emoji
from rich.rule import Rule
from rich.style import Style
from rich.table import Table
from rich.text import Text

from bot.formatting.message import Message

_Json = Mapping[str, Any]

_STYLES = {"bold": "bold", "italic": "italic", "strike": "strike", "code": "cyan", "underline": "underline"}
_LINK = Style(color="blue", underline=True)
_DIM = Style(dim=True)
# What stands directly below what; all other blocks have a blank line between them.
_BELOW = {
    "rich_text": frozenset({"section", "header"}),
    "context": frozenset({"section", "header", "divider"}),
    "divider": frozenset({"section", "header", "rich_text", "context", "table"}),
}

# https://docs.slack.dev/messaging/formatting-message-text
_MRKDWN = re.compile(
    r"```(?P<block>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|<(?P<form>[^<>|\s][^<>]*)>"
    r"|(?<![^\W_])(?P<mark>[*_~])(?P<marked>[^\s*_~](?:[^\n]*?\S)?)(?P=mark)(?!\w)",
    re.DOTALL,
)
_MARKS = {"*": "bold", "_": "italic", "~": "strike"}
_BULLET = re.compile(r"(?P<indent> *)(?P<bullet>[•◦–-] |&gt; ?)")
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TOKEN = re.compile(r"\{(\w+)\}")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def print_message(message: Message, console: Console, zone: tzinfo | None = None) -> None:
    """Print the message's blocks, or its text where it has none.

    Dates are shown in ``zone``; without one, as the message's own fallback words them. Colour and links appear where
    the console has them. No character of the message reaches the terminal as a control character or as mark-up.
    """
    can_link = console.color_system is not None and not console.legacy_windows
    reader = _Reader(zone, can_link)
    for line in reader.message(message):
        console.print(line)
    if reader.urls:
        notes = "".join(f"\n[{number}] {url}" for number, url in enumerate(reader.urls, start=1))
        # Not wrapped: an address that is broken in two can neither be clicked nor copied.
        console.print(Text(notes, style=_DIM), soft_wrap=True)


@dataclass(frozen=True, slots=True)
class _Indented:
    """Text behind a first mark (a bullet), its further lines under its first word."""

    text: Text
    mark: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        mark, width = Text(self.mark), len(self.mark)
        for number, line in enumerate(self.text.wrap(console, max(options.max_width - width, 10))):
            line.rstrip()
            yield (mark if number == 0 else Text(" " * width)) + line


_Shown = Text | _Indented | Rule | Table


@dataclass(slots=True)
class _Reader:
    zone: tzinfo | None
    can_link: bool
    urls: list[str] = field(default_factory=list)

    def message(self, message: Message) -> Iterator[_Shown]:
        if not message.blocks:
            yield from self._lines(self._mrkdwn(message.text))
        before = ""
        for block in message.blocks:
            kind = str(block.get("type", ""))
            shown = list(self._block(kind, block))
            if shown and before and before not in _BELOW.get(kind, ()):
                yield Text()
            yield from shown
            before = kind if shown else before

    def _block(self, kind: str, block: _Json) -> Iterator[_Shown]:
        readers: dict[str, Callable[[_Json], Iterable[_Shown]]] = {
            "header": lambda b: [_styled(self._text_object(b.get("text")), "bold underline")],
            "section": self._section,
            "context": self._context,
            "divider": lambda b: [Rule(style=_DIM, characters="─")],
            "rich_text": lambda b: self._rich_text(_items(b, "elements")),
            "table": self._table,
            "image": lambda b: [Text(f"[{_clean(b.get('title', {}).get('text') or b.get('alt_text'))}]", style=_DIM)],
            "actions": self._actions,
        }
        read = readers.get(kind)
        yield from read(block) if read else [Text(f"[{_clean(kind)}]", style=_DIM)]

    def _section(self, block: _Json) -> Iterator[_Shown]:
        for part in (block.get("text"), *_items(block, "fields")):
            if part:
                yield from self._lines(self._text_object(part))

    def _context(self, block: _Json) -> Iterator[_Shown]:
        parts = [
            Text(_clean(e.get("alt_text"))) if e.get("type") == "image" else self._text_object(e)
            for e in _items(block, "elements")
        ]
        yield from self._lines(_styled(Text("  ").join(parts), "dim"))

    def _actions(self, block: _Json) -> Iterator[_Shown]:
        """Buttons do nothing here; those that only open an address are shown as links."""
        links = [
            self._link(e["url"], self._text_object(e.get("text"))) for e in _items(block, "elements") if e.get("url")
        ]
        if links:
            yield Text(" · ").join(links)

    def _table(self, block: _Json) -> Iterator[_Shown]:
        rows = [[self._cell(cell) for cell in row] for row in block.get("rows") or ()]
        if rows:
            table = Table(box=None, pad_edge=False, header_style="bold")
            for header in rows[0]:
                table.add_column(header)
            for row in rows[1:]:
                table.add_row(*row)
            yield table

    def _cell(self, cell: _Json) -> Text:
        if cell.get("type") == "rich_text":
            return Text("\n").join(self._inline(_items(part, "elements")) for part in _items(cell, "elements"))
        return Text(_clean(cell.get("text") or cell.get("value")))

    def _text_object(self, part: object) -> Text:
        if not isinstance(part, Mapping):
            return Text(_clean(part))
        text = str(part.get("text", ""))
        return self._mrkdwn(text) if part.get("type") == "mrkdwn" else Text(Emoji.replace(_clean(text)))

    def _lines(self, text: Text) -> Iterator[_Indented]:
        """The text's lines, those that begin with a bullet hanging behind it."""
        for line in text.split("\n", allow_blank=True):
            mark = _BULLET.match(line.plain)
            yield _Indented(line[mark.end() :], mark[0]) if mark else _Indented(line)

    # mrkdwn

    def _mrkdwn(self, source: str) -> Text:
        return self._marked(_clean(source).strip("\n"))

    def _marked(self, source: str) -> Text:
        text, at = Text(), 0
        for found in _MRKDWN.finditer(source):
            text.append(_unescaped(source[at : found.start()]))
            at = found.end()
            if code := found["block"] or found["code"]:
                text.append(_unescaped(code.strip("\n")), style=_STYLES["code"])
            elif form := found["form"]:
                text.append_text(self._form(form))
            else:
                text.append_text(_styled(self._marked(found["marked"]), _STYLES[_MARKS[found["mark"]]]))
        return text.append(_unescaped(source[at:]))

    def _form(self, form: str) -> Text:
        """What stands between < and >: a link, a date or a mention."""
        target, _, label = form.partition("|")
        if target.startswith("!date^"):
            _, timestamp, tokens, *_ = [*target.split("^", 3), "", ""]
            return Text(self._date(timestamp, tokens, _unescaped(label)))
        if target[0] in "@#!":
            name = label or target.lstrip("@#!")
            return Text(_unescaped(name if name.startswith("@") else f"{'#' if target[0] == '#' else '@'}{name}"))
        return self._link(_unescaped(target), Text(_unescaped(label or target)))

    def _date(self, timestamp: object, tokens: str, fallback: str) -> str:
        try:
            at = datetime.fromtimestamp(int(str(timestamp)), UTC)
        except (ValueError, OverflowError, OSError):
            return fallback
        if self.zone is None:
            return fallback or f"{_in_words(tokens, at)} UTC"
        return _in_words(tokens, at.astimezone(self.zone)) + f" {at.astimezone(self.zone):%Z}"

    def _link(self, url: object, label: Text) -> Text:
        address = _clean(url)
        if not address.startswith(("http://", "https://", "mailto:")) or "\n" in address:
            return label
        if self.can_link:
            return _styled(label, _LINK + Style(link=address))
        if label.plain != address:
            if address not in self.urls:
                self.urls.append(address)
            label.append(f" [{self.urls.index(address) + 1}]")
        return label

    # rich text

    def _rich_text(self, elements: Sequence[_Json]) -> Iterator[_Shown]:
        for element in elements:
            kind, parts = element.get("type"), _items(element, "elements")
            if kind == "rich_text_list":
                yield from self._list(element, parts)
            elif kind == "rich_text_quote":
                yield from (_Indented(line, "│ ") for line in self._inline(parts).split("\n"))
            elif kind == "rich_text_preformatted":
                yield from (_Indented(_styled(line, "cyan"), "  ") for line in self._inline(parts).split("\n"))
            elif kind == "rich_text_section":
                yield from self._lines(self._inline(parts))
            else:
                yield Text(f"[{_clean(kind)}]", style=_DIM)

    def _list(self, element: _Json, items: Sequence[_Json]) -> Iterator[_Shown]:
        indent = int(element.get("indent") or 0)
        first = int(element.get("offset") or 0) + 1
        for number, item in enumerate(items, start=first):
            bullet = f"{number}." if element.get("style") == "ordered" else "•◦▪"[min(indent, 2)]
            yield _Indented(self._inline(_items(item, "elements")), f"{'  ' * indent}{bullet} ")

    def _inline(self, elements: Sequence[_Json]) -> Text:
        return Text().join(self._inline_element(element) for element in elements)

    def _inline_element(self, element: _Json) -> Text:
        kind = element.get("type")
        shown: Text
        if kind == "text":
            shown = Text(_clean(element.get("text")))
        elif kind == "link":
            shown = self._link(element.get("url"), Text(_clean(element.get("text") or element.get("url"))))
        elif kind == "date":
            fallback = _clean(element.get("fallback"))
            shown = Text(self._date(element.get("timestamp"), str(element.get("format", "")), fallback))
        elif kind == "emoji":
            shown = Text(Emoji.replace(f":{_clean(element.get('name'))}:"))
        elif kind == "broadcast":
            shown = Text(f"@{_clean(element.get('range'))}")
        else:
            named = next((element[key] for key in ("user_id", "channel_id", "usergroup_id") if key in element), None)
            shown = Text(f"@{_clean(named)}" if named else f"[{_clean(kind)}]")
        for name, on in (element.get("style") or {}).items():
            if on and name in _STYLES:
                shown = _styled(shown, _STYLES[name])
        return shown


def _styled(text: Text, style: str | Style) -> Text:
    text.stylize_before(style)
    return text


def _items(block: _Json, key: str) -> Sequence[_Json]:
    return [item for item in block.get(key) or () if isinstance(item, Mapping)]


def _clean(text: object) -> str:
    """Without control characters (a terminal obeys them) and without marks that turn the direction of writing."""
    kept = (c for c in str(text if text is not None else "").replace("\t", " ") if c == "\n" or not _is_control(c))
    return "".join(kept)


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cs"} or char in _TURNS


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _in_words(tokens: str, at: datetime) -> str:
    """Slack's date tokens, in short; {ago} and "today" need a clock and are left to the date itself."""
    day = f"{_WEEKDAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]} {at.year}"
    known = {"date_num": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M}", "time_secs": f"{at:%H:%M:%S}", "ago": ""}
    shown = _TOKEN.sub(lambda token: known.get(token[1], day if token[1].startswith("date") else token[0]), tokens)
    return shown.replace("()", "").strip()
