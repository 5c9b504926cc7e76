import re
import subprocess
import sys
import tomllib
from datetime import date
from importlib.metadata import version

import gameserver
from tests.house.checkout import ROOT

HEADING = re.compile(r"^## \[(?P<version>[^]]+)\](?: - (?P<date>\S+))?$", re.MULTILINE)


def sections() -> list[tuple[str, str | None]]:
    """Return version and date of each section of the changelog, from the top."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    return [(found["version"], found["date"]) for found in HEADING.finditer(text)]


def test_the_changelog_begins_with_unreleased_changes_and_has_dated_sections_from_new_to_old() -> (
    None
):
    coming, *released = sections()
    assert coming == ("Unreleased", None)
    dates = [date.fromisoformat(day or "") for _, day in released]
    assert dates
    assert dates == sorted(dates, reverse=True)
    numbers = [tuple(map(int, number.split("."))) for number, _ in released]
    assert numbers == sorted(set(numbers), reverse=True)


def test_project_changelog_installation_and_commands_have_the_same_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert sections()[1][0] == project
    assert version("gameserver") == project
    assert gameserver.__version__ == project
    for module in ("gameserver", "client_demo"):
        command = [sys.executable, "-m", module, "--version"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert project in said


def test_the_headings_of_the_changelog_are_those_of_its_format() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
