"""The buttons about digests: their action ids, and how they look."""

from __future__ import annotations

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement

from bot.domain.digests import Subscription

PREFIX = "digest-"
"""How every action id about digests begins."""

SUBSCRIBE, SAVE, CANCEL = "digest-subscribe", "digest-save", "digest-cancel"
"""Below a preview; the first two carry the whole digest."""

NEW, PREVIOUS, NEXT = "digest-new", "digest-previous", "digest-next"
"""Below a list; the last two carry the number of a page."""

PREVIEW, PAUSE, RESUME = "digest-preview", "digest-pause", "digest-resume"
EDIT, WHY, REMOVE = "digest-edit", "digest-why", "digest-remove"
"""Below a digest; they carry its id."""

UNDO = "digest-undo"
"""Carries what was removed."""


def below(subscription: Subscription) -> Block:
    """The buttons of one digest of a list."""
    called, id = f"digest {subscription.number}", subscription.id
    pause_or_resume = (
        button(PAUSE, "Pause", id, f"Pause {called}")
        if subscription.is_active
        else button(RESUME, "Resume", id, f"Resume {called}", "primary")
    )
    return row(
        f"digest-{id}",
        button(PREVIEW, "Preview", id, f"Preview: show what {called} would have sent in the last days"),
        pause_or_resume,
        button(EDIT, "Edit", id, f"Edit {called} in a form"),
        button(WHY, "Why?", id, f"Why? Show what became of the last ones of {called}"),
        button(REMOVE, "Remove", id, f"Remove {called}", "danger"),
    )


def decide(action_id: str, value: str) -> Block:
    """Below a preview: ``SUBSCRIBE`` or ``SAVE``, and the way out."""
    label = {SUBSCRIBE: "Subscribe", SAVE: "Save changes"}[action_id]
    return row(
        "digest-decision",
        button(action_id, label, value, f"{label}: it comes like this from now on", "primary"),
        button(CANCEL, "Cancel", "cancel", "Cancel: throw this preview away"),
    )


def undo(number: int, value: str) -> Block:
    """Below a word that a digest was removed."""
    return row("digest-undo", button(UNDO, "Undo", value, f"Undo: bring digest {number} back"))


def turning(page: int, pages: int) -> Block:
    """Below a list, with other pages where there are some."""
    return row(
        "digest-list",
        button(PREVIOUS, "Previous", str(page - 1), "Previous: show the digests before these") if page > 1 else None,
        new(),
        button(NEXT, "Next", str(page + 1), "Next: show the digests after these") if page < pages else None,
    )


def new(style: str | None = "primary") -> ButtonElement:
    return button(NEW, "New digest", "new", "New digest: fill in a form for it", style)


def row(block_id: str, *buttons: ButtonElement | None) -> Block:
    """A row of buttons, those that are None left out."""
    return ActionsBlock(block_id=block_id, elements=[one for one in buttons if one is not None])


def button(action_id: str, text: str, value: str, accessibility_label: str, style: str | None = None) -> ButtonElement:
    """``accessibility_label`` begins with the words that are seen, for who speaks them (WCAG 2.5.3)."""
    return ButtonElement(
        text=text, action_id=action_id, value=value, style=style, accessibility_label=accessibility_label
    )
