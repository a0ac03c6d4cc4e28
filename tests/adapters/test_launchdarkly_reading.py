"""Reading a window over real HTTP: whatever the pages look like, the answer is complete or says what is missing."""

from __future__ import annotations

import socket
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.domain.errors import (
    SourceAuthError,
    SourceContractError,
    SourceNotFound,
    SourceRateLimited,
    SourceRefused,
    SourceUnavailable,
)
from bot.domain.query import SourceQuery, TimeWindow
from bot.launchdarkly import LaunchDarklySource
from tests.adapters.launchdarkly_server import (
    LIST,
    TOKEN,
    LaunchDarkly,
    Time,
    cut_body,
    ms,
    query,
    reset,
    silence,
    spread,
    status,
    text,
    wire_deployment,
)
from tests.builders import NOW

# Signed by itself, for localhost; it guards nothing.
UNTRUSTED = Path(__file__).parents[1] / "fixtures" / "launchdarkly" / "untrusted.pem"


@pytest.fixture
async def server():
    async with LaunchDarkly() as running:
        yield running


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def source(server: LaunchDarkly, time: Time):
    async with LaunchDarklySource(
        token=TOKEN,
        base_url=server.base_url,
        clock=time,
        monotonic=time,
        sleep=time.sleep,
        random=lambda: 0.5,
        request_timeout=5,
    ) as opened:
        yield opened


def ids(items: Any) -> list[str]:
    return [item["id"] if isinstance(item, dict) else item.id for item in items]


def next_page_is(href: str):
    def tamper(page: dict[str, Any], request: web.Request) -> None:
        page["_links"]["next"] = {"href": href}

    return tamper


async def read(source: LaunchDarklySource, over: timedelta = timedelta(days=7), timeout: float = 60, **changes: Any):
    return await source.read(query(over, **changes), now=NOW, timeout=timeout)


# --- pages


async def test_one_page_takes_exactly_one_request_with_everything_pinned(server, source):
    server.deployments = spread(3)
    answer = await read(source, applications=("api", "web"), kind="redeployment")
    assert ids(answer.items) == ids(server.deployments)
    assert answer.completeness.is_complete
    assert answer.as_of == NOW
    assert len(server.requests) == 1
    assert dict(server.requests[0].query) == {
        "projectKey": "default",
        "environmentKey": "production",
        "from": str(ms(NOW - timedelta(days=7))),
        "to": str(ms(NOW)),
        "limit": "100",
        "expand": "pullRequests,flagReferences",
        "applicationKey": "api,web",
        "kind": "redeployment",
    }


async def test_each_request_carries_the_bare_token_and_one_version(server, source):
    await read(source)
    headers = server.requests[0].headers
    assert headers.getall("LD-API-Version") == ["beta"]
    assert headers.getall("Authorization") == [TOKEN]


async def test_a_next_link_that_holds_the_cursor_alone_is_merged_over_the_question(server, source):
    server.deployments = spread(250)
    answer = await read(source)
    assert len(answer.items) == 250
    assert answer.completeness.is_complete
    assert len(server.requests) == 3
    second = dict(server.requests[1].query)
    assert second.pop("after") == server.deployments[99]["id"]
    assert second == dict(server.requests[0].query)


async def test_the_newest_come_first_and_each_once(server, source):
    def shuffle_and_double(page: dict[str, Any], request: web.Request) -> None:
        page["items"] = page["items"][::-1] + page["items"][:1]

    server.tamper = shuffle_and_double
    server.deployments = spread(150)
    assert ids((await read(source)).items) == ids(server.deployments)


async def test_what_lies_outside_the_window_is_counted_not_told(server, source):
    old = wire_deployment(99, NOW - timedelta(days=30))
    server.tamper = lambda page, request: page["items"].append(old)
    server.deployments = spread(2)
    answer = await read(source)
    assert len(answer.items) == 2
    assert answer.outside == 1
    assert answer.completeness.is_complete


