from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from bot.services.unknown_deliveries import UnknownDelivery
from tests.simulation.year import FIRST, ONCE_A_WEEK, Year


@pytest.fixture(autouse=True)
def _quiet(caplog):
    caplog.set_level(logging.CRITICAL)  # outages are what this is about


def test_a_year_of_subscriptions_in_ten_zones():
    year = Year(seed=26, subscriptions=160, start=FIRST, days=365, deployments_a_day=0.7, days_of=ONCE_A_WEEK)
    findings = year.run()
    print(findings)  # noqa: T201 -- the run's counts, for whoever asks with -s
    counts = findings.counts
    assert not findings.faults, findings
    assert counts["told exactly once"] > 10_000
    assert counts["late digests"] > 100
    assert counts["workers killed"] > 20
    assert counts["answers of Slack lost"] > 50
    assert counts["occurrences at a shifted minute (gap)"] > 0
    assert counts["digests doubled"] == counts["occurrences unknown"] == 0  # the bot may look, so nothing stays unknown


@pytest.mark.parametrize("otherwise", UnknownDelivery)
def test_where_the_bot_may_not_look_the_setting_decides_and_nothing_else_is_lost_or_doubled(otherwise):
    start = FIRST + timedelta(days=80)  # two months with the spring's changes of the clocks
    year = Year(
        seed=9, subscriptions=40, start=start, days=30, may_look=False, otherwise=otherwise, deployments_a_day=2.0
    )
    findings = year.run()
    assert not findings.faults, findings
    never_lost = otherwise is UnknownDelivery.NEVER_LOST
    assert (findings.counts["digests doubled"] > 0) is never_lost
    assert (findings.counts["told by a digest that is unknown"] > 0) is not never_lost
