"""The buttons and menus below an answer. What they carry comes from outside; here is what they look like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, Option, StaticSelectElement
from slack_sdk.models.blocks.block_elements import InteractiveElement

from bot.domain.deployments import Deployment
from bot.domain.query import TimeWindow
from bot.formatting.text import clean
from bot.formatting.times import stamp

SHARE, PREVIOUS, NEXT, BROWSE = "share", "previous", "next", "browse"
ENVIRONMENT, WINDOW, DETAILS = "environment", "window", "details"
"""The action ids: what is pressed or chosen. https://docs.slack.dev/reference/block-kit/block-elements"""

# https://docs.slack.dev/reference/block-kit/block-elements/button-element and …/composition-objects/option-object
MOST_VALUE, MOST_OPTION_VALUE, MOST_OPTION_TEXT, MOST_OPTIONS = 2_000, 150, 75, 100
# https://docs.slack.dev/reference/block-kit/blocks/actions-block
MOST_BLOCK_ID = 255

SHIPPED_WINDOWS = (
    ("Today", "today"),
    ("Yesterday", "yesterday"),
    ("This week", "this week"),
    ("Last week", "last week"),
    ("Last 7 days", "since:7d"),
    ("Last 30 days", "since:30d"),
)
"""Windows to choose from: what a person reads, and what they would type."""

_SHOW_ALL = "Show all: open the whole list for you alone, with pages and filters"

RELEASE_WINDOWS = (
    ("Last 7 days", "since:7d"),
    ("Last 30 days", "since:30d"),
    ("Last 90 days", "since:90d"),
    ("Last 365 days", "since:365d"),
)


@dataclass(frozen=True, slots=True)
class Turning:
    """The answer's pages before and after this one, encoded; None where there is no such page."""

    previous: str | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Menus that ask the same question otherwise.

    ``question`` is the question, encoded in at most 255 characters: an option's value has room for what was chosen
    only, and the message itself is not sent along when the answer was private. ``environments`` may be empty;
    ``environment`` and ``window`` are what is shown now.
    """

    question: str
    windows: Sequence[tuple[str, str]]
    environments: Sequence[str] = ()
    environment: str = ""
    window: str = ""


def controls(
    *,
    share: str | None = None,
    browse: str | None = None,
    turning: Turning | None = None,
    narrowing: Narrowing | None = None,
    details: Sequence[Deployment] = (),
    shown_in: TimeWindow,
) -> list[Block]:
    """One row of buttons and one of menus; a row with nothing in it is left out.

    ``share`` (post this answer in the channel) and ``browse`` (a private copy of a public answer) are the encoded
    question. ``details`` are the deployments of this page, newest times told in the zone of ``shown_in``.
    """
    turning = turning or Turning()
    buttons = [
        _button(
            SHARE,
            "Share to channel",
            share,
            "Share to channel: post this answer in this conversation for everybody",
            "primary",
        ),
        _button(
            BROWSE,
            "Browse privately",
            browse,
            "Browse privately: open this answer for you alone, with pages and filters",
        ),
        _button(PREVIOUS, "Previous", turning.previous, "Previous page of deployments"),
        _button(NEXT, "Next", turning.next, "Next page of deployments"),
    ]
    menus = [*_narrowing(narrowing), _details(details, shown_in)]
    return [
        *_row("answer", [button for button in buttons if button is not None]),
        *_row(narrowing.question if narrowing else "menus", [menu for menu in menus if menu is not None]),
    ]


def show_all(question: str) -> list[Block]:
    """Below a digest: the whole list for whoever presses, as a private answer. ``question`` is it, encoded."""
    return _row("digest", [button]) if (button := _button(BROWSE, "Show all", question, _SHOW_ALL)) else []


def details_value(deployment: Deployment) -> str:
    """What a choice of "Details" carries; ``details_of`` reads it. "" where Slack has no room for it."""
    value = f"{deployment.project} {deployment.id}"
    return value if len(value) <= MOST_OPTION_VALUE else ""


def details_of(value: str) -> tuple[str, str]:
    """Project and deployment id of a choice of "Details"; ``ValueError`` where it is not one."""
    project, deployment_id = value.split(" ")
    return project, deployment_id


def _button(
    action_id: str, label: str, value: str | None, accessibility_label: str, style: str | None = None
) -> InteractiveElement | None:
    if value is None or len(value) > MOST_VALUE:
        return None
    return ButtonElement(
        text=label, action_id=action_id, value=value, style=style, accessibility_label=accessibility_label
    )


def _narrowing(narrowing: Narrowing | None) -> Iterable[InteractiveElement | None]:
    if narrowing is None:
        return
    keys = [key for key in narrowing.environments if len(key) <= MOST_OPTION_VALUE]
    if len(keys) > 1:
        yield _menu(ENVIRONMENT, "Environment", [(key, key) for key in keys], narrowing.environment)
    yield _menu(WINDOW, "Time", narrowing.windows, narrowing.window)


def _details(deployments: Sequence[Deployment], shown_in: TimeWindow) -> InteractiveElement | None:
    chosen = {details_value(d): d for d in deployments if details_value(d)}
    several = len({d.environment for d in deployments}) > 1
    options = [(_told(d, shown_in, with_environment=several), value) for value, d in chosen.items()]
    return _menu(DETAILS, "Details of …", options)


def _told(deployment: Deployment, shown_in: TimeWindow, *, with_environment: bool) -> str:
    version = clean(deployment.short_version, 12)
    environment = f" {clean(deployment.environment, 12)}" if with_environment else ""
    rest = f" {version}{environment} · {stamp(deployment.at, shown_in.zone, deployment.at)}"
    return (clean(deployment.application, MOST_OPTION_TEXT - len(rest)) or "unnamed") + rest


def _menu(
    action_id: str, placeholder: str, choices: Sequence[tuple[str, str]], chosen: str = ""
) -> InteractiveElement | None:
    options = [Option(text=clean(text, MOST_OPTION_TEXT), value=value) for text, value in choices[:MOST_OPTIONS]]
    if not options:
        return None
    initial = next((option for option in options if chosen and option.value == chosen), None)
    return StaticSelectElement(placeholder=placeholder, action_id=action_id, options=options, initial_option=initial)


def _row(block_id: str, elements: Sequence[InteractiveElement]) -> list[Block]:
    return [ActionsBlock(block_id=block_id, elements=list(elements))] if elements else []
