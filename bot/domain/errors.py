"""One tree of errors, ordered by who must act. Each carries words fit for the person who sees it, and no secret."""

from __future__ import annotations

from collections.abc import Sequence


class WhatShippedError(Exception):
    """The root of all errors that the bot words for people."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class CommandError(WhatShippedError):
    """The person who typed must act. ``example`` is a whole command that works in its place, ``others`` are, too."""

    def __init__(self, message: str, example: str, *others: str) -> None:
        super().__init__(message)
        self.example = example
        self.others = others


class ProjectNotShown(WhatShippedError):
    """The operator has decided: the project of something that is kept may not be shown to anybody.

    Of a project that somebody merely types, no more is said than that there is none.
    """

    def __init__(self, project: str) -> None:
        super().__init__(f"Whoever runs me does not let project “{project}” be shown.")


class SourceError(WhatShippedError):
    """LaunchDarkly could not be read. ``retryable`` tells whether asking again later can help."""

    retryable = False


class SourceAuthError(SourceError):
    """The operator must act: the token, its rights, the plan or the host."""


class SourceNotFound(SourceError):
    """Someone must act: a key that LaunchDarkly does not know. ``near`` are known keys that look like it.

    ``commands`` are the same question with these keys in the wrong one's place. ``setting`` is the operator's variable
    that the key came from, "" where the person typed it.
    """

    def __init__(
        self, message: str, near: Sequence[str] = (), *, commands: Sequence[str] = (), setting: str = ""
    ) -> None:
        super().__init__(message)
        self.near = tuple(near)
        self.commands = tuple(commands)
        self.setting = setting


class SourceRateLimited(SourceError):
    """Wait: LaunchDarkly's rate limit is used up. ``retry_after`` is in seconds, where it is known."""

    retryable = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SourceUnavailable(SourceError):
    """Wait: LaunchDarkly did not answer, or answered that it cannot."""

    retryable = True


class SourceRefused(SourceError):
    """Who asks must act: LaunchDarkly understood the question and refused it, and would refuse the same again."""


class SourceContractError(SourceError):
    """We must act: LaunchDarkly answered in a shape that we do not understand."""


class StorageError(WhatShippedError):
    """The operator must act: the database cannot be reached, written or understood. The words hold no password."""
