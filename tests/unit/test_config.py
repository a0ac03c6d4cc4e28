from __future__ import annotations

import pytest

from bot.config import Settings, SettingsError, load_settings

TOKEN = "api-01234567-89ab-cdef-0123-456789abcdef"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch, tmp_path):
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def problems(**overrides: object) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        load_settings(**overrides)
    return raised.value.problems


def test_two_variables_are_enough(monkeypatch):
    monkeypatch.setenv("LAUNCHDARKLY_ACCESS_TOKEN", f" {TOKEN}\n")
    monkeypatch.setenv("LAUNCHDARKLY_PROJECT", "default")
    settings = load_settings()
    assert settings.token == TOKEN
    assert settings.launchdarkly_environment == "production"
    assert settings.launchdarkly_base_url == "https://app.launchdarkly.com"
    assert str(settings.zone) == "UTC"
    assert settings.warnings() == []


def test_a_file_is_read_and_the_environment_comes_first(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text(f"LAUNCHDARKLY_ACCESS_TOKEN={TOKEN}\nTIMEZONE=Asia/Kolkata\nLOG_FORMAT=\n")
    monkeypatch.setenv("TIMEZONE", "Europe/Berlin")
    settings = load_settings()
    assert str(settings.zone) == "Europe/Berlin"
    assert settings.log_format == "text"


def test_all_problems_are_told_at_once_each_with_its_variable():
    told = problems(timezone="Mars/Base", log_level="loud", launchdarkly_concurrency=0, launchdarkly_base_url="app")
    assert [line.split(":")[0] for line in told] == [
        "LAUNCHDARKLY_ACCESS_TOKEN",
        "LAUNCHDARKLY_BASE_URL",
        "LAUNCHDARKLY_CONCURRENCY",
        "TIMEZONE",
        "LOG_LEVEL",
    ]


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("sdk-0123", "SDK key"),
        ("mob-0123", "mobile key"),
        ("Bearer api-0123", "leave out"),
        ("api-01 23", "copy it again"),
        ("api-ключ", "copy it again"),
        ("", "missing"),
        ("   ", "missing"),
    ],
)
def test_a_token_that_cannot_work_is_refused_with_the_reason_and_never_repeated(token, said):
    (told,) = problems(launchdarkly_access_token=token)
    assert said in told
    assert not token.strip() or token not in told


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("app.launchdarkly.com", "not a web address"),
        ("ftp://app.launchdarkly.com", "not a web address"),
        ("https://xn--a", "'xn--a' is no host's name"),
        ("https://user:pw@app.launchdarkly.com", "only scheme, host and port"),
        ("http://app.launchdarkly.com", "unencrypted"),
        ("https://app.launchdarkly.com/api/v2", "leave out '/api/v2'"),
    ],
)
def test_a_base_url_that_cannot_work_is_refused(url, said):
    (told,) = problems(launchdarkly_access_token=TOKEN, launchdarkly_base_url=url)
    assert said in told


@pytest.mark.parametrize(("typed", "zone"), [("utc", "UTC"), ("europe/berlin", "Europe/Berlin")])
def test_a_zone_may_be_typed_in_any_case(typed, zone):
    assert load_settings(launchdarkly_access_token=TOKEN, timezone=typed).zone.key == zone


def test_a_line_of_the_file_that_cannot_be_read_is_told_with_its_name(tmp_path, caplog):
    (tmp_path / ".env").write_text(f"LAUNCHDARKLY_ACCESS_TOKEN={TOKEN}\n!!! ???\n")
    load_settings()
    assert caplog.messages == [".env: line 2 is not NAME=value, so it was passed over"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"port": "x"}, "PORT: must be a whole number"),
        ({"answer_timeout": "soon"}, "ANSWER_TIMEOUT: must be a number"),
        ({"launchdarkly_concurrency": 0}, "LAUNCHDARKLY_CONCURRENCY: must be greater than or equal to 1"),
    ],
)
def test_a_wrong_number_is_told_in_plain_words(changes, said):
    assert problems(launchdarkly_access_token=TOKEN, **changes) == [said]


@pytest.mark.parametrize("zone", ["Foo/Bar", "../etc/passwd", "/etc/passwd", "Europe", "A" * 400])
def test_a_zone_that_is_none_is_refused(zone):
    (told,) = problems(launchdarkly_access_token=TOKEN, timezone=zone)
    assert "IANA" in told


def test_hosts_without_engineering_insights_are_accepted_with_a_warning():
    for host in ("https://app.eu.launchdarkly.com/", "https://app.launchdarkly.us"):
        (warning,) = load_settings(launchdarkly_access_token=TOKEN, launchdarkly_base_url=host).warnings()
        assert "not available" in warning


def test_an_unusual_token_is_accepted_with_a_warning():
    (warning,) = load_settings(launchdarkly_access_token="rest-0123").warnings()
    assert "api-" in warning
    assert "rest-0123" not in warning


def test_no_secret_is_in_the_repr():
    settings = load_settings(launchdarkly_access_token=TOKEN, database_url="postgresql://u:hunter2@db/x")
    assert TOKEN not in repr(settings)
    assert "hunter2" not in repr(settings)
    assert settings.secrets() == (TOKEN, "postgresql://u:hunter2@db/x")


def test_words_are_taken_in_any_case():
    settings = load_settings(launchdarkly_access_token=TOKEN, log_level="debug", log_format="JSON")
    assert (settings.log_level, settings.log_format) == ("DEBUG", "json")


@pytest.mark.parametrize("typed", ["default,mobile", " default , mobile,", "default mobile"])
def test_lists_are_separated_by_commas_or_spaces(monkeypatch, typed):
    monkeypatch.setenv("LAUNCHDARKLY_ACCESS_TOKEN", TOKEN)
    monkeypatch.setenv("ALLOWED_PROJECTS", typed)
    monkeypatch.setenv("DIGEST_MANAGERS", "U012AB3CD, W1")
    assert load_settings(digest_managers="U012AB3CD,W12").digest_managers == ("U012AB3CD", "W12")
    assert load_settings(digest_managers="").allowed_projects == ("default", "mobile")


def test_a_manager_is_named_by_id():
    (told,) = problems(launchdarkly_access_token=TOKEN, digest_managers="@jane.doe")
    assert told.startswith("DIGEST_MANAGERS: '@jane.doe' is no Slack user id")


def test_the_default_project_must_be_an_allowed_one():
    (told,) = problems(launchdarkly_access_token=TOKEN, launchdarkly_project="web", allowed_projects="default")
    assert told == "ALLOWED_PROJECTS: the default, LAUNCHDARKLY_PROJECT=web, is not among them; add it"


def test_a_file_that_is_no_text_is_a_problem_like_others(tmp_path):
    (tmp_path / ".env").write_bytes(b"TIMEZONE=\xff\xfe")
    assert problems() == [".env: it is not UTF-8 text; save it again as such"]


def test_what_else_is_wrong_can_be_found_out_beside_the_problems():
    with pytest.raises(SettingsError) as raised:
        load_settings(timezone="Mars", slack_bot_token="xoxb-1")
    otherwise = raised.value.otherwise
    assert otherwise is not None
    assert str(otherwise.zone) == "UTC"
    assert [line.split(":")[0] for line in otherwise.slack_problems(web=True, socket=False)] == ["SLACK_SIGNING_SECRET"]
