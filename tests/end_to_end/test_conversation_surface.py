"""What the bot calls, and what it needs for that, is what it says."""

from __future__ import annotations

from bot.slack.surface import BOT_EVENTS, METHODS, SCOPES
from tests.end_to_end.talking import DEPLOYS, JANE, talking


async def test_a_whole_conversation_calls_the_methods_that_are_named_and_no_others():
    async with talking(patience=0) as talk:
        world, calls = talk.slack.world, talk.slack.journal
        world.app.scopes = {scope.name for scope in SCOPES}
        world.app.events = set(BOT_EVENTS)
        deployed = talk.launchdarkly.deploy("billing-service")
        await talk.slack.mention(JANE, DEPLOYS, "shipped since:1h")
        await talk.settled()
        answer = talk.slack.messages(DEPLOYS)[-1]
        await talk.choose(answer, "details", f"default {deployed.id}")
        await talk.slack.direct_message(JANE, "help")
        await talk.slack.open_home(JANE)
        await talk.settled()
        talk.launchdarkly.faults.no_plan()
        await talk.slack.mention(JANE, DEPLOYS, "shipped since:2h")
        await talk.settled()
        called = {e.name for e in calls.exchanges if e.sender == "app"} - {"response_url"}
        refused = {e.outcome for e in calls.exchanges if e.sender == "app"} - {"ok"}
    assert refused == set()
    assert called | {"auth.test"} == set(METHODS)  # that one is asked at the start
