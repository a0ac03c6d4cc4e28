"""Where only some projects may be shown, nothing else is answered, and nothing else is even suggested."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta

import pytest

from bot.commands.questions import Asker, FindRelease, ShowShipped, Target, TargetKind
from bot.domain.errors import SourceNotFound, SourceUnavailable
from bot.domain.query import TimeWindow
from bot.services.answers import Answers
from bot.services.catalog import Catalog
from bot.services.choices import Choices
from bot.services.deployments import DeploymentService
from bot.services.releases import Releases
from bot.services.resolver import Resolver
from tests.builders import NOW, deployment
from tests.fakes import Clock, FakeSource

WINDOW = TimeWindow(NOW - timedelta(days=1))
PLACES: dict[str, Sequence[str]] = {
    "default": ("production", "staging"),
    "mobile": ("production",),
    "secret": ("production",),
}


class World:
    def __init__(self) -> None:
        self.source = FakeSource(deployment(), environments_of=PLACES)
        clock = Clock(NOW)
        self.deployments = DeploymentService(self.source, clock=clock)
        self.catalog = Catalog(self.source, clock=clock, allowed_projects=("default", "mobile"))
        self.resolver = Resolver(self.catalog)
        releases = Releases(self.deployments, self.catalog, self.resolver, self.source)
        self.answers = Answers(self.deployments, self.catalog, self.resolver, releases, base_url="https://x.example")
        self.choices = Choices(self.catalog, self.deployments, clock=clock)


@pytest.fixture
def world():
    return World()


ASKERS = [Asker(NOW, UTC, project="default"), Asker(NOW, UTC, project="secret")]


async def test_other_projects_are_answered_like_ones_that_do_not_exist(world):
    target = Target(TargetKind.PULL_REQUEST, "406")
    for question in (ShowShipped(WINDOW, project="secret"), FindRelease(target, WINDOW, project="secret")):
        with pytest.raises(SourceNotFound) as refused:
            await world.answers.answer(question, ASKERS[0])
        assert "secret" not in refused.value.near
        assert "default, mobile" in refused.value.message
    assert world.source.reads == []


async def test_not_as_a_default_either(world):
    with pytest.raises(SourceNotFound, match="no project “secret”"):
        await world.answers.answer(ShowShipped(WINDOW), ASKERS[1])


async def test_not_by_a_deployments_id(world):
    with pytest.raises(SourceNotFound, match="no project “secret”"):
        await world.answers.deployment("secret", "d1")
    assert (await world.answers.deployment("default", "d1")).id == "d1"


async def test_not_by_their_environments(world):
    assert await world.answers.environments("secret") == ()
    assert await world.answers.environments("mobile") == ("production",)


async def test_not_while_the_list_of_names_cannot_be_read(world):
    world.source.names_error = SourceUnavailable("LaunchDarkly answered 503.")
    with pytest.raises(SourceNotFound, match="no project “secret”"):
        await world.answers.answer(ShowShipped(WINDOW, project="secret"), ASKERS[0])


# -- The form ---------------------------------------------------------------------------------------------------------


async def test_they_are_not_offered_in_a_form(world):
    offered = await world.choices.offered("secret", "production")
    assert offered.projects == ("default", "mobile")
    assert offered.project == "default"


async def test_a_form_offers_the_applications_that_were_deployed_there_first(world):
    offered = await world.choices.offered("default", "production")
    assert offered.lately == ("billing-service",)
    assert offered.others == ("checkout-api", "checkout-web", "search-api")
    assert (await world.choices.offered("default", "staging")).lately == ()


async def test_an_environment_of_another_project_gives_way(world):
    offered = await world.choices.offered("mobile", "staging")
    assert (offered.environments, offered.environment) == (("production",), "production")


async def test_a_form_offers_what_is_chosen_where_names_cannot_be_read(world):
    world.source.names_error = SourceUnavailable("LaunchDarkly answered 503.")
    offered = await world.choices.offered("default", "production")
    assert (offered.projects, offered.environments, offered.others) == (("default",), ("production",), ())
    with pytest.raises(SourceUnavailable):
        await world.choices.offered("", "production")
