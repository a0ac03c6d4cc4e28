"""The second try for lists inside a deployment that LaunchDarkly cut short.

Nested pull requests have no usable link to their next page, and flag references have none at all; the deployment asked
for by itself is the one place that may list more. What it does not list is told as "N of M" later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bot.domain.deployments import Deployment
from bot.domain.errors import SourceError
from bot.launchdarkly import sansio, schemas
from bot.launchdarkly.client import Client
from bot.launchdarkly.convert import Converter

MOST_TRIES = 20
"""In one reading: each costs a request of the account's budget."""


async def completed(
    deployments: Sequence[Deployment], client: Client, converter: Converter, deadline: float
) -> list[Deployment]:
    """The same deployments, some with longer lists. A try that fails changes nothing."""
    cut = [d for d in deployments if d.unread_pull_requests or d.unread_flag_references][:MOST_TRIES]
    if not cut:
        return list(deployments)
    longer = await asyncio.gather(*(_asked_again(d, client, converter, deadline) for d in cut))
    by_id = {d.id: d for d in longer}
    return [by_id.get(d.id, d) for d in deployments]


async def _asked_again(deployment: Deployment, client: Client, converter: Converter, deadline: float) -> Deployment:
    try:
        again = await client.get(
            sansio.deployment(deployment.id),
            lambda reply: converter.deployment(schemas.decode(schemas.DEPLOYMENT, reply.body)),
            deadline=deadline,
            attempts=1,
        )
    except SourceError:
        return deployment
    pull_requests = max(deployment.pull_requests, again.pull_requests, key=len)
    flag_references = max(deployment.flag_references, again.flag_references, key=len)
    return replace(
        deployment,
        pull_requests=pull_requests,
        pull_request_count=max(deployment.pull_request_count, len(pull_requests)),
        flag_references=flag_references,
        flag_reference_count=max(deployment.flag_reference_count, len(flag_references)),
    )
