from __future__ import annotations

from bot.formatting import notices
from bot.formatting.message import Message, check_message
from tests.builders import NOW, query

BLOCKS = ({"type": "divider"},)


def test_what_is_read_is_told_with_its_zone():
    assert notices.reading(query().window, NOW).text == "Reading deployments since Sun 22 Nov 10:00 UTC …"


def test_every_notice_says_what_to_do():
    for notice in (notices.no_time(), notices.cut_off(), notices.failed()):
        assert "sk again" in notice.text
        check_message(notice)
    assert "/shipped today" in notices.old_button("/shipped today").text
    assert "once more" in notices.not_opened().text


def test_who_shared_what_stands_below_as_plain_text():
    message = notices.signed(Message("6 deployments", BLOCKS), "Shared by", "jane.doe", "/shipped billing")
    assert message.text == "6 deployments\nShared by jane.doe: /shipped billing"
    assert message.blocks[:1] == BLOCKS
    assert message.blocks[1]["elements"] == [
        {"type": "plain_text", "text": "Shared by jane.doe: /shipped billing", "emoji": False}
    ]


def test_neither_name_nor_words_can_ping_anybody():
    message = notices.signed(Message("6", BLOCKS), "Shared by", "<!channel>", "/shipped by:&lt;@U1&gt; <!here>")
    assert "<!" not in message.text
    assert "<@" not in message.text
    assert message.blocks[1]["elements"][0]["type"] == "plain_text"


def test_a_full_text_makes_room_for_the_signature_line_by_line():
    text = "\n".join(f"line {number:04}" for number in range(400))
    signed = notices.signed(Message(text[:4_000], BLOCKS), "Shared by", "jane.doe", "/shipped")
    assert len(signed.text) <= 4_000
    assert signed.text.endswith("\nShared by jane.doe: /shipped")
    assert signed.text.splitlines()[0] == "line 0000"


def test_somebody_without_a_name_is_somebody():
    assert "Shared by somebody" in notices.signed(Message("6"), "Shared by", "", "/shipped").text
