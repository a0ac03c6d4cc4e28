"""From what was typed to keys that LaunchDarkly knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.commands.questions import Asker, ShowShipped
from bot.domain.errors import CommandError, SourceAuthError, SourceError, SourceNotFound
from bot.domain.query import DeploymentQuery
from bot.domain.spelling import called, nearest, only_match
from bot.services.catalog import Catalog

KeyReader = Callable[[], Awaitable[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question with its keys resolved.

    ``taken_as_words`` are the bare words that name no application and are therefore looked for in titles.
    """

    query: DeploymentQuery
    taken_as_words: tuple[str, ...] = ()


class Resolver:
    """Knows which key a person can have meant. Case does not matter, and a beginning is enough where only one fits."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def shipped(self, question: ShowShipped, asker: Asker) -> Resolved:
        """The query behind ``/shipped``.

        Raises ``SourceNotFound`` with near spellings for a key that was typed and is not known, ``CommandError`` where
        the question lacks a project, and ``SourceError`` where names are needed and cannot be read.
        """
        project = await self.project(question.project, asker)
        environment = await self.environment(project, question.environment, asker)
        applications = [key for typed in question.applications for key in await self.application(typed)]
        words = []
        for name in question.names:
            keys = await self._applications_called(name)
            applications += keys
            if not keys:
                words.append(name)
        query = DeploymentQuery(
            project=project,
            environment=environment,
            window=question.window,
            applications=tuple(dict.fromkeys(applications)),
            kind=question.kind,
            status=question.status,
            authors=question.authors,
            excluded_authors=question.excluded_authors,
            flags=question.flags,
            pull_requests=question.pull_requests,
            words=(*question.words, *words),
        )
        return Resolved(query, tuple(words))

    async def project(self, typed: str | None, asker: Asker) -> str:
        """The project that was typed, else the default, else the only one there is."""
        if typed is None and asker.project:
            return asker.project
        if typed is None:
            known = await self._catalog.projects()
            if len(known) == 1:
                return known[0]
            example = f"/shipped project:{known[0] if known else 'default'}"
            listed = f" LaunchDarkly has {', '.join(known[:8])}." if known else ""
            raise CommandError(f"Which project? Name it, or set LAUNCHDARKLY_PROJECT.{listed}", example)
        return await self._known("project", typed, self._catalog.projects)

    async def environment(self, project: str, typed: str | None, asker: Asker) -> str:
        """The environment that was typed, else the default."""
        if typed is None:
            return asker.environment
        return await self._known("environment", typed, lambda: self._catalog.environments(project))

    async def application(self, typed: str) -> tuple[str, ...]:
        """The applications that ``app:typed`` names; a pattern stays one, so that new applications fit it too."""
        try:
            known = await self._catalog.applications()
        except SourceError:
            return (typed,)  # asked as typed: the answer then says what was found
        keys = called(typed, known)
        if not keys:
            raise SourceNotFound(
                f"LaunchDarkly knows no application “{typed}”.", nearest(typed.replace("*", ""), known)
            )
        return (typed,) if "*" in typed else keys

    async def near_applications(self, word: str) -> tuple[str, ...]:
        """Applications whose keys look like the word; none where they cannot be read."""
        try:
            return nearest(word, await self._catalog.applications())
        except SourceError:
            return ()

    async def explained(self, error: SourceNotFound, project: str, environment: str) -> SourceNotFound:
        """The same error, with the wrong key named and near spellings, as far as LaunchDarkly's lists tell."""
        try:
            projects = await self._catalog.projects()
            if project not in projects:
                return SourceNotFound(f"LaunchDarkly knows no project “{project}”.", nearest(project, projects))
            environments = await self._catalog.environments(project)
            if environment not in environments:
                return SourceNotFound(
                    f"The project “{project}” has no environment “{environment}”. It has {', '.join(environments)}.",
                    nearest(environment, environments),
                )
        except SourceError:
            return error
        return error

    async def _applications_called(self, name: str) -> tuple[str, ...]:
        try:
            known = await self._catalog.applications()
        except SourceAuthError as error:
            raise CommandError(
                f"I cannot tell whether “{name}” is an application or a word of a title: {error.message} "
                "Say app: before an application, or quote a word of a title.",
                f"/shipped app:{name}",
            ) from error
        keys = called(name, known)
        if "*" not in name:
            return keys
        if not keys:
            raise SourceNotFound(
                f"LaunchDarkly knows no application like “{name}”.", nearest(name.replace("*", ""), known)
            )
        return (name,)

    async def _known(self, what: str, typed: str, read: KeyReader) -> str:
        try:
            known = await read()
        except SourceNotFound:
            raise
        except SourceError:
            return typed  # the read of the deployments will tell
        key = only_match(typed, known)
        if key is None:
            raise SourceNotFound(
                f"LaunchDarkly knows no {what} “{typed}”. It has {', '.join(known[:8])}.", nearest(typed, known)
            )
        return key
