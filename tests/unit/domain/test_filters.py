from __future__ import annotations

import pytest

from bot.domain.filters import Filters
from tests.builders import deployment, flag, pull_request


@pytest.mark.parametrize(
    ("filters", "accepted"),
    [
        ({}, True),
        ({"applications": ("billing-*",)}, True),
        ({"applications": ("BILLING-service",)}, True),
        ({"applications": ("billing",)}, False),
        ({"applications": ("bill?ng-service",)}, False),
        ({"status": "completed"}, True),
        ({"status": "FINISHED"}, True),
        ({"status": "failed"}, False),
        ({"status": "running"}, False),
        ({"kind": "Deployment"}, True),
        ({"kind": "rollback"}, False),
        ({"authors": ("jane.doe",)}, True),
        ({"authors": ("@Jane.Doe",)}, True),
        ({"authors": ("dependabot",)}, True),
        ({"authors": ("jane",)}, False),
        ({"excluded_authors": ("dependabot[bot]",)}, True),
        ({"excluded_authors": ("dependabot[bot]", "jane.doe")}, False),
        ({"flags": ("new-*",)}, True),
        ({"flags": ("old-checkout",)}, False),
        ({"pull_requests": ("406",)}, True),
        ({"pull_requests": ("40",)}, False),
        ({"words": ("REFUND", "twice")}, True),
        ({"words": ("refund", "never")}, False),
        ({"words": ("refund",), "authors": ("dependabot[bot]",)}, False),
    ],
)
def test_filters(filters, accepted):
    one = deployment(
        pull_requests=[
            pull_request(406, title="Pay a refund only once, not twice"),
            pull_request(407, title="Bump certifi", author="dependabot[bot]"),
        ],
        flag_references=[flag("new-checkout")],
    )
    assert Filters(**filters).accepts(one) is accepted


def test_an_unknown_status_word_is_compared_as_it_is():
    one = deployment(status="rolled_back")
    assert Filters(status="Rolled_Back").accepts(one)
    assert not Filters(status="finished").accepts(one)


def test_leaving_an_author_out_keeps_what_carried_nothing_and_what_may_have_carried_more():
    without = Filters(excluded_authors=("jane.doe",))
    assert without.accepts(deployment())
    assert without.accepts(deployment(pull_requests=[pull_request()], pull_request_count=2))
    assert not without.accepts(deployment(pull_requests=[pull_request()]))
