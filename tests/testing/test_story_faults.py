"""Each invariant of a story, proven by a server with a planted bug that breaks it."""

from itertools import count
from math import nan
from random import Random
from typing import Any

import attrs
import pytest
import trio

from gameserver.game.command import Command
from gameserver.game.world import World
from gameserver.ids import PlayerId, Seat
from gameserver.messages.session import NameChanged
from gameserver.messages.wire import EventEnvelope, RequestEnvelope
from gameserver.netcode.replication.encoder import SectionEncoder
from gameserver.rooms.state.lobby import Lobby
from gameserver.rooms.state.replies import ReplyLog
from gameserver.rooms.state.seats import Seats, SeatState
from gameserver.rooms.state.stream import EventStream
from gameserver.service import journals
from gameserver.service.conversation import Conversation
from gameserver.service.gate import Gate
from gameserver.service.journals import Journals
from gameserver.service.livematch import LiveMatch
from gameserver.service.matches import Matches
from gameserver.service.router import Router
from gameserver.service.server import Server
from gameserver.store.disk import DiskFile
from gameserver.store.rebuild import Rebuilt
from gameserver.store.recorder import MatchRecorder
from gameserver.testing.memorynet import MemoryDrain, MemoryLink
from gameserver.testing.scenario import ALL_SIGN_OUT, ALONE, NO_TROUBLES, simulate
from gameserver.testing.skirmish import Bout, Runner
from gameserver.testing.story import disk, watching
from gameserver.testing.story.watching import wrong_fields
from gameserver.testing.whole import ADDRESS, WholeServer
from gameserver.transports.link import Link
from gameserver.transports.outbox import Outbox
from gameserver.transports.websocket.link import WebSocketLink
from tests.testing.stories import MAPS, faults, found

SESSIONS_EXPIRE = next(
    seed
    for seed in range(100)
    if Random(f"{seed} end").random() > ALL_SIGN_OUT and Random(f"{seed} player 0").random() < 0.5
)
"""A seed of a story at whose end the first player does not sign out."""

LEFT = "left over when everybody was gone: "


def test_a_sound_server_has_no_faults() -> None:
    assert faults() == []


def test_two_players_on_one_seat_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def reserve(self: Seats, player_id: PlayerId, wanted: Any) -> Seat:
        del wanted
        self._holders[Seat(0)] = player_id
        self._states[player_id] = SeatState.RESERVED
        return Seat(0)

    monkeypatch.setattr(Seats, "reserve", reserve)
    assert any("the rooms are wrong after" in fault for fault in faults())


def test_more_players_than_seats_in_what_a_client_is_told_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = Lobby.state

    def oversold(self: Lobby, *args: Any, **given: Any) -> Any:
        shown = state(self, *args, **given)
        return attrs.evolve(shown, members=shown.members * 2)

    monkeypatch.setattr(Lobby, "state", oversold)
    assert any("are taken of" in fault for fault in faults())


def test_an_older_state_of_a_lobby_after_a_newer_one_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = Lobby.state

    def backwards(self: Lobby, *args: Any, **given: Any) -> Any:
        shown = state(self, *args, **given)
        return attrs.evolve(shown, revision=1000 - shown.revision)

    monkeypatch.setattr(Lobby, "state", backwards)
    assert any("of a lobby came after" in fault for fault in faults())


def test_a_queue_without_a_bound_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MOST_WAITING_BYTES", 2_000)  # what a short story reaches
    monkeypatch.setattr(WebSocketLink, "_has_room", lambda *_, **__: True)
    monkeypatch.setattr(Outbox, "offer_waiting", lambda _: True)
    assert any(fault.endswith("bytes wait for one peer") for fault in faults())


def test_a_second_answer_to_a_request_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Conversation._answer

    def twice(self: Conversation, item: RequestEnvelope) -> None:
        answer(self, item)
        answer(self, item)

    monkeypatch.setattr(Conversation, "_answer", twice)
    assert any("was answered twice" in fault for fault in faults())


def test_a_request_that_is_carried_out_again_after_a_cut_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ReplyLog, "find", lambda *_: None)
    cuts = attrs.evolve(NO_TROUBLES, cuts=0.5)
    assert found("chat.send was refused: chat.repeated", seconds=9.0, troubles=cuts)


