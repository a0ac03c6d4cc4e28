from __future__ import annotations

import pytest

from bot.formatting.blocks import Detail, most_detailed, rich_text, section
from bot.formatting.lines import line
from bot.formatting.message import InvalidMessage, Message, check_message, message


def test_the_payload_is_what_slack_gets():
    made = message("said", [section([line("shown")])])
    assert made.payload("in_channel") == {
        "response_type": "in_channel",
        "text": "said",
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "shown", "verbatim": True}}],
    }


def test_a_message_that_slack_would_refuse_is_not_made():
    with pytest.raises(InvalidMessage, match="/blocks/0/elements/0/elements/0/text"):
        check_message(
            Message(
                "said",
                (
                    {
                        "type": "rich_text",
                        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}],
                    },
                ),
            )
        )


@pytest.mark.parametrize("text", ["", "  \n"])
def test_blocks_without_words_are_not_a_message(text):
    with pytest.raises(InvalidMessage, match="/text"):
        message(text, [rich_text([line("shown")])])


def test_detail_is_given_up_until_the_message_fits():
    tried = []

    def build(detail: Detail) -> Message:
        tried.append(detail.pull_requests)
        return message("said", [rich_text([line("x" * 4_000 * detail.pull_requests or "x")])])

    most_detailed(build)
    assert tried == [5, 4, 2]


def test_a_message_that_never_fits_is_an_error():
    with pytest.raises(InvalidMessage, match="4001"):
        most_detailed(lambda _: message("x" * 4_001, []))
