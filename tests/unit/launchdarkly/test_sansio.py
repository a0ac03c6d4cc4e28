from __future__ import annotations

import json

import pytest

from bot.domain.errors import (
    SourceAuthError,
    SourceContractError,
    SourceNotFound,
    SourceRateLimited,
    SourceRefused,
    SourceUnavailable,
)
from bot.domain.query import SourceQuery, TimeWindow
from bot.launchdarkly import sansio
from tests.builders import NOW

BASE = "https://app.launchdarkly.com"
QUERY = SourceQuery("default", "production", TimeWindow(NOW))
REQUEST = sansio.deployments(QUERY, 1, 2)


def refusal(status: int, body: object = None, retry_after: float | None = None, request: sansio.Request = REQUEST):
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return sansio.error_of(request, sansio.Reply(status, {}, content), retry_after)


@pytest.mark.parametrize(
    ("request_", "path", "version"),
    [
        (REQUEST, "/api/v2/engineering-insights/deployments", "beta"),
        (sansio.deployment("a/b ?"), "/api/v2/engineering-insights/deployments/a%2Fb%20%3F", "beta"),
        (sansio.pull_requests("default", "1", "2", ""), "/api/v2/engineering-insights/pull-requests", "beta"),
        (sansio.applications(), "/api/v2/applications", "beta"),
        (sansio.projects(), "/api/v2/projects", "20240415"),
        (sansio.environments("my proj"), "/api/v2/projects/my%20proj/environments", "20240415"),
        (sansio.caller_identity(), "/api/v2/caller-identity", "20240415"),
    ],
)
def test_each_request_names_its_path_and_its_one_version(request_, path, version):
    assert request_.path == path
    headers = request_.headers("api-token")
    assert headers["LD-API-Version"] == version
    assert headers["Authorization"] == "api-token"


@pytest.mark.parametrize("key", ["", ".", ".."])
def test_a_segment_that_would_lead_elsewhere_is_not_asked_for(key):
    with pytest.raises(SourceNotFound):
        sansio.deployment(key)
    with pytest.raises(SourceNotFound):
        sansio.environments(key)


def test_filters_are_sent_only_where_asked_for():
    names = {name for name, _ in REQUEST.params}
    assert names == {"projectKey", "environmentKey", "from", "to", "limit", "expand"}
    filtered = SourceQuery("p", "e", TimeWindow(NOW), applications=("a", "b"), kind="redeployment")
    params = dict(sansio.deployments(filtered, 1, 2, limit=1).params)
    assert (params["applicationKey"], params["kind"], params["limit"]) == ("a,b", "redeployment", "1")
    assert dict(sansio.pull_requests("p", "1", "2", "jane").params)["query"] == "jane"


STATUSES = [
    (301, SourceAuthError),
    (302, SourceAuthError),
    (304, SourceAuthError),
    (307, SourceAuthError),
    (308, SourceAuthError),
    (400, SourceRefused),
    (401, SourceAuthError),
    (402, SourceRefused),
    (403, SourceAuthError),
    (404, SourceNotFound),
    (405, SourceRefused),
    (408, SourceUnavailable),
    (409, SourceRefused),
    (418, SourceRefused),
    (422, SourceRefused),
    (429, SourceRateLimited),
    (500, SourceUnavailable),
    (501, SourceUnavailable),
    (502, SourceUnavailable),
    (503, SourceUnavailable),
    (504, SourceUnavailable),
    (520, SourceUnavailable),
]


