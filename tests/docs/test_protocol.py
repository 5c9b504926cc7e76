"""The protocol's page speaks to authors of clients in any language."""

import re
from pathlib import Path

import pytest

from gameserver.messages.lobby import Phase
from gameserver.messages.wire import PROTOCOL_MINOR, PROTOCOL_VERSION

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")


def test_the_page_contains_no_names_of_the_code() -> None:
    assert re.findall(r"`[A-Z][A-Za-z]+\.\w+`", PAGE) == []


@pytest.mark.parametrize("phase", [*Phase])
def test_phases_have_the_names_that_are_sent(phase: Phase) -> None:
    assert f"`{phase}`" in PAGE
    assert not re.search(rf"\b{phase.name}\b", PAGE)


def test_the_page_tells_the_version_that_the_server_speaks_and_what_came_with_it() -> None:
    version = f"{PROTOCOL_VERSION}.{PROTOCOL_MINOR}"
    assert PAGE.startswith(f"# The protocol, version {version}\n")
    assert re.findall(r"^\| (\d\.\d+) \|", PAGE, re.MULTILINE)[-1] == version
