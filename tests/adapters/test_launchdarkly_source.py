"""Everything beside reading a window: single deployments, pull requests, keys, the token, and what stays secret."""

from __future__ import annotations

import gzip
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.domain.deployments import Application, Identity, Named
from bot.domain.errors import (
    SourceAuthError,
    SourceContractError,
    SourceError,
    SourceNotFound,
    SourceRefused,
    SourceUnavailable,
)
from bot.launchdarkly import LaunchDarklySource
from tests.adapters.launchdarkly_server import (
    TOKEN,
    LaunchDarkly,
    Time,
    ms,
    query,
    spread,
    status,
    text,
    wire_deployment,
)
from tests.builders import NOW

PULL_REQUESTS = "/api/v2/engineering-insights/pull-requests"
FIXTURES = Path(__file__).parents[1] / "fixtures" / "launchdarkly"
WEEK = timedelta(days=7)


@pytest.fixture
async def server():
    async with LaunchDarkly() as running:
        yield running


@pytest.fixture
async def source(server: LaunchDarkly):
    time = Time()
    async with LaunchDarklySource(
        token=TOKEN, base_url=server.base_url + "/", clock=time, monotonic=time, sleep=time.sleep
    ) as opened:
        yield opened


# --- one deployment


async def test_one_deployment_by_its_id(server, source):
    server.singles["00000000-0000-0000-0000-000000000007"] = wire_deployment(7, NOW)
    found = await source.deployment("default", "00000000-0000-0000-0000-000000000007", timeout=5)
    assert (found.project, found.version) == ("default", "0000007")
    assert server.requests[0].headers.getall("LD-API-Version") == ["beta"]


@pytest.mark.parametrize("answer", [status(404), status(400, {"message": "not a UUID"})])
async def test_an_id_that_is_not_there_or_is_none_is_not_found(server, source, answer):
    server.fail(answer)
    with pytest.raises(SourceNotFound):
        await source.deployment("default", "odd id", timeout=5)


async def test_an_empty_id_is_not_found_without_asking(server, source):
    with pytest.raises(SourceNotFound):
        await source.deployment("default", "", timeout=5)
    assert server.requests == []


@pytest.mark.parametrize("name", ["documented_placeholders.json", "documented_examples.json"])
async def test_the_documented_samples_are_read_from_end_to_end(server, source, name):
    server.fail(text((FIXTURES / name).read_text()))
    answer = await source.read(query(timedelta(days=365 * 60)), now=NOW, timeout=5)
    assert len(answer.items) == 1
    assert answer.items[0].unread_flag_references


async def test_a_compressed_answer_is_read_and_a_broken_one_refused(server, source):
    server.fail(compressed(gzip.compress(b'{"totalCount": 0, "items": []}')))
    assert (await source.read(query(), now=NOW, timeout=5)).items == ()
    server.fail(compressed(b"not gzip at all"), 2)
    with pytest.raises(SourceContractError):
        await source.read(query(), now=NOW, timeout=5)


def compressed(body: bytes):
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})

    return answer


# --- pull requests


def pull_requests_of(numbers: range, per_page: int = 100, only_dates: bool = False):
    async def answer(request: web.Request) -> web.StreamResponse:
        if only_dates == request.query["from"].isdecimal():
            return web.json_response({"errors": [{"attribute": "from", "reason": "wrong type"}]}, status=400)
        start = int(request.query.get("after", 0))
        items = [{"id": f"pr-{n}", "externalId": str(n)} for n in numbers][start : start + per_page]
        page: dict[str, Any] = {"totalCount": len(numbers), "items": items}
        if start + per_page < len(numbers):
            page["_links"] = {"next": {"href": f"{PULL_REQUESTS}?after={start + per_page}"}}
        return web.json_response(page)

    return answer