@pytest.mark.parametrize(("status", "error"), STATUSES)
@pytest.mark.parametrize(
    "body", [None, b"<html>", {"code": "some_code", "message": "Some words."}, [], {"errors": [None]}]
)
def test_every_status_becomes_the_error_of_who_must_act(status, error, body):
    refused = refusal(status, body)
    assert type(refused) is error
    assert str(status) in refused.message or error is SourceRateLimited or status == 404


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, None, ["LAUNCHDARKLY_ACCESS_TOKEN", "LAUNCHDARKLY_BASE_URL", "Whoever runs this bot"]),
        (403, {"message": "Access denied"}, ["Access denied.", "role", "plan", "beta", "production"]),
        (404, {"message": "Invalid resource identifier"}, ["default", "production", "Invalid resource identifier."]),
        (
            400,
            {
                "code": "invalid_request",
                "message": "no",
                "errors": [{"attribute": "from", "reason": "not a number"}, None],
            },
            ["from: not a number."],
        ),
        (400, {"errors": [{"reason": "too long"}]}, ["too long."]),
        (307, None, ["redirect", "LAUNCHDARKLY_BASE_URL"]),
    ],
)
def test_the_words_say_what_is_wrong_and_whose_move_it_is(status, body, words):
    message = refusal(status, body).message
    for word in words:
        assert word in message


def test_a_forbidden_general_endpoint_does_not_blame_the_plan():
    assert "plan" not in refusal(403, request=sansio.projects()).message


def test_a_rate_limit_carries_its_wait():
    known = refusal(429, retry_after=7.2)
    assert isinstance(known, SourceRateLimited)
    assert known.retry_after == 7.2
    assert "7 s" in known.message
    unknown = refusal(429)
    assert isinstance(unknown, SourceRateLimited)
    assert unknown.retry_after is None


def test_long_hostile_and_secret_words_are_tamed():
    message = refusal(400, {"message": "a\n\nb sdk-12345678-abcd " + "x" * 5000}).message
    assert "a b [redacted] x" in message
    assert len(message) < 500


def test_the_support_id_is_found_where_there_is_one():
    assert sansio.support_id(sansio.Reply(400, {}, b'{"id": "abc"}')) == "abc"
    assert sansio.support_id(sansio.Reply(400, {}, b"")) == ""


def test_a_replys_body_is_not_in_its_repr():
    assert "sdk-" not in repr(sansio.Reply(200, {}, b"sdk-secret"))


@pytest.mark.parametrize(
    ("href", "changed"),
    [
        ("/api/v2/engineering-insights/deployments?after=c1", {"after": "c1"}),
        ("?after=c1&limit=50", {"after": "c1", "limit": "50"}),
        (f"{BASE}/other/path?after=c%201", {"after": "c 1"}),
        ("https://APP.launchdarkly.com:443/x?after=c1", {"after": "c1"}),
        ("/x", {}),
    ],
)
def test_a_next_link_is_merged_over_the_question(href, changed):
    following = sansio.next_query(REQUEST, href, BASE)
    assert dict(following.params) == {**dict(REQUEST.params), **changed}
    assert following.path == REQUEST.path
    assert following.version == REQUEST.version


@pytest.mark.parametrize(
    "href",
    [
        "https://elsewhere.example/?after=1",
        "//elsewhere.example/?after=1",
        "http://app.launchdarkly.com/?after=1",
        "https://app.launchdarkly.com:8443/?after=1",
        "https://app.launchdarkly.com.elsewhere.example/?after=1",
        "https://app.launchdarkly.com:x/?after=1",
        "javascript:alert(1)",
        "https://[",
    ],
)
def test_a_next_link_to_another_host_is_refused(href):
    with pytest.raises(SourceContractError):
        sansio.next_query(REQUEST, href, BASE)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Mon, 23 Nov 2026 10:00:00 GMT", "2026-11-23T10:00:00+00:00"),
        ("Mon, 23 Nov 2026 11:00:00 +0100", "2026-11-23T10:00:00+00:00"),
        ("Mon, 23 Nov 2026 10:00:00 -0000", "2026-11-23T10:00:00+00:00"),
        ("yesterday", None),
        ("", None),
        ("Mon, 23 Nov 99999 10:00:00 GMT", None),
    ],
)
def test_http_dates(text, iso):
    date = sansio.http_date(text)
    assert (date and date.isoformat()) == iso