async def test_where_all_that_is_listed_lies_outside_the_window_nothing_is_certain(server, source):
    old = [wire_deployment(n, NOW - timedelta(days=30)) for n in (98, 99)]
    server.tamper = lambda page, request: page.update(totalCount=2, items=old)
    answer = await read(source)
    assert (answer.items, answer.outside) == ((), 2)
    assert answer.completeness.gaps == (
        "LaunchDarkly listed 2 deployments for this window, all with times outside it.",
    )


async def test_a_window_of_the_future_needs_no_request(server, source):
    window = TimeWindow(NOW + timedelta(hours=1), NOW + timedelta(hours=2))
    answer = await source.read(SourceQuery("default", "production", window), now=NOW, timeout=5)
    assert answer.items == ()
    assert answer.completeness.is_complete
    assert server.requests == []


async def test_totals_that_count_one_page_each_do_not_stop_the_paging(server, source):
    server.tamper = lambda page, request: page.update(totalCount=len(page["items"]))
    server.deployments = spread(950)
    answer = await read(source)
    assert len(answer.items) == 950
    assert answer.completeness.is_complete
    assert len(server.requests) == 10


async def test_without_totals_the_cursors_are_followed_to_their_end(server, source):
    server.tamper = lambda page, request: page.pop("totalCount") and None
    server.deployments = spread(450)
    answer = await read(source)
    assert len(answer.items) == 450
    assert answer.completeness.is_complete


async def test_an_empty_last_page_with_a_link_is_an_end(server, source):
    def always_next(page: dict[str, Any], request: web.Request) -> None:
        items = page["items"]
        page["_links"]["next"] = {"href": f"{LIST}?after={items[-1]['id'] if items else request.query['after']}"}

    server.tamper = always_next
    server.deployments = spread(20)
    answer = await read(source)
    assert len(answer.items) == 20
    assert answer.completeness.is_complete


async def test_fewer_listed_than_counted_is_a_gap(server, source):
    server.tamper = lambda page, request: page.update(totalCount=5)
    server.deployments = spread(3)
    answer = await read(source)
    assert len(answer.items) == 3
    assert answer.completeness.gaps == ("LaunchDarkly counts 5 deployments but listed 3.",)


@pytest.mark.parametrize(
    ("href", "words"),
    [
        ("https://elsewhere.example/api?after=1", "leads to another host"),
        ("//elsewhere.example/api?after=1", "leads to another host"),
        ("http://127.0.0.1:1/api?after=1", "leads to another host"),
        ("http://[broken", "cannot be read"),
        (LIST, "leads back"),
    ],
)
async def test_a_link_that_leads_astray_ends_the_reading_with_a_gap(server, source, href, words):
    server.tamper = next_page_is(href)
    server.deployments = spread(150)
    answer = await read(source)
    assert len(answer.items) == 100
    [gap] = answer.completeness.gaps
    assert gap.startswith("Only 100 of 150 deployments could be read: ")
    assert words in gap
    assert len(server.requests) == 1


async def test_pages_that_bring_nothing_new_end_the_reading_with_a_gap(server, source):
    first_page = spread(100)
    turns = iter(range(1000))

    def stuck(page: dict[str, Any], request: web.Request) -> None:
        page.update(totalCount=200, items=first_page, _links={"next": {"href": f"{LIST}?turn={next(turns)}"}})

    server.tamper = stuck
    answer = await read(source)
    assert len(answer.items) == 100
    assert "go on without anything new" in answer.completeness.gaps[0]
    assert len(server.requests) == 2


async def test_progress_is_told_after_each_page(server, time):
    told: list[tuple[int, int | None]] = []
    server.deployments = spread(250)
    async with LaunchDarklySource(
        token=TOKEN, base_url=server.base_url, on_progress=lambda read, total: told.append((read, total))
    ) as source:
        await read(source)
    assert told == [(100, 250), (200, 250), (250, 250)]


