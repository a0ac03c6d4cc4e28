"""The made-up company is believable, complete in its odd cases, and the same for the same seed and moment."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone

import pytest

from bot.sandbox.launchdarkly.company import Company
from bot.sandbox.launchdarkly.recent import HOSTILE_TITLE, PAYMENT_STRUCTURE, SHARED_NUMBER
from bot.sandbox.launchdarkly.records import Deployment
from tests.builders import NOW

MOMENTS = [NOW + timedelta(days=day, hours=5 * day) for day in range(7)]  # each weekday, at another hour


@pytest.fixture
def company() -> Company:
    return Company(7, NOW)


def _in(company: Company, environment: str, project: str = "default") -> list[Deployment]:
    return [d for d in company.deployments if (d.project, d.environment) == (project, environment)]


def test_the_same_seed_and_moment_give_the_same_company():
    one, other = Company(7, NOW), Company(7, NOW)

    assert list(one.deployments) == list(other.deployments)
    assert one.pull_requests == other.pull_requests
    assert one.made_up_id("a") == other.made_up_id("a")


def test_another_seed_gives_another_company():
    assert {d.id for d in Company(8, NOW).deployments}.isdisjoint({d.id for d in Company(7, NOW).deployments})


@pytest.mark.parametrize("now", MOMENTS, ids=lambda now: now.strftime("%a %H:%M"))
@pytest.mark.parametrize("seed", [1, 7, 42])
def test_today_and_yesterday_are_worth_reading_on_any_weekday(seed, now):
    yesterday = now.replace(hour=0, minute=0, second=0) - timedelta(days=1)
    shown = [d for d in _in(Company(seed, now), "production") if d.started_at >= yesterday and not d.archived]

    assert 8 <= len(shown) <= 26
    assert len({d.application for d in shown}) >= 6
    assert 1 <= sum(d.status == "failed" for d in shown) <= 4
    assert any(p.author.endswith("[bot]") for d in shown for p in d.pull_requests)
    assert any(p.flags for d in shown for p in d.pull_requests)
    assert any(d.started_at > now - timedelta(hours=1) for d in shown)


def test_five_weeks_end_now_with_quiet_weekends(company):
    days = Counter(d.started_at.date() for d in _in(company, "production") if d.started_at < NOW - timedelta(days=2))
    weekend = sum(count for day, count in days.items() if day.weekday() >= 5)
    first = min(d.started_at for d in company.deployments)

    assert 250 < len(list(company.deployments)) < 900
    assert weekend < 0.1 * sum(days.values())
    assert timedelta(days=30) < NOW - first < timedelta(days=36)
    assert all((d.ended_at or d.started_at) <= NOW for d in company.deployments)
    assert all(p.first_commit_at <= p.created_at <= p.at <= NOW for p in company.pull_requests)


@pytest.mark.parametrize("seed", range(12))
def test_a_pull_request_travels_from_test_over_staging_to_production(seed):
    company = Company(seed, NOW)
    arrivals: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
    for d in company.deployments:
        for p in d.pull_requests if d.status == "finished" else ():
            seen = arrivals[p.id].setdefault(d.environment, d.started_at)
            arrivals[p.id][d.environment] = min(seen, d.started_at)
    everywhere = [places for places in arrivals.values() if len(places) == 3]

    assert len(everywhere) > 100
    assert all(places["test"] < places["staging"] < places["production"] for places in everywhere)
    assert all(d.started_at > p.at for d in company.deployments for p in d.pull_requests)


def test_a_version_keeps_its_name_in_every_environment(company):
    versions = {e: {d.version for d in _in(company, e)} for e in ("production", "staging", "test")}

    assert len(versions["production"] & versions["staging"] & versions["test"]) > 100


def test_versions_are_short_and_full_commits_and_tags(company):
    versions = {d.application: d.version for d in company.deployments}

    assert re.fullmatch(r"[0-9a-f]{7}", versions["billing-service"])
    assert re.fullmatch(r"[0-9a-f]{40}", versions["checkout-api"])
    assert re.fullmatch(r"v\d+\.\d+\.\d+", versions["mobile-app"])


def test_the_payment_structure_is_in_production_and_staging(company):
    (found,) = [p for p in company.pull_requests if p.number == PAYMENT_STRUCTURE]
    places = {(d.application, d.environment, d.status) for d in company.deployments_of(found)}

    assert "payment structure" in found.title
    assert [f.flag for f in found.flags] == ["enable-new-payment-structure"]
    assert {("billing-service", "production", "finished"), ("billing-service", "staging", "finished")} <= places


@pytest.mark.parametrize("seed", range(12))
def test_a_number_names_one_pull_request_but_for_the_one_that_is_shared(seed):
    pull_requests = Company(seed, NOW).pull_requests
    numbers = Counter(p.number for p in pull_requests)

    assert [number for number, count in numbers.items() if count > 1] == [SHARED_NUMBER]
    assert len({p.repository for p in pull_requests if p.number == SHARED_NUMBER}) == 2


@pytest.mark.parametrize("seed", range(12))
def test_a_failure_is_followed_by_the_redeployment_of_the_same_version(seed):
    deployments = list(Company(seed, NOW).deployments)
    failed = [d for d in deployments if d.status == "failed"]
    mended = {(d.application, d.environment, d.version) for d in deployments if d.kind == "redeployment"}

    assert failed
    assert {(d.application, d.environment, d.version) for d in failed} <= mended


def test_a_roll_back_returns_to_the_version_before(company):
    for back in (d for d in company.deployments if d.kind == "rollback"):
        earlier = [
            d.version
            for d in _in(company, back.environment, back.project)
            if d.application == back.application and d.started_at < back.started_at and d.status == "finished"
        ]
        assert back.version == earlier[1]  # [0] is the version that was taken back
        assert back.pull_requests == ()


def test_the_odd_cases_are_there(company):
    production = _in(company, "production")
    deployed = {p.id for d in company.deployments for p in d.pull_requests}
    in_production = {p.id for d in production for p in d.pull_requests}
    titles = {p.title: p for p in company.pull_requests}

    started = sorted(NOW - d.started_at for d in production if d.status == "started")
    assert started[0] < timedelta(minutes=10)
    assert started[1] > timedelta(hours=12)
    assert any(not d.pull_requests and d.kind == "deployment" for d in production)
    assert any(d.started_at == d.ended_at for d in production)
    assert sum(d.archived for d in production) == 1
    assert any(p.title == HOSTILE_TITLE for d in production for p in d.pull_requests)
    assert any(f.project != d.project for d in production for p in d.pull_requests for f in p.flags)
    assert any(f.removed and not f.added for d in production for p in d.pull_requests for f in p.flags)
    assert titles["Show the next payment date on invoices"].id in deployed - in_production
    assert titles["Export invoices as UBL"].id not in deployed
    assert {p.status for p in company.pull_requests} == {"open", "merged", "closed"}


def test_the_last_one_that_finished_is_active(company):
    newest = next(d for d in _in(company, "production") if d.application == "search-api")
    later = company.deploy("search-api", NOW, status="failed")
    assert (company.is_active(newest), company.is_active(later)) == (True, False)

    latest = company.deploy("search-api", NOW)
    assert (company.is_active(newest), company.is_active(latest)) == (False, True)


def test_a_deployment_can_be_added(company):
    added = company.deploy("docs-site", NOW, titles=["Say hello", "Wave"], author="ada.brook", flag="hello", minutes=2)

    assert next(iter(company.deployments)) == added == company.deployment(added.id)
    assert added.ended_at == NOW == added.started_at + timedelta(minutes=2)
    assert [(p.title, p.author, len(p.flags)) for p in added.pull_requests] == [
        ("Say hello", "ada.brook", 1),
        ("Wave", "ada.brook", 0),
    ]
    assert company.pull_request(added.pull_requests[0].id) in company.pull_requests


def test_a_deployment_that_starts_now_has_no_end(company):
    assert company.deploy("docs-site", NOW, status="started", titles=()).ended_at is None


def test_an_application_nobody_has_cannot_be_deployed(company):
    with pytest.raises(KeyError, match="nothing"):
        company.deploy("nothing", NOW)


def test_a_late_deployment_lies_in_the_past_and_is_reported_once(company):
    known = set(company.deployments)
    (late,) = company.report_late()

    assert late not in known
    assert late in set(company.deployments)
    assert late.started_at < NOW - timedelta(hours=2)
    assert company.report_late() == ()


def test_the_moment_may_be_given_in_any_zone_and_precision():
    exact = datetime(2026, 11, 23, 23, 0, 0, 987654, tzinfo=timezone(timedelta(hours=13)))

    assert list(Company(7, exact).deployments) == list(Company(7, NOW).deployments)