async def test_pull_requests_are_asked_for_in_milliseconds_page_by_page(server, source):
    server.others[PULL_REQUESTS] = pull_requests_of(range(250))
    found = await source.pull_requests("default", start=NOW - WEEK, end=NOW, text="jane", timeout=5)
    assert [one.number for one in found] == [str(n) for n in range(250)]
    asked = server.requests[0].query
    assert (asked["from"], asked["to"], asked["query"]) == (str(ms(NOW - WEEK)), str(ms(NOW)), "jane")
    assert len(server.requests) == 3


async def test_where_milliseconds_are_refused_date_times_are_tried(server, source):
    server.others[PULL_REQUESTS] = pull_requests_of(range(3), only_dates=True)
    found = await source.pull_requests("default", start=NOW - WEEK, end=NOW, timeout=5)
    assert len(found) == 3
    assert server.requests[1].query["from"] == "2026-11-16T10:00:00+00:00"
    server.others[PULL_REQUESTS] = status(400, {"message": "no"})
    with pytest.raises(SourceRefused, match="no"):
        await source.pull_requests("default", start=NOW - WEEK, end=NOW, timeout=5)


async def test_more_pull_requests_than_can_be_read_are_an_error_not_half_an_answer(server, source):
    server.others[PULL_REQUESTS] = pull_requests_of(range(200), per_page=2)
    with pytest.raises(SourceUnavailable, match="more than 100 pull requests"):
        await source.pull_requests("default", start=NOW - WEEK, end=NOW, timeout=5)


# --- keys


def keyed(keys: list[str | None], per_page: int = 20, total: bool = True, link: bool = False):
    """A list by offset; a None in it is a null item."""

    async def answer(request: web.Request) -> web.StreamResponse:
        start = int(request.query["offset"])
        items = [key and {"key": key, "name": key.title(), "kind": "server", "apiKey": "sdk-x"} for key in keys]
        page: dict[str, Any] = {"items": items[start : start + per_page]}
        if total:
            page["totalCount"] = len(keys)
        if link and start + per_page < len(keys):
            page["_links"] = {"next": {"href": "/whatever?offset=1"}}
        return web.json_response(page)

    return answer


@pytest.mark.parametrize(("total", "link"), [(True, False), (False, True), (True, True)])
async def test_keys_are_read_to_the_end_whatever_says_where_that_is(server, source, total, link):
    keys = [f"app-{n}" for n in range(45)]
    server.others["/api/v2/applications"] = keyed([keys[0], None, *keys[1:]], 20, total, link)
    found = await source.applications(timeout=5)
    assert [one.key for one in found] == keys
    assert found[0] == Application("app-0", "App-0", "server")
    assert [r.query["offset"] for r in server.requests] == ["0", "20", "40"]
    assert server.requests[0].headers.getall("LD-API-Version") == ["beta"]


async def test_projects_and_environments(server, source):
    server.others["/api/v2/projects"] = keyed(["default"])
    server.others["/api/v2/projects/my proj/environments"] = keyed(["production", "staging"])
    assert await source.projects(timeout=5) == [Named("default", "Default")]
    names = await source.environments("my proj", timeout=5)
    assert [one.key for one in names] == ["production", "staging"]
    assert {r.headers["LD-API-Version"] for r in server.requests} == {"20240415"}


async def test_a_list_that_repeats_itself_ends(server, source):
    async def again(request: web.Request) -> web.StreamResponse:
        return web.json_response({"totalCount": 99, "items": [{"key": "a"}], "_links": {"next": {"href": "/x"}}})

    server.others["/api/v2/projects"] = again
    assert len(await source.projects(timeout=5)) == 1
    assert len(server.requests) == 2


async def test_an_unknown_project_is_not_found_by_name(server, source):
    with pytest.raises(SourceNotFound, match="nope"):
        await source.environments("nope", timeout=5)


# --- the doctor's questions