async def test_a_list_that_is_null_is_a_gap_where_some_are_counted(server, source):
    server.tamper = lambda page, request: page.update(items=None)
    assert (await read(source)).completeness.is_complete
    server.deployments = spread(3)
    assert (await read(source)).completeness.gaps == ("LaunchDarkly counts 3 deployments but listed 0.",)


# --- slices


async def test_a_busy_window_is_read_side_by_side_and_adds_up(server, source):
    server.deployments = spread(2000)
    answer = await read(source)
    assert ids(answer.items) == ids(server.deployments)
    assert answer.completeness.is_complete
    pages, slices = 20, 5
    assert len(server.requests) <= pages + 1 + slices
    assert 1 < server.most_in_flight <= 8
    assert len({request.query["from"] for request in server.requests}) == slices


async def test_neighbouring_slices_lose_nothing_at_their_edges_whichever_end_is_left_out(server, source):
    server.deployments = spread(2000)
    edges: set[int] = set()
    server.tamper = lambda page, request: edges.add(int(request.query["to"]))
    await read(source)
    crowd = [wire_deployment(5000 + n, NOW, startedAt=edge + n % 3 - 1) for n, edge in enumerate(sorted(edges) * 3)]
    server.deployments += [d for d in crowd if d["startedAt"] < ms(NOW)]

    def open_ends(page: dict[str, Any], request: web.Request) -> None:
        ends = {int(request.query["from"]), int(request.query["to"])} - {ms(NOW), ms(NOW - timedelta(days=7))}
        kept = [d for d in page["items"] if d["startedAt"] not in ends]
        page["totalCount"] -= len(page["items"]) - len(kept)
        page["items"] = kept

    server.tamper = open_ends
    answer = await read(source)
    assert set(ids(server.deployments)) == set(ids(answer.items))


async def test_a_burst_is_split_again(server, source):
    server.deployments = spread(200) + [
        wire_deployment(1000 + n, NOW - timedelta(days=3, seconds=30 * n)) for n in range(2000)
    ]
    answer = await read(source)
    assert len(answer.items) == 2200
    assert answer.completeness.is_complete
    longest_chain = max(
        sum(1 for r in server.requests if r.query["from"] == start) for start in {r.query["from"] for r in server.lists}
    )
    assert longest_chain <= 9


async def test_slices_that_do_not_add_up_are_read_one_by_one_and_end_complete(server, source):
    whole = str(ms(NOW - timedelta(days=7)))

    def lose_one(page: dict[str, Any], request: web.Request) -> None:
        if request.query["from"] != whole:
            page["items"] = page["items"][1:]

    server.tamper = lose_one
    server.deployments = spread(900)
    answer = await read(source)
    assert ids(answer.items) == ids(server.deployments)
    assert answer.completeness.is_complete
    assert len([r for r in server.requests if r.query["to"] == str(ms(NOW)) and r.query["from"] == whole]) == 9


async def test_a_late_arrival_does_not_hide_what_a_slice_lost(server, source):
    server.deployments = spread(900)
    whole = str(ms(NOW - timedelta(days=7)))
    lost, late = server.deployments[500], wire_deployment(5000, NOW - timedelta(minutes=1))

    def lose_and_arrive(page: dict[str, Any], request: web.Request) -> None:
        if request.query["from"] != whole:
            page["items"] = [d for d in page["items"] if d is not lost]
        if late not in server.deployments:
            server.deployments.append(late)

    server.tamper = lose_and_arrive
    answer = await read(source)
    assert lost["id"] in ids(answer.items)
    assert answer.completeness.is_complete


async def test_slices_whose_links_lead_astray_are_read_one_by_one(server, source):
    whole = str(ms(NOW - timedelta(days=7)))

    def astray(page: dict[str, Any], request: web.Request) -> None:
        if request.query["from"] != whole and "next" in page["_links"]:
            page["_links"]["next"]["href"] = LIST

    server.tamper = astray
    server.deployments = spread(900)
    answer = await read(source)
    assert len(answer.items) == 900
    assert answer.completeness.is_complete


