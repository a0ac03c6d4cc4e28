"""The form of a digest: opened, following what is chosen, previewed, saved."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.filters import NO_FILTERS
from bot.sandbox.slack import View
from tests.end_to_end.digest_talk import SAM, public, stored, submitted, subscribed, top, typed
from tests.end_to_end.talking import DEPLOYS, JANE, Talk, talking


@pytest.fixture(params=["socket", "http"])
async def talk(request):
    async with talking(transport=request.param) as talk:
        yield talk


@pytest.fixture
async def one():
    async with talking() as talk:
        yield talk


async def opened(talk: Talk, words: str = "/digest", button: str = "digest-new") -> View:
    """The form, by a button of the list."""
    listed = await typed(talk, words)
    await talk.press(listed, button)
    return top(talk)


def options(view: View, action_id: str) -> list[str]:
    element = next(b["element"] for b in view.blocks if b.get("element", {}).get("action_id") == action_id)
    groups = element.get("option_groups") or [{"options": element.get("options", [])}]
    return [option["value"] for group in groups for option in group["options"]]


def chosen(view: View, action_id: str) -> Any:
    for block in view.state.values():
        if action_id in block:
            filled = block[action_id]
            if "selected_options" in filled:
                return [option["value"] for option in filled["selected_options"] or []]
            option = filled.get("selected_option")
            return option["value"] if option else filled.get("selected_time") or filled.get("value")
    raise LookupError(action_id)


async def test_a_new_digest_is_filled_in_previewed_and_subscribed(talk):
    view = await opened(talk)
    assert options(view, "digest-form-project") == ["default", "warehouse"]
    assert chosen(view, "digest-form-project") == "default"
    assert chosen(view, "digest-form-environment") == "production"
    assert chosen(view, "digest-form-zone") == "Europe/Berlin"
    assert chosen(view, "digest-form-time") == "09:30"
    assert len(chosen(view, "digest-form-days")) == 5
    preview = await submitted(
        talk,
        applications=["billing-service"],
        days=["mon", "thu"],
        time="18:15",
        zone="asia/tokyo",
        more='-by:dependabot[bot] "rounding"',
        empty="skip",
        name='The "bills"',
    )
    assert preview
    shown = str(preview.blocks)
    assert "Preview · New digest “The 'bills'”" in shown
    assert await stored(talk) == []
    await talk.press(preview, "digest-subscribe")
    (digest,) = await stored(talk)
    assert digest.schedule.words == "Mon and Thu at 18:15, Asia/Tokyo"
    assert digest.filters.applications == ("billing-service",)
    assert digest.filters.excluded_authors == ("dependabot[bot]",)
    assert digest.filters.words == ("rounding",)
    assert (digest.name, digest.say_when_empty, digest.channel_id) == ("The 'bills'", False, "C0DEPLOYS")
    assert public(talk)[-1].startswith("jane.doe subscribed this channel to #1 The 'bills'")
    assert "This channel is subscribed to" in str(top(talk).blocks)


async def test_environments_follow_the_project_and_the_applications_both(one):
    view = await opened(one)
    assert options(view, "digest-form-environment") == ["production", "staging", "test"]
    await one.choose(view, "digest-form-environment", "test")
    await one.choose(top(one), "digest-form-project", "warehouse")
    view = top(one)
    assert options(view, "digest-form-environment") == ["production", "staging"]
    assert chosen(view, "digest-form-environment") == "production"
    assert options(view, "digest-form-applications")


async def test_the_next_due_time_follows_what_is_chosen(one):
    view = await opened(one)
    assert "09:30 CET" in str(view.blocks)
    await one.choose(view, "digest-form-time", "18:15")
    assert "18:15 CET" in str(top(one).blocks)
    await one.choose(top(one), "digest-form-zone", "Asia/Tokyo")
    assert "18:15 JST" in str(top(one).blocks)
    await one.choose(top(one), "digest-form-days", [])
    assert "choose a day" in str(top(one).blocks)
    await one.choose(top(one), "digest-form-zone", "Atlantis")
    await one.choose(top(one), "digest-form-days", ["sun"])
    assert "I do not know the time zone “Atlantis”" in str(top(one).blocks)


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"zone": "Europe/Berln"}, "zone", "Europe/Berlin"),
        ({"more": "sta:failed"}, "more", "Did you mean “status:”?"),
        ({"more": "today"}, "more", "takes no window"),
        ({"more": "in:staging"}, "more", "fields of their own"),
        ({"more": "tz:Asia/Tokyo"}, "more", "fields of their own"),
        ({"name": "12"}, "name", "mistaken for a digest's number"),
    ],
)
async def test_a_mistake_is_shown_at_its_field_and_nothing_is_lost(one, values, field, said):
    await opened(one)
    view = await submitted(one, **values)
    assert view
    assert said in view.errors[f"digest-form-{field}"]
    assert await stored(one) == []


async def test_an_unknown_application_is_told_above_the_form_which_stays(one):
    await opened(one)
    view = await submitted(one, more="app:biling-service")
    assert view
    assert "Did you mean" in str(view.blocks)
    assert len(one.slack.views(JANE)) == 2


async def test_editing_opens_the_form_filled_in_and_saves_after_a_preview(talk):
    await subscribed(
        talk, 'mon,thu 9am billing-service checkout-* in:staging by:jane.doe tz:Asia/Tokyo empty:skip name:"Bills"'
    )
    (before,) = await stored(talk)
    await talk.slack.command(JANE, DEPLOYS, "/digest", "edit 1")
    await talk.settled()
    view = top(talk)
    assert chosen(view, "digest-form-environment") == "staging"
    assert chosen(view, "digest-form-applications") == ["billing-service"]
    assert chosen(view, "digest-form-more") == "app:checkout-* by:jane.doe"
    assert chosen(view, "digest-form-days") == ["mon", "thu"]
    assert chosen(view, "digest-form-time") == "09:00"
    assert chosen(view, "digest-form-empty") == "skip"
    assert chosen(view, "digest-form-name") == "Bills"
    preview = await submitted(talk, name="Money", days=["fri"])
    assert preview
    assert "Preview · #1 Money" in str(preview.blocks)
    await talk.press(preview, "digest-save")
    (after,) = await stored(talk)
    assert (after.id, after.number, after.name) == (before.id, 1, "Money")
    assert set(after.filters.applications) == {"billing-service", "checkout-*"}
    assert after.filters.authors == ("jane.doe",)
    assert after.schedule.words == "Fridays at 09:00, Asia/Tokyo"
    assert public(talk)[-1].startswith("jane.doe changed #1 Money")


async def test_what_is_cleared_in_a_form_is_gone(one):
    await subscribed(one, "weekdays 09:30 by:jane.doe name:Bills")
    await one.slack.command(JANE, DEPLOYS, "/digest", "edit 1")
    await one.settled()
    preview = await submitted(one, more="", name="")
    await one.press(preview or top(one), "digest-save")
    (digest,) = await stored(one)
    assert (digest.filters, digest.name) == (NO_FILTERS, "")
    assert "Until now: called Bills · Deployments to production · project default · by jane.doe. " in public(one)[-1]


async def test_a_form_of_something_that_changed_meanwhile_is_refused(one):
    await subscribed(one, "weekdays 09:30")
    await one.slack.command(JANE, DEPLOYS, "/digest", "edit 1")
    await one.settled()
    await typed(one, "/digest pause 1", user=SAM)
    preview = await submitted(one, days=["fri"])
    assert preview
    await one.press(preview, "digest-save")
    assert "Somebody changed digest #1" in str(top(one).blocks)
    assert (await stored(one))[0].schedule.words.startswith("weekdays")


async def test_a_form_that_slack_does_not_open_is_told(one):
    listed = await typed(one, "/digest")
    one.slack.faults.refuse("views.open", "expired_trigger_id")
    await one.press(listed, "digest-new")
    assert "Press it once more" in one.slack.visible_to(JANE, DEPLOYS)[-1].text


async def test_a_form_in_a_channel_without_the_bot_says_what_to_type(one):
    listed = await typed(one, "/digest", channel="#general")
    await one.press(listed, "digest-new")
    preview = await submitted(one)
    assert preview
    await one.press(preview, "digest-subscribe")
    assert "/invite @What Shipped" in str(top(one).blocks)
    assert await stored(one, "#general") == []


async def test_a_form_of_another_version_is_to_be_opened_again(one):
    view = await opened(one)
    view.content["private_metadata"] = "[0]"
    await one.slack.submit(JANE)
    assert "open it once more" in str(top(one).errors)


async def test_a_form_without_launchdarkly_says_whose_move_it_is():
    async with talking(project="") as talk:
        talk.launchdarkly.faults.server_error(100, status=401)
        assert "LaunchDarkly" in str((await opened(talk)).blocks)


async def test_only_allowed_projects_can_be_chosen():
    async with talking(allowed_projects="default") as talk:
        assert options(await opened(talk), "digest-form-project") == ["default"]
