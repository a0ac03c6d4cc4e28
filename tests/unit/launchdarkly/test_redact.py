from __future__ import annotations

import pytest

from bot.launchdarkly.redact import redacted, redacted_text

UUID = "5e1f0c2a-0000-4000-8000-00000000c0de"


@pytest.mark.parametrize("prefix", ["api", "sdk", "mob"])
def test_anything_shaped_like_a_key_is_taken_out(prefix):
    assert redacted_text(f"see {prefix}-{UUID}, please") == "see [redacted], please"


def test_the_own_token_is_taken_out_whatever_its_shape():
    assert redacted_text("odd=t0k3n!", "t0k3n!") == "odd=[redacted]"


def test_secrets_are_taken_out_of_every_depth_by_name_and_by_shape():
    body = {
        "items": [{"key": "production", "apiKey": "x", "mobile_key": "y", "name": f"sdk-{UUID}", "n": 1, "none": None}],
        f"mob-{UUID}": True,
        "accessToken": {"deep": "z"},
        "tokenName": "reader",
    }
    assert redacted(body) == {
        "items": [
            {
                "key": "production",
                "apiKey": "[redacted]",
                "mobile_key": "[redacted]",
                "name": "[redacted]",
                "n": 1,
                "none": None,
            }
        ],
        "[redacted]": True,
        "accessToken": "[redacted]",
        "tokenName": "reader",
    }


@pytest.mark.parametrize("word", ["api-docs", "mob-ui", "rapid-sdk-12", "capi-" + "1" * 20])
def test_ordinary_words_stay(word):
    assert redacted_text(word) == word