async def test_a_server_that_ignores_the_window_costs_no_storm_of_requests(server, source):
    everything = spread(1200)

    def ignore_window(page: dict[str, Any], request: web.Request) -> None:
        start = ids(everything).index(request.query["after"]) + 1 if "after" in request.query else 0
        items = everything[start : start + 100]
        page.update(totalCount=1200, items=items, _links={})
        if start + 100 < 1200:
            page["_links"] = {"next": {"href": f"{LIST}?after={items[-1]['id']}"}}

    server.tamper = ignore_window
    answer = await read(source)
    assert len(answer.items) == 1200
    assert answer.completeness.is_complete
    assert len(server.requests) < 40


async def test_slices_and_pages_that_both_disagree_leave_a_gap_in_words(server, source):
    server.tamper = lambda page, request: page.update(totalCount=page["totalCount"] + 3)
    server.deployments = spread(809)
    answer = await read(source)
    assert len(answer.items) == 809
    assert answer.completeness.gaps == ("LaunchDarkly counts 812 deployments but listed 809.",)


async def test_deployments_that_arrive_meanwhile_are_no_gap(server, source):
    server.deployments = spread(900)

    def arrive(page: dict[str, Any], request: web.Request) -> None:
        number = 5000 + len(server.requests)
        server.deployments.append(wire_deployment(number, NOW - timedelta(minutes=number)))

    server.tamper = arrive
    answer = await read(source)
    assert len(answer.items) >= 900
    assert answer.completeness.is_complete


async def test_a_slice_that_fails_is_named_by_its_time_and_the_reason(server, source):
    server.deployments = spread(1600)
    first = str(ms(NOW - timedelta(days=7)))
    server.fail(status(503), 4, lambda r: r.query["from"] == first and r.query["to"] != str(ms(NOW)))
    answer = await read(source)
    assert len(answer.items) == 1200
    assert answer.completeness.gaps == (
        "Not every deployment of 2026-11-16 10:00 to 2026-11-18 04:00 UTC could be read: "
        "LaunchDarkly answered that it cannot (503).",
    )


async def test_many_slices_that_fail_are_told_in_one_sentence(server, source):
    server.deployments = spread(6400)
    start, width = ms(NOW - timedelta(days=7)), timedelta(days=7) / timedelta(milliseconds=1) / 16

    def every_other(request: web.Request) -> bool:
        return round((int(request.query["from"]) - start) / width) % 2 == 1

    server.fail(status(503), 1000, every_other)
    answer = await read(source)
    [gap] = answer.completeness.gaps
    assert gap.count(" to ") == 3
    assert "UTC and 5 more stretches could be read: " in gap


async def test_a_used_up_rate_limit_stops_the_other_slices_too(server, source, time):
    server.deployments = spread(5000)
    server.fail(status(429, Retry_After="900"), 1000, lambda r: r.query["to"] != str(ms(NOW)))
    answer = await read(source)
    assert not answer.completeness.is_complete
    assert time.slept == []
    assert len(server.requests) <= 1 + 8


async def test_an_auth_error_between_slices_is_raised_not_told_as_a_gap(server, source):
    server.deployments = spread(1600)
    server.fail(status(401), 1, lambda r: len(server.requests) > 3)
    with pytest.raises(SourceAuthError):
        await read(source)


# --- errors


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (status(400, {"code": "invalid_request", "message": "no"}), SourceRefused),
        (status(401), SourceAuthError),
        (status(403, {"code": "forbidden", "message": "no"}), SourceAuthError),
        (status(404, {"code": "not_found", "message": "no"}), SourceNotFound),
        (status(302, Location="https://elsewhere.example/"), SourceAuthError),
    ],
)
async def test_an_answer_that_no_retry_can_mend_raises_at_once_even_after_a_page(server, source, time, answer, error):
    server.deployments = spread(150)
    server.fail(answer, 1, lambda r: "after" in r.query)
    with pytest.raises(error):
        await read(source)
    assert time.slept == []
    assert len(server.requests) == 2


