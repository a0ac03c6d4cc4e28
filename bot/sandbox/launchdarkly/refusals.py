"""LaunchDarkly's documented errors. https://launchdarkly.com/docs/api#errors"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_DOCUMENTED = {
    400: ("invalid_request", "validation failed"),
    401: ("unauthorized", "Invalid access token"),
    403: ("forbidden", "Forbidden. Access to the requested resource was denied."),
    404: ("not_found", "Invalid resource identifier"),
    405: ("method_not_allowed", "Method not allowed"),
    429: ("rate_limited", "You've exceeded the API rate limit. Try again later."),
}


class Refusal(Exception):
    """An answer other than 200. ``reasons`` are (attribute, reason) pairs of a failed validation."""

    def __init__(self, status: int, message: str = "", reasons: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(status, message)
        self.status = status
        code, usual = _DOCUMENTED[status]
        self.body: dict[str, Any] = {"code": code, "message": message or usual}
        if reasons:
            self.body["errors"] = [{"attribute": attribute, "reason": reason} for attribute, reason in reasons]
