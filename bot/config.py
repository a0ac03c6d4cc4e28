"""Every setting of the bot: from the environment, else from ``.env`` in the working directory.

Only ``app`` and ``cli`` read settings; everything else gets plain values.
"""

from __future__ import annotations

import logging
import re
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

US_HOST = "https://app.launchdarkly.com"
# https://launchdarkly.com/docs/home/releases/deployments: not available in the EU instance and federal environments.
HOSTS_WITHOUT_INSIGHTS = ("app.eu.launchdarkly.com", "app.launchdarkly.us")
SLACK_API = "https://slack.com/api/"

Seconds = Annotated[float, Field(gt=0, le=3600)]


class SettingsError(Exception):
    """The settings cannot be used; ``problems`` are all that is wrong, one line each, without any secret.

    ``otherwise`` are the settings with defaults in place of what is wrong, to find out what else is; None where not
    even that can be had.
    """

    def __init__(self, problems: list[str], otherwise: Settings | None = None) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.otherwise = otherwise


class Settings(BaseSettings):
    """The settings, checked. Field names in upper case are the variables' names."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore")

    launchdarkly_access_token: SecretStr = Field(default=SecretStr(""), validate_default=True)
    launchdarkly_base_url: str = US_HOST
    launchdarkly_project: str = ""
    launchdarkly_environment: str = "production"
    launchdarkly_concurrency: Annotated[int, Field(ge=1, le=32)] = 8
    launchdarkly_request_timeout: Seconds = 15.0
    answer_timeout: Seconds = 60.0
    cache_seconds: Annotated[float, Field(ge=0, le=3600)] = 60.0
    slack_bot_token: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_signing_secret: SecretStr = SecretStr("")
    slack_api_url: str = SLACK_API
    host: str = "0.0.0.0"  # noqa: S104  # a host that hands out PORT routes to every address of the container
    port: Annotated[int, Field(ge=0, le=65535)] = 3000
    timezone: str = "UTC"
    allowed_projects: Annotated[tuple[str, ...], NoDecode] = ()
    digest_managers: Annotated[tuple[str, ...], NoDecode] = ()
    unknown_delivery: Literal["never-twice", "never-lost"] = "never-twice"
    digest_retention_days: Annotated[int, Field(ge=7, le=3650)] = 90
    health_port: Annotated[int, Field(ge=0, le=65535)] = 0
    database_url: SecretStr = SecretStr("sqlite+aiosqlite:///whatshipped.db")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"

    @field_validator("launchdarkly_access_token")
    @classmethod
    def _an_api_token(cls, value: SecretStr) -> SecretStr:
        token = value.get_secret_value().strip()
        if not token:
            raise ValueError(
                "missing; set it to a LaunchDarkly API access token (a service token with the Reader role is enough)"
            )
        if token.startswith(("sdk-", "mob-")):
            kind = "an SDK key" if token.startswith("sdk-") else "a mobile key"
            raise ValueError(
                f"this is {kind}, which cannot read LaunchDarkly's REST API; create an API access token with the "
                "Reader role (a service token) and set that"
            )
        if token.lower().startswith("bearer "):
            raise ValueError("LaunchDarkly wants the bare token: leave out “Bearer”")
        if any(character.isspace() or not character.isprintable() for character in token) or not token.isascii():
            raise ValueError("it holds a space or another character that no token has; copy it again")
        return SecretStr(token)

    @field_validator("slack_bot_token", "slack_app_token", "slack_signing_secret")
    @classmethod
    def _a_slack_secret(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        secret = value.get_secret_value().strip()
        if any(character.isspace() for character in secret) or not (secret.isascii() and secret.isprintable()):
            raise ValueError("it holds a space or another character that no such secret has; copy it again")
        if secret and (mistake := _mistaken(str(info.field_name), secret)):
            raise ValueError(mistake)
        return SecretStr(secret)

    @field_validator("launchdarkly_base_url", "slack_api_url")
    @classmethod
    def _a_web_address(cls, value: str, info: ValidationInfo) -> str:
        slack = info.field_name == "slack_api_url"
        example = SLACK_API if slack else US_HOST
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{value!r} is not a web address; set for example {example}")
        try:
            parts.hostname.encode("ascii", "ignore").decode("idna")  # "xn--" stands before what must be a name
        except UnicodeError:
            raise ValueError(f"{parts.hostname!r} is no host's name; set for example {example}") from None
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError(f"only scheme, host and {'path' if slack else 'port'} belong here, for example {example}")
        if parts.path not in ("", "/") and not slack:
            raise ValueError(
                f"leave out {parts.path!r}: the bot knows the API's paths itself; set for example {example}"
            )
        if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("the token would travel unencrypted; use https")
        return value.rstrip("/") + "/" * slack

    @field_validator("timezone")
    @classmethod
    def _a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):  # unknown; not a key at all; a folder or an impossible file name
            if same := [zone for zone in available_timezones() if zone.lower() == value.lower()]:
                return same[0]
            raise ValueError(f"{value!r} is not an IANA time zone; set for example Europe/Berlin") from None
        return value

    @field_validator("allowed_projects", "digest_managers", mode="before")
    @classmethod
    def _a_list(cls, value: object) -> object:
        return tuple(filter(None, re.split(r"[\s,]+", value))) if isinstance(value, str) else value

    @field_validator("allowed_projects")
    @classmethod
    def _with_the_default(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        default = info.data.get("launchdarkly_project")
        if value and default and default not in value:
            raise ValueError(f"the default, LAUNCHDARKLY_PROJECT={default}, is not among them; add it")
        return value

    @field_validator("digest_managers")
    @classmethod
    def _user_ids(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if strange := [one for one in value if not re.fullmatch(r"[UW][A-Z0-9]{2,}", one)]:
            raise ValueError(
                f"{strange[0]!r} is no Slack user id such as U012AB3CD (a profile's “Copy member ID” gives it)"
            )
        return value

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _any_case(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        return value.upper() if info.field_name == "log_level" else value.lower()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def token(self) -> str:
        """The access token in clear, for the adapter alone."""
        return self.launchdarkly_access_token.get_secret_value()

    def secrets(self) -> tuple[str, ...]:
        """Every secret in clear, for the log's redaction alone."""
        return tuple(
            value.get_secret_value()
            for value in (getattr(self, name) for name in type(self).model_fields)
            if isinstance(value, SecretStr) and value.get_secret_value()
        )

    def slack_problems(self, *, web: bool, socket: bool) -> list[str]:
        """What is missing to speak with Slack over HTTP (``web``) or Socket Mode (``socket``), one line each."""
        needed = [("SLACK_BOT_TOKEN", self.slack_bot_token, "the bot token (xoxb-…) from “OAuth & Permissions”")]
        if socket:
            origin = (
                "an app-level token (xapp-…) with connections:write from “Basic Information”; for HTTP in place of "
                "Socket Mode, set SLACK_SIGNING_SECRET and run “whatshipped web”"
            )
            needed.append(("SLACK_APP_TOKEN", self.slack_app_token, origin))
        if web:
            needed.append(("SLACK_SIGNING_SECRET", self.slack_signing_secret, "the one in “Basic Information”"))
        return [f"{name}: missing; set it to {origin}" for name, secret, origin in needed if not secret]

    def warnings(self) -> list[str]:
        """What is allowed but will probably not work, one line each."""
        found = []
        host = urlsplit(self.launchdarkly_base_url).hostname
        if host in HOSTS_WITHOUT_INSIGHTS:
            found.append(
                f"LAUNCHDARKLY_BASE_URL: LaunchDarkly documents that Engineering Insights is not available on {host}; "
                "expect its answers to be refused"
            )
        if self.token and not self.token.startswith("api-"):
            found.append(
                "LAUNCHDARKLY_ACCESS_TOKEN: LaunchDarkly's API access tokens start with “api-”; this one does not"
            )
        return found