def test_a_request_that_is_never_answered_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Conversation._answer

    def deaf(self: Conversation, item: RequestEnvelope) -> None:
        if item.request.name != "lobby.rematch":
            answer(self, item)

    monkeypatch.setattr(Conversation, "_answer", deaf)
    assert "lobby.rematch was not answered within 60 s" in faults(seconds=65.0)


def test_an_event_that_is_left_out_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    append = EventStream._append

    def skipping(self: EventStream, event: Any, weight: int) -> EventEnvelope:
        if self._last == 4:
            self._last = type(self._last)(5)
        return append(self, event, weight)

    monkeypatch.setattr(EventStream, "_append", skipping)
    assert any("event 6 came after event 4" in fault for fault in faults())


def test_an_event_that_comes_again_as_another_one_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    resume = EventStream.resume

    def other(self: EventStream) -> tuple[EventEnvelope, ...]:
        return tuple(attrs.evolve(each, event=NameChanged("Bob")) for each in resume(self))

    monkeypatch.setattr(EventStream, "resume", other)
    monkeypatch.setattr(EventStream, "ack", lambda *_: [])  # so that old events come again
    cuts = attrs.evolve(NO_TROUBLES, cuts=0.3)
    assert found("came again as another one", seconds=4.0, troubles=cuts)


class Forgetful(Bout):
    """Takes the hits away in the middle of a match."""

    def step(self, world: World, commands: dict[Seat, Command]) -> None:
        super().step(world, commands)
        if world.tick == 100:
            for runner in world.all(Runner):
                runner.hits -= 3


def test_a_score_that_falls_is_found() -> None:
    assert any(fault.startswith("the score of Player") for fault in faults(Forgetful()))


def test_a_world_out_of_its_bounds_is_found() -> None:
    assert any("a match broke" in fault for fault in faults(options={"ticks": 60, "break_at": 30}))


@pytest.mark.parametrize(("field", "value"), [("x", -1), ("x", 1 << 30), ("heat", nan)])
def test_a_field_that_is_not_finite_or_out_of_bounds_is_found(field: str, value: float) -> None:
    runner = Runner(x=5, y=5)
    assert list(wrong_fields([runner])) == []
    setattr(runner, field, value)
    (wrong,) = wrong_fields([runner])
    assert f"Runner.{field} is {value}" in wrong


def test_a_wrong_checksum_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    checksum = SectionEncoder.checksum
    monkeypatch.setattr(SectionEncoder, "checksum", lambda self: checksum(self) ^ 1)
    assert any(fault.endswith(" desyncs") for fault in faults())


def test_a_session_whose_end_is_not_noticed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Router, "left", lambda *_: None)
    assert faults(seed=SESSIONS_EXPIRE) == [
        f"{LEFT}1 {what}" for what in ("sessions", "lobbies", "players with a connection")
    ]


def test_a_task_and_a_stream_that_are_left_over_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = WholeServer.connect

    def leaking(self: WholeServer, address: str = ADDRESS) -> MemoryLink:
        link = connect(self, address)
        self.nursery.start_soon(trio.sleep_forever)
        monkeypatch.setattr(type(link.server), "close", lambda stream: stream._out.close())
        return link

    monkeypatch.setattr(WholeServer, "connect", leaking)
    wrong = faults()
    assert any("tasks trio.sleep_forever" in fault for fault in wrong)
    assert any("open streams" in fault for fault in wrong)


@pytest.mark.parametrize(
    ("owner", "name", "what"),
    [(Matches, "forget", "matches"), (MemoryDrain, "remove", "streams in a drain")],
)
def test_what_is_not_forgotten_is_found(
    owner: type, name: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, name, lambda *_: None)
    (left,) = faults()
    assert left.startswith(LEFT)
    assert left.endswith(f" {what}")


def test_a_link_that_is_left_over_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    converse = Server.converse

    async def leaking(self: Server, link: Link) -> None:
        self._conversations[Conversation(self._router, link)] = None
        await converse(self, link)

    monkeypatch.setattr(Server, "converse", leaking)
    assert f"{LEFT}2 links" in faults()


