from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.deployments import Application, Deployment, FlagReference, Identity, LeadTimeStages, Named, State
from bot.domain.errors import SourceContractError
from bot.launchdarkly import convert, schemas
from bot.launchdarkly.convert import Converter

FIXTURES = Path(__file__).parents[2] / "fixtures" / "launchdarkly"

MINIMAL: dict[str, Any] = {"id": "d1", "startedAt": 1706701522000}


def read(body: object) -> list[Deployment]:
    wire = schemas.decode(schemas.DEPLOYMENTS, body if isinstance(body, bytes) else json.dumps(body).encode())
    converter = Converter("asked-project", "asked-environment")
    return [converter.deployment(item) for item in wire.items or () if item is not None]


def one(**fields: Any) -> Deployment:
    [deployment] = read({"items": [{**MINIMAL, **fields}]})
    return deployment


def test_the_documented_placeholders_are_read():
    [deployment] = read((FIXTURES / "documented_placeholders.json").read_bytes())
    assert deployment.started_at == datetime(1970, 1, 1, 0, 0, 0, 1000, tzinfo=UTC)
    assert deployment.state is State.OTHER
    assert (len(deployment.pull_requests), deployment.pull_request_count) == (1, 2)
    assert (len(deployment.flag_references), deployment.flag_reference_count) == (0, 1)
    assert deployment.metadata == {"string": "<any>"}


def test_the_documented_examples_are_read_with_their_digit_strings():
    [deployment] = read((FIXTURES / "documented_examples.json").read_bytes())
    assert deployment.project == "asked-project"
    assert deployment.environment == "production"
    assert deployment.started_at == datetime(2024, 1, 31, 11, 45, 22, tzinfo=UTC)
    assert deployment.ended_at == datetime(2024, 1, 31, 14, 48, 38, tzinfo=UTC)
    assert deployment.duration == timedelta(milliseconds=10996000)
    assert deployment.lead_time == timedelta(milliseconds=20237000)
    assert deployment.stages == LeadTimeStages(
        timedelta(seconds=1000), timedelta(seconds=500), timedelta(seconds=100), timedelta(seconds=100)
    )
    assert deployment.active
    assert not deployment.archived
    assert (deployment.contributors, deployment.lines_added, deployment.lines_deleted) == (1, 100, 50)
    assert deployment.pull_request_count == 25
    [pull_request] = deployment.pull_requests
    assert (pull_request.number, pull_request.author, pull_request.title) == (
        "1234", "jane.doe", "Enable new payment structure",
    )  # fmt: skip
    assert pull_request.url == "https://github.com/acme/billing/pull/406"
    assert pull_request.created_at == deployment.started_at
    assert pull_request.merged_at == deployment.ended_at
    assert (pull_request.status, pull_request.merge_commit, pull_request.head_commit) == (
        "merged",
        "a90a8a2",
        "a90a8a2",
    )
    assert (pull_request.files_changed, pull_request.lines_added, pull_request.lines_deleted) == (2, 100, 50)
    assert deployment.flag_references == (FlagReference("default", "enable-new-payment-structure", 2, 5),)


def test_a_deployment_needs_no_more_than_an_id_and_a_start():
    deployment = one()
    assert deployment.environment == "asked-environment"
    assert (deployment.ended_at, deployment.duration, deployment.lead_time, deployment.stages) == (None,) * 4
    assert (deployment.application, deployment.version, deployment.status, deployment.kind) == ("", "", "", "")
    assert deployment.pull_requests == ()
    assert deployment.unread_pull_requests == deployment.unread_flag_references == 0


def test_null_is_as_good_as_missing():
    nulls = dict.fromkeys(f.encode_name for f in msgspec.structs.fields(schemas.Deployment))
    assert one(**{**nulls, **MINIMAL}) == one()


@pytest.mark.parametrize(
    "missing", [{"id": None}, {"id": ""}, {"startedAt": None}, {"startedAt": 10**18}, {"startedAt": -(10**30)}]
)
def test_without_an_id_or_a_possible_start_the_shape_is_wrong(missing):
    with pytest.raises(SourceContractError):
        one(**missing)


def test_zero_is_how_unmeasured_times_are_written():
    deployment = one(durationMs=0, leadTime=0, endedAt=0)
    assert (deployment.duration, deployment.lead_time, deployment.ended_at) == (None, None, None)


def test_a_stage_of_zero_is_measured_and_an_absent_one_unknown():
    assert one(leadTimeStages={"codingDurationMs": 0}).stages == LeadTimeStages(timedelta(0), None, None, None)


