"""A digest in its channel: the headline, failures, applications, flags and people; and a word where there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from slack_sdk.models.blocks import MarkdownTextObject, SectionBlock

from bot.domain.digests import Occurrence, Subscription
from bot.domain.query import TimeWindow
from bot.domain.summary import Shipment, Summary, flags_touched
from bot.formatting.answer import covers, is_filtered, stale
from bot.formatting.blocks import Part, compose, context, most_detailed, rich_text, section
from bot.formatting.deployment import AUTHOR, KEY, Look, application, flag_pieces, label
from bot.formatting.lines import Line, Piece, bold, line, when
from bot.formatting.message import Message, message
from bot.formatting.mrkdwn import inert
from bot.formatting.shipped import counts, missing, shipment_lines, small_print
from bot.formatting.text import clean, listed, number, plural, sentence
from bot.formatting.times import span, stamp

_FAILURES, _SHIPMENTS = 6, 12
"""Deployments told one by one: those that failed, and the others; the rest are counted."""

_APPLICATIONS, _FLAGS, _PEOPLE = 12, 8, 10
_REASON = 250


def format_digest(summary: Summary, occurrence: Occurrence, *, name: str = "", base_url: str) -> Message:
    """The digest of one occurrence, in at most 20 blocks with a button below; it mentions nobody.

    ``summary`` has the deployments that belong in it and the window that it tells, in the channel's zone; ``name`` is
    the digest's own, where it has one. ``base_url`` is where LaunchDarkly's web pages are.
    """
    return most_detailed(
        lambda detail: compose(
            _parts(summary, occurrence, name, Look(summary.query.window.zone, summary.as_of, base_url, detail))
        )
    )


def format_unread(
    subscription: Subscription, occurrence: Occurrence, reason: str, *, next_at: datetime, now: datetime
) -> Message:
    """That LaunchDarkly could not be read in time, and when what shipped will be told. ``reason`` is a sentence."""
    zone = subscription.schedule.tzinfo
    window = TimeWindow(occurrence.window_start, occurrence.window_end, zone)
    head = f"⚠️ No digest of {label(subscription.environment)}, {span(window, now)}"
    told = sentence(clean(reason, _REASON) or "LaunchDarkly could not be read")
    return compose(
        [
            Part(
                section,
                [
                    line(bold(head), *_named(subscription.name)),
                    line(told, " What shipped comes with the next digest, ", when(next_at, zone, now), "."),
                ],
            )
        ]
    )


def format_paused(subscription: Subscription) -> Message:
    """For its owner alone: that a digest paused, why, and the way back. It names the channel as Slack shows it."""
    name = clean(subscription.name, KEY)
    which = f"“{inert(name)}”" if name else f"number {subscription.number}"
    channel = f"<#{subscription.channel_id}>"
    reason = inert(sentence(clean(subscription.reason, _REASON)))
    text = (
        f"Your digest {which} in {channel} is paused: {reason} The way back: make sure that the channel is there and "
        f"open, type `/invite @What Shipped` in it, then `/digest resume {subscription.number}`. It goes on from then."
    )
    return message(text, [SectionBlock(text=MarkdownTextObject(text=text))])


def _parts(summary: Summary, occurrence: Occurrence, name: str, look: Look) -> Iterator[Part]:
    window, shipments = summary.query.window, summary.shipments
    words = span(window, summary.as_of)
    late = [line(bold(f"Late: covers {words}"))] if occurrence.late else []
    yield Part(section, [line(bold(_headline(summary, words)), *_named(name)), *late, *_counts(summary)])
    yield Part(rich_text, [*stale(summary.copy, summary.as_of, window), *missing(summary)])
    failed, others = shipments[: len(summary.failed)], shipments[len(summary.failed) :]
    shown = failed[:_FAILURES]
    lines = [one for shipment in shown for one in shipment_lines(shipment, look, with_application=True)]
    yield Part(rich_text, [*([line(bold("❌ Failed"))] if shown else []), *lines, *_more(failed[_FAILURES:])])
    yield Part(rich_text, list(_applications(others, look)))
    yield Part(context, [*_flags(shipments, summary.query.project, look), *_people(shipments)])
    yield Part(context, [*_learned_late(summary, occurrence), *_filters(summary), line(*small_print(summary))])


def _headline(summary: Summary, words: str) -> str:
    environment = label(summary.query.environment)
    if summary.totals.deployments:
        return f"Shipped to {environment}, {words}"
    if not summary.nothing_shipped:
        return f"No deployments to {environment} found in what could be read, {words}"
    what = "Nothing that this digest asks for" if is_filtered(summary.query) else "Nothing"
    return f"{what} shipped to {environment}, {words}"


def _named(name: str) -> Iterator[str]:
    if shown := clean(name, KEY):
        yield f" · {shown}"


def _counts(summary: Summary) -> Iterator[Line]:
    if summary.totals.deployments:
        yield line(" · ".join([plural(summary.totals.deployments, "deployment"), *counts(summary)]))


def _applications(shipments: Sequence[Shipment], look: Look) -> Iterator[Line]:
    shown = _spread(shipments)
    before = ""
    for shipment in shown:
        name = application(shipment.deployment).text
        if name != before:
            yield line(bold(name))
        before = name
        yield from shipment_lines(shipment, look, with_application=False)
    yield from _more([shipment for shipment in shipments if shipment not in shown])


def _spread(shipments: Sequence[Shipment]) -> list[Shipment]:
    """As many as are told one by one, in order: the newest of every application before the second newest of any."""
    seen: Counter[str] = Counter()
    ranks = []
    for shipment in shipments:
        ranks.append(seen[shipment.deployment.application])
        seen[shipment.deployment.application] += 1
    chosen = sorted(range(len(shipments)), key=lambda place: (ranks[place], place))[:_SHIPMENTS]
    return [shipments[place] for place in sorted(chosen)]


def _more(shipments: Sequence[Shipment]) -> Iterator[Line]:
    """The rest by application: ``and 7 more deployments: billing-service 4, search 3``."""
    if not shipments:
        return
    per_application = Counter(shipment.deployment.application for shipment in shipments)
    ranked = sorted(per_application.items(), key=lambda item: (-item[1], item[0]))
    names = [f"{label(name)} {number(count)}" for name, count in ranked]
    yield line(bold(f"and {plural(len(shipments), 'more deployment')}: "), listed(names, _APPLICATIONS))


def _flags(shipments: Sequence[Shipment], project: str, look: Look) -> Iterator[Line]:
    flags = flags_touched(shipments)
    pieces: list[Piece | str] = []
    for place, reference in enumerate(flags[:_FLAGS]):
        pieces += [", " if place else "", *flag_pieces(reference, project, look.base_url)]
    if pieces:
        more = f" and {number(len(flags) - _FLAGS)} more" if len(flags) > _FLAGS else ""
        yield line(bold("Flags touched: "), *pieces, more)


def _people(shipments: Sequence[Shipment]) -> Iterator[Line]:
    """Who wrote the pull requests, each counted once; no name is a mention."""
    written = {(p.url or p.id): clean(p.author, AUTHOR) for s in shipments for p in s.pull_requests if p.author.strip()}
    ranked = sorted(Counter(written.values()).items(), key=lambda item: (-item[1], item[0]))
    if ranked:
        names = [f"{name} {number(count)}" if count > 1 else name for name, count in ranked]
        yield line(bold("People: "), listed(names, _PEOPLE))


def _learned_late(summary: Summary, occurrence: Occurrence) -> Iterator[Line]:
    before = sum(s.deployment.at < occurrence.window_start for s in summary.shipments)
    if before:
        start = stamp(occurrence.window_start, summary.query.window.zone, summary.as_of)
        yield line(f"{plural(before, 'deployment')} from before {start}: LaunchDarkly learned of that late")


def _filters(summary: Summary) -> Iterator[Line]:
    if is_filtered(summary.query):
        yield covers(summary.query, summary.as_of)
