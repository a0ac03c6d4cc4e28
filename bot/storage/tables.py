"""The tables, as the newest migration leaves them. Every row carries its ``team_id``."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware in, aware and in UTC out. SQLite, which has no such type, keeps the UTC clock's reading as text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("team_id", String(32), nullable=False),
    Column("channel_id", String(32), nullable=False),
    Column("number", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("filters", JSON, nullable=False),
    Column("days", JSON, nullable=False),
    Column("at", String(5), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("say_when_empty", Boolean, nullable=False),
    Column("created_by", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("counts_from", UtcDateTime, nullable=False),
    Column("due_after", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    UniqueConstraint("team_id", "channel_id", "number", name="uq_subscriptions_number"),
)

# No foreign key to the subscription: what was said is remembered when it is removed, so that it can be brought back.
deliveries = Table(
    "deliveries",
    metadata,
    Column("subscription_id", String(64), primary_key=True),
    Column("due_at", UtcDateTime, primary_key=True),
    Column("team_id", String(32), nullable=False),
    Column("window_start", UtcDateTime, nullable=False),
    Column("window_end", UtcDateTime, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("owner", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("lease_until", UtcDateTime, nullable=False),
    Column("retry_at", UtcDateTime),
    Column("reason", Text, nullable=False),
    Column("covers", Boolean, nullable=False),
    Column("deployments", JSON, nullable=False),
    Column("channel_id", String(32)),
    Column("ts", String(32)),
    Column("settled", Boolean, nullable=False),
    Index("ix_deliveries_state", "state"),
)
