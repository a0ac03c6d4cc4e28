from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from bot.commands.questions import Asker, FindRelease, Target, TargetKind
from bot.domain.errors import CommandError, SourceAuthError, SourceNotFound, SourceUnavailable
from bot.domain.lookup import Lookup, Sought
from bot.domain.query import TimeWindow
from bot.services.catalog import Catalog
from bot.services.deployments import DeploymentService
from bot.services.releases import Releases
from bot.services.resolver import Resolver
from tests.builders import NOW, deployment, flag, pull_request
from tests.fakes import Clock, FakeSource

ASKER = Asker(NOW, UTC, project="default")
WINDOW = TimeWindow(NOW - timedelta(days=30))


async def find(source: FakeSource, kind: TargetKind, text: str, url: str = "", **question) -> Lookup:
    clock = Clock(NOW)
    catalog = Catalog(source, clock=clock)
    releases = Releases(DeploymentService(source, clock=clock), catalog, Resolver(catalog), source)
    return await releases.find(FindRelease(Target(kind, text, url), WINDOW, **question), ASKER)


def in_staging_and_production() -> FakeSource:
    change = pull_request(406)
    return FakeSource(
        deployment("s", environment="staging", started_at=NOW - timedelta(hours=9), pull_requests=[change]),
        deployment("p", started_at=NOW - timedelta(hours=2), pull_requests=[change], flag_references=[flag()]),
        deployment("q", started_at=NOW - timedelta(hours=1), version="b11c0de", application="search-api"),
    )


async def test_a_pull_request_is_looked_for_in_every_environment_production_first():
    found = await find(in_staging_and_production(), TargetKind.PULL_REQUEST, "406")
    (match,) = found.matches
    assert [place.environment for place in match.places] == ["production", "staging"]
    assert found.searched.environments == ("production", "test", "staging")
    assert found.searched.deployments == 3


async def test_a_named_environment_narrows_the_search():
    found = await find(in_staging_and_production(), TargetKind.PULL_REQUEST, "406", environment="staging")
    assert [place.environment for place in found.matches[0].places] == ["staging"]


async def test_a_pull_request_that_is_known_but_not_deployed_is_told_apart_from_an_unknown_one():
    source = FakeSource(pull_requests=[pull_request(77)])
    found = await find(source, TargetKind.PULL_REQUEST, "77")
    assert found.matches[0].places == ()
    assert (await find(source, TargetKind.PULL_REQUEST, "78")).matches == ()


async def test_a_number_alone_may_be_a_pull_request():
    assert (await find(in_staging_and_production(), TargetKind.ANYTHING, "406")).matches[0].sought is (
        Sought.PULL_REQUEST
    )


@pytest.mark.parametrize(
    ("kind", "text", "sought"),
    [
        (TargetKind.ANYTHING, "a90a8a2", Sought.VERSION),
        (TargetKind.ANYTHING, "a90a", Sought.VERSION),
        (TargetKind.ANYTHING, "new-checkout", Sought.FLAG),
        (TargetKind.ANYTHING, "billing-service", Sought.APPLICATION),
        (TargetKind.ANYTHING, "Billing", Sought.APPLICATION),
        (TargetKind.FLAG, "NEW-checkout", Sought.FLAG),
        (TargetKind.VERSION, "a90a8a2", Sought.VERSION),
        (TargetKind.APPLICATION, "billing", Sought.APPLICATION),
        (TargetKind.DEPLOYMENT, "p", Sought.DEPLOYMENT),
    ],
)
async def test_what_is_meant_is_told_by_what_is_there(kind, text, sought):
    found = await find(in_staging_and_production(), kind, text)
    assert {match.sought for match in found.matches} == {sought}


async def test_an_application_is_asked_of_the_source_by_its_key():
    source = in_staging_and_production()
    await find(source, TargetKind.APPLICATION, "billing")
    assert {query.applications for query in source.reads} == {("billing-service",)}


async def test_a_pattern_of_applications_is_narrowed_here():
    found = await find(in_staging_and_production(), TargetKind.APPLICATION, "sea*")
    assert [match.name for match in found.matches] == ["search-api"]


async def test_an_old_deployment_is_asked_for_by_its_id():
    old = deployment("old", started_at=NOW - timedelta(days=300))
    found = await find(FakeSource(old), TargetKind.DEPLOYMENT, "old")
    assert found.matches[0].places[0].deployments == (old,)
    assert (await find(FakeSource(old), TargetKind.DEPLOYMENT, "new")).matches == ()


@pytest.mark.parametrize("typed", ["new-chekout", "new-ch"])
async def test_not_found_says_how_far_it_looked_and_what_is_near(typed):
    found = await find(in_staging_and_production(), TargetKind.ANYTHING, typed)
    assert found.matches == ()
    assert found.near[0].startswith("/release new-checkout ")
    assert found.searched.deployments == 3
    assert found.searched.completeness.is_complete


