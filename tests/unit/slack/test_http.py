from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from bot.slack.http import EVENTS_PATH, MAX_BODY_BYTES, HttpServer, signed

SECRET = "f00dbabe" * 4
NOW = 1_795_428_000.0
FORM = "application/x-www-form-urlencoded"
COMMAND = {"command": "/shipped", "text": "billing", "team_id": "T1", "user_id": "U1", "channel_id": "C1"}


def signature(body: bytes, timestamp: str, secret: str = SECRET) -> str:
    return "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()


def headers(body: bytes, *, at: float = NOW, content_type: str = FORM, secret: str = SECRET) -> dict[str, str]:
    timestamp = str(int(at))
    return {
        "Content-Type": content_type,
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature(body, timestamp, secret),
    }


class Endpoint:
    """The server under test, with a Bolt app that only remembers what reached it."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.trouble, self.port = "", 0

        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_user_id="U0")

        bolt = AsyncApp(signing_secret="another one", authorize=authorize)

        @bolt.command("/shipped")
        async def shipped(ack, command):
            await ack(text="reading")
            self.heard.append(command["text"])

        @bolt.action("more")
        async def more(ack, action):
            await ack()
            self.heard.append(action["value"])

        self.server = HttpServer(
            bolt,
            signing_secret=SECRET,
            host="127.0.0.1",
            port=0,
            not_ready=lambda: self.trouble,
            clock=lambda: NOW,
        )


@pytest.fixture
async def endpoint():
    endpoint = Endpoint()
    endpoint.port = await endpoint.server.start()
    yield endpoint
    await endpoint.server.close()


@pytest.fixture
async def web(endpoint):
    address = f"http://127.0.0.1:{endpoint.port}"
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        yield client


async def post(web: httpx.AsyncClient, body: bytes, **how: Any) -> httpx.Response:
    return await web.post(EVENTS_PATH, content=body, headers=headers(body, **how))


@pytest.mark.parametrize("text", ["billing", "payload-service", "payload=x&y since:2d", "", "Ünïcode “quotes” 🚀 %&+"])
async def test_a_signed_command_reaches_its_listener_whole(web, endpoint, text):
    answer = await post(web, urlencode({**COMMAND, "text": text}).encode())
    assert (answer.status_code, answer.text) == (200, "reading")
    assert endpoint.heard == [text]


async def test_an_interaction_comes_as_json_in_a_form(web, endpoint):
    payload = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1"},
        "actions": [{"type": "button", "action_id": "more", "block_id": "b", "value": "page 2"}],
    }
    answer = await post(web, urlencode({"payload": json.dumps(payload)}).encode())
    assert answer.status_code == 200
    assert endpoint.heard == ["page 2"]


async def test_slack_may_verify_the_address(web):
    body = json.dumps({"type": "url_verification", "challenge": "c0ffee"}).encode()
    answer = await post(web, body, content_type="application/json")
    assert (answer.status_code, answer.json()) == (200, {"challenge": "c0ffee"})


async def test_a_command_without_a_listener_is_not_found(web):
    answer = await post(web, urlencode({**COMMAND, "command": "/other"}).encode())
    assert answer.status_code == 404


BODY = urlencode(COMMAND).encode()
GOOD = headers(BODY)


@pytest.mark.parametrize(
    "changed",
    [
        {"X-Slack-Signature": None},
        {"X-Slack-Request-Timestamp": None},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v0=é\udcff".encode("utf-8", "surrogateescape")},
        {"X-Slack-Request-Timestamp": "now", "X-Slack-Signature": signature(BODY, "now")},
        {"X-Slack-Request-Timestamp": "", "X-Slack-Signature": signature(BODY, "")},
        {"X-Slack-Request-Timestamp": "-1", "X-Slack-Signature": signature(BODY, "-1")},
        {"X-Slack-Request-Timestamp": "9" * 5000, "X-Slack-Signature": signature(BODY, "9" * 5000)},
        headers(BODY, secret="not ours"),
        headers(BODY, at=NOW - 301),
        headers(BODY, at=NOW + 301),
        headers(BODY + b"&text=more"),
    ],
    ids=[
        "no signature",
        "no timestamp",
        "empty signature",
        "wrong signature",
        "signature with odd bytes",
        "timestamp in words",
        "empty timestamp",
        "negative timestamp",
        "endless timestamp",
        "another app's secret",
        "too old",
        "from the future",
        "another body",
    ],
)
async def test_what_slack_did_not_sign_just_now_is_refused(web, endpoint, changed, caplog):
    sent = {name: value for name, value in {**GOOD, **changed}.items() if value is not None}
    answer = await web.post(EVENTS_PATH, content=BODY, headers=sent)
    assert answer.status_code == 401
    assert endpoint.heard == []
    assert "billing" not in caplog.text
    assert "SLACK_SIGNING_SECRET" in caplog.text


@pytest.mark.parametrize("at", [NOW - 299, NOW + 299])
async def test_five_minutes_either_way_are_accepted(web, at):
    assert (await post(web, BODY, at=at)).status_code == 200


async def test_a_body_over_a_mebibyte_is_refused_unread(web):
    assert (await post(web, b"a" * (MAX_BODY_BYTES + 1))).status_code == 413


async def test_a_body_of_a_mebibyte_is_read(web):
    assert (await post(web, b"a" * MAX_BODY_BYTES)).status_code == 404


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", "application/xml"])
async def test_other_media_types_are_refused(web, content_type):
    assert (await post(web, BODY, content_type=content_type)).status_code == 415


async def test_a_charset_beside_the_media_type_is_fine(web):
    assert (await post(web, BODY, content_type=f"{FORM}; charset=utf-8")).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
async def test_other_methods_are_refused(web, method):
    assert (await web.request(method, EVENTS_PATH)).status_code == 405


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff\xfe", b""])
async def test_a_signed_body_that_is_no_object_is_a_bad_request_not_a_crash(web, body):
    assert (await post(web, body, content_type="application/json")).status_code == 400


async def test_a_certificate_probe_is_answered_without_a_signature(web, endpoint):
    probe = {"Content-Type": FORM}
    assert (await web.post(EVENTS_PATH, content=b"ssl_check=1&token=abc", headers=probe)).status_code == 200
    assert (await web.post(EVENTS_PATH, content=BODY + b"&ssl_check=0", headers=probe)).status_code == 401
    assert endpoint.heard == []


async def test_health_says_alive_and_readiness_says_why_not(web, endpoint):
    assert (await web.get("/readyz")).json() == {"status": "ready"}
    endpoint.trouble = "starting"
    answer = await web.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "not ready", "reason": "starting"})
    answer = await web.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


async def test_other_paths_are_not_found(web):
    assert (await web.get("/")).status_code == 404


@pytest.mark.parametrize("body", ["", "text=a+b", "text=%E2%9C%93", "naïve ✓"])
def test_the_signature_is_the_one_that_slacks_own_client_makes(body):
    expected = SignatureVerifier(SECRET).generate_signature(timestamp="1795428000", body=body)
    assert signed(SECRET, timestamp="1795428000", signature=expected, body=body.encode(), now=NOW)
    assert not signed(SECRET, timestamp="1795428000", signature=expected, body=body.encode() + b"x", now=NOW)
