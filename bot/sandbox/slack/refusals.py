"""How Slack says no: ``{"ok": false, "error": …}``, in the words of https://docs.slack.dev/apis/web-api/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.facts import block_kit


class Refused(Exception):
    """A call that Slack answers with an error.

    ``details`` go into the answer beside ``error``; ``status`` is 200 for all but the limits of the transport.
    """

    def __init__(
        self, error: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **details: Any
    ) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.headers = dict(headers or {})
        self.details = details

    def as_json(self) -> dict[str, Any]:
        return {"ok": False, "error": self.error, **self.details}


def missing_argument(name: str) -> Refused:
    return Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] missing required field: {name}"]})


def check_blocks(
    payload: Mapping[str, Any], surface: str = "message", *, allowed: frozenset[str] = frozenset()
) -> None:
    """Raise what Slack answers to a message, modal or home that breaks a limit; ``allowed`` codes are no reason."""
    found = [violation for violation in block_kit.violations(payload, surface) if violation.code not in allowed]
    if not found:
        return
    code = found[0].code
    if found[0].pointer == "/text":
        raise Refused(code)
    texts = [f"{v.message} [json-pointer:{v.pointer}]" for v in found if v.code == code]
    raise Refused(code, errors=texts, response_metadata={"messages": [f"[ERROR] {text}" for text in texts]})
