"""A question in, a message out: what slash commands, digests and the command line share."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import product

from bot.commands.questions import Asker, FindRelease, Question, ShowHelp, ShowShipped
from bot.commands.retyped import retyped, widened
from bot.domain.deployments import Deployment
from bot.domain.errors import CommandError, SourceError, SourceNotFound
from bot.domain.filters import Filters
from bot.domain.lookup import Lookup, order_environments
from bot.domain.spelling import nearest
from bot.domain.summary import Summary, summarize
from bot.formatting.help import format_help
from bot.formatting.message import Message
from bot.formatting.release import format_lookup
from bot.formatting.shipped import format_shipped
from bot.services.budget import within
from bot.services.catalog import Catalog
from bot.services.deployments import DeploymentService
from bot.services.releases import Releases
from bot.services.resolver import Resolved, Resolver

_MOST_OFFERS = 3


def _with_offers(summary: Summary, question: ShowShipped, asker: Asker) -> Summary:
    """The same, with what to ask next where nothing was found."""
    filters = question.filters
    author = filters.authors[0].removeprefix("@") if len(filters.authors) == 1 else ""
    near = product(
        _near(filters.status or "", summary.statuses_seen) or (filters.status,),
        _near(filters.kind or "", summary.kinds_seen) or (filters.kind,),
        _near(author, summary.authors_seen) or (author,),
    )
    corrected = [
        replace(
            question,
            filters=replace(filters, status=status, kind=kind, authors=(name,) if author else filters.authors),
        )
        for status, kind, name in near
    ]
    commands = [command for one in corrected if one != question and (command := retyped(one, asker))]
    return replace(summary, corrected=tuple(commands[:_MOST_OFFERS]), wider=widened(question, asker))


def _near(typed: str, seen: Sequence[str]) -> tuple[str, ...]:
    """Words that were seen and look like a word that was not."""
    return () if typed.lower() in map(str.lower, seen) else nearest(typed, seen)


class Answers:
    """Answers questions, each within ``timeout`` seconds.

    ``base_url`` is where LaunchDarkly's web pages are, for links to flags.
    """

    def __init__(
        self,
        deployments: DeploymentService,
        catalog: Catalog,
        resolver: Resolver,
        releases: Releases,
        *,
        base_url: str,
        timeout: float = 60.0,
    ) -> None:
        self._deployments = deployments
        self._catalog = catalog
        self._resolver = resolver
        self._releases = releases
        self._base_url = base_url
        self._timeout = timeout

    def in_time(self) -> AbstractContextManager[None]:
        """For all that belongs to one answer: what is read inside has ``timeout`` seconds together."""
        return within(self._timeout)

    async def answer(self, question: Question, asker: Asker, *, page: int = 1) -> Message:
        """The message that answers the question; ``page`` counts from 1.

        Raises ``CommandError`` where the question must be put otherwise, ``SourceError`` where LaunchDarkly could not
        be read: ``bot.formatting.problem`` words both.
        """
        with self.in_time():
            match question:
                case ShowShipped():
                    return format_shipped(await self.shipped(question, asker), base_url=self._base_url, page=page)
                case FindRelease():
                    return format_lookup(await self.release(question, asker), base_url=self._base_url)
                case ShowHelp():
                    return await self.help(question)

    async def shipped(self, question: ShowShipped, asker: Asker) -> Summary:
        """What shipped, as a value."""
        resolved = await self._resolver.shipped(question, asker)
        query = resolved.query
        try:
            reading = await self._deployments.read(query.for_source())
        except SourceNotFound as error:
            raise await self._resolver.explained(error, query.project, query.environment, question) from error
        summary = summarize(query, reading, asker.now)
        if summary.nothing_shipped and resolved.taken_as_words:
            await self._not_understood(question, resolved, asker)
        if summary.totals.deployments:
            return summary
        offering = _with_offers(summary, question, asker)
        if resolved.taken_as_words and not offering.corrected:
            return replace(offering, corrected=await self._resolver.guesses(question, resolved, asker))
        return offering

    async def _not_understood(self, question: ShowShipped, resolved: Resolved, asker: Asker) -> None:
        """Raise where bare words, found in no title either, look like a misspelling or like no question at all."""
        words = " ".join(resolved.taken_as_words)
        because = "no application is called so, and no pull request title in this window has it"
        if commands := await self._resolver.guesses(question, resolved, asker):
            raise SourceNotFound(f"I do not know “{words}”: {because}.", commands=commands)
        if resolved.query.filters == Filters(words=resolved.taken_as_words):
            raise CommandError(f"I did not understand “{words}”: {because}.", "/shipped help")

    async def release(self, question: FindRelease, asker: Asker) -> Lookup:
        """Where a release is, as a value."""
        return await self._releases.find(question, asker)

    async def help(self, question: ShowHelp) -> Message:
        """Help, with examples taken from the applications that there are."""
        return format_help(question.command, question.topic, await self._known_applications())

    async def deployment(self, project: str, deployment_id: str) -> Deployment:
        """One deployment with all that is known about it; raises ``SourceError``."""
        return await self._releases.deployment(self._resolver.allowed(project), deployment_id)

    async def environments(self, project: str) -> tuple[str, ...]:
        """The keys of a project's environments, production first; none where they cannot be read."""
        try:
            return order_environments(await self._catalog.environments(project))
        except SourceError:
            return ()

    async def _known_applications(self) -> tuple[str, ...]:
        try:
            return await self._catalog.applications()
        except SourceError:
            return ()  # help must work when nothing else does
