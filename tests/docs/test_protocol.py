"""The protocol's page speaks to authors of clients in any language."""

import re
from pathlib import Path

import pytest

from gameserver.messages.lobby import Phase

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")


def test_the_page_contains_no_names_of_the_code() -> None:
    assert re.findall(r"`[A-Z][A-Za-z]+\.\w+`", PAGE) == []


@pytest.mark.parametrize("phase", [*Phase])
def test_phases_have_the_names_that_are_sent(phase: Phase) -> None:
    assert f"`{phase}`" in PAGE
    assert not re.search(rf"\b{phase.name}\b", PAGE)
