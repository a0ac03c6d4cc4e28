"""The answer to "what shipped?": the headline first, then failures, then application by application, in pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from slack_sdk.models.blocks import Block

from bot.domain.summary import Shipment, Summary
from bot.formatting.answer import covers, freshness, gaps, stale
from bot.formatting.blocks import Detail, Part, compose, context, most_detailed, rich_text, section
from bot.formatting.deployment import KEY, NO_APPLICATION, Carried, Look, application, deployment_lines, label
from bot.formatting.lines import Line, Piece, bold, line
from bot.formatting.message import Message
from bot.formatting.nothing import nothing_headline, others, what_next
from bot.formatting.text import clean, number, plural

PAGE = 8
"""Deployments on one page."""

_OVERVIEW = 15
_FAILED = "❌ Failed"


def format_shipped(summary: Summary, *, base_url: str, page: int = 1, controls: Sequence[Block] = ()) -> Message:
    """One page of the answer. ``page`` counts from 1; beyond the end it is the last one, which says so.

    ``base_url`` is where LaunchDarkly's web pages are; ``controls`` are put below.
    """
    return most_detailed(lambda detail: compose(_parts(summary, base_url, page, detail), controls))


def page_count(summary: Summary) -> int:
    """How many pages the answer has; at least one."""
    return max(1, -(-len(summary.shipments) // PAGE))


def shipments_on(summary: Summary, page: int) -> tuple[Shipment, ...]:
    """The deployments of one page, in the order in which they are told."""
    return summary.shipments[(page - 1) * PAGE : page * PAGE]


def _parts(summary: Summary, base_url: str, asked: int, detail: Detail) -> Iterator[Part]:
    page = min(max(asked, 1), page_count(summary))
    look = Look(summary.query.window.zone, summary.as_of, base_url, detail)
    yield Part(section, [_headline(summary), covers(summary.query, summary.as_of)])
    yield Part(rich_text, [*stale(summary.copy, summary.as_of, summary.query.window), *missing(summary)])
    if not summary.totals.deployments:
        yield Part(section, list(what_next(summary)))
    else:
        yield Part(context, [line(" · ".join(counts(summary)))])
        if page_count(summary) > 1 or asked > page:
            yield Part(rich_text, _overview(summary) if page == 1 else [])
            missed = f"There is no page {number(asked)}. " if asked > page else ""
            yield Part(context, [line(missed, _place(summary, page))])
        for lines in _groups(summary, page, look):
            yield Part(rich_text, lines)
    yield Part(context, [line(*small_print(summary))])


def _headline(summary: Summary) -> Line:
    count, environment = summary.totals.deployments, label(summary.query.environment)
    if not count:
        headline = nothing_headline(summary, environment)
    else:
        at_least = "" if _is_whole(summary) else "At least "
        headline = f"{at_least}{plural(count, 'deployment')} to {environment}"
    words = clean(summary.query.window.words, KEY)
    if not count:
        words = others(summary, words)
    return line(bold(headline), f" · {words}" if words else "")


def _is_whole(summary: Summary) -> bool:
    return summary.completeness.is_complete and not summary.undecided


def missing(summary: Summary) -> list[Line]:
    """What could not be read, or not be decided."""
    if not summary.undecided:
        return gaps(summary.completeness)
    more = plural(summary.undecided, "more deployment")
    listed = "LaunchDarkly counts pull requests or flags there that it did not list"
    return gaps(summary.completeness, f"{more} may belong to this answer: {listed}")


def counts(summary: Summary) -> Iterator[str]:
    """What there is besides the number of deployments: how many failed, pull requests, people, flags, lines."""
    totals = summary.totals
    endless = sum(shipment.lacks_end_event for shipment in summary.shipments)
    for count, word in (
        (totals.failed, "failed"),
        (totals.running - endless, "running"),
        (endless, "without an end event"),
        (totals.other, "with another status"),
    ):
        if count:
            yield f"{number(count)} {word}"
    if totals.pull_requests or totals.robot_pull_requests:
        at_least = "at least " if totals.unread_pull_requests else ""
        people = f" by {at_least}{plural(totals.people, 'person', 'people')}" if totals.people else ""
        robots = f" (+{number(totals.robot_pull_requests)} by robots)" if totals.robot_pull_requests else ""
        yield f"{at_least}{plural(totals.pull_requests, 'pull request')}{people}{robots}"
    else:
        yield "pull requests not listed" if totals.unread_pull_requests else "no pull requests known"
    if totals.flags:
        yield f"{'at least ' if totals.unread_flag_references else ''}{plural(totals.flags, 'flag')}"
    elif totals.unread_flag_references:
        yield "flags not listed"
    if totals.lines_added or totals.lines_deleted:
        yield f"+{number(totals.lines_added)} −{number(totals.lines_deleted)} lines"


def _overview(summary: Summary) -> list[Line]:
    counts = Counter(shipment.deployment.application for shipment in summary.shipments)
    failed = Counter(shipment.deployment.application for shipment in summary.failed)
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    pieces: list[Piece | str] = [bold("By application: ")]
    for place, name in enumerate(ranked[:_OVERVIEW]):
        broken = f" ({number(failed[name])} failed)" if failed[name] else ""
        pieces += [", " if place else "", f"{clean(name, KEY) or NO_APPLICATION} {number(counts[name])}{broken}"]
    more = len(ranked) - _OVERVIEW
    return [line(*pieces, f" and {plural(more, 'more application')}" if more > 0 else "")]


def _place(summary: Summary, page: int) -> str:
    first = (page - 1) * PAGE + 1
    last = first + len(shipments_on(summary, page)) - 1
    rows = f"Deployment {first}" if first == last else f"Deployments {number(first)}–{number(last)}"
    return f"{rows} of {number(len(summary.shipments))} · page {number(page)} of {number(page_count(summary))}"


def _groups(summary: Summary, page: int, look: Look) -> Iterator[list[Line]]:
    """The page's shipments under their headings, one list of lines for each heading."""
    first = (page - 1) * PAGE
    shipments = summary.shipments
    headings = [(_FAILED, True)] * len(summary.failed)
    headings += [(application(s.deployment).text, False) for s in shipments[len(summary.failed) :]]
    before = headings[first - 1] if first else None
    page_of = zip(headings[first : first + PAGE], shipments[first : first + PAGE], strict=True)
    for heading, members in groupby(page_of, key=itemgetter(0)):
        name, is_failure = heading
        lines = [line(bold(name), " (continued)" if heading == before else "")]
        for _, shipment in members:
            lines += shipment_lines(shipment, look, with_application=is_failure)
        yield lines


def shipment_lines(shipment: Shipment, look: Look, *, with_application: bool) -> list[Line]:
    """One deployment with what it carried, as bullets."""
    return deployment_lines(
        shipment.deployment,
        look,
        lead=[application(shipment.deployment), " "] if with_application else [],
        carried=Carried(shipment.pull_requests, shipment.robot_pull_requests, shipment.left_out, shipment.unread),
        lacks_end_event=shipment.lacks_end_event,
    )


def small_print(summary: Summary) -> Iterator[Piece | str]:
    """How fresh it is, and what was left out."""
    yield from freshness(summary.copy, summary.as_of, summary.query.window)
    if summary.hidden:
        yield f" · {plural(summary.hidden, 'deployment')} hidden in LaunchDarkly left out"
    if summary.outside:
        yield f" · {plural(summary.outside, 'deployment')} outside the window left out"
    totals = summary.totals
    if totals.deployments and not (totals.pull_requests or totals.robot_pull_requests or totals.unread_pull_requests):
        yield " · LaunchDarkly knows pull requests only by its GitHub app, of versions that are commits or tags"
