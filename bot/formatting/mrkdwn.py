"""Slack's mrkdwn, written so that no text of a stranger can be read as mark-up.

https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import quote, urlsplit

_LONGEST_URL = 500
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?", re.IGNORECASE | re.ASCII)
# What a URL may hold as it is (RFC 3986). Of these "|", "<", ">" and spaces would end a link in mrkdwn: not among them.
_URL_CHARACTERS = ":/?#[]@!$&'()*+,;=-._~%"
# Look-alikes that Slack does not take for bold, italic, strike-through or code. It has no escape for these.
_LOOK_ALIKES = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"})


def escape(text: str) -> str:
    """The three characters that Slack asks to be escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def inert(text: str) -> str:
    """Escaped, and nothing in it is taken for formatting."""
    return escape(text.translate(_LOOK_ALIKES))


def bold(text: str) -> str:
    """Bold words; the spaces around them stay outside, where Slack wants them."""
    words = text.strip()
    if not words:
        return inert(text)
    before, after = text[: text.index(words)], text[text.index(words) + len(words) :]
    return f"{before}*{inert(words)}*{after}"


def code(text: str) -> str:
    """A code span: inside it nothing but a backtick is special, so keys keep their underscores and asterisks."""
    return f"`{escape(text.replace('`', 'ˋ'))}`"


def link(url: str, label: str) -> str:
    """A link, or the bare label where ``safe_url`` refuses the address."""
    address = safe_url(url)
    return f"<{escape(address)}|{inert(label.replace('|', '¦'))}>" if address else inert(label)


def date(at: datetime, fallback: str, *, ago: bool = False) -> str:
    """A date in the reader's own zone; ``fallback``, which names its zone, where a client cannot show it."""
    return f"<!date^{int(at.timestamp())}^{date_format(ago)}|{escape(fallback.replace('|', '¦'))}>"


def date_format(ago: bool) -> str:
    """How Slack is to show an instant: ``today at 10:02``, and with ``ago`` also ``(14 minutes ago)``."""
    return "{date_short_pretty} at {time}" + (" ({ago})" if ago else "")


def safe_url(url: str) -> str:
    """The address percent-encoded, or "" where it is not a plain web address that people should be led to.

    Refused: other schemes, user names (``https://github.com@elsewhere.example``), hosts that are not ASCII, spaces and
    control characters around the host, and more than 500 characters.
    """
    if not url.isprintable():
        return ""
    try:
        parts = urlsplit(url.strip())
        encoded = quote(url.strip(), safe=_URL_CHARACTERS)
    except ValueError:
        return ""
    fits = parts.scheme in ("http", "https") and _HOST.fullmatch(parts.netloc) and len(encoded) <= _LONGEST_URL
    return encoded if fits else ""


def flag_url(base_url: str, project: str, key: str) -> str:
    """LaunchDarkly's page of a flag."""
    return f"{base_url.rstrip('/')}/projects/{quote(project, safe='')}/flags/{quote(key, safe='')}"
