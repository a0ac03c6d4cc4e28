"""What a worker is made of: digests, on top of what answers questions."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import aiohttp

from bot.app import App, utc_now
from bot.domain.errors import SourceError
from bot.metrics import Metrics
from bot.services.clock_guard import ClockGuard
from bot.services.delivery import DigestDelivery
from bot.services.digest_troubles import Troubles
from bot.services.digests import Digests
from bot.services.unknown_deliveries import UnknownDeliveries, UnknownDelivery
from bot.slack.bolt import web_client
from bot.slack.digest_messenger import SlackDigestMessenger
from bot.slack.messenger import Messenger
from bot.slack.pacing import Pacer
from bot.stores import Stores

_CLOCK_SECONDS = 3.0
"""How long a tick waits to be told LaunchDarkly's time, where that is to be asked."""


def wire_digests(
    app: App,
    stores: Stores,
    session: aiohttp.ClientSession,
    metrics: Metrics,
    *,
    clock: Callable[[], datetime] = utc_now,
    owner: str = "",
) -> Digests:
    """The digests as the settings say. ``owner`` is this worker's name, made up where none is given."""
    settings = app.settings
    owner = owner or f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    token = settings.slack_bot_token.get_secret_value()
    client = web_client(token=token, api_url=settings.slack_api_url, session=session, patient=False)
    messenger = SlackDigestMessenger(Messenger(client, session), Pacer())
    delivery = DigestDelivery(
        stores.ledger,
        messenger,
        Troubles(stores.subscriptions, messenger),
        metrics,
        owner=owner,
        base_url=settings.launchdarkly_base_url,
        clock=clock,
        allowed_projects=settings.allowed_projects,
    )
    unknowns = UnknownDeliveries(
        stores.subscriptions,
        stores.ledger,
        messenger,
        metrics,
        otherwise=UnknownDelivery(settings.unknown_delivery),
        owner=owner,
        clock=clock,
    )
    return Digests(
        stores.subscriptions,
        stores.ledger,
        app.deployments,
        delivery,
        unknowns,
        clock=clock,
        guard=ClockGuard(partial(_launchdarkly_ahead, app)),
        retention=timedelta(days=settings.digest_retention_days),
    )


async def _launchdarkly_ahead(app: App) -> timedelta | None:
    try:
        _, ahead = await app.source.identity(timeout=_CLOCK_SECONDS)
    except SourceError:
        return None
    return ahead
