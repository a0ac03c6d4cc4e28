"""Changes to right answers: shapes and counts that the documents allow, or that real servers send anyway."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.sandbox.launchdarkly.representations import INSIGHTS, Json, link

Twist = Callable[[str, Mapping[str, str], Json], Json]
"""(path, query, body) → the body that is sent. The body given is the twist's to change."""

_DEPLOYMENTS = f"{INSIGHTS}/deployments"


def truncate_nested(keep: int, *, by_id: bool) -> Twist:
    """Cut the pull requests and flag references of each deployment; their ``totalCount`` stays."""

    def twist(path: str, query: Mapping[str, str], body: Json) -> Json:
        if path == _DEPLOYMENTS or (by_id and path.startswith(_DEPLOYMENTS)):
            for deployment in body.get("items", [body]):
                for name in ("pullRequests", "flagReferences"):
                    nested = deployment.get(name)
                    if not nested or len(nested["items"]) <= keep:
                        continue
                    nested["items"] = nested["items"][:keep]
                    if name == "pullRequests" and keep:  # the documented link, without what its endpoint requires
                        cursor = nested["items"][-1]["id"]
                        nested["_links"] = {"next": link(f"{INSIGHTS}/pull-requests?after={cursor}")}
        return body

    return twist


def wrong_totals(extra: int) -> Twist:
    def twist(path: str, query: Mapping[str, str], body: Json) -> Json:
        if path == _DEPLOYMENTS:
            body["totalCount"] += extra
        return body

    return twist


def lose_in_slices() -> Twist:
    widest = 0

    def twist(path: str, query: Mapping[str, str], body: Json) -> Json:
        nonlocal widest
        if path != _DEPLOYMENTS or not {"from", "to"} <= query.keys():
            return body
        width = int(query["to"]) - int(query["from"])
        widest = max(widest, width)
        if width < widest and body["totalCount"]:
            body["totalCount"] -= 1
            if "next" not in body["_links"]:
                body["items"] = body["items"][:-1]
        return body

    return twist


def unknown_words(status: str, kind: str) -> Twist:
    def twist(path: str, query: Mapping[str, str], body: Json) -> Json:
        if path.startswith(_DEPLOYMENTS):
            for deployment in body.get("items", [body]):
                deployment["status"] = status if deployment["status"] == "finished" else deployment["status"]
                deployment["kind"] = kind if deployment["kind"] == "deployment" else deployment["kind"]
        return body

    return twist


def sloppy() -> Twist:
    def twist(path: str, query: Mapping[str, str], body: Json) -> Json:
        if path.startswith(_DEPLOYMENTS):
            for deployment in body.get("items", [body]):
                deployment["startedAt"] = str(deployment["startedAt"])
                deployment["metadata"] = None
                deployment.setdefault("endedAt", None)
                deployment["somethingNew"] = {"since": 2027}
                for name in ("pullRequests", "flagReferences"):
                    if name in deployment:
                        deployment[name]["items"].append(None)
            if "items" in body:
                body["items"].insert(0, None)
        return body

    return twist
