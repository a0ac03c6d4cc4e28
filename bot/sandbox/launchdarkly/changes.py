"""What Acme works on next: stories, chores, robots' bumps, and the clean-up of flags two weeks later."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from random import Random
from typing import TypeVar

from bot.sandbox.launchdarkly.acme import APPLICATIONS
from bot.sandbox.launchdarkly.records import Application, Change
from bot.sandbox.launchdarkly.stories import (
    ACTIONS,
    AREAS,
    CHORES,
    CLEAN_UP,
    DEPENDABOT,
    PACKAGES,
    RENOVATE,
    ROBOT_CHORES,
    STORIES,
)

T = TypeVar("T")

_FLAG_LIVES = timedelta(days=13)


class Backlog:
    """Gives each title once, as long as there are some left."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._stories = {a.key: self._shuffled(STORIES[a.key]) for a in APPLICATIONS}
        self._chores = {a.key: self._all_chores(a) for a in APPLICATIONS}
        self._patches = {a.key: {name: random.randint(0, 6) for name in PACKAGES[a.key]} for a in APPLICATIONS}
        self._clean_ups: dict[str, list[tuple[datetime, Change]]] = {a.key: [] for a in APPLICATIONS}

    def next_release(self, application: Application, at: datetime) -> list[Change]:
        """The changes of one release: a few by people, now and then some by robots."""
        random = self._random
        usual = (3, 4, 5) if application.versions == "semver" else (1, 2, 3)
        by_people = random.choices(usual, (5, 3, 1))[0]
        by_robots = random.choices((0, 1, 2), (6, 3, 1))[0]
        work = [self._by_somebody(application, at) for _ in range(by_people)]
        return work + [self.bump(application) for _ in range(by_robots)]

    def bump(self, application: Application) -> Change:
        """A robot's pull request: mostly the next patch of a dependency."""
        if self._random.random() < 0.12:
            return Change(self._random.choice(ROBOT_CHORES), ACTIONS)
        patches = self._patches[application.key]
        package = self._random.choice(tuple(patches))
        patches[package] += 1
        name, _, series = package.rpartition(" ")
        before, after = f"{series}.{patches[package] - 1}", f"{series}.{patches[package]}"
        if "/" in name:
            return Change(f"fix(deps): update module {name} to v{after}", RENOVATE)
        return Change(f"Bump {name} from {before} to {after}", DEPENDABOT)

    def _by_somebody(self, application: Application, at: datetime) -> Change:
        random = self._random
        author = random.choice(application.team)
        clean_ups = self._clean_ups[application.key]
        if clean_ups and clean_ups[0][0] <= at:
            return clean_ups.pop(0)[1]
        stories = self._stories[application.key]
        if stories and random.random() < 0.55:
            title, flag = stories.pop()
            added = random.randint(2, 6)
            if flag and random.random() < 0.7:
                clean_up = Change(CLEAN_UP.format(flag=flag), author, references=(flag, 0, added + 1))
                clean_ups.append((at + _FLAG_LIVES, clean_up))
            return Change(title, author, references=(flag, added, 0) if flag else ("", 0, 0))
        chores = self._chores[application.key]
        if not chores:
            chores += self._all_chores(application)
        return Change(chores.pop(), author)

    def _all_chores(self, application: Application) -> list[str]:
        chores = product(CHORES, AREAS[application.key])
        return self._shuffled(tuple(chore.format(area=area) for chore, area in chores))

    def _shuffled(self, items: tuple[T, ...]) -> list[T]:
        return self._random.sample(items, len(items))
