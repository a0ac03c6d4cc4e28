"""The form of a digest: a modal with everything that can be typed, and when it would next come.

https://docs.slack.dev/surfaces/modals
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    ConversationFilter,
    ConversationSelectElement,
    InputBlock,
    InputInteractiveElement,
    Option,
    OptionGroup,
    PlainTextInputElement,
    RadioButtonsElement,
    StaticMultiSelectElement,
    StaticSelectElement,
    TimePickerElement,
)
from slack_sdk.models.blocks.basic_components import DispatchActionConfig

from bot.domain.schedule import Schedule, Weekday, is_zone
from bot.formatting.blocks import context
from bot.formatting.controls import MOST_BLOCK_ID, MOST_OPTION_TEXT, MOST_OPTION_VALUE, MOST_OPTIONS
from bot.formatting.lines import line
from bot.formatting.subscriptions import due_in_words
from bot.formatting.text import clean, number

FORM = "digest-form"
"""The view's callback id."""

PROJECT, ENVIRONMENT, APPLICATIONS = "digest-form-project", "digest-form-environment", "digest-form-applications"
DAYS, TIME, ZONE = "digest-form-days", "digest-form-time", "digest-form-zone"
MORE, EMPTY, NAME = "digest-form-more", "digest-form-empty", "digest-form-name"
CHANNEL = "digest-form-channel"
"""The action ids, which are the block ids too, apart from the environment's."""

SAY, SKIP = "say", "skip"
LONGEST_NAME, LONGEST_MORE = 60, 1_000

_OFFERED = 250  # in each menu: a view has 250 kB
_GROUP = 60


@dataclass(frozen=True, slots=True)
class Form:
    """What is filled in, or chosen beforehand. ``more`` are filters as they are typed; ``at`` may be missing.

    ``channel`` is the id that was chosen, where the form asks for one.
    """

    project: str
    environment: str
    applications: tuple[str, ...] = ()
    days: frozenset[Weekday] = frozenset()
    at: time | None = None
    zone: str = ""
    more: str = ""
    say_when_empty: bool = True
    name: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """What can be chosen. ``lately`` are the applications that were deployed there in the last days."""

    projects: Sequence[str]
    environments: Sequence[str]
    lately: Sequence[str]
    others: Sequence[str]


def form_view(
    form: Form, keys: Keys, *, title: str, metadata: str, now: datetime, asks_channel: bool = False
) -> dict[str, Any]:
    """The modal; ``metadata`` (at most 3,000 characters) comes back with what was filled in.

    ``asks_channel``: where it was not opened in the channel that wants the digest.
    """
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": metadata,
        "title": {"type": "plain_text", "text": title},
        "submit": {"type": "plain_text", "text": "Preview"},
        "close": {"type": "plain_text", "text": "Cancel"},
        "blocks": [block.to_dict() for block in [*([_channel()] if asks_channel else []), *_blocks(form, keys, now)]],
    }


def environment_block(project: str) -> str:
    """The environment's block id: another project's form is another field, so that no old choice stays in it."""
    return f"{ENVIRONMENT}-{project}"[:MOST_BLOCK_ID]


def _channel() -> Block:
    """Which channel: Slack offers those that the person can see, and keeps what was chosen while the form follows."""
    # What ships is not told to another company by a slip in a menu; in a shared channel, /digest subscribes it.
    own = ConversationFilter(include=["public", "private"], exclude_external_shared_channels=True)
    menu = ConversationSelectElement(action_id=CHANNEL, placeholder="Choose a channel", filter=own)
    return _input("Channel", menu, hint="Where I am not a member yet, type /invite @What Shipped first")


def _blocks(form: Form, keys: Keys, now: datetime) -> Iterator[Block]:
    projects = _offered(keys.projects, [form.project])
    environments = _offered(keys.environments, [form.environment])
    yield _input(
        "Project",
        StaticSelectElement(action_id=PROJECT, **_choices([("", projects)], [form.project])),
        hint=_fewer(projects, keys.projects, "type the digest after /digest for another one"),
        live=True,
    )
    yield _input(
        "Environment",
        StaticSelectElement(action_id=ENVIRONMENT, **_choices([("", environments)], [form.environment])),
        block_id=environment_block(form.project),
        hint=_fewer(environments, keys.environments, "type the digest after /digest for another one"),
        live=True,
    )
    yield from _applications(form, keys)
    yield _input(
        "More filters",
        PlainTextInputElement(
            action_id=MORE,
            placeholder="-by:dependabot[bot] status:failed app:billing-*",
            initial_value=form.more or None,
            max_length=LONGEST_MORE,
        ),
        hint="As typed after /shipped, without a time",
        optional=True,
    )
    yield _input("Days", _days(form.days), live=True)
    yield _input(
        "Time",
        TimePickerElement(action_id=TIME, initial_time=f"{form.at:%H:%M}" if form.at else None),
        live=True,
    )
    zone = PlainTextInputElement(
        action_id=ZONE,
        initial_value=form.zone or None,
        max_length=60,
        dispatch_action_config=DispatchActionConfig(trigger_actions_on=["on_enter_pressed"]),
    )
    yield _input("Time zone", zone, hint="An IANA name, such as Europe/Berlin", live=True)
    yield context([line("Next: ", _next(form, now))])
    yield _input("When there is nothing to tell", _empty(say=form.say_when_empty))
    name = PlainTextInputElement(action_id=NAME, initial_value=form.name or None, max_length=LONGEST_NAME)
    yield _input("Name", name, hint="What people call it by, beside its number", optional=True)


