"""The use case behind ``/release``: look for one thing in every environment."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from bot.commands.questions import Asker, FindRelease, Target, TargetKind
from bot.commands.retyped import retyped, scope, target_words, widened
from bot.domain import lookup
from bot.domain.deployments import COMPLETE, Completeness, Deployment, PullRequest
from bot.domain.errors import SourceAuthError, SourceError, SourceNotFound
from bot.domain.filters import Filters
from bot.domain.lookup import Found, Lookup, Match, Searched, Sought
from bot.domain.query import DeploymentQuery, SourceQuery
from bot.domain.spelling import nearest
from bot.domain.summary import Reading
from bot.formatting.text import plural, sentence
from bot.services.budget import left
from bot.services.catalog import Catalog
from bot.services.deployments import DeploymentService
from bot.services.ports import DeploymentSource
from bot.services.resolver import Resolver, offering


class Releases:
    """Finds versions, pull requests, flags, applications and deployments, and says how far it looked.

    ``timeout`` is in seconds, for one read of its own, which takes no longer than its question may.
    """

    def __init__(
        self,
        deployments: DeploymentService,
        catalog: Catalog,
        resolver: Resolver,
        source: DeploymentSource,
        *,
        timeout: float = 60.0,
    ) -> None:
        self._deployments = deployments
        self._catalog = catalog
        self._resolver = resolver
        self._source = source
        self._timeout = timeout

    async def find(self, question: FindRelease, asker: Asker) -> Lookup:
        """Where the target is. Raises a ``SourceError`` only where no environment could be read."""
        queries, gaps = await self.queries(question, asker)
        project, applications = queries[0].project, queries[0].filters.applications
        readings, unread = await self._read([query.for_source() for query in queries])
        found = lookup.found_in(readings, applications)
        target = question.target
        matches = _matches(found, target)
        if not matches:
            matches, more = await self._second_try(project, question, asker)
            unread = unread.and_(more)
        gaps = gaps.and_(unread).and_(_unlisted(found, target, matches))
        return Lookup(
            asked=target_words(target),
            matches=matches,
            searched=_searched(project, question, readings, gaps, asker),
            near=() if matches else await self._near(found, question, asker),
            further="" if matches else widened(question, asker),
        )

    async def deployment(self, project: str, deployment_id: str) -> Deployment:
        """One deployment by its id, whatever its environment; raises ``SourceError``."""
        return await self._source.deployment(project, deployment_id, timeout=left(self._timeout))

    async def queries(self, question: FindRelease, asker: Asker) -> tuple[list[DeploymentQuery], Completeness]:
        """One query for each environment to be searched (at least one), and what is missing among them."""
        project = await offering(
            self._resolver.project(question.project, asker), lambda key: replace(question, project=key), asker
        )
        question = await self._resolver.narrowed(question, project, asker)
        environments, gaps = await self._environments(project, question, asker)
        filters = Filters(applications=await self._applications(question, asker))
        return [DeploymentQuery(project, env, question.window, filters) for env in environments], gaps

    async def _environments(
        self, project: str, question: FindRelease, asker: Asker
    ) -> tuple[tuple[str, ...], Completeness]:
        if question.environment is not None:
            environment = self._resolver.environment(project, question.environment, asker)
            return (await offering(environment, lambda key: replace(question, environment=key), asker),), COMPLETE
        try:
            keys = await self._catalog.environments(project)
        except SourceNotFound as error:
            raise await self._resolver.explained(error, project, asker.environment, question) from error
        except SourceError as error:
            why = sentence(error.message)
            gap = f"The list of environments could not be read: {why} Only {asker.environment} was searched."
            return (asker.environment,), Completeness((gap,))
        if not keys:
            gap = f"LaunchDarkly listed no environments; only {asker.environment} was searched."
            return (asker.environment,), Completeness((gap,))
        return lookup.order_environments(keys), COMPLETE

    async def _applications(self, question: FindRelease, asker: Asker) -> tuple[str, ...]:
        typed = list(question.applications)
        if question.target.kind is TargetKind.APPLICATION:
            typed.append(question.target.text)
        keys: list[str] = []
        for text in typed:
            found = self._resolver.application(text)
            keys += await offering(found, partial(_other_application, question, text), asker)
        return tuple(dict.fromkeys(keys))

    async def _read(self, queries: Sequence[SourceQuery]) -> tuple[list[tuple[str, Reading]], Completeness]:
        answers = await asyncio.gather(*(self._deployments.read(query) for query in queries), return_exceptions=True)
        readings: list[tuple[str, Reading]] = []
        errors: list[SourceError] = []
        gaps: list[str] = []
        for query, answer in zip(queries, answers, strict=True):
            if isinstance(answer, Reading):
                readings.append((query.environment, answer))
                gaps += [f"{query.environment}: {gap}" for gap in answer.deployments.completeness.gaps]
            elif isinstance(answer, SourceAuthError) or not isinstance(answer, SourceError):
                raise answer
            else:
                errors.append(answer)
                gaps.append(f"{query.environment} could not be read: {answer.message}")
        if not readings:
            raise errors[0]
        return readings, Completeness(tuple(gaps))

    async def _second_try(
        self, project: str, question: FindRelease, asker: Asker
    ) -> tuple[tuple[Match, ...], Completeness]:
        """Before "not found": an id is asked for by itself, a pull request may be known but not deployed."""
        target = question.target
        try:
            if target.kind is TargetKind.DEPLOYMENT:
                deployment = await self._source.deployment(project, target.text, timeout=left(self._timeout))
                found: Found = ((deployment.environment, (deployment,)),)
                return lookup.by_deployment(found, target.text), COMPLETE
            if number := _pull_request_number(target):
                start, end = question.window.start, question.window.end_or(asker.now)
                listed = await self._source.pull_requests(project, start=start, end=end, timeout=left(self._timeout))
                return _undeployed(listed, number, target.url), COMPLETE
        except SourceNotFound:
            return (), COMPLETE
        except SourceError as error:
            return (), Completeness((f"The list of pull requests could not be read: {error.message}",))
        return (), COMPLETE

    async def _near(self, found: Found, question: FindRelease, asker: Asker) -> tuple[str, ...]:
        """Commands that ask the same of something that is spelt nearly so."""
        target = question.target
        match target.kind:
            case TargetKind.FLAG:
                known = lookup.known_flags(found)
            case TargetKind.VERSION:
                known = lookup.known_versions(found)
            case TargetKind.ANYTHING:
                applications = await self._resolver.near_applications(target.text)
                known = lookup.known_applications(found) | lookup.known_flags(found) | set(applications)
            case _:
                return ()
        near = (replace(question, target=replace(target, text=key)) for key in nearest(target.text, known))
        return tuple(filter(None, (retyped(one, asker) for one in near)))


def _other_application(question: FindRelease, typed: str, key: str) -> FindRelease:
    """The same question, about another application than the one that was typed."""
    target = question.target
    if target.kind is TargetKind.APPLICATION and target.text == typed:
        target = replace(target, text=key)
    return replace(
        question, target=target, applications=tuple(key if one == typed else one for one in question.applications)
    )


def _unlisted(found: Found, target: Target, matches: Sequence[Match]) -> Completeness:
    """What LaunchDarkly did not list may hold what was looked for, so its absence is not certain."""
    sought = {match.sought for match in matches}
    is_word = target.kind is TargetKind.ANYTHING
    by_commit = target.kind in (TargetKind.ANYTHING, TargetKind.VERSION) and lookup.may_be_commit(target.text)
    by_number = bool(_pull_request_number(target))
    pull_requests = Sought.PULL_REQUEST in sought or (not sought and by_commit) or (by_number and not sought)
    flags = target.kind is TargetKind.FLAG or (is_word and (not sought or Sought.FLAG in sought))
    carrying, touching = lookup.unlisted(found, matches, pull_requests=pull_requests, flags=flags)
    told = [
        f"{plural(count, 'deployment carries', 'deployments carry')} {what} that LaunchDarkly counts but did not list"
        for count, what in ((carrying, "pull requests"), (touching, "flag references"))
        if count
    ]
    return Completeness(tuple(told))


def _matches(found: Found, target: Target) -> tuple[Match, ...]:
    match target.kind:
        case TargetKind.PULL_REQUEST:
            return lookup.by_pull_request(found, target.text, target.url)
        case TargetKind.FLAG:
            return lookup.by_flag(found, target.text)
        case TargetKind.VERSION:
            return lookup.by_version(found, target.text)
        case TargetKind.APPLICATION:
            return lookup.by_application(found, "*")  # the read was already narrowed to what was meant
        case TargetKind.DEPLOYMENT:
            return lookup.by_deployment(found, target.text)
        case TargetKind.ANYTHING:
            return lookup.anything(found, target.text)


def _pull_request_number(target: Target) -> str:
    is_number = target.kind is TargetKind.ANYTHING and target.text.isdigit()
    return target.text if target.kind is TargetKind.PULL_REQUEST or is_number else ""


def _undeployed(listed: Sequence[PullRequest], number: str, url: str) -> tuple[Match, ...]:
    return tuple(
        Match(Sought.PULL_REQUEST, pull_request.number, "", (), pull_request)
        for pull_request in listed
        if lookup.same_pull_request(pull_request, number, url)
    )


def _searched(
    project: str,
    question: FindRelease,
    readings: Sequence[tuple[str, Reading]],
    completeness: Completeness,
    asker: Asker,
) -> Searched:
    copies = [reading.copy for _, reading in readings if reading.copy is not None]
    # The oldest reading's age is the answer's age; a reason why a copy had to do is told before an ordinary copy.
    copy = next((c for c in copies if c.because), copies[0] if copies else None)
    return Searched(
        project=project,
        window=question.window,
        environments=tuple(environment for environment, _ in readings),
        deployments=sum(len(reading.deployments.items) for _, reading in readings),
        completeness=completeness,
        as_of=min((reading.deployments.as_of for _, reading in readings), default=asker.now),
        copy=copy,
        scope=scope(question),
    )
