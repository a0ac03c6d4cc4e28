from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from bot.commands.questions import Asker, ShowShipped
from bot.domain.errors import CommandError, SourceAuthError, SourceNotFound, SourceUnavailable
from bot.domain.filters import Filters
from bot.domain.query import DeploymentQuery, TimeWindow
from bot.services.catalog import Catalog
from bot.services.resolver import Resolver
from tests.builders import NOW
from tests.fakes import Clock, FakeSource

ASKER = Asker(NOW, UTC, project="default")
WINDOW = TimeWindow(NOW - timedelta(days=1))


async def resolve(source: FakeSource, asker: Asker = ASKER, **question) -> DeploymentQuery:
    resolver = Resolver(Catalog(source, clock=Clock(NOW)))
    return (await resolver.shipped(ShowShipped(WINDOW, **question), asker)).query


async def test_a_question_that_names_nothing_needs_no_names():
    source = FakeSource()
    query = await resolve(source)
    assert (query.project, query.environment) == ("default", "production")
    assert source.name_reads == 0


@pytest.mark.parametrize(
    ("typed", "applications", "words"),
    [
        ("billing-service", ("billing-service",), ()),
        ("Billing-Service", ("billing-service",), ()),
        ("billing", ("billing-service",), ()),
        ("sea", ("search-api",), ()),
        ("checkout", ("checkout-api", "checkout-web"), ()),
        ("checkout-*", ("checkout-*",), ()),
        ("refund", (), ("refund",)),
        ("s", ("search-api",), ()),
    ],
)
async def test_a_bare_word_is_an_application_where_one_is_called_so_else_a_word_of_a_title(typed, applications, words):
    query = await resolve(FakeSource(), names=(typed,))
    assert (query.filters.applications, query.filters.words) == (applications, words)


async def test_a_small_word_names_an_application_only_where_it_is_the_whole_key():
    source = FakeSource(applications=("notifications-worker", "onboarding-api", "All"))
    query = await resolve(source, names=("not", "on", "all"))
    assert (query.filters.applications, query.filters.words) == (("All",), ())


async def test_an_empty_list_of_names_says_nothing_against_a_key():
    source = FakeSource()
    source.listed_environments = ()
    assert (await resolve(source, environment="staging")).environment == "staging"
    resolver = Resolver(Catalog(source, clock=Clock(NOW)))
    told = SourceNotFound("LaunchDarkly does not know it.")
    assert await resolver.explained(told, "default", "staging") is told


async def test_quoted_words_are_title_words_even_where_an_application_is_called_so():
    query = await resolve(FakeSource(), filters=Filters(words=("checkout-web",)))
    assert (query.filters.applications, query.filters.words) == ((), ("checkout-web",))


async def test_keys_that_differ_by_case_only_are_told_apart_by_spelling():
    source = FakeSource(applications=("Web", "web"))
    assert (await resolve(source, names=("web",))).filters.applications == ("web",)
    assert (await resolve(source, names=("WEB",))).filters.applications == ("Web", "web")


@pytest.mark.parametrize(
    ("question", "said", "near"),
    [
        ({"filters": Filters(applications=("chekout-web",))}, "no application “chekout-web”", "checkout-web"),
        ({"names": ("chekout-*",)}, "no application like “chekout-*”", "checkout-api"),
        ({"environment": "prodution"}, "no environment “prodution”", "production"),
        ({"project": "defalt"}, "no project “defalt”", "default"),
    ],
)
async def test_an_unknown_key_is_refused_with_near_spellings(question, said, near):
    with pytest.raises(SourceNotFound) as raised:
        await resolve(FakeSource(), **question)
    assert said in raised.value.message
    assert near in raised.value.near


async def test_the_beginning_of_an_environment_is_enough_where_only_one_fits():
    assert (await resolve(FakeSource(), environment="PROD")).environment == "production"
    source = FakeSource(environments_of={"default": ("prod-eu", "prod-us")})
    with pytest.raises(SourceNotFound) as raised:
        await resolve(source, environment="prod")
    assert set(raised.value.near) == {"prod-eu", "prod-us"}


async def test_without_a_default_the_only_project_is_meant():
    asker = Asker(NOW, UTC)
    assert (await resolve(FakeSource(), asker)).project == "default"


async def test_without_a_default_and_several_projects_the_person_must_choose():
    source = FakeSource(environments_of={"shop": ("production",), "tools": ("production",)})
    with pytest.raises(CommandError, match="shop, tools") as raised:
        await resolve(source, Asker(NOW, UTC))
    assert raised.value.example == "/shipped project:shop"


async def test_typed_keys_are_asked_as_they_are_when_the_names_cannot_be_read():
    source = FakeSource()
    source.names_error = SourceUnavailable("503")
    query = await resolve(source, environment="staging", filters=Filters(applications=("search-api",)))
    assert (query.environment, query.filters.applications) == ("staging", ("search-api",))


async def test_a_bare_word_needs_the_names():
    source = FakeSource()
    source.names_error = SourceUnavailable("503")
    with pytest.raises(SourceUnavailable):
        await resolve(source, names=("billing",))
    source.names_error = SourceAuthError("The token may not see applications.")
    with pytest.raises(CommandError, match="cannot tell whether “billing”") as raised:
        await resolve(source, names=("billing",))
    assert raised.value.example == "/shipped app:billing"


async def test_names_are_read_once_in_five_minutes_and_kept_through_an_outage():
    source, clock = FakeSource(), Clock(NOW)
    catalog = Catalog(source, clock=clock)
    await catalog.applications()
    clock.now = NOW + timedelta(minutes=5)
    await catalog.applications()
    assert source.name_reads == 1
    source.names_error = SourceUnavailable("503")
    clock.now = NOW + timedelta(hours=5)
    assert "billing-service" in await catalog.applications()


async def test_a_not_found_of_the_source_is_explained_by_its_own_lists():
    resolver = Resolver(Catalog(FakeSource(), clock=Clock(NOW)))
    vague = SourceNotFound("LaunchDarkly answered 404.")
    assert (await resolver.explained(vague, "defaul", "production")).near == ("default",)
    told = await resolver.explained(vague, "default", "stagin")
    assert told.near == ("staging",)
    assert "test, staging, production" in told.message
    assert await resolver.explained(vague, "default", "production") is vague