def _next(form: Form, now: datetime) -> str:
    if not form.days:
        return "choose a day"
    if form.at is None:
        return "choose a time"
    if not is_zone(form.zone):
        return f"I do not know the time zone “{clean(form.zone, LONGEST_NAME)}”"
    return due_in_words(Schedule(form.days, form.at, form.zone), now)


def _applications(form: Form, keys: Keys) -> Iterator[Block]:
    every = [*keys.lately, *keys.others]
    offered = _offered(every, form.applications)
    if not offered:
        return
    lately = [key for key in offered if key in set(keys.lately)]
    others = [key for key in offered if key not in set(keys.lately)]
    groups = [("Deployed there in the last 7 days", lately), ("All others", others)]
    yield _input(
        "Applications",
        StaticMultiSelectElement(
            action_id=APPLICATIONS,
            placeholder="All of them, new ones included",
            **_choices(groups, form.applications, many=True),
        ),
        hint=_fewer(offered, every, "type app:billing-service below") or "For a pattern, type app:billing-* below",
        optional=True,
    )


def _offered(keys: Sequence[str], chosen: Collection[str]) -> list[str]:
    """The first of the keys, and what is chosen of the others."""
    fitting = [key for key in keys if 0 < len(key) <= MOST_OPTION_VALUE]
    wanted = set(chosen)
    return [*fitting[:_OFFERED], *(key for key in fitting[_OFFERED:] if key in wanted)]


def _fewer(offered: Sequence[str], keys: Sequence[str], way_out: str) -> str | None:
    """That not all can be chosen here, where that is so."""
    return f"{number(len(offered))} of {number(len(keys))} are offered; {way_out}" if len(offered) < len(keys) else None


def _days(chosen: Collection[Weekday]) -> InputInteractiveElement:
    options = {day: Option(text=day.name.capitalize(), value=day.short.lower()) for day in Weekday}
    initial = [option for day, option in options.items() if day in chosen]
    return CheckboxesElement(action_id=DAYS, options=[*options.values()], initial_options=initial or None)


def _empty(*, say: bool) -> InputInteractiveElement:
    options = [Option(text="Say so", value=SAY), Option(text="Do not come", value=SKIP)]
    return RadioButtonsElement(action_id=EMPTY, options=options, initial_option=options[0 if say else 1])


def _choices(
    groups: Sequence[tuple[str, Sequence[str]]], chosen: Collection[str], *, many: bool = False
) -> dict[str, Any]:
    """The arguments of a menu. Groups are for menus of more than one kind or of more than Slack's 100 options."""
    listed = [(label, [_option(key) for key in keys]) for label, keys in groups]
    every = [option for _, options in listed for option in options]
    initial = [option for option in every if option.value in chosen]
    made: dict[str, Any] = {}
    if many and initial:
        made["initial_options"] = initial[:MOST_OPTIONS]
    elif initial:
        made["initial_option"] = initial[0]
    if len(every) <= MOST_OPTIONS and len([label for label, options in listed if options]) < 2:
        return made | {"options": every}
    return made | {"option_groups": [*_groups(listed)]}


def _groups(listed: Sequence[tuple[str, Sequence[Option]]]) -> Iterator[OptionGroup]:
    for label, options in listed:
        for start in range(0, len(options), MOST_OPTIONS):
            part = options[start : start + MOST_OPTIONS]
            first, last = (clean(str(option.value), _GROUP // 2) for option in (part[0], part[-1]))
            name = label if len(options) <= MOST_OPTIONS else f"{first} – {last}"
            yield OptionGroup(label=name, options=list(part))


def _option(key: str) -> Option:
    return Option(text=clean(key, MOST_OPTION_TEXT) or "–", value=key)


def _input(
    label: str,
    element: InputInteractiveElement,
    *,
    block_id: str = "",
    hint: str | None = None,
    optional: bool = False,
    live: bool = False,
) -> Block:
    """A field; a ``live`` one is told at once, so that the rest of the form can follow."""
    return InputBlock(
        block_id=block_id or str(element.action_id),
        label=label,
        element=element,
        hint=hint,
        optional=optional,
        dispatch_action=live or None,
    )
