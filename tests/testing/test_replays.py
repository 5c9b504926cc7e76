"""What a recorded match of bots holds, and what a process answers that replays it."""

import io
import sys
from types import SimpleNamespace

import attrs
import pytest

from gameserver.errors import GameFaultError
from gameserver.game.entity import Player
from gameserver.ids import Seat
from gameserver.match.journal import Journal
from gameserver.testing import determinism
from gameserver.testing.determinism import ReplayOrder, checkpoints, dump_at, pack, record, unpack
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Skirmish, SkirmishOptions

SPEC = "gameserver.testing.skirmish:Skirmish"
MAP = map_from_rows(*["." * 16] * 16)
GAME = Skirmish()


@pytest.fixture(scope="module")
def journal() -> Journal:
    return record(GAME, MAP, options=SkirmishOptions(), seed=5, ticks=65)


def test_four_bots_play_of_which_one_leaves_and_another_joins(journal: Journal) -> None:
    facts = [(p.seat, p.name, p.team, p.bot) for p in journal.players]
    assert facts == [(i, f"Bot {i}", i % 2 + 1, True) for i in range(4)]
    assert [row.tick for row in journal.ticks] == list(range(1, 66))
    assert [(row.tick, row.left) for row in journal.ticks if row.left] == [(22, (Seat(1),))]
    joined = [(row.tick, row.joined) for row in journal.ticks if row.joined]
    assert joined == [(33, (Player(Seat(1), "Late", 2, bot=True),))]
    with pytest.raises(GameFaultError, match="field x"):
        record(GAME, MAP, options=SkirmishOptions(break_at=9), seed=5, ticks=65)


def test_there_is_a_checkpoint_after_each_thirty_ticks_and_at_the_end(journal: Journal) -> None:
    every = checkpoints(journal, GAME, MAP, restore=False, every=1)
    assert len(every) == len(set(every)) == 65
    assert all(len(each) == 32 for each in every)
    assert checkpoints(journal, GAME, MAP, restore=True) == [every[29], every[59], every[64]]
    whole = attrs.evolve(journal, ticks=journal.ticks[:60])
    assert checkpoints(whole, GAME, MAP, restore=False) == [every[29], every[59]]
    assert dump_at(journal, GAME, MAP, 65) != dump_at(journal, GAME, MAP, 64)


def test_the_order_travels_with_the_recording(journal: Journal) -> None:
    for order in (ReplayOrder(), ReplayOrder(True, 7, 9)):
        again, game, tile_map, asked = unpack(pack(journal, SPEC, MAP, ask=order))
        assert (again, type(game), tile_map.digest, asked) == (
            journal,
            Skirmish,
            MAP.digest,
            order,
        )
    assert unpack(pack(journal, SPEC, MAP, restore=True))[3] == ReplayOrder(True, 30, 0)
    assert unpack(pack(journal, SPEC, MAP))[3] == ReplayOrder(False, 30, 0)


@pytest.mark.parametrize("order", [ReplayOrder(), ReplayOrder(True, 20), ReplayOrder(dump=40)])
def test_a_replaying_process_prints_what_is_ordered(
    journal: Journal,
    order: ReplayOrder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    packed = pack(journal, SPEC, MAP, ask=order)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(packed)))
    determinism.main()
    lines = capsys.readouterr().out.splitlines()
    if order.dump:
        assert lines == [dump_at(journal, GAME, MAP, 40).hex()]
    else:
        assert lines == checkpoints(journal, GAME, MAP, restore=order.restore, every=order.every)
        assert len(lines) == (4 if order.every == 20 else 3)
