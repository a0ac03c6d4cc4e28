"""People's time zones and names, from their Slack profiles."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.single_flight import SingleFlight

logger = logging.getLogger(__name__)

_KEPT_FOR = timedelta(hours=1)
_MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Profile:
    """``name`` is "" where it is not known."""

    zone: ZoneInfo
    name: str = ""


class Profiles:
    """Asks ``users.info`` at most once an hour for each person, and once for all that ask about them at a time.

    Without the scope ``users:read``, or when Slack does not answer, everybody has the zone ``otherwise``; each reason
    is logged once. An answer waits for a profile no longer than ``timeout`` seconds.
    https://docs.slack.dev/reference/methods/users.info
    """

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        clock: Callable[[], datetime],
        otherwise: ZoneInfo,
        timeout: float = 3.0,
    ) -> None:
        self._client = client
        self._clock = clock
        self._unknown = Profile(otherwise)
        self._timeout = timeout
        self._kept: OrderedDict[str, tuple[datetime, Profile]] = OrderedDict()
        self._flights: SingleFlight[str, Profile] = SingleFlight()
        self._logged: set[str] = set()

    async def of(self, user: str) -> Profile:
        """The person's profile; it never raises."""
        kept = self._kept.get(user)
        if kept is not None and self._clock() - kept[0] < _KEPT_FOR:
            return kept[1]
        try:
            async with asyncio.timeout(self._timeout):
                return await self._flights.run(user, lambda: self._read(user))
        except TimeoutError:  # the read goes on, for the next question
            return self._without(user, "no answer in time", keep=False)

    async def aclose(self) -> None:
        """Stop the reads that are still under way."""
        await self._flights.aclose()

    async def _read(self, user: str) -> Profile:
        try:
            answer = await self._client.users_info(user=user)
        except SlackApiError as error:
            data = error.response.data
            code = str(data.get("error", "")) if isinstance(data, dict) else ""
            return self._without(user, code or f"http_{error.response.status_code}", keep=code == "missing_scope")
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
            return self._without(user, type(error).__name__, keep=False)
        return self._keep(user, self._profile(answer.get("user") or {}))

    def _profile(self, user: dict[str, object]) -> Profile:
        inner = user.get("profile")
        names = [inner.get("display_name"), inner.get("real_name")] if isinstance(inner, dict) else []
        name = next((str(name) for name in [*names, user.get("real_name"), user.get("name")] if name), "")
        try:
            return Profile(ZoneInfo(str(user.get("tz") or "")), name)
        except (KeyError, ValueError, OSError):  # no zone, or one that this machine does not know
            return Profile(self._unknown.zone, name)

    def _without(self, user: str, reason: str, *, keep: bool) -> Profile:
        if reason not in self._logged:
            self._logged.add(reason)
            logger.warning("people's time zones cannot be read (%s); TIMEZONE is used", reason)
        return self._keep(user, self._unknown) if keep else self._unknown

    def _keep(self, user: str, profile: Profile) -> Profile:
        self._kept[user] = (self._clock(), profile)
        self._kept.move_to_end(user)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return profile
