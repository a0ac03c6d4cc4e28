"""Everything that LaunchDarkly says about one deployment, for a modal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from slack_sdk.models.blocks import Block

from bot.domain.deployments import Deployment, PullRequest
from bot.formatting.blocks import Detail, rich_text
from bot.formatting.deployment import (
    Look,
    application,
    flag_pieces,
    label,
    pull_request_pieces,
    release,
    stages,
    status,
)
from bot.formatting.lines import Line, Piece, bold, bullet, code, line
from bot.formatting.text import clean, number, plural
from bot.formatting.times import length

_MOST_BYTES = 240_000  # of a view's 250,000: https://docs.slack.dev/reference/methods/views.open (view_too_large)
_DETAILS = (Detail(300, 100, 150), Detail(150, 50, 100), Detail(50, 25, 100), Detail(20, 10, 60))
_METADATA_VALUE = 200
_LINES_A_BLOCK = 20


def deployment_blocks(deployment: Deployment, *, zone: tzinfo, now: datetime, base_url: str) -> list[Block]:
    """All pull requests, flags, stages and metadata of a deployment, in fewer than 50 blocks and 240 kB of JSON.

    A deployment that is too big for that is shown in less detail, and says how much more there is.
    """
    blocks: list[Block] = []
    for detail in _DETAILS:
        blocks = [rich_text(lines) for lines in _chunks(deployment, Look(zone, now, base_url, detail))]
        if len(json.dumps([block.to_dict() for block in blocks])) <= _MOST_BYTES:
            break
    return blocks


def _chunks(deployment: Deployment, look: Look) -> Iterator[Sequence[Line]]:
    for head, told in (
        (line(application(deployment), " ", *release(deployment)), list(_facts(deployment, look))),
        (line(bold(_pull_requests_title(deployment))), list(_pull_requests(deployment, look))),
        (line(bold("Flag references")), list(_flags(deployment, look))),
        (line(bold("Metadata")), list(_metadata(deployment, look.detail.flags))),
    ):
        for start in range(0, len(told), _LINES_A_BLOCK):
            yield [*([] if start else [head]), *told[start : start + _LINES_A_BLOCK]]


def _facts(deployment: Deployment, look: Look) -> Iterator[Line]:
    yield bullet("environment ", code(label(deployment.environment)), *_project(deployment))
    yield bullet(*status(deployment, look))
    ended: tuple[Piece | str, ...] = (", ended ", look.when(deployment.ended_at)) if deployment.ended_at else ()
    yield bullet("started ", look.when(deployment.started_at), *ended, *_took(deployment))
    if deployment.lead_time:
        yield bullet(f"lead time {length(deployment.lead_time)}, from first commit to the end of the deployment")
    if deployment.stages and (parts := stages(deployment.stages)):
        yield bullet(f"stages: {parts}")
    if deployment.contributors:
        yield bullet(plural(deployment.contributors, "contributor"))
    if deployment.lines_added or deployment.lines_deleted:
        yield bullet(f"+{number(deployment.lines_added)} −{number(deployment.lines_deleted)} lines")
    yield bullet("version ", code(clean(deployment.version, 200) or "–"))
    yield bullet("deployment id ", code(clean(deployment.id, 100) or "–"))
    if deployment.archived:
        yield bullet("hidden in LaunchDarkly")
    yield bullet("LaunchDarkly does not record who started a deployment.")


def _project(deployment: Deployment) -> tuple[Piece | str, ...]:
    return (" of project ", code(label(deployment.project))) if deployment.project else ()


def _took(deployment: Deployment) -> tuple[str, ...]:
    return (f", took {length(deployment.duration)}",) if deployment.duration else ()


def _pull_requests_title(deployment: Deployment) -> str:
    return f"Pull requests ({number(max(deployment.pull_request_count, len(deployment.pull_requests)))})"


def _pull_requests(deployment: Deployment, look: Look) -> Iterator[Line]:
    shown = deployment.pull_requests[: look.detail.pull_requests]
    for pull_request in shown:
        yield bullet(*pull_request_pieces(pull_request, look.detail.title), *_merged(pull_request, look))
    count = len(deployment.pull_requests)
    if more := count - len(shown):
        yield bullet(f"{number(more)} more of {number(count)}, too many for this view")
    if deployment.unread_pull_requests:
        yield bullet(f"{number(count)} of {number(deployment.pull_request_count)} listed by LaunchDarkly")
    if not deployment.pull_request_count and not count:
        yield bullet("none known: LaunchDarkly's GitHub app finds them where the version is a commit or a tag")


def _merged(pull_request: PullRequest, look: Look) -> Iterator[Piece | str]:
    if pull_request.merged_at:
        yield from (" · merged ", look.when(pull_request.merged_at))
    if pull_request.lines_added or pull_request.lines_deleted:
        yield f" · +{number(pull_request.lines_added)} −{number(pull_request.lines_deleted)}"


def _flags(deployment: Deployment, look: Look) -> Iterator[Line]:
    for reference in deployment.flag_references[: look.detail.flags]:
        yield bullet(*flag_pieces(reference, deployment.project, look.base_url))
    count = len(deployment.flag_references)
    if count > look.detail.flags:
        yield bullet(f"{number(count - look.detail.flags)} more of {number(count)}, too many for this view")
    if deployment.unread_flag_references:
        yield bullet(f"{number(count)} of {number(deployment.flag_reference_count)} listed by LaunchDarkly")


def _metadata(deployment: Deployment, most: int) -> Iterator[Line]:
    entries = sorted(deployment.metadata.items())
    for name, value in entries[:most]:
        words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        yield bullet(f"{label(name)}: ", code(clean(words, _METADATA_VALUE) or "–"))
    if more := len(entries[most:]):
        yield bullet(f"{number(more)} more of {number(len(entries))}")
