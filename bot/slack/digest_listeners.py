"""What Slack tells us about digests: acknowledged at once, then handed over to a task. Nothing here raises."""

from __future__ import annotations

import time
from collections.abc import Callable

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.commands.digest import DigestVerb
from bot.formatting import digest_buttons as buttons
from bot.formatting import digest_form, notices
from bot.slack.background import Background, Work
from bot.slack.digest_conversation import Actor, DigestConversation, Shown
from bot.slack.digest_modal import TITLE, FinalReply
from bot.slack.digest_state import decode
from bot.slack.messenger import Messenger, quietly
from bot.slack.payloads import Body, channel_of, is_home, place_of, reply_to, team_of, value_of
from bot.slack.recent import SAME_CLICK_SECONDS, SAME_PRESS_SECONDS, Recent
from bot.slack.replies import Reply, UrlReply, ViewReply
from bot.slack.state import BadState

_VERBS = {
    buttons.PREVIEW: DigestVerb.PREVIEW,
    buttons.PAUSE: DigestVerb.PAUSE,
    buttons.RESUME: DigestVerb.RESUME,
    buttons.EDIT: DigestVerb.EDIT,
    buttons.WHY: DigestVerb.WHY,
    buttons.REMOVE: DigestVerb.REMOVE,
}
_BESIDE = frozenset({buttons.PREVIEW, buttons.WHY, buttons.EDIT, buttons.NEW})
"""What leaves the list where it is."""


class DigestListeners:
    """The functions that Bolt calls. ``monotonic`` gives seconds."""

    def __init__(
        self,
        conversation: DigestConversation,
        messenger: Messenger,
        background: Background,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._conversation = conversation
        self._messenger = messenger
        self._background = background
        self._presses = Recent(SAME_PRESS_SECONDS, monotonic)
        self._clicks = Recent(SAME_CLICK_SECONDS, monotonic)

    async def command(self, ack: AsyncAck, body: Body) -> None:
        """``/digest``."""
        await ack()
        user, channel, text = body["user_id"], body["channel_id"], body.get("text") or ""
        if not self._presses.is_new((user, channel), text):
            return
        reply = UrlReply(self._messenger, body["response_url"], channel=channel, user=user)
        actor = Actor(user, team_of(body), channel, "command", body.get("user_name", ""))
        await self._background.start(self._conversation.command(actor, text, reply, body["trigger_id"]), reply)

    async def action(self, ack: AsyncAck, body: Body, action: Body) -> None:
        """A button about digests was pressed, or something chosen in the form."""
        await ack()
        user, action_id, value = body["user"]["id"], str(action.get("action_id", "")), value_of(action)
        in_form = action_id.startswith(digest_form.FORM)
        click = (action_id, action.get("block_id"), value)
        if not in_form and not self._clicks.is_new((user, place_of(body)), click):
            return
        reply = self._reply_to(body, user, replaces=action_id not in _BESIDE)
        if reply is None:
            return
        actor = Actor(user, team_of(body), channel_of(body), action_id, body["user"].get("username", ""))
        try:
            work = self._work(actor, value, body, reply)
        except ValueError:
            work = quietly(reply.privately(notices.old_button("/digest")))
        await self._background.start(work, reply)

    async def form(self, ack: AsyncAck, body: Body, view: Body) -> None:
        """The form was submitted: what is wrong is shown in it, else its preview upon it."""
        conversation = self._conversation
        try:
            subscription, said = conversation.modal.read(view)
        except BadState:
            await ack(response_action="errors", errors={digest_form.NAME: "This form is too old: open it once more."})
            return
        if isinstance(said, dict):
            await ack(response_action="errors", errors=said)
            return
        loading, reply = conversation.modal.pushed()
        await ack(response_action="push", view=loading)
        user = body["user"]["id"]
        actor = Actor(user, team_of(body), subscription.channel_id, digest_form.FORM, body["user"].get("username", ""))
        await self._background.start(conversation.form_submitted(actor, subscription, said, reply), reply)

    def _work(self, actor: Actor, value: str, body: Body, reply: Reply) -> Work:
        """What the press asks for; raises ``ValueError`` where it carries nothing that we can read."""
        conversation, action_id = self._conversation, actor.how
        shown = Shown.HOME if is_home(body) else Shown.LIST
        trigger_id = body.get("trigger_id", "")
        if action_id.startswith(digest_form.FORM):
            return conversation.form_changed(actor, body["view"], reply)
        if action_id in _VERBS:
            return conversation.press(actor, _VERBS[action_id], value, shown, reply, trigger_id)
        match action_id:
            case buttons.SUBSCRIBE | buttons.SAVE:
                return conversation.decide(actor, decode(value), reply)
            case buttons.CANCEL:
                return conversation.cancel(reply)
            case buttons.UNDO:
                return conversation.undo(actor, decode(value), shown, reply)
            case buttons.PREVIOUS | buttons.NEXT:
                return conversation.page(actor, int(value), reply)
            case buttons.NEW:
                return conversation.new(actor, reply, trigger_id)
        raise BadState(action_id)

    def _reply_to(self, body: Body, user: str, *, replaces: bool) -> Reply | None:
        reply = reply_to(self._messenger, body, user, replaces=replaces, title=TITLE)
        return FinalReply(self._messenger, reply.view_id, TITLE) if isinstance(reply, ViewReply) else reply
