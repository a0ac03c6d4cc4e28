"""What people do in Slack: type commands and messages, click, choose, fill forms in, look at what they see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from bot.sandbox.slack import elements
from bot.sandbox.slack.delivery import Courier, Delivery
from bot.sandbox.slack.elements import NotPossible
from bot.sandbox.slack.payloads import Payloads
from bot.sandbox.slack.refusals import Refused
from bot.sandbox.slack.response_urls import ResponseUrls
from bot.sandbox.slack.views import View, Views
from bot.sandbox.slack.world import SLACKBOT, Channel, Message, User, World

T = TypeVar("T")

_EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
}


class Person:
    """Everybody's hands and eyes. People and channels are named by id or by name, messages by themselves or their ts.

    Whatever reaches the app returns the ``Delivery`` when it was acknowledged or given up; ``NotPossible`` is raised
    where Slack's client would not let a person do it, ``LookupError`` for people and channels that do not exist.
    """

    def __init__(self, world: World, views: Views, courier: Courier, urls: ResponseUrls) -> None:
        self._world, self._views, self._courier, self._urls = world, views, courier, urls
        self._payloads = Payloads(world, views)

    # -- Typing -------------------------------------------------------------------------------------------------------

    async def command(self, user: str, channel: str, command: str, text: str = "") -> Delivery:
        """Type a slash command and press Enter. What its acknowledgement says is shown, and so is its failure."""
        typist, place = self._in_channel(user, channel)
        if command not in self._world.app.commands or "commands" not in self._world.app.scopes:
            raise NotPossible(f"{command} is not a valid command")
        url = self._urls.new(typist.id, place.id)
        payload = self._payloads.command(typist, place, command, text, url)
        delivery = await self._courier.deliver("slash_commands", payload)
        if delivery.error:
            self._slackbot(typist, place, f'{command} failed with the error "{delivery.error}"')
        elif delivery.ack_payload:
            self._show_answer(typist, place, f"{command} {text}".strip(), delivery.ack_payload)
        return delivery

    async def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Delivery | None:
        """Write a message. None when the app is not told of it: not a member, not subscribed, or not allowed to."""
        author, place = self._in_channel(user, channel)
        escaped = self._payloads.escaped(text)
        message = Message(place.id, self._world.next_ts(), author.id, escaped, thread_ts=thread_ts)
        self._world.add(message)
        app = self._world.app
        kind = {"public": "message.channels", "private": "message.groups", "im": "message.im"}[place.kind]
        if f"<@{app.bot_user_id}>" in escaped and place.kind != "im":
            kind = "app_mention"
        if app.bot_user_id not in place.members or not self._subscribed(kind):
            return None
        event = {**message.as_json(), "channel": place.id, "event_ts": message.ts, "team": self._world.team_id}
        if kind == "app_mention":
            event["type"] = kind
        else:
            event["channel_type"] = {"public": "channel", "private": "group", "im": "im"}[place.kind]
        return await self.event(event)

    async def mention(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Delivery | None:
        """Write ``@bot text`` in a channel or in a thread."""
        bot = self._world.users[self._world.app.bot_user_id]
        return await self.say(user, channel, f"@{bot.name} {text}", thread_ts)

    async def direct_message(self, user: str, text: str, thread_ts: str | None = None) -> Delivery | None:
        """Write to the app itself."""
        return await self.say(user, self._world.direct_messages(user).id, text, thread_ts)

    async def open_home(self, user: str) -> Delivery | None:
        """Look at the app's Home tab."""
        person = self._world.user(user)
        if not self._world.app.home_tab:
            raise NotPossible("the app has no Home tab")
        if not self._subscribed("app_home_opened"):
            return None
        channel = self._world.direct_messages(user)
        event: dict[str, Any] = {"type": "app_home_opened", "user": person.id, "channel": channel.id, "tab": "home"}
        if home := self._views.homes.get(person.id):
            event["view"] = self._views.as_json(home)
        return await self.event({**event, "event_ts": self._world.next_ts()})

    async def event(self, event: dict[str, Any]) -> Delivery:
        """Tell the app of any event, such as ``tokens_revoked``, whether or not it is subscribed to it."""
        return await self._courier.deliver("events_api", self._payloads.event(event))

    # -- Clicking -----------------------------------------------------------------------------------------------------

    async def click(
        self,
        user: str,
        surface: Message | View | str,
        wanted: str,
        value: str | None = None,
        block_id: str | None = None,
    ) -> Delivery:
        """Press the button with that action_id, block_id or label in a message, a modal or App Home.

        ``value`` and ``block_id`` tell which, where several are called the same.
        """
        clicker, shown = self._world.user(user), self._surface(user, surface)
        block, element = elements.find(shown.blocks, wanted, value, block_id)
        if element["type"] != "button":
            raise NotPossible(f"{wanted} is a {element['type']}: choose in it")
        return await self._act(clicker, shown, block, element, {})

    async def choose(
        self,
        user: str,
        surface: Message | View | str,
        wanted: str,
        choice: Any,
        block_id: str | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> Delivery | None:
        """Choose in a select or a picker, by the option's value or label; None where the app is told on submit only.

        Conversations are chosen by id or by name, of those that Slack's menu offers this person. ``values`` are what
        is filled in beside it, as for ``submit``: Slack tells the whole form with each thing that it tells.
        """
        clicker, shown = self._world.user(user), self._surface(user, surface)
        self._fill_in(clicker, shown, values)
        block, element = elements.find(shown.blocks, wanted, block_id=block_id)
        answered = self._answered(clicker, element, choice)
        if element["type"] != "overflow":
            shown.state.setdefault(block["block_id"], {})[element["action_id"]] = answered
        self._world.changed()
        if block["type"] == "input" and not block.get("dispatch_action"):
            return None
        return await self._act(clicker, shown, block, element, answered)

    async def submit(
        self, user: str, view: View | str | None = None, values: Mapping[str, Any] | None = None
    ) -> Delivery:
        """Fill the modal in and submit it. ``values`` by action_id or block_id; the view on top when none is named.

        What the app answers is done: the view closes, changes, shows errors (``View.errors``) or another one opens.
        """
        submitter, form = self._world.user(user), self._modal(user, view)
        if not form.content.get("submit"):
            raise NotPossible("this view has nothing to submit")
        self._fill_in(submitter, form, values)
        if missing := elements.unanswered(form.blocks, form.state):
            raise NotPossible(f"please complete these required fields: {', '.join(missing)}")
        form.errors = {}
        delivery = await self._courier.deliver("interactive", self._payloads.view_submission(submitter, form))
        if delivery.acked:
            self._after_submission(form, delivery.ack_payload or {})
        else:
            form.errors = {"": "We had some trouble connecting. Try again?"}
        self._world.changed()
        return delivery

    async def close(self, user: str, view: View | str | None = None, *, all_of_them: bool = False) -> Delivery | None:
        """Close the modal on top, or all; None where the app did not ask to be told (``notify_on_close``).

        A view with ``clear_on_close`` takes all others with it.
        """
        closer, form = self._world.user(user), self._modal(user, view)
        all_of_them = all_of_them or bool(form.content.get("clear_on_close"))
        self._views.close(form, all_of_them=all_of_them)
        if not form.content.get("notify_on_close"):
            return None
        payload = self._payloads.view_closed(closer, form, all_of_them=all_of_them)
        return await self._courier.deliver("interactive", payload)

    def dismiss(self, user: str, message: Message | str) -> None:
        """Put away an "only visible to you" message."""
        shown = self._surface(user, message)
        if not isinstance(shown, Message) or shown.only_for is None:
            raise NotPossible("only a private message can be dismissed")
        self._world.remove(shown)

    # -- Seeing -------------------------------------------------------------------------------------------------------

    def messages(self, channel: str) -> list[Message]:
        """What everybody in the channel sees, oldest first, replies in threads included."""
        return self._world.messages(channel)

    def visible_to(self, user: str, channel: str) -> list[Message]:
        """What one person sees there, with the messages for their eyes only."""
        return self._world.visible_to(user, channel)

    def views(self, user: str) -> list[View]:
        """The modals on this person's screen; the last one is on top."""
        return [*self._views.stacks.get(self._world.user(user).id, [])]

    def home(self, user: str) -> View | None:
        """The App Home of this person, once the app has published one."""
        return self._views.homes.get(self._world.user(user).id)

    async def wait_for(self, predicate: Callable[[], T | None], timeout: float = 10.0) -> T:
        """The first true value that the predicate gives, asked again after each change; see ``World.wait_for``."""
        return await self._world.wait_for(predicate, timeout)

    # -- Rules --------------------------------------------------------------------------------------------------------

    def _fill_in(self, user: User, shown: Message | View, values: Mapping[str, Any] | None) -> None:
        for wanted, value in (values or {}).items():
            block, element = elements.find(shown.blocks, wanted)
            answered = self._answered(user, element, value)
            shown.state.setdefault(block["block_id"], {})[element["action_id"]] = answered

    def _answered(self, user: User, element: Mapping[str, Any], given: Any) -> dict[str, Any]:
        several = isinstance(given, (list, tuple)) and all(isinstance(one, str) for one in given)
        if not (several or given is None or isinstance(given, str)):
            raise NotPossible(f"a {element['type']} does not take {given!r}")
        kinds = elements.conversation_kinds(element)
        if kinds and given:
            chosen = [self._offered(user, kinds, one) for one in ([given] if isinstance(given, str) else given)]
            given = chosen[0] if isinstance(given, str) else chosen
        return elements.answer(element, given)

    def _offered(self, user: User, kinds: frozenset[str], wanted: str) -> str:
        """The id of a conversation, if a menu of these kinds offers it to this person."""
        place = self._world.channel(wanted)
        visible = place.kind == "public" or user.id in place.members
        if place.kind not in kinds or place.archived or not visible:
            raise NotPossible(f"{place.name or place.id} is not offered to {user.name} here")
        return place.id

    async def _act(
        self,
        user: User,
        shown: Message | View,
        block: dict[str, Any],
        element: dict[str, Any],
        answered: Mapping[str, Any],
    ) -> Delivery:
        action = elements.action(block, element, answered, self._world.next_ts())
        url = self._urls.new(user.id, shown.channel, shown) if isinstance(shown, Message) else None
        payload = self._payloads.block_actions(user, shown, action, url)
        return await self._courier.deliver("interactive", payload)

    def _after_submission(self, form: View, said: Mapping[str, Any]) -> None:
        match said.get("response_action"):
            case "errors":
                form.errors = dict(said.get("errors", {}))
            case "update":
                self._views.replace(form, dict(said))
            case "push":
                self._views.push_onto(form, dict(said))
            case "clear":
                self._views.close(form, all_of_them=True)
            case _:
                self._views.close(form)

    def _show_answer(self, user: User, channel: Channel, typed: str, content: Mapping[str, Any]) -> None:
        if content.get("response_type") == "in_channel":  # then everybody also sees what was typed
            echo = Message(channel.id, self._world.next_ts(), user.id, typed, subtype="slash_command")
            self._world.add(echo)
        if any(content.get(part) for part in ("text", "blocks", "attachments")):
            try:
                self._urls.answer(user.id, channel.id, content)
            except Refused as refused:
                self._slackbot(user, channel, f'the answer was refused with the error "{refused.error}"')

    def _slackbot(self, user: User, channel: Channel, text: str) -> None:
        self._world.add(Message(channel.id, self._world.next_ts(), SLACKBOT, text, only_for=user.id))

    def _subscribed(self, event: str) -> bool:
        app = self._world.app
        return event in app.events and _EVENT_SCOPES.get(event) in (None, *app.scopes)

    def _in_channel(self, user: str, channel: str) -> tuple[User, Channel]:
        person, place = self._world.user(user), self._world.channel(channel)
        if person.id not in place.members:
            raise NotPossible(f"{person.name} is not in {place.name or place.id}")
        if place.archived:
            raise NotPossible(f"{place.name} is archived")
        return person, place

    def _surface(self, user: str, surface: Message | View | str) -> Message | View:
        """The message or view, if this person can see it."""
        person = self._world.user(user)
        wanted = surface if isinstance(surface, str) else surface.ts if isinstance(surface, Message) else surface.id
        for channel in self._world.channels.values():
            for message in self._world.visible_to(person.id, channel.id):
                if message.ts == wanted:
                    return message
        view = self._views.find(wanted)
        if view is None or view.user != person.id:
            raise NotPossible(f"{person.name} does not see {wanted}")
        return view

    def _modal(self, user: str, view: View | str | None) -> View:
        shown = self._surface(user, view) if view is not None else self._views.top(self._world.user(user).id)
        if not isinstance(shown, View) or shown is not self._views.top(shown.user):
            raise NotPossible("there is no such modal on top")
        return shown