@pytest.mark.parametrize("fault", [status(500), status(502), status(503), status(504), status(429), reset])
async def test_a_passing_trouble_is_not_seen(server, source, time, fault):
    server.deployments = spread(3)
    server.fail(fault, 3)
    answer = await read(source)
    assert len(answer.items) == 3
    assert answer.completeness.is_complete
    assert len(time.slept) == 3


@pytest.mark.parametrize(
    ("fault", "error", "requests"),
    [
        (status(503), SourceUnavailable, 4),
        (reset, SourceUnavailable, 4),
        (status(501), SourceUnavailable, 1),
        (status(429), SourceRateLimited, 4),
        (cut_body, SourceContractError, 2),
        (text("<html>Sign in</html>", "text/html"), SourceContractError, 2),
        (text('{"items": {}}'), SourceContractError, 2),
        (text('{"items": [{"status": "finished"}]}'), SourceContractError, 2),
        (text("[]"), SourceContractError, 2),
        (text("{}"), SourceContractError, 2),
        (text('{"items": null}'), SourceContractError, 2),
        (text('{"_links": {}}'), SourceContractError, 2),
        (text(""), SourceContractError, 2),
    ],
)
async def test_a_lasting_trouble_on_the_first_page_raises(server, source, fault, error, requests):
    server.fail(fault, 10)
    with pytest.raises(error):
        await read(source)
    assert len(server.requests) == requests


@pytest.mark.parametrize("fault", [cut_body, text("<html>"), text('{"items": 7}')])
async def test_an_unreadable_body_is_asked_for_once_more(server, source, fault):
    server.deployments = spread(3)
    server.fail(fault, 1)
    answer = await read(source)
    assert len(answer.items) == 3
    assert answer.completeness.is_complete


@pytest.mark.parametrize("fault", [status(503), status(429), cut_body, reset, text("{")])
async def test_a_lasting_trouble_on_a_later_page_leaves_what_was_read_and_a_gap(server, source, fault):
    server.deployments = spread(250)
    server.fail(fault, 10, lambda r: r.query.get("after") == server.deployments[199]["id"])
    answer = await read(source)
    assert len(answer.items) == 200
    assert answer.completeness.gaps[0].startswith("Only 200 of 250 deployments could be read: ")


async def test_a_rate_limit_is_waited_out_as_long_as_it_says(server, source, time):
    server.deployments = spread(1)
    server.fail(status(429, X_Ratelimit_Reset=str(ms(NOW) + 4000), Date="Mon, 23 Nov 2026 10:00:00 GMT"))
    await read(source)
    assert time.slept == [pytest.approx(4.25)]


async def test_a_wait_that_would_pass_the_deadline_is_not_begun(server, source, time):
    server.fail(status(429, Retry_After="30"))
    with pytest.raises(SourceRateLimited, match="30 s") as caught:
        await read(source, timeout=20)
    assert caught.value.retry_after == 30
    assert time.slept == []


async def test_retries_end_with_the_deadline(server, source, time):
    server.fail(status(503), 10)
    with pytest.raises(SourceUnavailable):
        await read(source, timeout=0.6)
    assert sum(time.slept) < 0.6
    assert len(server.requests) == 2


async def test_a_spent_budget_asks_nothing(server, source):
    with pytest.raises(SourceUnavailable):
        await read(source, timeout=0)
    assert server.requests == []


async def test_a_silent_server_is_given_up_in_time(server, time):
    server.fail(silence, 10)
    async with LaunchDarklySource(
        token=TOKEN, base_url=server.base_url, request_timeout=0.25, attempts=2, sleep=time.sleep
    ) as source:
        with pytest.raises(SourceUnavailable, match=r"did not answer within 0\.25 s"):
            await read(source)
    assert len(server.requests) == 2


