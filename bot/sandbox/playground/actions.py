"""What people do in the page, handed to the embedded Slack as their client would: nothing reaches the bot otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from bot.sandbox.playground.controls import Button, Control
from bot.sandbox.slack import Delivery, NotPossible, SandboxSlack
from bot.sandbox.slack.control import call, json_object

VERBS = ("click", "choose", "submit", "close", "dismiss", "open_home")
"""The methods of ``Person`` that have an address of their own; the words of a message go through ``send``."""

_LONGEST = 12_000  # characters in a message, as in Slack


class Actions:
    def __init__(self, slack: SandboxSlack, controls: Sequence[Control]) -> None:
        self._slack = slack
        self._controls = {control.key: control for control in controls}

    async def do(self, request: web.Request) -> web.Response:
        """``POST /do/{verb}`` with the arguments as a JSON object."""
        verb, arguments = request.match_info["verb"], await json_object(request)
        if verb in ("send", "control"):
            answer = await call(getattr(self, verb), arguments)
        elif verb in VERBS:
            answer = await call(getattr(self._slack, verb), arguments)
        else:
            raise web.HTTPNotFound(text=f"there is no {verb}")
        answer.set_status(200)  # what a person cannot do is told in words; the page itself did nothing wrong
        return answer

    async def send(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Delivery | None:
        """Press Enter: a command where the text begins with a slash, a message otherwise."""
        words = text.strip()
        if not words:
            raise NotPossible("there is nothing to send")
        if len(words) > _LONGEST:
            raise NotPossible(f"a message has at most {_LONGEST} characters")
        if not words.startswith("/"):
            return await self._slack.say(user, channel, self._with_account_names(words), thread_ts)
        if thread_ts is not None:
            bot = self._slack.world.app.name
            raise NotPossible(f"slash commands do not work in threads; write @{bot} {words.lstrip('/')}")
        command, _, rest = words.partition(" ")
        if command.lower() == "/invite":
            self._invite(channel, self._with_account_names(rest.strip()))
            return None
        return await self._slack.command(user, channel, command.lower(), self._with_account_names(rest.strip()))

    async def control(self, key: str, value: str = "") -> str:
        """Press a button or set a switch in the panel beside the conversation; what a button has to say, or ""."""
        control = self._controls.get(key)
        if control is None:
            raise LookupError(f"there is no control {key!r}")
        if isinstance(control, Button):
            return await control.press()
        if value not in {option.value for option in control.options}:
            raise NotPossible(f"{control.label} cannot be {value!r}")
        control.choose(value)
        self._slack.world.changed()
        return ""

    def _invite(self, channel: str, whom: str) -> None:
        """Slack's own command, which the bot asks for where it is not a member."""
        world = self._slack.world
        bot = world.users[world.app.bot_user_id]
        if whom != f"@{bot.name}":
            raise NotPossible(f"here, only the bot can be invited: /invite @{world.app.name}")
        world.channel(channel).members.add(bot.id)
        world.changed()

    def _with_account_names(self, text: str) -> str:
        """``@What Shipped`` as Slack's client knows it: the account that is shown under that name."""
        for user in self._slack.world.users.values():
            if user.real_name:
                text = text.replace(f"@{user.real_name}", f"@{user.name}")
        return text
