"""The commands of ``whatshipped``. Each imports what it needs when it runs, so that ``--help`` is quick."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from collections.abc import Callable
from importlib.metadata import version
from io import TextIOWrapper
from typing import TYPE_CHECKING, Annotated, NoReturn, TypedDict

import typer

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.domain.errors import WhatShippedError
    from bot.formatting.message import Message


class Ways(TypedDict):
    """The roads on which Slack comes in."""

    web: bool
    socket: bool


ANSWERED, SOURCE_FAILED, QUESTION_WRONG = 0, 1, 2

cli = typer.Typer(
    name="whatshipped",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

# A question may hold words such as -by:dependabot[bot], which are not options of ours.
_FREE_TEXT = {"ignore_unknown_options": True, "help_option_names": ["--help"]}


def main() -> None:
    """The whole command line, until the process ends."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no "–" shows a "?" and not a traceback
    try:
        cli()
    except OSError as error:  # a full disk or a closed pipe behind our output
        fail(f"The output could not be written ({error.strerror}).")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"whatshipped {version('whatshipped')}")
        raise typer.Exit


@cli.callback()
def options(
    _: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """What shipped? Asks LaunchDarkly's Engineering Insights and answers in Slack, or here."""


@cli.command(context_settings=_FREE_TEXT, short_help="Ask one question, as in Slack.")
def ask(
    question: Annotated[
        list[str], typer.Argument(help='As in Slack: "/shipped billing since:2d"; quotes and slash may be left out.')
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the JSON that Slack would get, and nothing else.")] = (
        False
    ),
    raw: Annotated[bool, typer.Option("--raw", help="Print LaunchDarkly's own JSON, page by page.")] = False,
    page: Annotated[int, typer.Option("--page", min=1, help="Which page of a long answer.")] = 1,
) -> None:
    """Ask one question. Exit 0: answered, if only partly; 1: LaunchDarkly could not be read; 2: the question was wrong.

    --raw prints one JSON array, for each page {"request": path, "response": page}, secrets struck out.
    """
    if raw and as_json:
        fail("--raw and --json are two different outputs: choose one.", QUESTION_WRONG)
    from bot.domain.errors import CommandError, SourceNotFound, WhatShippedError
    from bot.formatting.problem import format_problem

    settings = _settings(quiet=True)
    pages: list[object] = []
    failed: WhatShippedError | None = None
    try:
        message = asyncio.run(_asked(settings, " ".join(question), page, pages if raw else None))
    except WhatShippedError as error:
        failed = error
    _end_with_the_reader()
    if pages:
        typer.echo(json.dumps(pages, ensure_ascii=False, indent=2))
    if failed is not None:
        _tell(failed, format_problem(failed), as_json=as_json)
        raise typer.Exit(QUESTION_WRONG if isinstance(failed, CommandError | SourceNotFound) else SOURCE_FAILED)
    if message is not None:
        _show(message, as_json=as_json)


@cli.command(short_help="Try the whole bot in a browser; no account needed.")
def demo(
    once: Annotated[bool, typer.Option("--once", help="Show a tour in the terminal and end.")] = False,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Where the page listens; 0: a free port.")] = 0,
    no_open: Annotated[bool, typer.Option("--no-open", help="Print the page's address without opening it.")] = False,
    http: Annotated[bool, typer.Option("--http", help="Let Slack reach the bot by HTTP, not Socket Mode.")] = False,
) -> None:
    """Try the whole bot in a browser, with embedded Slack and LaunchDarkly. No account, no key, no network."""
    if once:
        from bot.tour import tour

        asyncio.run(tour())
        return
    from bot.playground import playground

    try:
        asyncio.run(playground(port, open_browser=not no_open, http=http))
    except KeyboardInterrupt:
        typer.echo("")
    except OSError as error:
        fail(f"The page cannot listen on port {port} ({error.strerror}). Leave --port out, and it takes a free one.")


@cli.command(short_help="Check settings, LaunchDarkly and Slack.")
def doctor() -> None:
    """Check settings, LaunchDarkly and Slack; say what is wrong and whose move it is. Exit 0: all well; 1: not."""
    from bot.doctor import examine, show

    raise typer.Exit(0 if show(asyncio.run(examine())) else 1)


@cli.command(short_help="Answer in Slack and deliver digests, all in one process.")
def run() -> None:
    """All in one: answer over Socket Mode where SLACK_APP_TOKEN is set, else over HTTP; deliver digests."""

    def ways(settings: Settings) -> Ways:
        web = bool(settings.slack_signing_secret) and not settings.slack_app_token
        return {"web": web, "socket": not web}

    _serve(ways, digests=True)


@cli.command(short_help="Answer in Slack over HTTP alone.")
def web() -> None:
    """Answer in Slack over HTTP alone: POST /slack/events, GET /healthz, /readyz and /metrics on HOST and PORT."""
    _serve(lambda _: {"web": True, "socket": False}, digests=False)


@cli.command(short_help="Deliver digests; answer over Socket Mode where it is set up.")
def worker() -> None:
    """Deliver digests; and answer over Socket Mode where SLACK_APP_TOKEN is set. Several may share the work."""
    _serve(lambda settings: {"web": False, "socket": bool(settings.slack_app_token)}, digests=True)


@cli.command(short_help="Bring the database's tables up to date.")
def migrate() -> None:
    """Bring the database's tables up to date. Every start does that, too; hosts with a release step call it there."""
    from bot.domain.errors import StorageError
    from bot.storage.migrate import migrate as upgrade

    settings = _settings()
    try:
        before, after = asyncio.run(upgrade(settings.database_url.get_secret_value()))
    except StorageError as error:
        fail(error.message)
    moved = f"Migrated from {before or 'nothing'} to {after}."
    typer.echo(f"The database is at revision {after}." if before == after else moved)


@cli.command(short_help="Print the manifest that makes the Slack app.")
def manifest(
    url: Annotated[
        str | None, typer.Option("--url", help="The bot's public address, for HTTP; else Socket Mode.")
    ] = None,
) -> None:
    """Print the manifest that makes the Slack app, at https://api.slack.com/apps/new."""
    from bot.slack.manifest import manifest_text

    try:
        typer.echo(manifest_text(url), nl=False)
    except ValueError as error:
        fail(str(error), QUESTION_WRONG)


def _serve(ways: Callable[[Settings], Ways], *, digests: bool) -> NoReturn:
    """Run until a stop is asked for; ``ways`` says by which roads Slack comes in, as the settings are."""
    settings = _settings(lambda settings: settings.slack_problems(**ways(settings)))
    from bot import process  # takes a second, which nobody needs to wait for a setting that is missing

    raise typer.Exit(asyncio.run(process.run(settings, **ways(settings), digests=digests)))


def _settings(needs: Callable[[Settings], list[str]] = lambda _: [], *, quiet: bool = False) -> Settings:
    """The settings with logging set up, or the end of the process with every problem named.

    ``needs`` says what else a command must have. ``quiet``: only warnings are logged, unless ``LOG_LEVEL`` is set.
    """
    from bot import log
    from bot.config import SettingsError, load_settings

    try:
        settings = load_settings()
        problems = needs(settings)
    except SettingsError as error:
        told = {problem.partition(":")[0] for problem in error.problems}
        more = needs(error.otherwise) if error.otherwise else []
        problems = error.problems + [problem for problem in more if problem.partition(":")[0] not in told]
    if problems:
        for problem in problems:
            typer.echo(problem, err=True)
        typer.echo("Set these in the environment or in a file .env; “whatshipped demo” needs none.", err=True)
        raise typer.Exit(1)
    level = "WARNING" if quiet and "log_level" not in settings.model_fields_set else settings.log_level
    log.configure(level, settings.log_format, settings.secrets())
    for warning in settings.warnings():
        if quiet:
            typer.echo(warning, err=True)
        else:
            logging.getLogger(__name__).warning(warning)
    return settings


async def _asked(settings: Settings, text: str, page: int, raw: list[object] | None) -> Message | None:
    """The answer; where there is a list ``raw``, LaunchDarkly's own pages are put into it in its place."""
    from bot.app import build
    from bot.commands.parser import parse
    from bot.progress import Progress

    with Progress() as progress:
        async with build(settings, progress.update) as app:
            asker = app.asker()
            question = parse(text, asker)
            if raw is None:
                return await app.answers.answer(question, asker, page=page)
            with app.answers.in_time():
                async for one in app.raw(question, asker):
                    raw.append(one)
    return None


def _end_with_the_reader() -> None:
    """Let ``| head`` end us as it does other tools. Only once nothing is sent over the network any more."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


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
