"""What only people can mend: the digest pauses, and whoever made it is told once what to do."""

from __future__ import annotations

import logging

from bot.domain.digests import Subscription
from bot.formatting.digest import format_paused
from bot.formatting.refusals import in_words
from bot.services.digest_ports import DigestMessenger, Hitch, NotPosted, SubscriptionStore

logger = logging.getLogger(__name__)

_ATTEMPTS = 5


class Troubles:
    """Pauses digests that cannot be posted."""

    def __init__(self, subscriptions: SubscriptionStore, messenger: DigestMessenger) -> None:
        self._subscriptions = subscriptions
        self._messenger = messenger

    async def not_allowed(self, subscription: Subscription) -> None:
        """Pause one whose project may no longer be shown. Raises ``StorageError``."""
        reason = f"whoever runs me does not let project {subscription.project} be shown any more"
        await self._pause(subscription, reason, can_tell=True)

    async def refused(self, subscription: Subscription, failed: NotPosted) -> None:
        """Pause one that Slack refuses for a reason that does not go away by itself. Raises ``StorageError``."""
        # A token that cannot post cannot tell either.
        await self._pause(subscription, in_words(failed.code), can_tell=failed.hitch is not Hitch.ACCESS)

    async def _pause(self, subscription: Subscription, reason: str, *, can_tell: bool) -> None:
        """The one worker who succeeds in that tells the owner."""
        paused = await self._paused(subscription, reason)
        if paused is None:
            return
        logger.warning("digest %s is paused: %s", paused.id, reason)
        if not can_tell:
            return
        try:
            await self._messenger.tell(paused.created_by, format_paused(paused))
        except NotPosted as silent:
            logger.warning("the owner of digest %s could not be told: %s", paused.id, silent.code)

    async def _paused(self, subscription: Subscription, reason: str) -> Subscription | None:
        """It, paused by us; None where somebody else did that, moved it or took it away."""
        found: Subscription | None = subscription
        for _ in range(_ATTEMPTS):
            if found is None or not found.is_active or found.channel_id != subscription.channel_id:
                return None
            if paused := await self._subscriptions.update(found.paused(reason)):
                return paused
            found = await self._subscriptions.get(subscription.team_id, subscription.id)
        return None
