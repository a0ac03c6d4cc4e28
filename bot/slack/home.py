"""The Home tab of one person, published: https://docs.slack.dev/surfaces/app-home"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.errors import StorageError
from bot.formatting.digest_list import home_digests
from bot.formatting.home import home_view
from bot.formatting.message import Message
from bot.formatting.problem import format_problem
from bot.services.subscriptions import Subscriptions
from bot.slack.conversation import Defaults
from bot.slack.messenger import Messenger, quietly
from bot.slack.profiles import Profiles
from bot.slack.state import State

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Home:
    """Publishes the tab."""

    messenger: Messenger
    profiles: Profiles
    defaults: Defaults
    subscriptions: Subscriptions
    clock: Callable[[], datetime]

    async def show(self, user: str, team: str, notice: Message | None = None) -> None:
        """The tab as it is now, with ``notice`` above its digests; a failure is logged."""
        profile = await self.profiles.of(user)
        digests = await _digests(self.subscriptions, user, team, self.clock())
        view = home_view(
            project=self.defaults.project,
            environment=self.defaults.environment,
            zone=profile.zone.key,
            ask=lambda command, text: State(command, text).encode(),
            digests=[*(notice.blocks if notice else ()), *digests],
        )
        await quietly(self.messenger.publish_home(user, view))


async def _digests(subscriptions: Subscriptions, user: str, team: str, now: datetime) -> list[dict[str, Any]]:
    try:
        entries = await subscriptions.of_person(team, user)
    except StorageError as error:
        logger.warning("the database cannot be used: %s", error.message)
        return list(format_problem(error).blocks)
    return [block.to_dict() for block in home_digests(entries, now)]
