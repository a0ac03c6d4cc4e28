"""What chooses among the deployments of an environment, and the pull requests among theirs."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.deployments import Deployment, PullRequest, State, state_of
from bot.domain.people import same_author
from bot.domain.spelling import like


@dataclass(frozen=True, slots=True)
class Filters:
    """Those that are empty let everything through.

    ``applications`` may hold ``*`` wildcards; ``authors``, ``pull_requests`` (numbers) and ``words`` (of titles) choose
    pull requests and with them the deployments that carried one; ``excluded_authors`` takes pull requests away, and
    with them the deployments that carried no other.
    """

    applications: tuple[str, ...] = ()
    kind: str | None = None
    status: str | None = None
    authors: tuple[str, ...] = ()
    excluded_authors: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    pull_requests: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def chooses_pull_requests(self) -> bool:
        """Whether a deployment is in the answer only for a pull request that it carried."""
        return bool(self.authors or self.pull_requests or self.words)

    def accepts(self, deployment: Deployment) -> bool:
        """Whether the deployment belongs to the answer, as far as its listed pull requests and flags tell."""
        return self.accepts_apart_from_pull_requests(deployment) and self._accepts_some_pull_request(deployment)

    def accepts_apart_from_pull_requests(self, deployment: Deployment) -> bool:
        """The filters on the deployment itself: application, kind, status, flag."""
        return (
            self._accepts_application(deployment.application)
            and (self.kind is None or deployment.kind.lower() == self.kind.lower())
            and (self.status is None or _same_status(self.status, deployment.status))
            and (not self.flags or any(self.accepts_flag(ref.key) for ref in deployment.flag_references))
        )

    def accepts_pull_request(self, pull_request: PullRequest) -> bool:
        """Whether this pull request is one that the question is about."""
        if any(same_author(typed, pull_request.author) for typed in self.excluded_authors):
            return False
        title = pull_request.title.lower()
        return (
            (not self.authors or any(same_author(typed, pull_request.author) for typed in self.authors))
            and (not self.pull_requests or pull_request.number in self.pull_requests)
            and all(word.lower() in title for word in self.words)
        )

    def accepts_flag(self, key: str) -> bool:
        return any(like(key, pattern) for pattern in self.flags)

    def _accepts_application(self, key: str) -> bool:
        return not self.applications or any(like(key, p) for p in self.applications)

    def _accepts_some_pull_request(self, deployment: Deployment) -> bool:
        listed = deployment.pull_requests
        if any(self.accepts_pull_request(pull_request) for pull_request in listed):
            return True
        if self.chooses_pull_requests:
            return False
        # Only exclusions, if any: what carried nothing else is left out, what carried nothing at all stays.
        return not (self.excluded_authors and listed and not deployment.unread_pull_requests)


NO_FILTERS = Filters()


def _same_status(typed: str, status: str) -> bool:
    meant = state_of(typed)
    if meant is not State.OTHER:
        return state_of(status) is meant
    return typed.strip().lower() == status.strip().lower()
