"""Slack's published limits as one table.

Each entry follows the page of its name under https://docs.slack.dev/reference/block-kit/ (``blocks/…-block``,
``block-elements/…-element``, ``composition-objects/…-object``); other pages are named beside what they say. Types that
the bot has no use for are not in the table, and so are refused like types that Slack does not know.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.facts.block_kit.shapes import Boolean, Choice, Items, Number, Record, Shape, String, Word

# -- Whole payloads ---------------------------------------------------------------------------------------------------

# https://docs.slack.dev/reference/block-kit/blocks
MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
# https://docs.slack.dev/reference/methods/chat.postMessage ("Truncating content") and chat.update (msg_too_long)
MOST_MESSAGE_TEXT = 4_000
# Not published. Slack refuses somewhere between 11,300 and 13,300 characters over all blocks of one message
# (https://github.com/slackapi/bolt-js/issues/2509); this stays below the lowest figure seen.
MOST_TEXT_IN_BLOCKS = 10_500
# https://docs.slack.dev/reference/block-kit/blocks/markdown-block
MOST_MARKDOWN = 12_000
# https://docs.slack.dev/reference/block-kit/blocks/table-block
MOST_TABLES = 1
MOST_TEXT_IN_TABLES = 10_000
# https://docs.slack.dev/reference/methods/chat.postMessage
MOST_ATTACHMENTS = 100
# https://docs.slack.dev/reference/methods/views.open (view_too_large)
MOST_VIEW_BYTES = 250_000

# Blocks that do not work on every surface: https://docs.slack.dev/reference/block-kit/blocks
SURFACES: Mapping[str, frozenset[str]] = {
    "markdown": frozenset({"message"}),
    "table": frozenset({"message", "home"}),
}

# -- Composition objects ----------------------------------------------------------------------------------------------

BOOLEAN = Boolean()
ID = String(255)
URL = String(3_000)


def plain(most: int) -> Choice:
    """A ``plain_text`` object."""
    return Choice({"plain_text": Record({"text": String(most), "emoji": BOOLEAN}, required=("text",))})


def text(most: int) -> Choice:
    """A ``plain_text`` or ``mrkdwn`` object."""
    mrkdwn = Record({"text": String(most), "verbatim": BOOLEAN}, required=("text",))
    return Choice({**plain(most).types, "mrkdwn": mrkdwn})


CONFIRM = Record(
    {
        "title": plain(100),
        "text": text(300),
        "confirm": plain(30),
        "deny": plain(30),
        "style": Word(("primary", "danger")),
    },
    required=("title", "text", "confirm", "deny"),
)
_OPTION: Mapping[str, Shape] = {"text": plain(75), "value": String(150), "description": plain(75)}
OPTION = Record(_OPTION, required=("text", "value"))
OPTION_WITH_URL = Record({**_OPTION, "url": URL}, required=("text", "value"))
OPTION_WITH_MRKDWN = Record({**_OPTION, "text": text(75), "description": text(75)}, required=("text", "value"))
CONVERSATION_FILTER = Record(
    {
        "include": Items(Word(("im", "mpim", "private", "public")), None),
        "exclude_external_shared_channels": BOOLEAN,
        "exclude_bot_users": BOOLEAN,
    },
    some_of=("include", "exclude_external_shared_channels", "exclude_bot_users"),
)
OPTION_GROUP = Record({"label": plain(75), "options": Items(OPTION, 100)}, required=("label", "options"))

# -- Block elements ---------------------------------------------------------------------------------------------------

_ACTION: Mapping[str, Shape] = {"action_id": ID, "confirm": CONFIRM}
_FOCUS: Mapping[str, Shape] = {**_ACTION, "focus_on_load": BOOLEAN}
_MENU: Mapping[str, Shape] = {**_FOCUS, "placeholder": plain(150)}
_MANY: Mapping[str, Shape] = {"max_selected_items": Number(least=1)}
_STATIC: Mapping[str, Shape] = {**_MENU, "options": Items(OPTION, 100), "option_groups": Items(OPTION_GROUP, 100)}
_OPTIONS = ("options", "option_groups")
_SOME_ID = String(None)
_ENTITIES: Mapping[str, Mapping[str, Shape]] = {
    "users": {},
    "conversations": {"filter": CONVERSATION_FILTER, "default_to_current_conversation": BOOLEAN},
    "channels": {},
}

BUTTON = Record(
    {
        **_ACTION,
        "text": plain(75),
        "url": URL,
        "value": String(2_000),
        "style": Word(("primary", "danger")),
        "accessibility_label": String(75),
    },
    required=("text",),
)
INTERACTIVE: Mapping[str, Record] = {
    "button": BUTTON,
    "overflow": Record({**_ACTION, "options": Items(OPTION_WITH_URL, 5)}, required=("options",)),
    "checkboxes": Record(
        {**_FOCUS, "options": Items(OPTION_WITH_MRKDWN, 10), "initial_options": Items(OPTION_WITH_MRKDWN, 10)},
        required=("options",),
    ),
    "radio_buttons": Record(
        {**_FOCUS, "options": Items(OPTION_WITH_MRKDWN, 10), "initial_option": OPTION_WITH_MRKDWN},
        required=("options",),
    ),
    "static_select": Record({**_STATIC, "initial_option": OPTION}, some_of=_OPTIONS),
    "multi_static_select": Record({**_STATIC, **_MANY, "initial_options": Items(OPTION, 100)}, some_of=_OPTIONS),
    "external_select": Record({**_MENU, "initial_option": OPTION, "min_query_length": Number(least=0)}),
    **{f"{what}_select": Record({**_MENU, **own, f"initial_{what[:-1]}": _SOME_ID}) for what, own in _ENTITIES.items()},
    **{
        f"multi_{what}_select": Record({**_MENU, **_MANY, **own, f"initial_{what}": Items(_SOME_ID, None)})
        for what, own in _ENTITIES.items()
    },
    "datepicker": Record({**_MENU, "initial_date": String(10, least=10)}),
    "timepicker": Record({**_MENU, "initial_time": String(5, least=5), "timezone": String(None)}),
}
_INPUT_TEXT = Record(
    {
        "action_id": ID,
        "focus_on_load": BOOLEAN,
        "placeholder": plain(150),
        "initial_value": String(3_000, least=0),
        "multiline": BOOLEAN,
        "min_length": Number(0, 3_000),
        "max_length": Number(1, 3_000),
        "dispatch_action_config": Record(
            {"trigger_actions_on": Items(Word(("on_enter_pressed", "on_character_entered")), 2)}
        ),
    }
)
_IMAGE: Mapping[str, Shape] = {
    "image_url": URL,
    "slack_file": Record({"id": String(None), "url": URL}, some_of=("id", "url")),
    "alt_text": String(2_000),
}
_IMAGE_SOURCE = ("image_url", "slack_file")
IMAGE_ELEMENT = Record(_IMAGE, required=("alt_text",), some_of=_IMAGE_SOURCE)

# -- Rich text: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block -------------------------------------

_STYLE = Record(
    dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), BOOLEAN)
)
INLINE = Choice(
    {
        "text": Record({"text": String(None), "style": _STYLE}, required=("text",)),
        "link": Record({"url": URL, "text": String(None), "unsafe": BOOLEAN, "style": _STYLE}, required=("url",)),
        "emoji": Record({"name": String(None), "unicode": String(None), "style": _STYLE}, required=("name",)),
        "date": Record(
            {
                "timestamp": Number(),
                "format": String(None),
                "url": URL,
                "fallback": String(None),
                "style": _STYLE,
            },
            required=("timestamp", "format"),
        ),
        "user": Record({"user_id": String(None), "style": _STYLE}, required=("user_id",)),
        "usergroup": Record({"usergroup_id": String(None), "style": _STYLE}, required=("usergroup_id",)),
        "channel": Record({"channel_id": String(None), "style": _STYLE}, required=("channel_id",)),
        "broadcast": Record({"range": Word(("here", "channel", "everyone")), "style": _STYLE}, required=("range",)),
        "color": Record({"value": String(None)}, required=("value",)),
    }
)
_INLINES = Items(INLINE, None)
_BORDER = Number(0, 1)
_RICH_SECTION = Record({"elements": _INLINES}, required=("elements",))
RICH_TEXT = Record(
    {
        "elements": Items(
            Choice(
                {
                    "rich_text_section": _RICH_SECTION,
                    "rich_text_list": Record(
                        {
                            "style": Word(("bullet", "ordered")),
                            "elements": Items(Choice({"rich_text_section": _RICH_SECTION}), None),
                            "indent": Number(0, 8),
                            "offset": Number(0),
                            "border": _BORDER,
                        },
                        required=("style", "elements"),
                    ),
                    "rich_text_preformatted": Record(
                        {"elements": _INLINES, "border": _BORDER, "language": String(None)}, required=("elements",)
                    ),
                    "rich_text_quote": Record({"elements": _INLINES, "border": _BORDER}, required=("elements",)),
                }
            ),
            None,
        ),
        "block_id": ID,
    },
    required=("elements",),
)

# -- Blocks -----------------------------------------------------------------------------------------------------------

_BLOCK: Mapping[str, Shape] = {"block_id": ID}
_CELL = Choice(
    {
        "raw_text": Record({"text": String(None)}, required=("text",)),
        "raw_number": Record({"value": Number(whole=False), "text": String(None)}, required=("value",)),
        "rich_text": RICH_TEXT,
    }
)
BLOCKS = Choice(
    {
        "section": Record(
            {
                **_BLOCK,
                "text": text(3_000),
                "fields": Items(text(2_000), 10),
                "accessory": Choice({**INTERACTIVE, "image": IMAGE_ELEMENT}),
                "expand": BOOLEAN,
            },
            some_of=("text", "fields"),
        ),
        "header": Record({**_BLOCK, "text": plain(150), "level": Number(1, 4)}, required=("text",)),
        "context": Record(
            {**_BLOCK, "elements": Items(Choice({**text(3_000).types, "image": IMAGE_ELEMENT}), 10)},
            required=("elements",),
        ),
        "actions": Record({**_BLOCK, "elements": Items(Choice(INTERACTIVE), 25)}, required=("elements",)),
        "divider": Record(_BLOCK),
        "image": Record(
            {**_BLOCK, **_IMAGE, "title": plain(2_000)},
            required=("alt_text",),
            some_of=_IMAGE_SOURCE,
        ),
        "rich_text": RICH_TEXT,
        "markdown": Record({**_BLOCK, "text": String(MOST_MARKDOWN)}, required=("text",)),
        "table": Record(
            {
                **_BLOCK,
                "rows": Items(Items(_CELL, 20), 100),
                "column_settings": Items(
                    Record({"align": Word(("left", "center", "right")), "is_wrapped": BOOLEAN}), 20, gaps=True
                ),
            },
            required=("rows",),
        ),
        "input": Record(
            {
                **_BLOCK,
                "label": plain(2_000),
                "element": Choice(
                    {
                        **{name: shape for name, shape in INTERACTIVE.items() if name not in {"button", "overflow"}},
                        "plain_text_input": _INPUT_TEXT,
                    }
                ),
                "hint": plain(2_000),
                "optional": BOOLEAN,
                "dispatch_action": BOOLEAN,
            },
            required=("label", "element"),
        ),
    }
)

# -- Views: https://docs.slack.dev/reference/views --------------------------------------------------------------------

_VIEW: Mapping[str, Shape] = {
    "private_metadata": String(3_000, least=0),
    "callback_id": String(255, least=0),
    "external_id": String(255, least=0),
}
VIEWS: Mapping[str, Record] = {
    "modal": Record(
        {
            **_VIEW,
            "title": plain(24),
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": BOOLEAN,
            "notify_on_close": BOOLEAN,
            "submit_disabled": BOOLEAN,
            "blocks": Items(BLOCKS, MOST_BLOCKS["modal"]),
        },
        required=("title", "blocks"),
    ),
    "home": Record({**_VIEW, "blocks": Items(BLOCKS, MOST_BLOCKS["home"])}, required=("blocks",)),
}
MESSAGE_BLOCKS = Items(BLOCKS, MOST_BLOCKS["message"], least=0)
