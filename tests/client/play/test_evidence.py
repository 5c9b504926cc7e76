"""A client whose world was tampered with sends its side; both name the first difference."""

import json
import zlib
from collections.abc import Callable
from pathlib import Path

import attrs
import msgpack
import pytest
import trio
from trio.testing import MockClock

from gameserver.client import open_client
from gameserver.client.play.evidence import MOST_BYTES, PART_BYTES, SeenSection, ViewSender
from gameserver.ids import EntityId, MatchId, Seat, Tick
from gameserver.messages.base import Request, Result
from gameserver.messages.lobby import CreateLobby, LeaveLobby, LobbyConfig, SetReady
from gameserver.messages.match import DesyncNoted, ReportDesync, SendView
from gameserver.messages.wire import Refusal, Section
from gameserver.netcode.prediction.interpolation import Confirmed
from gameserver.netcode.replication.sections import PUBLIC
from gameserver.store.clientview import MOST_VIEW, first_of_view, read_view
from gameserver.store.reading import journals_in, read_journal
from gameserver.testing.skirmish import Runner, Skirmish
from tests.cli.command import gameserver
from tests.client.piped import SETTINGS, URL, piped, play
from tests.client.test_client_server import until
from tests.client.test_replays import in_folder
from tests.service.peers import MAP

GAME = Skirmish()


async def test_both_sides_of_a_tampered_world_name_the_first_tick_and_field(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with (
        piped(autojump_clock, monkeypatch, data=tmp_path) as pipes,
        open_client(URL, "Ann", SETTINGS) as client,
        trio.open_nursery() as nursery,
    ):
        await client.request(CreateLobby(LobbyConfig(title="Den", map=MAP.name, size=4, bots=2)))
        await client.request(SetReady(ready=True))
        await until(lambda: client.match is not None and client.match.live)
        nursery.start_soon(play, client)
        await trio.sleep(3)
        replica = client.match
        assert replica is not None
        assert not (tmp_path / "evidence").exists()
        newest = replica.ring.newest
        assert newest is not None
        rows = replica.reader._decoders[PUBLIC].rows.values()
        row = next(row for row in rows if row.table.entity is Runner)
        names = [field.name for field in row.table.fields]
        row.state[names.index("team")] += 3
        tampered = newest.tick
        folder = tmp_path / "evidence"
        with trio.fail_after(60):
            await until(
                lambda: folder.exists() and any(n.endswith(".view") for n in in_folder(folder))
            )
        assert replica.telemetry.desyncs == 1
        await trio.sleep(1)
        assert replica.telemetry.desyncs == 1, "the keyframe has mended it"
        await client.request(LeaveLobby())
        nursery.cancel_scope.cancel()
        assert len(pipes.server.matches) == 0
    names = in_folder(folder)
    assert [name.rpartition(".")[2] for name in names] == ["journal", "json", "view"]
    (path,) = journals_in(tmp_path / "matches")
    view = read_view(folder / names[2])
    (found,) = first_of_view(read_journal(path), view, GAME)
    told = json.loads((folder / names[1]).read_text())
    assert tampered < found.tick <= tampered + 2 <= told["tick"]
    assert (found.what, found.field) == (f"Runner {row.id}", "team")
    assert int(found.second) == int(found.first) + 3
    ended = gameserver(
        "replay", "diff", str(path), str(folder / names[2]),
        "--game", "gameserver.testing.skirmish:Skirmish",
    )  # fmt: skip
    assert ended.code == 1, ended.err
    assert ended.out.startswith(f"tick {found.tick}: Runner {row.id}, team: ")


class Server:
    """Notes what is asked; the test answers."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.settles: list[Callable[[Result | Refusal | None], None]] = []
        self.sender = ViewSender(self.ask)

    def ask(self, request: Request, settle: Callable[[Result | Refusal | None], None]) -> object:
        self.asked.append(request)
        self.settles.append(settle)
        return None

    def answer(self, answer: Result | Refusal | None) -> None:
        self.settles[-1](answer)

    def parts(self) -> list[SendView]:
        return [each for each in self.asked if isinstance(each, SendView)]


def seen(size: int = 10) -> SeenSection:
    report = ReportDesync(MatchId("m1"), Tick(9), PUBLIC, 1, 2)
    noise = bytes(n * n * 7 % 251 ^ n >> 8 & 255 for n in range(size))
    return SeenSection(GAME, report, Seat(0), (), Section(PUBLIC, True, noise))


def test_the_ticks_up_to_the_report_are_packed_once_each_and_the_last_ones_if_not_all_fit() -> None:
    def ticks(*given: int, most: int = 1 << 20) -> list[tuple[int, bool]]:
        worlds = [Confirmed(tick, {EntityId(1): Runner(x=tick, name="me")}) for tick in given]
        packed = attrs.evolve(seen(), worlds=worlds).packed(most)
        present = seen().present
        assert present is not None
        rows = msgpack.unpackb(zlib.decompress(packed)) if packed else []
        return [(tick, body == present.body) for tick, body in rows]

    assert ticks(7, 8, 9, 10) == [(7, False), (8, False), (9, False)]
    assert ticks(7, 8, 10) == [(7, False), (8, False), (9, True)]
    whole = len(attrs.evolve(seen(), worlds=()).packed(1 << 20))
    assert ticks(7, 8, most=whole) == [(9, True)]
    assert ticks(most=whole - 1) == []


def test_of_worlds_that_cannot_be_sent_only_the_section_itself_is_packed() -> None:
    good, bad = Runner(x=7, name="me"), Runner(x="no number")
    worlds = [Confirmed(tick, {EntityId(1): each}) for tick, each in ((7, good), (8, bad))]
    packed = attrs.evolve(seen(), worlds=worlds).packed(1 << 20)
    assert [tick for tick, _ in msgpack.unpackb(zlib.decompress(packed))] == [9]


def test_nothing_is_sent_unless_the_server_wants_it() -> None:
    for answer in (Result(), DesyncNoted(0), Refusal(1, "x", "no"), None):
        server = Server()
        server.sender.report(seen())
        server.answer(answer)
        assert server.parts() == []


def test_parts_follow_each_other_and_a_refusal_ends_them() -> None:
    server = Server()
    server.sender.report(seen(20_000))
    server.answer(DesyncNoted(MOST_VIEW))
    while not server.parts()[-1].last:
        server.answer(Result())
    parts = server.parts()
    assert len(parts) > 2
    assert [part.offset for part in parts] == [PART_BYTES * n for n in range(len(parts))]
    assert all(len(part.data) <= PART_BYTES for part in parts)
    server.answer(Result())
    server.sender.report(seen(20_000))
    server.answer(DesyncNoted(MOST_VIEW))
    assert [part.offset for part in server.parts()[len(parts) :]] == [0], "the next view"
    before = len(server.asked)
    server.answer(Refusal(1, "bad_params", "no"))
    assert len(server.asked) == before


def test_a_server_cannot_ask_for_more_than_the_bound_and_for_one_at_a_time() -> None:
    server = Server()
    server.sender.report(seen(200_000))
    assert len(seen(200_000).packed(1 << 40)) > MOST_BYTES
    server.answer(DesyncNoted(1 << 40))
    assert server.parts() == []
    server = Server()
    server.sender.report(seen(9000))
    server.answer(DesyncNoted(MOST_VIEW))
    server.sender.report(seen(9000))
    server.answer(DesyncNoted(MOST_VIEW))
    assert len(server.parts()) == 1