async def test_an_environment_that_cannot_be_read_is_a_gap_not_an_answer():
    source = in_staging_and_production()
    source.errors["staging"] = SourceUnavailable("LaunchDarkly answered 503.")
    found = await find(source, TargetKind.PULL_REQUEST, "406")
    assert [place.environment for place in found.matches[0].places] == ["production"]
    assert found.searched.completeness.gaps == ("staging could not be read: LaunchDarkly answered 503.",)


async def test_where_no_environment_can_be_read_the_error_is_told():
    source = in_staging_and_production()
    source.error = SourceUnavailable("LaunchDarkly answered 503.")
    with pytest.raises(SourceUnavailable):
        await find(source, TargetKind.PULL_REQUEST, "406")


async def test_a_refused_token_is_told_even_if_other_environments_answered():
    source = in_staging_and_production()
    source.errors["test"] = SourceAuthError("refused")
    with pytest.raises(SourceAuthError):
        await find(source, TargetKind.PULL_REQUEST, "406")


async def test_without_the_list_of_environments_the_default_is_searched_and_that_is_said():
    source = in_staging_and_production()
    source.names_error = SourceUnavailable("LaunchDarkly answered 503.")
    found = await find(source, TargetKind.PULL_REQUEST, "406")
    assert found.searched.environments == ("production",)
    assert found.searched.completeness.gaps == (
        "The list of environments could not be read: LaunchDarkly answered 503. Only production was searched.",
    )


async def test_an_empty_list_of_environments_is_no_reason_to_look_nowhere():
    source = in_staging_and_production()
    source.listed_environments = ()
    found = await find(source, TargetKind.PULL_REQUEST, "406")
    assert [place.environment for place in found.matches[0].places] == ["production"]
    assert found.searched.completeness.gaps == ("LaunchDarkly listed no environments; only production was searched.",)


async def test_an_unknown_project_is_named_with_near_ones():
    with pytest.raises(SourceNotFound) as raised:
        await find(FakeSource(), TargetKind.FLAG, "x", project="defau1t")
    assert raised.value.near == ("default",)


async def test_hidden_deployments_are_not_found():
    source = FakeSource(deployment("h", archived=True, pull_requests=[pull_request(406)]))
    assert (await find(source, TargetKind.PULL_REQUEST, "406")).matches == ()


async def test_when_the_pull_requests_cannot_be_listed_not_found_is_not_the_last_word():
    class HalfDown(FakeSource):
        async def pull_requests(self, *args, **kwargs):
            raise SourceUnavailable("503")

    found = await find(HalfDown(), TargetKind.PULL_REQUEST, "406")
    assert not found.searched.completeness.is_complete


@pytest.mark.parametrize(
    ("kind", "text", "is_certain"),
    [
        (TargetKind.PULL_REQUEST, "9", False),
        (TargetKind.ANYTHING, "9", False),
        (TargetKind.ANYTHING, "c0ffee1", False),
        (TargetKind.VERSION, "c0ffee1", False),
        (TargetKind.FLAG, "no-such-flag", False),
        (TargetKind.ANYTHING, "nothing", False),
        (TargetKind.ANYTHING, "billing-service", True),
        (TargetKind.VERSION, "2.31.0", True),
        (TargetKind.APPLICATION, "billing-service", True),
    ],
)
async def test_what_launchdarkly_did_not_list_keeps_a_no_from_being_certain(kind, text, is_certain):
    source = FakeSource(deployment("cut", pull_request_count=3, flag_reference_count=3))
    found = await find(source, kind, text)
    assert found.searched.completeness.is_complete is is_certain
    for gap in found.searched.completeness.gaps:
        assert gap.startswith("1 deployment carries ")
        assert gap.endswith(" that LaunchDarkly counts but did not list")


async def test_a_known_pull_request_is_not_said_to_be_out_while_some_are_unread():
    source = FakeSource(
        deployment("cut", pull_request_count=3),
        deployment("older", pull_request_count=3, started_at=NOW - timedelta(days=9)),
        pull_requests=[pull_request(77)],
    )
    found = await find(source, TargetKind.PULL_REQUEST, "77")
    assert found.matches[0].places == ()
    assert found.searched.completeness.gaps == (
        "1 deployment carries pull requests that LaunchDarkly counts but did not list",
    )


async def test_a_second_bare_word_narrows_to_an_environment():
    found = await find(in_staging_and_production(), TargetKind.PULL_REQUEST, "406", narrowing=("stag",))
    assert found.searched.environments == ("staging",)


async def test_a_second_bare_word_that_is_no_environment_is_one_thing_too_many():
    with pytest.raises(CommandError, match="One thing at a time: “406” or “billing”") as refused:
        await find(in_staging_and_production(), TargetKind.PULL_REQUEST, "406", narrowing=("billing",))
    assert refused.value.example.startswith("/release #406")


async def test_an_unknown_application_is_offered_in_the_same_question():
    with pytest.raises(SourceNotFound) as refused:
        await find(in_staging_and_production(), TargetKind.FLAG, "x", applications=("biling",), environment="staging")
    assert refused.value.commands[0].startswith("/release flag:x app:billing-service in:staging")
