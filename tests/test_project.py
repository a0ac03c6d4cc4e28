"""What must fit together across files: manifest, Procfile, pins, import contracts, README."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import typer.main
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from bot.cli import cli
from bot.config import Settings
from bot.slack.manifest import manifest_text
from bot.slack.surface import COMMANDS, SCOPES

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NEEDED = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["postgres"]  # such hosts hand out PostgreSQL
README = (ROOT / "README.md").read_text()
CLI_COMMANDS = sorted(typer.main.get_group(cli).commands)


def pins() -> dict[str, Version]:
    lines = (line.strip() for line in (ROOT / "requirements.txt").read_text().splitlines())
    split = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): Version(version) for name, version in split}


def closure(requirements: list[str]) -> list[Requirement]:
    """Every requirement that these lead to on this machine, as the installed packages say."""
    todo, seen, found = [Requirement(text) for text in requirements], set(), []
    while todo:
        requirement = todo.pop()
        found.append(requirement)
        name = canonicalize_name(requirement.name)
        if (name, *requirement.extras) in seen:
            continue
        seen.add((name, *requirement.extras))
        for text in metadata.requires(name) or []:
            needed = Requirement(text)
            if needed.marker is None or any(needed.marker.evaluate({"extra": e}) for e in ("", *requirement.extras)):
                todo.append(needed)
    return found


def test_import_contracts_are_kept():
    # In a process of its own: called from here it would silence every logger of the test run.
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_the_manifest_file_is_what_the_command_prints():
    assert (ROOT / "manifest.yml").read_text() == manifest_text()


def test_every_procfile_line_is_a_command_of_ours():
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert lines == {"release": "python -m bot migrate", "web": "python -m bot web", "worker": "python -m bot worker"}
    for line in lines.values():
        *_, command = shlex.split(line)
        assert command in CLI_COMMANDS


@pytest.mark.parametrize("command", ["web", "worker"])
def test_procfile_commands_start_from_the_checkout_and_say_what_is_missing(command, tmp_path):
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", "bot", command],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "LAUNCHDARKLY_ACCESS_TOKEN": "api-1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 1
    assert "SLACK_" in done.stderr
    assert "Traceback" not in done.stderr


def test_pins_satisfy_what_the_project_and_its_dependencies_ask_for():
    pinned = pins()
    for requirement in closure(NEEDED):
        name = canonicalize_name(requirement.name)
        assert name in pinned, f"{name} is not pinned"
        assert requirement.specifier.contains(pinned[name], prereleases=True), f"{requirement} but {pinned[name]}"


def test_nothing_is_pinned_that_is_not_needed():
    assert set(pins()) == {canonicalize_name(requirement.name) for requirement in closure(NEEDED)}


def test_requirements_name_no_index():
    text = (ROOT / "requirements.txt").read_text()
    assert not re.search(r"^\s*-|://", text, re.MULTILINE)


def test_the_python_of_hosts_is_one_that_the_project_takes():
    version = (ROOT / ".python-version").read_text().strip()
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(version)


@pytest.mark.parametrize("variable", sorted(name.upper() for name in Settings.model_fields))
def test_every_setting_is_in_the_readme(variable):
    assert f"`{variable}`" in README


@pytest.mark.parametrize("command", CLI_COMMANDS)
def test_every_command_is_in_the_readme(command):
    assert f"whatshipped {command}" in README


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_every_slash_command_is_in_the_readme(name):
    assert f"`{name}" in README


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.name)
def test_every_scope_is_in_the_readme_with_its_reason(scope):
    row = next((line for line in README.splitlines() if line.startswith(f"| `{scope.name}`")), "")
    assert scope.why in row
    assert scope.without in row
