"""The commands of ``whatshipped``. Each imports what it needs when it runs, so that ``--help`` is quick."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from bot.app import App
    from bot.config import Settings
    from bot.domain.errors import WhatShippedError
    from bot.formatting.message import Message

ANSWERED, SOURCE_FAILED, QUESTION_WRONG = 0, 1, 2

cli = typer.Typer(
    name="whatshipped",
    help="What shipped? Asks LaunchDarkly's Engineering Insights and answers in Slack, or here.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

# A question may hold words such as -by:dependabot[bot], which are not options of ours.
_FREE_TEXT = {"ignore_unknown_options": True, "help_option_names": ["--help"]}


def main() -> None:
    """The entry point of ``whatshipped`` and ``python -m bot``."""
    cli()


@cli.command(context_settings=_FREE_TEXT)
def ask(
    question: Annotated[
        list[str], typer.Argument(help='As in Slack: "/shipped billing since:2d"; quotes and slash may be left out.')
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the JSON that Slack would get, and nothing else.")] = (
        False
    ),
    raw: Annotated[bool, typer.Option("--raw", help="Print LaunchDarkly's own JSON, secrets stripped.")] = False,
    page: Annotated[int, typer.Option("--page", min=1, help="Which page of a long answer.")] = 1,
) -> None:
    """Ask one question. Exit 0: answered; 1: LaunchDarkly could not be read; 2: the question was wrong."""
    settings = _settings()
    raise typer.Exit(asyncio.run(_ask(settings, " ".join(question), as_json=as_json, raw=raw, page=page)))


@cli.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Show the tour and end.")] = False,
) -> None:
    """Ask an embedded LaunchDarkly three telling questions. No account, no key, no network."""
    from bot.tour import tour

    del once  # the tour always ends; the option keeps scripts working when the demo learns to stay
    asyncio.run(tour())


@cli.command()
def doctor() -> None:
    """Check settings, LaunchDarkly and Slack; say what is wrong and whose move it is. Exit 0: all well; 1: not."""
    from bot.doctor import examine, show

    raise typer.Exit(0 if show(asyncio.run(examine())) else 1)


@cli.command()
def run() -> None:
    """Answer in Slack: over Socket Mode where SLACK_APP_TOKEN is set, else over HTTP on HOST and PORT."""
    settings = _settings()
    web = bool(settings.slack_signing_secret) and not settings.slack_app_token
    _serve(settings, web=web, socket=not web)


@cli.command()
def web() -> None:
    """Answer in Slack over HTTP alone: POST /slack/events, GET /healthz, GET /readyz on HOST and PORT."""
    _serve(_settings(), web=True, socket=False)


@cli.command()
def worker() -> None:
    """Answer in Slack over Socket Mode alone; there is nothing to do where SLACK_APP_TOKEN is not set."""
    settings = _settings()
    if not settings.slack_app_token:
        fail("Nothing to do: SLACK_APP_TOKEN is not set, so no Socket Mode runs here.")
    _serve(settings, web=False, socket=True)


@cli.command()
def manifest(
    url: Annotated[str, typer.Option("--url", help="The bot's public https address, for HTTP; else Socket Mode.")] = "",
) -> None:
    """Print the manifest that makes the Slack app, at https://api.slack.com/apps/new."""
    from bot.slack.manifest import manifest_text

    try:
        typer.echo(manifest_text(url or None), nl=False)
    except ValueError as error:
        fail(str(error), QUESTION_WRONG)


def _serve(settings: Settings, *, web: bool, socket: bool) -> NoReturn:
    from bot import process

    raise typer.Exit(asyncio.run(process.run(settings, web=web, socket=socket)))


def _settings(**overrides: Any) -> Settings:
    """The settings with logging set up, or the end of the process with every problem named."""
    from bot import log
    from bot.config import SettingsError, load_settings

    try:
        settings = load_settings(**overrides)
    except SettingsError as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        typer.echo("Set these in the environment or in a file .env; “whatshipped demo” needs none.", err=True)
        raise typer.Exit(1) from None
    log.configure(settings.log_level, settings.log_format, settings.secrets())
    for warning in settings.warnings():
        logging.getLogger(__name__).warning(warning)
    return settings


async def _ask(settings: Settings, text: str, *, as_json: bool, raw: bool, page: int) -> int:
    from bot.app import build
    from bot.commands.parser import parse
    from bot.domain.errors import CommandError, SourceNotFound, WhatShippedError
    from bot.formatting.problem import format_problem
    from bot.progress import Progress

    with Progress() as progress:
        try:
            async with build(settings, progress.update) as app:
                asker = app.asker()
                question = parse(text, asker)
                if raw:
                    await _print_raw(app, question, asker)
                    return ANSWERED
                message = await app.answers.answer(question, asker, page=page)
        except WhatShippedError as error:
            progress.stop()
            _tell(error, format_problem(error), as_json=as_json)
            return QUESTION_WRONG if isinstance(error, CommandError | SourceNotFound) else SOURCE_FAILED
    _show(message, as_json=as_json)
    return ANSWERED


async def _print_raw(app: App, question: Any, asker: Any) -> None:
    async for page in app.raw(question, asker):
        typer.echo(json.dumps(page, ensure_ascii=False, indent=2))


def _show(message: Message, *, as_json: bool) -> None:
    from rich.console import Console

    from bot.terminal import print_message

    if as_json:
        typer.echo(json.dumps(message.payload(), ensure_ascii=False, indent=2))
    else:
        print_message(message, Console())


def _tell(error: WhatShippedError, message: Message, *, as_json: bool) -> None:
    from rich.console import Console

    from bot.terminal import print_message

    if as_json:
        _show(message, as_json=True)
        typer.echo(error.message, err=True)
    else:
        print_message(message, Console(stderr=True))


def fail(message: str, code: int = 1) -> NoReturn:
    """End with one line on standard error."""
    typer.echo(message, err=True)
    sys.exit(code)
