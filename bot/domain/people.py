"""Authors of pull requests: people and robots."""

from __future__ import annotations

# Accounts that some hosts show without GitHub's "[bot]" suffix.
_KNOWN_ROBOTS = frozenset({"dependabot", "renovate", "renovate-bot", "github-actions", "snyk-bot", "pre-commit-ci"})
_SUFFIX = "[bot]"


def same_author(typed: str, author: str) -> bool:
    """Whether what a person typed names this author: any case, with or without ``@``, ``[bot]`` optional."""
    return _plain(typed) == _plain(author)


def is_robot(author: str) -> bool:
    """Whether pull requests of this author are a machine's."""
    name = author.strip().lower()
    return name.endswith(_SUFFIX) or name.removeprefix("app/") in _KNOWN_ROBOTS


def _plain(author: str) -> str:
    return author.strip().lower().removeprefix("@").removeprefix("app/").removesuffix(_SUFFIX)
