"""Tapes and views that the JavaScript client writes are read by the commands of this side."""

import json
import re
from pathlib import Path
from typing import Any

import attrs
import cattrs

from gameserver.client.play.tape import Entry, PlayTape
from gameserver.client.play.tapefile import read_tape
from gameserver.game.schema.table import schema
from gameserver.ids import MatchId, Tick
from gameserver.messages.match import MatchEntered, MatchHappened
from gameserver.messages.wire import Input, Seen, Shift, Snapshot, Steer
from gameserver.netcode.replication.reader import SnapshotReader
from gameserver.store.reading import journals_in
from tests.cli.command import gameserver
from tests.client.play.test_tape import GAME, STARTED, Watched, played
from tests.client.test_replays import in_folder
from tests.client_js.node import needs_node, script
from tests.e2e.program import program, until

pytestmark = needs_node


async def test_a_tape_is_stepped_through_and_a_view_names_what_differs(tmp_path: Path) -> None:
    path, data = tmp_path / "own.tape", tmp_path / "data"
    async with (
        program(tmp_path, "--data", str(data)) as server,
        script("tape.mjs", server.url, str(path)) as node,
    ):
        saved = await node.line()
        tampered = await node.line()
        assert await node.line() == {"desyncs": [1, 1]}, "the keyframe has mended it"
        evidence = data / "evidence"
        await until(lambda: any(name.endswith(".view") for name in in_folder(evidence)))
        await node.tell("enough")
        await node.end()
        server.assert_same_process_without_faults()
    assert saved["name"].endswith(f"-{saved['match']}.tape")
    tape = read_tape(path.read_bytes())
    assert tape.header["match"] == saved["match"]
    assert sum(isinstance(entry, Input) for _, entry in tape.entries) == saved["inputs"]
    ticks = [entry.tick for _, entry in tape.entries if isinstance(entry, Snapshot)]
    assert ticks[-1] == saved["tick"]
    stepped = gameserver("replay", "step", str(path), "--at", str(ticks[-9]), "--ticks", "8")
    assert stepped.code == 0, stepped.err
    assert f"tick {ticks[-1]} " in stepped.out
    assert "Fighter" in stepped.out
    assert "checksum" not in stepped.out

    (journal,) = journals_in(data / "matches")
    (view,) = (name for name in in_folder(evidence) if name.endswith(".view"))
    ended = gameserver("replay", "diff", str(journal), str(evidence / view))
    assert ended.code == 1, ended.err
    first = ended.out.splitlines()[0]
    tick = int(first.removeprefix("tick ").partition(":")[0])
    assert tampered["tick"] < tick <= tampered["tick"] + 2
    score = re.fullmatch(rf"tick \d+: Fighter {tampered['id']}, score: (\d+) / (\d+)", first)
    assert score is not None, first
    assert int(score[2]) == int(score[1]) + 3


@attrs.define
class Told:
    """A tape that tells another client all that it takes."""

    watched: Watched
    tape: PlayTape
    rows: list[list[Any]] = attrs.field(factory=list)

    def note(self, entry: Entry) -> None:
        self.tape.note(entry)
        self.rows.append([self.watched.now, *_told(entry)])

    def received(self, snapshot: Snapshot, reader: SnapshotReader) -> None:
        self.tape.received(snapshot, reader)
        parts = [[part.number, part.keyframe, part.body.hex()] for part in snapshot.sections]
        self.rows.append([self.watched.now, "snapshot", snapshot.tick, parts])


def _told(entry: Entry) -> list[Any]:
    match entry:
        case Input():
            return ["input", entry.seq, entry.tick, entry.seen, entry.view, list(entry.row)]
        case Seen():
            return ["seen", entry.tick]
        case Steer() | Shift():
            return ["retimed", type(entry).__name__.lower(), entry.tick, entry.ticks]
        case MatchHappened():
            return ["event", entry.tick, entry.event, list(entry.fields)]
        case MatchEntered():
            return ["entered", attrs.asdict(entry)]
        case float():
            return ["roundTrip", entry]
    raise AssertionError(entry)


async def test_both_clients_make_the_same_tape_of_the_same_match(tmp_path: Path) -> None:
    watched = Watched()
    told = watched.tape = Told(watched, watched.tape)  # type: ignore[assignment]
    watched.enter()
    watched.play(1, keyframe=True)
    entries: list[Entry] = [
        Input(4, Tick(9), Tick(1), 20, (1, 700, 0)),
        Seen(Tick(1)),
        Steer(Tick(1), -2),
        Shift(Tick(1), 3),
        MatchHappened(MatchId("m1"), Tick(1), 0, (1, True, "who")),
        0.125,
    ]
    for second in range(75):
        watched.play(30)
        for entry in entries:
            told.note(entry)
        if second == 60:
            watched.enter()
            watched.play(1, keyframe=True)
    path = tmp_path / "another.tape"
    started = cattrs.unstructure(STARTED) | {"schema": schema(GAME)}
    async with script("retape.mjs", str(path)) as node:
        for row in (started, *told.rows):
            await node.tell(json.dumps(row))
        await node.tell("")
        await node.end()
    ours, theirs = read_tape(told.tape.to_bytes()), read_tape(path.read_bytes())
    assert theirs.tick == ours.tick > 0
    assert theirs.state == ours.state
    assert theirs.entries == ours.entries
    assert played(theirs) == played(ours)
    same = {"client", "written_ms"}
    assert {k: v for k, v in theirs.header.items() if k not in same} == {
        k: v for k, v in ours.header.items() if k not in same
    }