def test_a_world_that_leaves_its_bounds_in_a_story_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    send = LiveMatch.send

    def straying(self: LiveMatch) -> None:
        send(self)  # snapshots of the sound world are sent
        for runner in self.match.world.all(Runner):
            runner.x = -1

    monkeypatch.setattr(LiveMatch, "send", straying)
    assert "Runner.x is -1, out of bounds" in faults()


# --- the disk -------------------------------------------------------------------------------------

SAVES = attrs.evolve(ALONE, saves=1.0)
CRASHES = attrs.evolve(NO_TROUBLES, crashes=5.0)


STORIES = {"seconds": 14.0, "troubles": CRASHES, "cast": SAVES}


@pytest.mark.parametrize("seed", [3, 4])
def test_a_server_that_crashes_and_starts_again_loses_nothing(seed: int) -> None:
    report = simulate(
        seed, Bout(), MAPS, players=3, seconds=14.0, troubles=CRASHES, cast=SAVES, scores_rise=True
    )
    assert report.faults == []
    assert report.crashes > 0
    assert report.journals > 0
    assert report.reconnects > 0


def test_a_full_disk_and_a_slow_one_are_survived() -> None:
    troubles = attrs.evolve(NO_TROUBLES, full_disks=3.0, slow_disks=2.0)
    report = simulate(2, Bout(), MAPS, players=2, seconds=12.0, troubles=troubles, cast=SAVES)
    assert report.faults == []
    assert min(report.full_disks, report.slow_disks, report.journals) > 0


def test_a_server_that_tells_before_it_has_saved_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "holds", False)
    monkeypatch.setattr(disk, "COMMIT_S", (2.0, 2.5))
    forgotten = ("was acknowledged as", "nobody heard 'line")
    assert found(*forgotten, seconds=14.0, troubles=CRASHES, cast=SAVES)


def test_a_match_that_goes_on_from_too_early_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "FLUSH_S", 4.0)
    lost = ("was not restored", "were lost in a crash")
    assert found(*lost, seconds=14.0, troubles=CRASHES, cast=SAVES)


def test_a_journal_that_misses_a_command_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    record = MatchRecorder.record

    def forgetful(self: MatchRecorder, tick: Any, left: Any, joined: Any, commands: Any) -> None:
        record(self, tick, left, joined, {} if tick == 50 else commands)

    monkeypatch.setattr(MatchRecorder, "record", forgetful)
    assert any("differs at tick" in fault for fault in faults(cast=SAVES))


def test_a_journal_that_is_not_closed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DiskFile, "finish", lambda _: None)
    wrong = faults(cast=SAVES)
    assert any("left over when everybody was gone: 1 open files" in fault for fault in wrong)
    assert any(fault.endswith("has no end") for fault in wrong)


def test_a_match_that_is_not_restored_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Journals, "unfinished", lambda *_: None)
    assert found(" was not restored", **STORIES)


def test_a_match_that_goes_back_within_an_epoch_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    adopt = Matches.adopt

    def repeating(self: Matches, rebuilt: Rebuilt, *more: Any) -> LiveMatch:
        return adopt(self, attrs.evolve(rebuilt, epoch=1), *more)

    monkeypatch.setattr(Matches, "adopt", repeating)
    assert found(" went back from tick ", **STORIES)


def test_a_journal_with_a_hole_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    append, calls = DiskFile.append, count()

    def refusing(self: DiskFile, data: bytes, tick: Any) -> bool:
        return next(calls) != 4 and append(self, data, tick)

    monkeypatch.setattr(DiskFile, "append", refusing)
    assert any(" has a hole of " in fault for fault in faults(cast=SAVES))


def test_a_match_without_a_journal_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Journals, "begin", lambda *_: None)
    assert any(fault.endswith("had results, and 0 have a journal") for fault in faults(cast=SAVES))


def test_a_journal_that_cannot_be_read_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "code_digest", lambda _: b"")
    assert any(
        fault.startswith("journal ") and fault.endswith(" has the wrong shape")
        for fault in faults(cast=SAVES)
    )
