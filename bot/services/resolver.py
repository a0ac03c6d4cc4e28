"""From what was typed to keys that LaunchDarkly knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from bot.commands.bare_words import BareWords, guesses, sort_bare_words
from bot.commands.fillers import is_filler
from bot.commands.mistakes import said
from bot.commands.questions import Asker, FindRelease, ShowShipped
from bot.commands.retyped import retyped
from bot.domain.errors import CommandError, ProjectNotShown, SourceAuthError, SourceError, SourceNotFound
from bot.domain.query import DeploymentQuery
from bot.domain.spelling import called, nearest, only_match
from bot.services.catalog import Catalog, not_shown

_Found = TypeVar("_Found")
KeyReader = Callable[[], Awaitable[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question with its keys resolved.

    ``taken_as_words`` are the bare words that name no application and are therefore looked for in titles.
    """

    query: DeploymentQuery
    taken_as_words: tuple[str, ...] = ()


async def offering(
    found: Awaitable[_Found], correct: Callable[[str], ShowShipped | FindRelease], asker: Asker
) -> _Found:
    """What was found; a ``SourceNotFound`` offers the question that ``correct`` makes of each near key."""
    try:
        return await found
    except SourceNotFound as error:
        commands = [command for key in error.near if (command := retyped(correct(key), asker))]
        raise SourceNotFound(error.message, error.near, commands=commands, setting=error.setting) from error


def _other_application(question: ShowShipped, typed: str, key: str) -> ShowShipped:
    """The same question, about another application than the one that was typed."""
    filters = question.filters
    applications = tuple(key if one == typed else one for one in filters.applications)
    return replace(
        question,
        filters=replace(filters, applications=applications),
        names=tuple(key if name == typed else name for name in question.names),
    )


class Resolver:
    """Knows which key a person can have meant. Case does not matter, and a beginning is enough where only one fits."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def shipped(self, question: ShowShipped, asker: Asker) -> Resolved:
        """The query behind ``/shipped``.

        Raises ``SourceNotFound`` with near spellings for a key that was typed and is not known, ``CommandError`` where
        the question lacks a project, and ``SourceError`` where names are needed and cannot be read.
        """
        project = await offering(
            self.project(question.project, asker), lambda key: replace(question, project=key), asker
        )
        environment = await offering(
            self.environment(project, question.environment, asker),
            lambda key: replace(question, environment=key),
            asker,
        )
        applications: list[str] = []
        for typed in question.filters.applications:
            applications += await offering(self.application(typed), partial(_other_application, question, typed), asker)
        bare = await self._bare_words(question, project, asker)
        filters = replace(
            question.filters,
            applications=tuple(dict.fromkeys([*applications, *bare.applications])),
            status=bare.status,
            words=(*question.filters.words, *bare.words),
        )
        query = DeploymentQuery(project, bare.environment or environment, question.window, filters)
        return Resolved(query, bare.words)

    async def _bare_words(self, question: ShowShipped, project: str, asker: Asker) -> BareWords:
        called_so = {}
        for name in question.names:
            called_so[name] = await offering(
                self._applications_called(name), partial(_other_application, question, name), asker
            )
        # What cannot be read names nothing: the words are then looked for in titles.
        unknown = [name for name, keys in called_so.items() if not keys and not is_filler(name)]
        environments = await self._environments(project) if unknown else ()
        resolved = sort_bare_words(question, called_so, environments)
        return resolved if question.environment is None else replace(resolved, environment=None)

    async def guesses(self, question: ShowShipped, resolved: Resolved, asker: Asker) -> tuple[str, ...]:
        """Commands for what a question may have meant whose bare words named nothing and were found in no title."""
        try:
            applications = await self._catalog.applications()
        except SourceError:
            applications = ()
        environments = await self._environments(resolved.query.project)
        return guesses(question, resolved.taken_as_words, applications, environments, asker)

    async def narrowed(self, question: FindRelease, project: str, asker: Asker) -> FindRelease:
        """The question with its second bare word read as an environment; ``CommandError`` where it names none."""
        if not question.narrowing:
            return question
        alone = replace(question, narrowing=())
        word = question.narrowing[0]
        key = only_match(word, await self._environments(project))
        if key is None:
            raise CommandError(
                f"One thing at a time: {said(question.target.text)} or {said(word)}? No environment is called "
                f"{said(word)}; “app:” narrows to an application.",
                retyped(alone, asker) or "/release #406",
            )
        return replace(alone, environment=key)

    async def _environments(self, project: str) -> tuple[str, ...]:
        try:
            return await self._catalog.environments(project)
        except SourceError:
            return ()

    async def project(self, typed: str | None, asker: Asker) -> str:
        """The project that was typed, else the default, else the only one there is."""
        if typed is None and asker.project:
            return self.allowed(asker.project)
        if typed is None:
            known = await self._catalog.projects()
            if len(known) == 1:
                return known[0]
            example = f"/shipped project:{known[0] if known else 'default'}"
            listed = f" LaunchDarkly has {', '.join(known[:8])}." if known else ""
            raise CommandError(f"Which project? Name it, or set LAUNCHDARKLY_PROJECT.{listed}", example)
        return self.allowed(await self._known("project", typed, self._catalog.projects))

    def allowed(self, project: str) -> str:
        """The same project, where people may ask about it; else ``SourceNotFound``."""
        if not self._catalog.allows(project):
            raise not_shown(project)
        return project

    def check_shown(self, project: str) -> None:
        """Raises ``ProjectNotShown`` for a project that somebody could ask about once, and nobody can now."""
        if not self._catalog.allows(project):
            raise ProjectNotShown(project)

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

    async def explained(
        self,
        error: SourceNotFound,
        project: str,
        environment: str,
        question: ShowShipped | FindRelease | None = None,
    ) -> SourceNotFound:
        """The same error, with the wrong key named and near spellings, as far as LaunchDarkly's lists tell.

        A key that ``question`` does not name came from the settings: then these are named, too.
        """
        try:
            projects = await self._catalog.projects()
            if project not in projects:
                setting = "LAUNCHDARKLY_PROJECT" if question and question.project is None else ""
                return SourceNotFound(
                    f"LaunchDarkly knows no project “{project}”.", nearest(project, projects), setting=setting
                )
            environments = await self._catalog.environments(project)
            if environments and environment not in environments:
                setting = "LAUNCHDARKLY_ENVIRONMENT" if question and question.environment is None else ""
                return SourceNotFound(
                    f"The project “{project}” has no environment “{environment}”. It has {', '.join(environments)}.",
                    nearest(environment, environments),
                    setting=setting,
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
        if is_filler(name):
            return tuple(key for key in known if key.lower() == name.lower())
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
        if not known:
            return typed  # so it will where the token sees no list
        key = only_match(typed, known)
        if key is None:
            raise SourceNotFound(
                f"LaunchDarkly knows no {what} “{typed}”. It has {', '.join(known[:8])}.", nearest(typed, known)
            )
        return key
