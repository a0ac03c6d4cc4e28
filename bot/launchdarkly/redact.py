"""Takes secrets out of what LaunchDarkly sent, before a person or a log sees it."""

from __future__ import annotations

import re

REDACTED = "[redacted]"

# Tokens and SDK keys are a prefix and a UUID; environments carry SDK keys as required fields.
# https://launchdarkly.com/docs/home/account/environment/keys
_SECRET = re.compile(r"\b(?:api|sdk|mob)-[0-9A-Za-z][0-9A-Za-z-]{7,}")
_SECRET_NAMES = ("apikey", "mobilekey", "token", "secret", "password", "authorization", "credential")


def redacted_text(text: str, token: str = "") -> str:
    """The text without anything shaped like a token or SDK key, and without ``token`` whatever its shape."""
    if token:
        text = text.replace(token, REDACTED)
    return _SECRET.sub(REDACTED, text)


def redacted(value: object, token: str = "") -> object:
    """Decoded JSON with every secret replaced: by the name of its field, or by its shape."""
    if isinstance(value, str):
        return redacted_text(value, token)
    if isinstance(value, list):
        return [redacted(item, token) for item in value]
    if isinstance(value, dict):
        return {
            redacted_text(key, token): REDACTED if _names_a_secret(key) and item else redacted(item, token)
            for key, item in value.items()
        }
    return value


def _names_a_secret(name: str) -> bool:
    plain = name.lower().replace("_", "").replace("-", "")
    return plain.endswith(_SECRET_NAMES)
