"""Slack's refusals in words: https://docs.slack.dev/reference/methods/chat.postMessage#errors"""

from __future__ import annotations

import re

_WORDS = {
    "is_archived": "the channel is archived",
    "channel_not_found": "I cannot see the channel: it is gone, or private and without me",
    "not_in_channel": "I am not in the channel",
    **dict.fromkeys(("ratelimited", "rate_limited"), "Slack asked me to wait"),
    **dict.fromkeys(
        ("account_inactive", "invalid_auth", "missing_scope", "not_authed", "token_expired", "token_revoked"),
        "Slack no longer accepts my token, or it lacks the right to post",
    ),
}
_CODE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")


def in_words(reason: str) -> str:
    """Why something was not posted, in words that end no sentence; what is no code of Slack's stays as it is."""
    return _WORDS.get(reason) or (f"Slack refused my message ({reason})" if _CODE.fullmatch(reason) else reason)
