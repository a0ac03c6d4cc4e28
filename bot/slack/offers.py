"""Which buttons and menus an answer gets, by where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from slack_sdk.models.blocks import Block

from bot.domain.deployments import Deployment
from bot.domain.lookup import Lookup
from bot.domain.summary import Summary
from bot.formatting.controls import (
    MOST_BLOCK_ID,
    RELEASE_WINDOWS,
    SHIPPED_WINDOWS,
    Narrowing,
    Turning,
    controls,
)
from bot.formatting.shipped import page_count, shipments_on
from bot.slack.replies import Place
from bot.slack.state import State

_MOST_DETAILS = 20


def beside_shipped(state: State, summary: Summary, environments: Sequence[str], place: Place) -> list[Block]:
    """For "what shipped?": pages and filters where nobody else looks on; ``state.page`` is one that there is."""
    here = state.encode()
    on_page = [shipment.deployment for shipment in shipments_on(summary, state.page)]
    details: Sequence[Deployment] = on_page if place is not Place.VIEW else ()
    window = summary.query.window
    if place is Place.PUBLIC:
        # Paging for one would turn the page for all: the others get a copy of their own.
        return controls(browse=here, details=details, shown_in=window)
    has_next = state.page < page_count(summary)
    return controls(
        share=here if place is Place.PRIVATE else None,
        turning=Turning(
            previous=state.on_page(state.page - 1).encode() if state.page > 1 else None,
            next=state.on_page(state.page + 1).encode() if has_next else None,
        ),
        narrowing=_narrowing(here, SHIPPED_WINDOWS, state, environments, summary.query.environment),
        details=details,
        shown_in=window,
    )


def beside_lookup(state: State, lookup: Lookup, place: Place) -> list[Block]:
    """For "where is it?": how far back to look, and the deployments that were found."""
    here = state.encode()
    found = (d for match in lookup.matches for where in match.places for d in where.deployments)
    details = list(islice(found, _MOST_DETAILS)) if place is not Place.VIEW else []
    window = lookup.searched.window
    if place is Place.PUBLIC:
        return controls(browse=here, details=details, shown_in=window)
    return controls(
        share=here if place is Place.PRIVATE else None,
        narrowing=_narrowing(here, RELEASE_WINDOWS, state),
        details=details,
        shown_in=window,
    )


def _narrowing(
    here: str,
    windows: Sequence[tuple[str, str]],
    state: State,
    environments: Sequence[str] = (),
    environment: str = "",
) -> Narrowing | None:
    """The menus, where the question is short enough for them; a longer one is typed again."""
    if len(here) > MOST_BLOCK_ID:
        return None
    return Narrowing(here, windows, environments, environment, state.window)
