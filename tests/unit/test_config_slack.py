from __future__ import annotations

import pytest

from bot.config import Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("LAUNCHDARKLY_ACCESS_TOKEN", "api-1")


def problem(**variables: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(**variables)
    [told] = caught.value.problems
    assert "s3cret" not in told
    return told


def test_nothing_of_slack_is_needed_to_ask_at_the_command_line():
    settings = load_settings()
    assert (settings.slack_api_url, settings.port) == ("https://slack.com/api/", 3000)
    assert settings.host == "0.0.0.0"  # noqa: S104  # hosts that hand out PORT route to every address
    assert not settings.slack_bot_token


def test_good_secrets_are_taken_without_the_spaces_around_them_and_are_never_shown():
    settings = load_settings(
        slack_bot_token=" xoxb-s3cret\n", slack_app_token="xapp-s3cret", slack_signing_secret="s3cret0123"
    )
    assert settings.slack_bot_token.get_secret_value() == "xoxb-s3cret"
    assert "s3cret" not in repr(settings)
    assert {"xoxb-s3cret", "xapp-s3cret", "s3cret0123"} <= set(settings.secrets())


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("slack_bot_token", "xapp-s3cret", "this is an app-level token; it belongs in SLACK_APP_TOKEN"),
        ("slack_bot_token", "xoxp-s3cret", "this is a user token; the bot works with its bot token"),
        ("slack_bot_token", "xoxe.xoxb-s3cret", "token rotation is on"),
        ("slack_bot_token", "s3cret", "it must begin with xoxb-"),
        ("slack_app_token", "xoxb-s3cret", "this is a bot token; it belongs in SLACK_BOT_TOKEN"),
        ("slack_app_token", "s3cret", "it must begin with xapp-"),
        ("slack_signing_secret", "xoxb-s3cret", "this is a bot token; it belongs in SLACK_BOT_TOKEN"),
        ("slack_bot_token", "xoxb-s3cret and more", "it holds a space"),
        ("slack_signing_secret", "s3crét", "it holds a space or another character"),
    ],
)
def test_a_secret_in_the_wrong_place_is_told_with_its_right_one(variable, value, words):
    told = problem(**{variable: value})
    assert told.startswith(f"{variable.upper()}: ")
    assert words in told


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://slack.com/api/", "https://slack.com/api/"),
        ("https://slack-gov.com/api", "https://slack-gov.com/api/"),
        ("http://127.0.0.1:8080/api/", "http://127.0.0.1:8080/api/"),
        ("http://localhost/api", "http://localhost/api/"),
    ],
)
def test_slacks_address_ends_in_one_slash(url, taken):
    assert load_settings(slack_api_url=url).slack_api_url == taken


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://slack.com/api/", "unencrypted"),
        ("slack.com/api/", "is not a web address; set for example https://slack.com/api/"),
        ("https://slack.com/api/?token=x", "only scheme, host and path"),
    ],
)
def test_an_address_that_would_not_work_or_not_be_safe_is_refused(url, words):
    assert words in problem(slack_api_url=url)


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_is_a_port(port):
    assert problem(port=port).startswith("PORT: ")


def names(problems: list[str]) -> list[str]:
    return [problem.split(":")[0] for problem in problems]


def test_what_is_missing_depends_on_the_transport_and_is_told_all_at_once():
    settings = load_settings()
    assert names(settings.slack_problems(web=False, socket=True)) == ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]
    assert names(settings.slack_problems(web=True, socket=False)) == ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"]
    complete = load_settings(slack_bot_token="xoxb-1", slack_signing_secret="abc")
    assert complete.slack_problems(web=True, socket=False) == []
