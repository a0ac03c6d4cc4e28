"""What the sandbox answers is what LaunchDarkly documents: every field known, every required one there."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from bot.sandbox.launchdarkly.endpoints import ENDPOINTS
from tests.builders import NOW
from tests.contracts.reduce_schema import FIXTURE, SOURCE, reduce

INSIGHTS = "/api/v2/engineering-insights"
MONTH = {"from": str(int(NOW.timestamp() * 1000) - 35 * 86_400_000), "to": str(int(NOW.timestamp() * 1000))}
PLACE = {"projectKey": "default", "environmentKey": "production"}

GOOD = [
    ("DeploymentCollectionRep", f"{INSIGHTS}/deployments", PLACE),
    (
        "DeploymentCollectionRep",
        f"{INSIGHTS}/deployments",
        {**PLACE, **MONTH, "limit": "100", "expand": "pullRequests,flagReferences"},
    ),
    ("PullRequestCollectionRep", f"{INSIGHTS}/pull-requests", {"projectKey": "default"}),
    (
        "PullRequestCollectionRep",
        f"{INSIGHTS}/pull-requests",
        {"projectKey": "default", **MONTH, "limit": "100", "expand": "deployments,flagReferences,leadTime"},
    ),
    ("ApplicationCollectionRep", "/api/v2/applications", {}),
    ("Projects", "/api/v2/projects", {"expand": "environments"}),
    ("Environments", "/api/v2/projects/default/environments", {}),
    ("CallerIdentityRep", "/api/v2/caller-identity", {}),
]


def _strict(schema: Any) -> Any:
    """The same schema with every property that the vendor does not name refused."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {name: _strict(value) for name, value in schema.items()}
    if isinstance(strict.get("properties"), dict) and strict.get("type") == "object":
        strict.setdefault("additionalProperties", False)
    return strict


SCHEMAS = _strict(json.loads(FIXTURE.read_text()))


def check(name: str, body: Any) -> None:
    schema = {**SCHEMAS, "$ref": f"#/components/schemas/{name}"}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(body)


@pytest.mark.parametrize(("schema", "path", "query"), GOOD, ids=lambda value: value if isinstance(value, str) else "")
async def test_a_good_answer_is_documented_field_by_field(http: httpx.AsyncClient, schema, path, query):
    response = await http.get(path, params=query)

    assert response.status_code == 200
    check(schema, response.json())
    assert response.json().get("items", True)


async def test_one_deployment_is_documented_field_by_field(http: httpx.AsyncClient):
    listed = (await http.get(f"{INSIGHTS}/deployments", params=PLACE)).json()["items"]
    for deployment in listed:
        one = await http.get(
            f"{INSIGHTS}/deployments/{deployment['id']}", params={"expand": "pullRequests,flagReferences"}
        )
        check("DeploymentRep", one.json())
        assert one.json()["applicationVersion"] == deployment["applicationVersion"]


def test_every_endpoint_is_among_the_checked_ones():
    checked = {path for _, path, _ in GOOD} | {f"{INSIGHTS}/deployments/{{id}}"}
    assert {path.replace("{project}", "default") for path in ENDPOINTS} == checked


@pytest.mark.parametrize(
    ("schema", "status", "path", "headers"),
    [
        ("ValidationFailedErrorRep", 400, f"{INSIGHTS}/deployments", {}),
        ("UnauthorizedErrorRep", 401, "/api/v2/projects", {"Authorization": "api-wrong"}),
        ("ForbiddenErrorRep", 403, "/api/v2/applications", {"LD-API-Version": "20240415"}),
        ("NotFoundErrorRep", 404, f"{INSIGHTS}/deployments/nothing", {}),
        ("NotFoundErrorRep", 404, "/api/v2/projects/nothing/environments", {}),
    ],
)
async def test_a_refusal_is_documented(http: httpx.AsyncClient, schema, status, path, headers):
    response = await http.get(path, headers=headers)

    assert response.status_code == status
    check(schema, response.json())


async def test_refused_methods_and_rate_limits_are_documented(
    http: httpx.AsyncClient, launchdarkly: SandboxLaunchDarkly
):
    posted = await http.post("/api/v2/projects")
    launchdarkly.faults.rate_limit()
    limited = await http.get("/api/v2/projects")

    assert (posted.status_code, limited.status_code) == (405, 429)
    check("MethodNotAllowedErrorRep", posted.json())
    check("RateLimitedErrorRep", limited.json())


def test_an_invented_field_is_caught():
    with pytest.raises(ValidationError, match="deployer"):
        check("FlagReferenceRep", {"projectKey": "p", "flagKey": "f", "referencesAdded": 1, "deployer": "jane.doe"})


def test_the_schema_is_facts_alone_and_names_its_source():
    text = FIXTURE.read_text()
    document = json.loads(text)

    assert document["x-source"] == SOURCE
    assert '"description": "' not in text
    assert '"example"' not in text
    assert reduce(document) == document, (
        "it has more or less than the endpoints need: run tests.contracts.reduce_schema"
    )
