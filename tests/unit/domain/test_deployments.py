from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.deployments import COMPLETE, Completeness, LeadTimeStages, State, state_of
from bot.domain.people import is_robot, same_author
from tests.builders import NOW, deployment, flag, pull_request

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("finished", State.FINISHED),
        ("Completed", State.FINISHED),
        ("failed", State.FAILED),
        ("FAILURE", State.FAILED),
        ("started", State.RUNNING),
        ("In progress", State.RUNNING),
        ("in_progress", State.RUNNING),
        ("string", State.OTHER),
        ("", State.OTHER),
    ],
)
def test_known_status_words_in_any_case_and_others_left_as_they_are(word, state):
    assert state_of(word) is state


def test_only_an_old_unfinished_deployment_lacks_its_end_event():
    started = deployment(status="started", ended_at=None, started_at=NOW - 7 * HOUR)
    assert started.lacks_end_event(NOW)
    assert not started.lacks_end_event(NOW - 2 * HOUR)
    assert not deployment(status="paused", ended_at=None, started_at=NOW - 7 * HOUR).lacks_end_event(NOW)
    assert not deployment(started_at=NOW - 7 * HOUR).lacks_end_event(NOW)


@pytest.mark.parametrize(
    ("version", "short"),
    [("a" * 40, "aaaaaaa"), ("2.31.0", "2.31.0"), ("a90a8a2", "a90a8a2"), ("A" * 40, "AAAAAAA"), ("a" * 39, "a" * 39)],
)
def test_a_full_sha_is_shortened(version, short):
    assert deployment(version=version).short_version == short


def test_what_launchdarkly_counts_beyond_its_lists_is_unread():
    one = deployment(pull_requests=[pull_request()], pull_request_count=7, flag_references=[flag()])
    assert (one.unread_pull_requests, one.unread_flag_references) == (6, 0)
    assert deployment(pull_requests=[pull_request()], pull_request_count=0).unread_pull_requests == 0


def test_the_slowest_stage_is_told_where_any_is_known():
    stages = LeadTimeStages(coding=2 * HOUR, review=26 * HOUR, wait=None, deploy=timedelta())
    assert stages.slowest() == ("review", 26 * HOUR)
    assert LeadTimeStages(timedelta(), None, None, None).slowest() is None


def test_two_readings_together_are_complete_only_where_both_are():
    part = Completeness(("page 3 is missing",))
    assert COMPLETE.and_(part).gaps == part.and_(part).gaps == ("page 3 is missing",)
    assert COMPLETE.and_(COMPLETE).is_complete


@pytest.mark.parametrize(
    ("author", "robot"),
    [
        ("dependabot[bot]", True),
        ("app/renovate", True),
        ("Renovate-Bot", True),
        ("acme-deployer[bot]", True),
        ("jane.doe", False),
        ("robota", False),
        ("", False),
    ],
)
def test_robots(author, robot):
    assert is_robot(author) is robot


def test_an_author_is_named_in_any_case_with_or_without_at_sign_and_bot_suffix():
    assert same_author("@Dependabot", "dependabot[bot]")
    assert same_author("dependabot[bot]", "app/dependabot")
    assert not same_author("jane", "jane.doe")
