"""The steps of a delivery, as the tests of the ledger take them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.digests import Occurrence
from bot.services.digest_ports import (
    Claim,
    Delivery,
    DeliveryLedger,
    Posted,
)

FRIDAY, MONDAY, TUESDAY, WEDNESDAY = (datetime(2026, 11, day, 8, 30, tzinfo=UTC) for day in (20, 23, 24, 25))
MINUTE = timedelta(minutes=1)
LEASE = 5 * MINUTE
LATER = MONDAY + LEASE  # when a lease of Monday's has just expired
MESSAGE = Posted("C1", "1764000000.000100")


def occurrence(due_at: datetime = MONDAY, start: datetime = FRIDAY, id: str = "s1", **changes: Any) -> Occurrence:
    return replace(Occurrence(id, due_at, window_start=start, window_end=due_at), **changes)


async def claimed(
    ledger: DeliveryLedger, of: Occurrence | None = None, now: datetime = MONDAY, owner: str = "a"
) -> Claim:
    claim = await ledger.claim(of or occurrence(), owner=owner, now=now, lease=LEASE)
    assert claim is not None
    return claim


async def sending(
    ledger, *deployments: str, of: Occurrence | None = None, now: datetime = MONDAY, **more: Any
) -> Claim:
    claim = await claimed(ledger, of, now)
    assert await ledger.begin_sending(claim, deployments, now=now, lease=LEASE, **more)
    return claim


async def sent(
    ledger: DeliveryLedger, *deployments: str, of: Occurrence | None = None, now: datetime = MONDAY, **more: Any
) -> Claim:
    claim = await sending(ledger, *deployments, of=of, now=now, **more)
    assert await ledger.mark_sent(claim, MESSAGE, now=now)
    return claim


async def unknown(ledger: DeliveryLedger, *deployments: str) -> Delivery:
    await sending(ledger, *deployments)
    (found,) = await ledger.unknowns(now=LATER)
    return found


async def only_row(ledger: DeliveryLedger) -> Delivery:
    (row,) = await ledger.history("s1", 10)
    return row
