"""Makes ``tests/fixtures/launchdarkly_schema.json`` from the vendor's OpenAPI document: names, types, required, enums.

    python -m tests.contracts.reduce_schema ld-openapi.json

Prose and examples stay with the vendor. Where the document lags behind the official Python client, the additions are
written down in ``NEWER`` below.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

SOURCE = "https://github.com/launchdarkly/ldcli/blob/5126f6875f056e89d28c1e35cb839413b938f72c/ld-openapi.json"
FIXTURE = Path(__file__).parent.parent / "fixtures" / "launchdarkly_schema.json"

ROOTS = (
    "ApplicationCollectionRep",
    "CallerIdentityRep",
    "DeploymentCollectionRep",
    "DeploymentRep",
    "Environments",
    "ForbiddenErrorRep",
    "InvalidRequestErrorRep",
    "MethodNotAllowedErrorRep",
    "NotFoundErrorRep",
    "Projects",
    "PullRequestCollectionRep",
    "RateLimitedErrorRep",
    "UnauthorizedErrorRep",
    "ValidationFailedErrorRep",
)
NEWER = {  # launchdarkly-api 25.0.1
    "CallerIdentityRep": {
        "clientName": {"type": "string"},
        "audience": {"type": "array", "items": {"type": "string"}},
        "expiresAt": {"type": "integer", "format": "int64"},
    }
}
_FACTS = ("type", "format", "enum", "required", "$ref")


def reduce(document: dict[str, Any]) -> dict[str, Any]:
    """The schemas that the roots need, each reduced to its facts."""
    schemas = document["components"]["schemas"]
    needed: dict[str, Any] = {}
    waiting = list(ROOTS)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = _facts(schemas[name])
            waiting += re.findall(r"#/components/schemas/(\w+)", json.dumps(needed[name]))
    for name, properties in NEWER.items():
        needed[name]["properties"] |= properties
    return {"x-source": SOURCE, "components": {"schemas": dict(sorted(needed.items()))}}


def _facts(schema: dict[str, Any]) -> dict[str, Any]:
    facts = {name: schema[name] for name in _FACTS if name in schema}
    if "properties" in schema:
        facts["properties"] = {name: _facts(value) for name, value in schema["properties"].items()}
    for name in ("items", "additionalProperties"):
        if name in schema:
            facts[name] = _facts(schema[name]) if isinstance(schema[name], dict) else schema[name]
    return facts


if __name__ == "__main__":
    FIXTURE.write_text(json.dumps(reduce(json.loads(Path(sys.argv[1]).read_text())), indent=1) + "\n")
