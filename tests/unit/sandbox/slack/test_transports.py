"""Socket Mode's life and signed HTTP's: connections that come and go, acknowledgements, repetitions."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError, web

from bot.sandbox.slack import SandboxSlack
from bot.sandbox.slack.sockets import MOST_CONNECTIONS


async def raw_socket(slack: SandboxSlack, http: ClientSession) -> tuple[ClientWebSocketResponse, Any]:
    url = slack.sockets.new_url()
    socket = await http.ws_connect(url)
    return socket, await socket.receive_json()


async def acknowledge(socket: ClientWebSocketResponse, payload: dict[str, Any] | None = None) -> Any:
    envelope = await socket.receive_json()
    await socket.send_json({"envelope_id": envelope["envelope_id"], **({"payload": payload} if payload else {})})
    return envelope


@pytest.fixture
async def endpoint(slack):
    """An HTTP endpoint that keeps what it gets; ``statuses`` are its answers, the last one for ever."""
    requests, statuses = [], [200]

    async def take(request: web.Request) -> web.Response:
        text = await request.text()
        requests.append((request.headers, text))
        return web.Response(status=statuses.pop(0) if len(statuses) > 1 else statuses[0], text="")

    application = web.Application()
    application.router.add_post("/slack/events", take)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.world.app.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    yield requests, statuses
    await runner.cleanup()


async def test_a_connection_is_greeted_and_sends_acknowledgements(slack, http):
    socket, hello = await raw_socket(slack, http)
    typing = asyncio.create_task(slack.command("jane.doe", "#deploys", "/shipped"))
    envelope = await acknowledge(socket, {"text": "at once"})
    delivery = await typing

    assert (hello["type"], hello["connection_info"]["app_id"], hello["num_connections"]) == ("hello", "A0SHIPPED", 1)
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert envelope["payload"]["command"] == "/shipped"
    assert delivery.ack_payload == {"text": "at once"}
    await socket.close()


async def test_a_place_to_connect_to_is_good_once(slack, http):
    url = slack.sockets.new_url()
    socket = await http.ws_connect(url)
    with pytest.raises(WSServerHandshakeError) as caught:
        await http.ws_connect(url)
    assert caught.value.status == 401
    await socket.close()


async def test_each_payload_goes_to_one_of_the_connections(slack, http):
    first, _ = await raw_socket(slack, http)
    second, hello = await raw_socket(slack, http)
    assert hello["num_connections"] == 2

    async def listen(socket: ClientWebSocketResponse) -> list[str]:
        return [(await acknowledge(socket))["payload"]["text"] for _ in range(2)]

    listening = asyncio.gather(listen(first), listen(second))
    for number in range(4):
        await slack.command("jane.doe", "#deploys", "/shipped", str(number))
    assert sorted(text for texts in await listening for text in texts) == ["0", "1", "2", "3"]
    await first.close()
    await second.close()


async def test_the_eleventh_connection_is_one_too_many(slack, http):
    sockets = [(await raw_socket(slack, http))[0] for _ in range(MOST_CONNECTIONS)]
    extra, goodbye = await raw_socket(slack, http)
    assert goodbye["reason"] == "too_many_websockets"
    assert slack.sockets.connected == MOST_CONNECTIONS
    for socket in [*sockets, extra]:
        await socket.close()


async def test_a_warning_ends_nothing_and_a_refresh_does_after_ten_seconds(slack, http, clock):
    socket, _ = await raw_socket(slack, http)
    await slack.sockets.disconnect("warning")
    assert (await socket.receive_json())["reason"] == "warning"
    assert slack.sockets.connected == 1
    await slack.sockets.disconnect()
    assert (await socket.receive_json())["reason"] == "refresh_requested"
    assert slack.sockets.connected == 0
    await clock.until_asleep()
    clock.advance(10)
    assert (await socket.receive()).type is WSMsgType.CLOSE


async def test_a_disabled_link_is_closed_at_once(slack, http):
    socket, _ = await raw_socket(slack, http)
    ending = asyncio.create_task(slack.sockets.disconnect("link_disabled"))
    assert (await socket.receive_json())["reason"] == "link_disabled"
    assert (await socket.receive()).type is WSMsgType.CLOSE
    await ending


@pytest.mark.parametrize("how", ["refresh", "drop"])
async def test_bolt_comes_back_after_a_refresh_and_after_a_drop(slack, app, connect_socket, how):
    @app.command("/shipped")
    async def shipped(ack):
        await ack("here again")

    await connect_socket(ping_interval=0.02)  # how soon Bolt looks whether its connection is still there
    if how == "refresh":
        await slack.sockets.disconnect()
    else:
        slack.faults.drop_sockets()
    await slack.wait_for(lambda: not slack.sockets.connected)
    await slack.wait_for(lambda: slack.sockets.connected)

    assert (await slack.command("jane.doe", "#deploys", "/shipped")).acked


async def test_a_connection_that_breaks_before_the_acknowledgement_times_out(slack, http, clock):
    socket, _ = await raw_socket(slack, http)
    typing = asyncio.create_task(slack.command("jane.doe", "#deploys", "/shipped"))
    await socket.receive_json()
    slack.faults.drop_sockets()
    await slack.wait_for(lambda: not slack.sockets.connected)
    assert not typing.done()
    clock.advance(3)
    assert (await typing).error == "operation_timeout"
    await socket.close()


async def test_silent_sockets_accept_and_say_nothing(slack, http, clock):
    slack.faults.silence_sockets()
    socket = await http.ws_connect(slack.sockets.new_url(), autoping=False)
    await slack.wait_for(lambda: slack.sockets.connected)
    await socket.ping()
    typing = asyncio.create_task(slack.command("jane.doe", "#deploys", "/shipped"))
    with pytest.raises(TimeoutError):
        await socket.receive(timeout=0.02)
    clock.advance(3)
    assert (await typing).error == "operation_timeout"
    await socket.close()


async def test_http_deliveries_are_signed(slack, endpoint):
    requests, _ = endpoint
    slack.courier.stamp = lambda: 1_700_000_000
    assert (await slack.command("jane.doe", "#deploys", "/shipped", "a&b")).acked

    [(headers, body)] = requests
    signed = f"v0:1700000000:{body}".encode()
    expected = hmac.new(slack.world.app.signing_secret.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Slack-Signature"] == f"v0={expected}"
    assert headers["X-Slack-Request-Timestamp"] == "1700000000"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "text=a%26amp%3Bb" in body


async def test_a_stale_or_wrong_signature_does_not_get_past_bolt(slack, app, connect_http):
    @app.command("/shipped")
    async def shipped(ack):
        await ack()

    await connect_http()
    slack.courier.stamp = lambda: 1_700_000_000
    assert (await slack.command("jane.doe", "#deploys", "/shipped")).error == "http_401"


async def test_the_request_url_can_be_verified(slack, app, connect_http, endpoint):
    assert not await slack.courier.verify_request_url()
    await connect_http()
    assert await slack.courier.verify_request_url()


async def test_an_event_is_repeated_until_it_is_taken(slack, endpoint, clock):
    requests, statuses = endpoint
    statuses[:] = [500, 500, 200]
    first = await slack.direct_message("jane.doe", "help")
    assert first is not None
    assert (first.acked, first.error) == (False, "http_500")

    await slack.wait_for(lambda: len(slack.journal.deliveries()) == 2)  # the first repetition comes at once
    await clock.until_asleep()
    clock.advance(60)
    await slack.wait_for(lambda: len(slack.journal.deliveries()) == 3)
    clock.advance(1_000)

    retries = [(h.get("X-Slack-Retry-Num"), h.get("X-Slack-Retry-Reason")) for h, _ in requests]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error")]
    assert len({body for _, body in requests}) == 1  # the same event_id each time
    assert [d.acked for d in slack.courier.deliveries] == [False, False, True]


async def test_two_processes_of_one_app_share_two_hundred_commands(slack, app, connect_socket):
    @app.command("/shipped")
    async def shipped(ack, respond, command):
        await ack()
        await respond(command["text"])

    await connect_socket()
    await connect_socket()
    assert slack.sockets.connected == 2
    commands = [slack.command("jane.doe", "#deploys", "/shipped", str(number)) for number in range(200)]
    deliveries = await asyncio.gather(*commands)
    await slack.wait_for(lambda: len(slack.visible_to("jane.doe", "#deploys")) == 200, timeout=10)

    assert all(delivery.acked for delivery in deliveries)
    assert {m.text for m in slack.visible_to("jane.doe", "#deploys")} == set(map(str, range(200)))


async def test_commands_and_clicks_are_never_repeated(slack, endpoint, clock):
    requests, statuses = endpoint
    statuses[:] = [500]
    assert (await slack.command("jane.doe", "#deploys", "/shipped")).error == "http_500"
    clock.advance(1_000)
    await asyncio.sleep(0.01)
    assert len(requests) == 1
