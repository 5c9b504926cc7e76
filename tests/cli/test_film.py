"""``gameserver replay film``: a match as a file for browsers, made at low priority."""

import os
from pathlib import Path

import pytest

from gameserver.cli.replayfilm import GENTLE
from gameserver.store.film import MAGIC
from tests.cli.command import gameserver
from tests.cli.test_replay import AS_SKIRMISH, data

__all__ = ["data"]


@pytest.fixture
def niced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collect what would make the test's own process nice."""
    niced: list[int] = []
    monkeypatch.setattr(os, "nice", niced.append)
    return niced


def test_a_journal_is_made_into_a_film_by_a_nice_process(data: Path, niced: list[int]) -> None:
    to = data / "a.film"
    source = str(data / "matches" / "1-a.journal.zst")
    ended = gameserver("replay", "film", source, "--to", str(to), *AS_SKIRMISH)
    assert ended.code == 0, ended.err
    assert niced == [GENTLE]
    assert to.read_bytes().startswith(MAGIC)
    size = to.stat().st_size
    assert size > 2048, "so that the quotient below tells something"
    assert ended.out.rstrip().endswith(f"a.film: {size // 1024 + 1} KiB")


@pytest.mark.usefixtures("niced")
def test_a_film_that_cannot_be_written_is_said_with_its_name(data: Path) -> None:
    source = str(data / "matches" / "1-a.journal.zst")
    nowhere = str(data / "no" / "a.film")
    ended = gameserver("replay", "film", source, "--to", nowhere, *AS_SKIRMISH)
    assert ended.code == 2
    assert f"--to: {nowhere} cannot be written" in " ".join(ended.err.split())
    ended = gameserver("replay", "film", source, "--to", str(data / "matches"), *AS_SKIRMISH)
    assert ended.code == 1
    assert "matches cannot be written: Is a directory" in " ".join(ended.err.split())
