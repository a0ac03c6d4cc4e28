"""What can go wrong between LaunchDarkly and a reader, as switches.

Two sorts: a broken answer happens to the next ``times`` requests and is then used up; a twist changes every answer
until ``clear``. With ``after`` the first so many requests pass untouched; with ``path`` only requests whose path
contains that text are meant.
"""

from __future__ import annotations

import asyncio
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import NoneType
from typing import Any

from bot.sandbox.launchdarkly import twists
from bot.sandbox.launchdarkly.refusals import Refusal
from bot.sandbox.launchdarkly.representations import Json

ALWAYS = 1_000_000_000


class Break(Enum):
    """How a transport or a body breaks."""

    CUT = "the body ends half-way"
    RESET = "the connection is reset"
    NOT_JSON = "the body is a web page"
    WRONG_SHAPE = "the body is JSON of another kind"


@dataclass(frozen=True, slots=True)
class BrokenAnswer:
    """What a request gets instead of its answer.

    ``reset_in`` and ``token_reset_in`` are seconds from now, negative ones are past; ``wait`` is seconds before the
    right answer. ``bare`` leaves out the usual rate-limit headers.
    """

    status: int = 200
    body: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    bare: bool = False
    reset_in: float | None = None
    token_reset_in: float | None = None
    breaks: Break | None = None
    wait: float = 0


@dataclass(slots=True)
class _Rule:
    answer: BrokenAnswer
    times: int
    after: int
    path: str


