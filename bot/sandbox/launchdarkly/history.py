"""Five weeks of Acme's work: every change goes through its project's environments, as far as it gets.

Deterministic: the same random source and the same ``now`` write the same history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from bot.sandbox.launchdarkly import acme, changes, recent
from bot.sandbox.launchdarkly.records import (
    Application,
    Change,
    Course,
    Deployment,
    FlagReference,
    PullRequest,
)

WEEKS = 5
_RECENT = timedelta(hours=25)  # the last day is written by hand
_TIDY = timedelta(days=10)  # before that no release is left half-way, so that the last day carries what it says
_WEEKEND = 0.08  # of a working day's releases


class History:
    """Written release by release, oldest first; ``late`` holds what happened but is not reported yet."""

    def __init__(self, random: Random) -> None:
        self.deployments: list[Deployment] = []
        self.pull_requests: list[PullRequest] = []
        self.late: list[Deployment] = []
        self._random = random
        self._numbers = {a.key: a.first_number for a in acme.APPLICATIONS}
        self._builds = {a.key: random.randint(1200, 4800) for a in acme.APPLICATIONS}
        self._heads = {a.key: self._commit() for a in acme.APPLICATIONS}
        self._semver = {a.key: (random.randint(2, 5), random.randint(8, 20), 0) for a in acme.APPLICATIONS}
        # What an environment lacks: a failed or rolled back deployment leaves it for the next one to carry.
        self._lacking: defaultdict[tuple[str, str], list[PullRequest]] = defaultdict(list)
        self._running: dict[tuple[str, str], str] = {}

    def release(self, application: Application, work: Sequence[Change], at: datetime, course: Course) -> None:
        """Merge the changes, then take one version through the environments; ``at`` is the last one's start."""
        path = [e.key for e in reversed(acme.ENVIRONMENTS[application.project])]
        if course is Course.STAGING_ONLY:
            path.pop()
        starts = [at]
        for _ in path[1:]:
            starts.insert(0, starts[0] - self._minutes(40, 95) * (2 if len(starts) == 1 else 1))
        merged = starts[0] - self._minutes(4, 9)
        moments = sorted(merged - self._minutes(0, 150) for _ in work)
        pull_requests = [self.merge(application, *change) for change in zip(work, moments, strict=True)]
        version = self._version(application, pull_requests)
        for environment, start in zip(path, starts, strict=True):
            lacking = self._lacking[application.key, environment]
            lacking += pull_requests
            self._arrive(application, environment, version, start, course if environment == path[-1] else Course.WELL)

    def _arrive(
        self, application: Application, environment: str, version: str, start: datetime, course: Course
    ) -> None:
        place = application.key, environment
        carried = tuple(self._lacking[place])
        stumbles = environment != "production" and self._random.random() < 0.04
        if course is Course.FAILED_FIRST or stumbles:
            pause = self._minutes(18, 32)
            first = start if stumbles else start - pause
            self._deploy(application, environment, version, first, carried, status="failed")
            self._deploy(application, environment, version, first + pause, carried, kind="redeployment")
        elif course in (Course.RUNNING, Course.NO_END):
            self._deploy(application, environment, version, start, carried, status="started")
        else:
            hidden, late = course is Course.HIDDEN, course is Course.LATE
            self._deploy(application, environment, version, start, carried, archived=hidden, late=late)
        before = self._running.get(place)
        if course is Course.ROLLED_BACK and before:
            self._deploy(application, environment, before, start + self._minutes(25, 50), (), kind="rollback")
            return
        if course is not Course.NO_END:
            self._lacking[place].clear()
            self._running[place] = version

    def _deploy(
        self,
        application: Application,
        environment: str,
        version: str,
        start: datetime,
        carried: tuple[PullRequest, ...],
        *,
        status: str = "finished",
        kind: str = "deployment",
        archived: bool = False,
        late: bool = False,
    ) -> None:
        self._builds[application.key] += 1
        length = timedelta(seconds=round(application.minutes * 60 * self._random.uniform(0.7, 1.4)))
        deployment = Deployment(
            id=self.new_id(),
            project=application.project,
            environment=environment,
            application=application.key,
            version=version,
            started_at=start,
            ended_at=None if status == "started" else start + length,
            status=status,
            kind=kind,
            pull_requests=carried,
            archived=archived,
            metadata={"buildNumber": str(self._builds[application.key])} if application.minutes else {},
        )
        (self.late if late else self.deployments).append(deployment)

    def merge(self, application: Application, change: Change, at: datetime, status: str = "merged") -> PullRequest:
        """The pull request of a change; ``at`` is when it was merged, or opened where it was not."""
        random = self._random
        robot = change.author.endswith("[bot]")
        merged = status == "merged"
        review = timedelta(days=change.days_old) or self._minutes(12, 240) * random.choice((1, 1, 2, 4, 12))
        coding = self._minutes(1, 2) if robot else self._minutes(20, 300) * random.choice((1, 2, 4, 8))
        created = at - review if merged else at
        flag, added, removed = change.references
        home, _, key = flag.rpartition(":")
        lines = random.randint(1, 4) if robot else round(random.paretovariate(1.1) * 14) % 900
        head, base = self._commit(), self._heads[application.key]
        pull_request = PullRequest(
            id=self.new_id(),
            number=change.number or self._number(application),
            repository=application.repository,
            application=application.key,
            project=application.project,
            title=change.title,
            author=change.author,
            status=status,
            first_commit_at=created - coding,
            created_at=created,
            merged_at=at if merged else None,
            merge_commit=self._commit() if merged else None,
            base_commit=base,
            head_commit=head,
            files=1 + lines // 25,
            added=lines + added * 3,
            deleted=random.randint(0, lines) + removed * 4,
            flags=(FlagReference(home or application.project, key, added, removed),) if key else (),
        )
        self._heads[application.key] = pull_request.merge_commit or base
        self.pull_requests.append(pull_request)
        return pull_request

    def new_id(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def _version(self, application: Application, merged: Sequence[PullRequest]) -> str:
        if application.versions == "semver":
            major, minor, patch = self._semver[application.key]
            minor, patch = (minor + 1, 0) if self._random.random() < 0.5 else (minor, patch + 1)
            self._semver[application.key] = major, minor, patch
            return f"v{major}.{minor}.{patch}"
        commit = (merged[-1].merge_commit if merged else None) or self._commit()
        return commit[:7] if application.versions == "short" else commit

    def _number(self, application: Application) -> int:
        self._numbers[application.key] += 1
        return self._numbers[application.key] - 1

    def _commit(self) -> str:
        return f"{self._random.getrandbits(160):040x}"

    def _minutes(self, low: float, high: float) -> timedelta:
        return timedelta(seconds=round(self._random.uniform(low, high) * 60))


def write_history(random: Random, now: datetime) -> History:
    """The company's last five weeks, ending at ``now`` (aware)."""
    history = History(random)
    backlog = changes.Backlog(random)
    for start, application in _working_days(random, now):
        half_way = (0, 0) if now - start < _TIDY else (12, 3)
        course = random.choices(
            (Course.WELL, Course.FAILED_FIRST, Course.STAGING_ONLY, Course.ROLLED_BACK), (84, 5, *half_way)
        )[0]
        history.release(application, backlog.next_release(application, start), start, course)
    for written in recent.RELEASES:
        application = acme.BY_KEY[written.application]
        bumps = [backlog.bump(application) for _ in range(written.bumps)]
        start = now - timedelta(minutes=written.ago)
        history.release(application, [*written.changes, *bumps], start, written.course)
    for key, ago, status, change in recent.WAITING:
        history.merge(acme.BY_KEY[key], change, now - timedelta(minutes=ago), status)
    return history


def _working_days(random: Random, now: datetime) -> Iterator[tuple[datetime, Application]]:
    """When which application was released, oldest first: 9 to 17 o'clock UTC, hardly ever at weekends."""
    midnight = now.replace(hour=0, minute=0, second=0)
    for day in (midnight - timedelta(days=ago) for ago in range(WEEKS * 7, -1, -1)):
        releases = []
        for application in acme.APPLICATIONS:
            expected = application.releases_a_day * (_WEEKEND if day.weekday() >= 5 else 1)
            count = int(expected) + (random.random() < expected % 1)
            for turn in range(count):
                hour = 9 + 8 * (turn + random.uniform(0.1, 0.9)) / count
                releases.append((day + timedelta(seconds=round(hour * 3600)), application))
        releases.sort(key=lambda release: release[0])
        yield from (release for release in releases if now - timedelta(weeks=WEEKS) <= release[0] < now - _RECENT)