@pytest.mark.parametrize("absurd", [10**18, 10**30, -(10**30)])
def test_absurd_lengths_and_times_are_unknown(absurd):
    deployment = one(durationMs=absurd, leadTime=absurd, endedAt=absurd)
    assert (deployment.duration, deployment.lead_time, deployment.ended_at) == (None, None, None)


@pytest.mark.parametrize(
    ("number", "nested", "count"),
    [
        (3, {"totalCount": 2, "items": [{}]}, 3),
        (1, {"totalCount": 2, "items": [{}]}, 2),
        (None, {"items": [{}, {}]}, 2),
        (0, {"totalCount": 0, "items": [None, {}]}, 2),
        (4, None, 4),
        (-1, {"totalCount": -7, "items": None}, 0),
    ],
)
def test_the_larger_count_holds_and_an_empty_item_counts_as_unread(number, nested, count):
    deployment = one(numberOfPullRequests=number, pullRequests=nested)
    listed = [item for item in (nested or {}).get("items") or [] if item is not None]
    assert deployment.pull_request_count == count
    assert deployment.unread_pull_requests == count - len(listed)


def test_numbers_stand_in_for_texts_where_they_are_natural():
    deployment = one(applicationVersion=2.5, pullRequests={"items": [{"externalId": 406}]})
    assert deployment.version == "2.5"
    assert deployment.pull_requests[0].number == "406"


def test_a_flag_reference_without_a_project_is_the_asked_projects_and_one_without_a_key_is_unread():
    deployment = one(flagReferences={"items": [{"flagKey": "a"}, {"referencesAdded": 1}]})
    assert deployment.flag_references == (FlagReference("asked-project", "a", 0, 0),)
    assert deployment.unread_flag_references == 1


def test_keys_and_identity():
    items = [schemas.Keyed("a", "A", "server"), schemas.Keyed("b"), schemas.Keyed(None, "C"), None]
    assert convert.applications(items) == [Application("a", "A", "server"), Application("b", "b", "")]
    assert convert.named(items) == [Named("a", "A"), Named("b", "b")]
    assert convert.identity(schemas.CallerIdentity(auth_kind="token")) == Identity("", "token", None, None)


def test_a_count_below_nothing_is_nothing():
    counts = {"linesAdded": -3, "linesDeleted": -1, "numberOfContributors": -2, "numberOfPullRequests": -1}
    references = {"items": [{"flagKey": "a", "referencesAdded": -1, "referencesRemoved": -2}]}
    pull_requests = {"totalCount": -1, "items": [{"id": "1", "filesChanged": -1, "linesAdded": -1, "linesDeleted": -9}]}
    converted = one(**{**counts, "flagReferences": references, "pullRequests": pull_requests})
    assert (converted.lines_added, converted.lines_deleted, converted.contributors) == (0, 0, 0)
    assert (converted.flag_references[0].added, converted.flag_references[0].removed) == (0, 0)
    [change] = converted.pull_requests
    assert (change.files_changed, change.lines_added, change.lines_deleted) == (0, 0, 0)


# Any JSON anywhere gives a domain value or SourceContractError, and nothing else.
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.integers().map(str)
    | st.sampled_from([0, 1, -1, 10**18, "1706701522000", "null", "<unknown>"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def shaped(struct: type) -> st.SearchStrategy[dict[str, Any]]:
    names = [f.encode_name for f in msgspec.structs.fields(struct)]
    return st.dictionaries(st.sampled_from(names), json_values, max_size=4)


def listed(items: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"items": st.lists(st.none() | items, max_size=3)}, optional={"totalCount": json_values}
    )


wire_deployments = st.builds(
    lambda fields, nested: {**MINIMAL, **fields, **nested},
    shaped(schemas.Deployment),
    st.fixed_dictionaries(
        {},
        optional={
            "pullRequests": listed(shaped(schemas.PullRequest)),
            "flagReferences": listed(shaped(schemas.FlagReference)),
            "leadTimeStages": shaped(schemas.LeadTimeStages),
        },
    ),
)


@given(json_values | listed(wire_deployments))
@example({"items": [{**MINIMAL, "startedAt": "1" * 5000}]})
def test_any_json_is_read_or_refused_in_one_way(body):
    try:
        deployments = read(body)
    except SourceContractError:
        return
    assert all(isinstance(deployment, Deployment) for deployment in deployments)


@given(st.binary(max_size=60))
@example(b"[" * 100_000)
@example(b'{"items":[{"id":"\xff"}]}')
def test_any_bytes_are_read_or_refused_in_one_way(body):
    try:
        read(body)
    except SourceContractError:
        return
