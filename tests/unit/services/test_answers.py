from __future__ import annotations

from datetime import UTC

import pytest

from bot.commands.parser import parse
from bot.commands.questions import Asker, FindRelease, ShowShipped
from bot.domain.errors import CommandError, SourceNotFound
from bot.domain.filters import Filters
from bot.domain.summary import Summary
from bot.services.answers import Answers
from bot.services.catalog import Catalog
from bot.services.deployments import DeploymentService
from bot.services.releases import Releases
from bot.services.resolver import Resolver
from tests.builders import NOW, deployment, pull_request
from tests.fakes import Clock, FakeSource

ASKER = Asker(NOW, UTC, project="default")
THERE = deployment(pull_requests=[pull_request(406, title="Round half up")])


def answers_about(*deployments) -> Answers:
    source, clock = FakeSource(*(deployments or [THERE])), Clock(NOW)
    catalog = Catalog(source, clock=clock)
    service, resolver = DeploymentService(source, clock=clock), Resolver(catalog)
    return Answers(service, catalog, resolver, Releases(service, catalog, resolver, source), base_url="")


async def shipped(text: str, *deployments, asker: Asker = ASKER) -> Summary:
    question = parse(text, asker)
    assert isinstance(question, ShowShipped)
    return await answers_about(*deployments).shipped(question, asker)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("biling by:jane.doe", "/shipped billing-service by:jane.doe"),
        ("yesteday in:production", "/shipped in:production yesterday"),
        ("app:biling today", "/shipped app:billing-service today"),
        ("in:stging #406", "/shipped #406 in:staging"),
        ("chekout-* status:failed", "/shipped checkout-web status:failed"),
        ("project:defalt #406", "/shipped #406 project:default"),
        ("v3.20.3", "/release v3.20.3"),
    ],
)
async def test_a_misspelt_question_is_offered_corrected(text, offered):
    with pytest.raises(SourceNotFound) as refused:
        await shipped(text)
    assert offered in refused.value.commands


@pytest.mark.parametrize(
    "text",
    [
        "/shipped #406–#410",
        '/shipped "unclosed',
        "/release Introduce the new payment structure",
        "/release #406 --raww",
        "/shipped not by unknown today",
        "/shipped --by:unknown",
    ],
)
async def test_the_command_that_a_mistake_offers_is_understood(text):
    try:
        question = parse(text, ASKER)
    except CommandError as mistake:
        question = parse(mistake.example, ASKER)
    if isinstance(question, ShowShipped):
        assert await answers_about().shipped(question, ASKER)
    else:
        assert isinstance(question, FindRelease)
        assert await answers_about().release(question, ASKER)


@pytest.mark.parametrize("text", ["thanks!", "ship it", "what about refunds"])
async def test_words_that_are_nothing_are_not_understood(text):
    with pytest.raises(CommandError, match="I did not understand"):
        await shipped(text)


async def test_words_beside_a_filter_are_a_question_that_finds_nothing():
    found = await shipped("refunds by:jane.doe")
    assert (found.totals.deployments, found.wider) == (0, "/shipped refunds by:jane.doe since:7d")


async def test_small_words_around_a_question_are_passed_over():
    assert (await shipped("what shipped today?")).query.filters.words == ()
    assert (await shipped("did billing ship today?")).query.filters.applications == ("billing-service",)
    assert (await shipped("what finished in production")).query.filters.status == "finished"
    assert (await shipped("what changed in the last hour?")).query.filters == Filters()


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("status:finishd #406", ("/shipped #406 status:finished",)),
        ("kind:deploymnt", ("/shipped kind:deployment",)),
        ("by:jane.do", ("/shipped by:jane.doe",)),
        ("by:jane.do status:finishd", ("/shipped by:jane.doe status:finished",)),
        ("status:failed", ()),
        ("by:nobody", ()),
    ],
)
async def test_a_filter_that_finds_nothing_is_offered_as_what_was_seen(text, offered):
    assert (await shipped(text)).corrected == offered


@pytest.mark.parametrize(
    ("asker", "setting"),
    [
        (Asker(NOW, UTC, project="default", environment="prod"), "LAUNCHDARKLY_ENVIRONMENT"),
        (Asker(NOW, UTC, project="defalt"), "LAUNCHDARKLY_PROJECT"),
    ],
)
async def test_a_wrong_default_names_the_setting(asker, setting):
    with pytest.raises(SourceNotFound) as refused:
        await shipped("today", asker=asker)
    assert refused.value.setting == setting


@pytest.mark.parametrize("text", ["status:failed", "status:FAILED", "failed"])
async def test_what_failed_is_found_whatever_launchdarkly_calls_it(text):
    found = await shipped(text, deployment("d1", status="error"), deployment("d2", status="failed"), deployment("d3"))
    assert (found.totals.failed, found.others) == (2, 1)


async def test_a_misspelt_word_is_offered_corrected_even_where_not_all_could_be_read():
    found = await shipped("biling", deployment(pull_request_count=3))
    assert not found.nothing_shipped
    assert found.corrected == ("/shipped billing-service",)