async def test_the_identity_and_the_servers_clock(server, source):
    server.others["/api/v2/caller-identity"] = status(
        200,
        {"tokenName": "bot", "tokenKind": "service", "serviceToken": True, "expiresAt": ms(NOW)},
        Date="Mon, 23 Nov 2026 10:01:30 GMT",
    )
    who, ahead = await source.identity(timeout=5)
    assert who == Identity("bot", "service", True, NOW)
    assert ahead == timedelta(seconds=90)


async def test_a_server_that_does_not_say_its_time(server, source):
    server.others["/api/v2/caller-identity"] = status(200, {"authKind": "token"}, Date="soon")
    assert await source.identity(timeout=5) == (Identity("", "token", None, None), None)


@pytest.mark.parametrize("body", ["{}", '{"message": "ok"}'])
async def test_an_answer_with_nothing_of_what_was_asked_is_none(server, source, body):
    server.fail(text(body), 100)
    for question in (
        source.identity(timeout=5),
        source.check("default", "production", now=NOW, timeout=5),
        source.applications(timeout=5),
        source.pull_requests("default", start=NOW - WEEK, end=NOW, timeout=5),
    ):
        with pytest.raises(SourceContractError):
            await question


async def test_a_host_that_does_not_know_who_asks_is_not_launchdarkly(server, source):
    with pytest.raises(SourceAuthError, match="LAUNCHDARKLY_BASE_URL"):
        await source.identity(timeout=5)


async def test_the_check_asks_for_one_deployment(server, source):
    server.deployments = spread(5)
    assert await source.check("default", "production", now=NOW, timeout=5) == 5
    assert server.requests[0].query["limit"] == "1"
    server.fail(status(403))
    with pytest.raises(SourceAuthError):
        await source.check("default", "production", now=NOW, timeout=5)


# --- raw pages


async def test_raw_pages_are_the_apis_own_without_secrets(server, source):
    def leak(page: dict[str, Any], request: web.Request) -> None:
        page.update(unheardOf={"apiKey": "sdk-123", "note": f"used {TOKEN}"})

    server.tamper = leak
    server.deployments = spread(150)
    pages: list[Any] = [page async for page in source.raw(query(), now=NOW, timeout=5)]
    assert [len(page["response"]["items"]) for page in pages] == [100, 50]
    assert [page["request"] for page in pages] == [str(request.rel_url) for request in server.requests]
    assert pages[0]["response"]["items"][0] == server.deployments[0]
    assert pages[0]["response"]["unheardOf"] == {"apiKey": "[redacted]", "note": "used [redacted]"}


@pytest.mark.parametrize("body", ["[]", "7", '{"items": 7, "_links": 7, "totalCount": "x"}', '{"_links": {"next": 7}}'])
async def test_raw_pages_may_have_any_shape(server, source, body):
    server.fail(text(body))
    assert len([page async for page in source.raw(query(), now=NOW, timeout=5)]) == 1


# --- secrets


async def echo(request: web.Request) -> web.StreamResponse:
    return web.json_response({"message": f"bad token {request.headers['Authorization']}"}, status=403)


@pytest.mark.parametrize("token", [TOKEN, "an-odd-token"])
async def test_the_token_is_in_no_error_log_or_repr(server, caplog, token):
    caplog.set_level(logging.DEBUG)
    async with LaunchDarklySource(token=token, base_url=server.base_url) as source:
        server.deployments = spread(3)
        await source.read(query(), now=NOW, timeout=5)
        server.fail(echo)
        with pytest.raises(SourceError) as caught:
            await source.read(query(), now=NOW, timeout=5)
        assert "[redacted]" in caught.value.message
        for text_ in (repr(source), str(source), str(caught.value), repr(caught.value), caplog.text):
            assert token not in text_


@pytest.mark.parametrize("token", [f"{TOKEN}\n", f"{TOKEN} x", f"“{TOKEN}”", "tök"])
async def test_a_token_that_cannot_be_one_is_refused_without_being_shown(token):
    with pytest.raises(SourceAuthError) as caught:
        LaunchDarklySource(token=token, base_url="http://127.0.0.1:1")
    assert TOKEN not in str(caught.value)
