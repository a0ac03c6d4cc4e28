"""A question in, a message out: what slash commands, digests and the command line share."""

from __future__ import annotations

from bot.commands.questions import Asker, FindRelease, Question, ShowHelp, ShowShipped
from bot.domain.deployments import Deployment
from bot.domain.errors import SourceError, SourceNotFound
from bot.domain.lookup import Lookup, order_environments
from bot.domain.summary import Summary, summarize
from bot.formatting.help import format_help
from bot.formatting.message import Message
from bot.formatting.release import format_lookup
from bot.formatting.shipped import format_shipped
from bot.services.catalog import Catalog
from bot.services.deployments import DeploymentService
from bot.services.releases import Releases
from bot.services.resolver import Resolver


class Answers:
    """Answers questions. ``base_url`` is where LaunchDarkly's web pages are, for links to flags."""

    def __init__(
        self,
        deployments: DeploymentService,
        catalog: Catalog,
        resolver: Resolver,
        releases: Releases,
        *,
        base_url: str,
    ) -> None:
        self._deployments = deployments
        self._catalog = catalog
        self._resolver = resolver
        self._releases = releases
        self._base_url = base_url

    async def answer(self, question: Question, asker: Asker, *, page: int = 1) -> Message:
        """The message that answers the question; ``page`` counts from 1.

        Raises ``CommandError`` where the question must be put otherwise, ``SourceError`` where LaunchDarkly could not
        be read: ``bot.formatting.problem`` words both.
        """
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
            raise await self._resolver.explained(error, query.project, query.environment) from error
        summary = summarize(query, reading, asker.now)
        if summary.nothing_shipped:
            for word in resolved.taken_as_words:
                if near := await self._resolver.near_applications(word):
                    message = f"No application is called “{word}”, and no pull request title in this window has it."
                    raise SourceNotFound(message, near)
        return summary

    async def release(self, question: FindRelease, asker: Asker) -> Lookup:
        """Where a release is, as a value."""
        return await self._releases.find(question, asker)

    async def help(self, question: ShowHelp) -> Message:
        """Help, with examples taken from the applications that there are."""
        return format_help(question.command, question.topic, await self._known_applications())

    async def deployment(self, project: str, deployment_id: str) -> Deployment:
        """One deployment with all that is known about it; raises ``SourceError``."""
        return await self._releases.deployment(project, deployment_id)

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