class Faults:
    """The switches of one sandbox. All may be thrown together; of two broken answers the first thrown comes first."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []
        self._twists: dict[str, twists.Twist] = {}
        self._gate: asyncio.Event | None = None
        self.remaining: int | None = None
        self.late_pending = False

    # Broken answers

    def rate_limit(
        self,
        times: int = 1,
        *,
        retry_after: float | None = None,
        reset_in: float | None = None,
        token_reset_in: float | None = None,
        after: int = 0,
        path: str = "",
    ) -> None:
        """429. Each wait is in seconds and goes into its own header; a negative reset lies in the past.

        ``retry_after`` → ``Retry-After``, ``reset_in`` → ``X-Ratelimit-Reset``, ``token_reset_in`` →
        ``X-Ratelimit-Auth-Token-Reset``. With none of them the answer has no rate-limit header at all.
        """
        self._break(
            BrokenAnswer(
                429,
                Refusal(429).body,
                {"Retry-After": f"{retry_after:g}"} if retry_after is not None else {},
                bare=True,
                reset_in=reset_in,
                token_reset_in=token_reset_in,
            ),
            times,
            after,
            path,
        )

    def server_error(self, times: int = 1, *, status: int = 503, after: int = 0, path: str = "") -> None:
        """A 5xx with a body that is not JSON, as proxies send it."""
        self._break(BrokenAnswer(status, breaks=Break.NOT_JSON), times, after, path)

    def no_plan(self, times: int = ALWAYS, *, after: int = 0, path: str = "engineering-insights") -> None:
        """403, as for an account whose plan lacks Engineering Insights."""
        self._break(BrokenAnswer(403, Refusal(403).body), times, after, path)

    def cut_body(self, times: int = 1, *, after: int = 0, path: str = "") -> None:
        """Half of the announced body, then the connection closes."""
        self._break(BrokenAnswer(breaks=Break.CUT), times, after, path)

    def reset_connection(self, times: int = 1, *, after: int = 0, path: str = "") -> None:
        """The request is read and the connection reset without an answer."""
        self._break(BrokenAnswer(breaks=Break.RESET), times, after, path)

    def not_json(self, times: int = 1, *, after: int = 0, path: str = "") -> None:
        """200 with a web page."""
        self._break(BrokenAnswer(breaks=Break.NOT_JSON), times, after, path)

    def wrong_shape(self, times: int = 1, *, after: int = 0, path: str = "") -> None:
        """200 with JSON that is not what the endpoint answers."""
        self._break(BrokenAnswer(breaks=Break.WRONG_SHAPE), times, after, path)

    def slow(self, seconds: float, times: int = ALWAYS, *, after: int = 0, path: str = "") -> None:
        """The right answer, ``seconds`` later."""
        self._break(BrokenAnswer(wait=seconds), times, after, path)

    def down(self) -> None:
        """503 for everything, until ``clear``."""
        self.server_error(ALWAYS)

    def hold(self) -> None:
        """Requests wait, without any timer, until ``release``; both from the sandbox's own event loop, or over HTTP."""
        self._gate = self._gate or asyncio.Event()

    def release(self) -> None:
        if self._gate:
            self._gate.set()
        self._gate = None

    # Twists

    def truncate_nested(self, keep: int = 1, *, by_id: bool = False) -> None:
        """Nested lists show ``keep`` items of their ``totalCount``; with ``by_id`` also the deployment asked by id."""
        self._twists["truncate_nested"] = twists.truncate_nested(keep, by_id=by_id)

    def wrong_totals(self, extra: int = 2) -> None:
        """``totalCount`` of a deployments list says so many more than there are."""
        self._twists["wrong_totals"] = twists.wrong_totals(extra)

    def lose_in_slices(self) -> None:
        """A window narrower than the widest asked so far lacks its oldest deployment, in list and total."""
        self._twists["lose_in_slices"] = twists.lose_in_slices()

    def unknown_words(self, status: str = "promoted", kind: str = "canary") -> None:
        """Finished deployments have another status word, ordinary ones another kind."""
        self._twists["unknown_words"] = twists.unknown_words(status, kind)

    def sloppy(self) -> None:
        """Null items, null optionals, digit strings for times, fields nobody has heard of."""
        self._twists["sloppy"] = twists.sloppy()

    def late_deployment(self) -> None:
        """A deployment of the past is reported between two pages: with the next request that carries a cursor."""
        self.late_pending = True

    def low_remaining(self, remaining: int = 1) -> None:
        """The rate-limit headers say that only so many requests are left."""
        self.remaining = remaining

    def clear(self) -> None:
        """Everything works again. A late deployment that was reported stays."""
        self.release()
        self._rules.clear()
        self._twists.clear()
        self.remaining, self.late_pending = None, False

    # The server's side

    def next_answer(self, path: str) -> BrokenAnswer | None:
        """The broken answer that this request gets, used up; None: the right one."""
        for rule in self._rules:
            if rule.path not in path:
                continue
            if rule.after:
                rule.after -= 1
                continue
            rule.times -= 1
            if not rule.times:
                self._rules.remove(rule)
            return rule.answer
        return None

    def twist(self, path: str, query: Mapping[str, str], body: Json) -> Json:
        for twist in self._twists.values():
            body = twist(path, query, body)
        return body

    async def wait(self) -> None:
        if self._gate:
            await self._gate.wait()

    def throw(self, name: str, arguments: Mapping[str, Any]) -> None:
        """Throw a switch by its name. Raises ValueError with words for a person where that cannot be done."""
        if name not in SWITCHES:
            raise ValueError(f"There is no fault {name!r}. There are: {', '.join(SWITCHES)}.")
        switch: Callable[..., None] = getattr(self, name)
        kinds = typing.get_type_hints(switch)
        for argument, value in arguments.items():
            if argument not in kinds or argument == "return":
                taken = ", ".join(kind for kind in kinds if kind != "return") or "none"
                raise ValueError(f"{name} does not take {argument!r}. It takes: {taken}.")
            if not _fits(value, kinds[argument]):
                raise ValueError(f"{argument} of {name} cannot be {value!r}.")
        try:
            switch(**arguments)
        except TypeError as error:
            raise ValueError(str(error)) from error

    def _break(self, answer: BrokenAnswer, times: int, after: int, path: str) -> None:
        self._rules.append(_Rule(answer, times, after, path))


SWITCHES = (
    "rate_limit",
    "server_error",
    "no_plan",
    "cut_body",
    "reset_connection",
    "not_json",
    "wrong_shape",
    "slow",
    "down",
    "hold",
    "release",
    "truncate_nested",
    "wrong_totals",
    "lose_in_slices",
    "unknown_words",
    "sloppy",
    "late_deployment",
    "low_remaining",
    "clear",
)
"""The switches that can also be thrown over HTTP."""


def _fits(value: object, kind: object) -> bool:
    kinds = typing.get_args(kind) or (kind,)
    if isinstance(value, bool):
        return bool in kinds
    if value is None:
        return NoneType in kinds
    return type(value) in kinds or (isinstance(value, int) and float in kinds)