def _names_the_file(record: logging.LogRecord) -> bool:
    """python-dotenv says only the number of a line that it cannot read, and nothing of the file."""
    if "could not parse" in str(record.msg):
        record.msg = ".env: line %s is not NAME=value, so it was passed over"
    return True


logging.getLogger("dotenv.main").addFilter(_names_the_file)


def load_settings(**overrides: object) -> Settings:
    """The settings, or ``SettingsError`` with every problem at once. ``overrides`` come before the environment."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # checked by pydantic, told below
    except UnicodeDecodeError:
        raise SettingsError([".env: it is not UTF-8 text; save it again as such"]) from None
    except ValidationError as error:
        problems = [_told(str(e["loc"][0]), e["type"], e["msg"]) for e in error.errors(include_input=False)]
        wrong = {str(e["loc"][0]): Settings.model_fields[str(e["loc"][0])].default for e in error.errors()}
    wrong.update({"launchdarkly_access_token": SecretStr("api-0")} if "launchdarkly_access_token" in wrong else {})
    # Not inside the handler: pydantic's own text repeats the values, secrets among them.
    raise SettingsError(problems, Settings(**overrides | wrong))  # type: ignore[arg-type]  # the defaults are right


_SLACK_KINDS = {  # how each of Slack's secrets begins, and the variable it belongs in
    "xoxb-": ("a bot token", "SLACK_BOT_TOKEN"),
    "xapp-": ("an app-level token", "SLACK_APP_TOKEN"),
    "xoxp-": ("a user token", ""),
    "xoxe": ("a token that expires (token rotation is on)", ""),
}


def _mistaken(field: str, secret: str) -> str:
    """What is wrong with the kind of ``secret``, or "" where it is as it should be."""
    wanted = {"slack_bot_token": "xoxb-", "slack_app_token": "xapp-"}.get(field, "")
    if wanted and secret.startswith(wanted):
        return ""
    for start, (kind, variable) in _SLACK_KINDS.items():
        if secret.startswith(start):
            move = f"it belongs in {variable}" if variable else "the bot works with its bot token (xoxb-…) alone"
            return f"this is {kind}; {move}"
    return f"it must begin with {wanted}; copy it again" if wanted else ""


def _told(field: str, kind: str, message: str) -> str:
    """A problem with its variable; pydantic's own words speak of an "input"."""
    said = message.removeprefix("Value error, ").replace("Input should be", "must be")
    parsed = {"int_parsing": "must be a whole number", "float_parsing": "must be a number"}
    return f"{field.upper()}: {parsed.get(kind, said)}"