async def test_a_host_that_is_not_there_is_unavailable(time):
    async with LaunchDarklySource(token=TOKEN, base_url="http://127.0.0.1:1", sleep=time.sleep) as source:
        with pytest.raises(SourceUnavailable, match="connection"):
            await read(source)


async def test_a_host_that_refuses_is_told_apart(time):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        async with LaunchDarklySource(token=TOKEN, base_url=base_url, sleep=time.sleep) as source:
            with pytest.raises(SourceUnavailable, match="refused the connection"):
                await read(source)


async def test_a_name_that_is_not_found_may_be_a_wrong_address(time, monkeypatch):
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    async with LaunchDarklySource(token=TOKEN, base_url="https://no-such.invalid", sleep=time.sleep) as source:
        with pytest.raises(SourceUnavailable, match=r"“no-such\.invalid”.*LAUNCHDARKLY_BASE_URL"):
            await read(source)


async def test_a_certificate_that_is_not_trusted_is_the_operators_move_and_not_asked_for_again(time):
    certificate = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.load_cert_chain(UNTRUSTED)
    async with (
        LaunchDarkly(certificate) as server,
        LaunchDarklySource(token=TOKEN, base_url=server.base_url, sleep=time.sleep) as source,
    ):
        with pytest.raises(SourceAuthError, match="SSL_CERT_FILE"):
            await read(source)
    assert time.slept == []


async def test_a_redirect_elsewhere_never_gets_the_token(server, source):
    async with LaunchDarkly() as elsewhere:
        server.fail(status(307, Location=f"{elsewhere.base_url}{LIST}"))
        with pytest.raises(SourceAuthError, match="LAUNCHDARKLY_BASE_URL"):
            await read(source)
        assert elsewhere.requests == []


async def test_low_remainders_slow_the_reading_down(server, source):
    server.headers = {"X-Ratelimit-Global-Remaining": "5"}
    server.deployments = spread(1600)
    answer = await read(source)
    assert len(answer.items) == 1600
    assert server.most_in_flight == 1


# --- nested lists


def carrying(number: int, listed: int, counted: int) -> dict[str, Any]:
    pull_requests = [{"id": f"pr-{n}", "externalId": str(n), "title": f"Change {n}"} for n in range(listed)]
    return wire_deployment(
        number,
        NOW - timedelta(minutes=number),
        numberOfPullRequests=counted,
        pullRequests={"totalCount": counted, "items": pull_requests},
        flagReferences={"totalCount": 2, "items": [{"projectKey": "default", "flagKey": "a", "referencesAdded": 1}]},
    )


async def test_a_cut_nested_list_is_completed_from_the_deployment_itself(server, source):
    server.deployments = [carrying(1, listed=2, counted=5)]
    whole = carrying(1, listed=5, counted=5)
    whole["flagReferences"]["items"].append({"projectKey": "other", "flagKey": "b", "referencesRemoved": 2})
    server.singles[whole["id"]] = whole
    [deployment] = (await read(source)).items
    assert len(deployment.pull_requests) == 5
    assert deployment.unread_pull_requests == 0
    assert [flag.key for flag in deployment.flag_references] == ["a", "b"]
    assert dict(server.requests[1].query) == {"expand": "pullRequests,flagReferences"}


@pytest.mark.parametrize("fault", [status(404), status(429), status(503), cut_body])
async def test_a_second_try_that_fails_leaves_n_of_m(server, source, time, fault):
    server.deployments = [carrying(1, listed=2, counted=5)]
    server.fail(fault, 9, lambda r: r.path != LIST)
    answer = await read(source)
    assert answer.items[0].unread_pull_requests == 3
    assert answer.items[0].unread_flag_references == 1
    assert answer.completeness.is_complete
    assert len(server.requests) == 2
    assert time.slept == []


async def test_second_tries_are_bounded(server, source):
    server.deployments = [carrying(n, listed=1, counted=2) for n in range(1, 51)]
    assert len((await read(source)).items) == 50
    assert len(server.requests) == 1 + 20
