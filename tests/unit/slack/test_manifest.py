from __future__ import annotations

import re

import pytest
import yaml

from bot.slack.manifest import manifest_text
from bot.slack.surface import BOT_EVENTS, COMMANDS, SCOPES

ADDRESS = "https://shipped.example.com/slack/events"


@pytest.fixture(params=[None, "https://shipped.example.com"], ids=["socket mode", "http"])
def manifest(request):
    return yaml.safe_load(manifest_text(request.param))


def test_it_keeps_the_limits_of_slacks_schema(manifest):
    # https://docs.slack.dev/reference/app-manifest
    assert set(manifest) == {"display_information", "features", "oauth_config", "settings"}
    shown = manifest["display_information"]
    assert 1 <= len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
    assert re.fullmatch(r"#[0-9a-f]{6}", shown["background_color"])
    assert len(manifest["features"]["bot_user"]["display_name"]) <= 80
    assert 1 <= len(manifest["features"]["slash_commands"]) <= 50
    for command in manifest["features"]["slash_commands"]:
        assert re.fullmatch(r"/[a-z0-9_-]{1,31}", command["command"])
        assert 1 <= len(command["description"]) <= 2000
        assert 1 <= len(command["usage_hint"]) <= 1000
        assert len(command.get("url", "")) <= 3000
        assert command["should_escape"] is True
    for scopes in manifest["oauth_config"]["scopes"].values():
        assert 1 <= len(scopes) == len(set(scopes)) <= 255
    assert len(manifest["settings"]["event_subscriptions"]["bot_events"]) <= 100
    assert manifest["settings"]["interactivity"]["is_enabled"] is True


def test_it_says_what_the_table_says(manifest):
    commands = manifest["features"]["slash_commands"]
    assert [(c["command"], c["description"], c["usage_hint"]) for c in commands] == [
        (command.name, command.description, command.usage_hint) for command in COMMANDS
    ]
    assert manifest["oauth_config"]["scopes"] == {
        "bot": [scope.name for scope in SCOPES],
        "bot_optional": [scope.name for scope in SCOPES if scope.optional],
    }
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == list(BOT_EVENTS)


def test_socket_mode_needs_no_address():
    manifest = yaml.safe_load(manifest_text())
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert "url" not in re.sub("#.*", "", manifest_text())


@pytest.mark.parametrize(
    "url",
    [
        "https://shipped.example.com",
        "https://shipped.example.com/",
        " https://shipped.example.com/slack/events ",
    ],
)
def test_for_http_every_address_is_filled_in(url):
    manifest = yaml.safe_load(manifest_text(url))
    assert manifest["settings"]["socket_mode_enabled"] is False
    assert manifest["settings"]["event_subscriptions"]["request_url"] == ADDRESS
    assert manifest["settings"]["interactivity"]["request_url"] == ADDRESS
    assert {command["url"] for command in manifest["features"]["slash_commands"]} == {ADDRESS}


def test_a_path_before_ours_is_kept():
    assert "https://example.com/bots/slack/events" in manifest_text("https://example.com/bots")


@pytest.mark.parametrize(
    "url",
    ["http://example.com", "example.com", "https://", "https://a b.com", "https://a.com?x=1", "https://a.com#x", ""],
)
def test_an_address_that_slack_would_refuse_is_refused(url):
    with pytest.raises(ValueError, match="https"):
        manifest_text(url)
