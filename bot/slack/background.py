"""The work behind an acknowledgement: started, told when it is cut off or fails, and never raising."""

from __future__ import annotations

import logging
from collections.abc import Coroutine

from bot.formatting import notices
from bot.slack.messenger import quietly
from bot.slack.replies import Reply
from bot.slack.tasks import Tasks

logger = logging.getLogger(__name__)

Work = Coroutine[object, object, object]


class Background:
    """Starts work among the tasks of the process."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    async def start(self, work: Work, reply: Reply | None) -> None:
        """Begin the work; whoever waits is told by ``reply`` where it cannot be begun, is cut off, or fails."""

        async def told_that_cut_off() -> None:
            if reply is not None:
                await quietly(reply.privately(notices.cut_off()))

        if not self._tasks.start(_guarded(work, reply), on_cut_off=told_that_cut_off):
            work.close()
            if reply is not None:
                await quietly(reply.privately(notices.no_time()))


async def _guarded(work: Work, reply: Reply | None) -> None:
    try:
        await work
    except Exception:  # the boundary: a fault of ours is logged, and told to whoever waits
        logger.exception("a question failed")
        if reply is not None:
            await quietly(reply.privately(notices.failed()))
