"""Logging: one line per event on standard error, as text or JSON, with every known secret struck out."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

REDACTED = "[redacted]"

# Libraries that log every request: at INFO they say what our own line says better.
_CHATTY = ("aiohttp", "aiosqlite", "alembic", "apscheduler", "asyncio", "httpcore", "httpx")

# Libraries that write whole payloads at DEBUG, and refused ones at INFO: what people typed, and addresses that answer
# in the bot's name. Not for a log, whatever its level.
_INDISCREET = ("slack_bolt", "slack_sdk")

# Secrets that no setting holds: Slack's tokens, tickets of Socket Mode, addresses that a message can be sent to.
_SHAPES = re.compile(r"\b(xox\w-|xapp-|ticket=|hooks\.slack(?:-gov)?\.com/)[\w./%~-]+")


class _Redacting(logging.Formatter):
    """Strikes secrets out of the finished line, so that no argument, exception or traceback can carry one."""

    def __init__(self, secrets: Iterable[str], fmt: str | None = None) -> None:
        super().__init__(fmt)
        self._secrets = sorted({s for s in secrets if s}, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        return self.struck(self.line(record))

    def line(self, record: logging.LogRecord) -> str:
        return super().format(record)

    def struck(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        return _SHAPES.sub(rf"\1{REDACTED}", text)


class _Json(_Redacting):
    """One JSON object a line: time (UTC), level, logger, message, and what was passed as ``extra={"fields": …}``."""

    def line(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry.update(getattr(record, "fields", {}))
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


class _Text(_Redacting):
    """``2026-11-23 09:30:00,123 INFO bot.app message key=value``; the time is local to the process."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # the name is logging's
        fields = getattr(record, "fields", {})
        return super().formatMessage(record) + "".join(f" {key}={value}" for key, value in fields.items())


def configure(level: str, style: str, secrets: Iterable[str], stream: TextIO | None = None) -> None:
    """Set the root logger up; ``style`` is ``text`` or ``json``. Calling it again replaces the former set-up."""
    formatter = _Json(secrets) if style == "json" else _Text(secrets, "%(asctime)s %(levelname)s %(name)s %(message)s")
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    handler.addFilter(_discreet)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.DEBUG if level == "DEBUG" else logging.WARNING)
    for name in _INDISCREET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _discreet(record: logging.LogRecord) -> bool:
    """Also where a library gives its loggers levels of their own, as Bolt does."""
    return record.levelno >= logging.WARNING or not record.name.startswith(_INDISCREET)
