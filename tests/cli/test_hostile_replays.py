"""The commands on journals, whatever a file with right checksums holds."""

import random
from pathlib import Path

import pytest

from gameserver.store.frames import MAGIC, payloads_of
from tests.cli.command import gameserver
from tests.store.recorded import Played
from tests.store.test_hostile_journals import changed, journal_of, rows_of

ROUNDS = 120
SKIRMISH = "gameserver.testing.skirmish:Skirmish"


@pytest.mark.parametrize("command", ["list", "info", "export", "step"])
def test_commands_on_changed_journals_end_in_words(tmp_path: Path, command: str) -> None:
    data = Played().play(30).end().file.data
    payloads = [payload for _, payload in payloads_of(data, len(MAGIC))]
    dice, path = random.Random(f"7 {command}"), tmp_path / "m1.journal"
    codes = set()
    for number in range(ROUNDS):
        rows = [rows_of(payload) for payload in payloads]
        frame = rows[0] if number % 2 else dice.choice(rows)
        at = dice.randrange(len(frame))
        frame[at] = changed(frame[at], dice)
        path.write_bytes(journal_of(rows))
        ended = gameserver("replay", command, str(path), GAMESERVER_GAME=SKIRMISH)
        codes.add(ended.code)
        assert all(each.isprintable() for each in ended.out.splitlines()), ended.out
    assert codes == {0, 1}
