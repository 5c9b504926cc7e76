"""Matches of an earlier process go on: the journal knows what happened, the rooms who is seated."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.game.schema.dump import world_hash
from gameserver.messages import lobby as lobbies
from gameserver.messages.match import MatchEnded
from gameserver.messages.session import Rename
from gameserver.rooms.server_calls import Restarted
from gameserver.rooms.state import effects
from gameserver.service import matchrecovery
from gameserver.service.config.settings import Settings
from gameserver.service.connections import Connections
from gameserver.service.effects import Effects
from gameserver.service.gate import Gate
from gameserver.service.journals import Journals
from gameserver.service.livematch import LiveMatch
from gameserver.service.matches import Matches
from gameserver.service.matchrecovery import WAIT_S, MatchRecovery
from gameserver.service.people import People
from gameserver.service.runtime import Runtime
from gameserver.service.saving import Saving
from gameserver.service.ticker import Ticker
from gameserver.store import rebuild
from gameserver.store.disk import CLOSED, OPEN
from gameserver.store.frames import MAGIC, payloads_of
from gameserver.store.reading import journals_in, read_journal
from gameserver.store.verify import verify
from gameserver.testing.skirmish import Skirmish
from gameserver.transports import Drain
from tests.rooms.party import Entropy, Party
from tests.service.peers import MAP

TICKS = 70


class Listener:
    """Takes the reports of a match whose rooms are not asked."""

    def happened(self, *_: object) -> None:
        pass

    reported = ended = happened


@attrs.define
class House:
    """The parts that a crash leaves behind: the rooms, as restored, and the folder."""

    folder: Path
    party: Party = attrs.field(factory=lambda: Party(Skirmish(), {MAP.name: MAP}))
    runtime: Runtime = attrs.field(factory=lambda: Runtime(entropy=Entropy()))
    told: list[tuple[object, ...]] = attrs.field(factory=list)
    """What was told of the progress of a start."""
    journals: Journals = attrs.field(init=False)
    matches: Matches = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.party.on_start = self.begin
        self.next_process()

    def next_process(self) -> None:
        settings = attrs.evolve(Settings(), data=str(self.folder))
        self.journals = Journals(settings, Skirmish(), self.runtime)
        self.matches = Matches(
            Skirmish(), {MAP.name: MAP}, Ticker(lambda: 0.0),
            most=4, seeds=lambda: 11, drain=Drain, journals=self.journals,
        )  # fmt: skip

    def begin(self, order: effects.BeginMatch) -> None:
        self.matches.start(order, Listener())
        self.party.start_match(order)

    @property
    def live(self) -> LiveMatch:
        (live,) = self.matches
        return live

    def _progress(self, *told: object) -> None:
        self.told.append(told)

    async def crash(self, ticks: int = TICKS) -> LiveMatch:
        """Play, and let the process end without a word; return its match."""
        live = self.live
        for _ in range(ticks):
            live.tick()
        await self._written()
        self.next_process()
        return live

    async def _written(self) -> None:
        for recorder in self.journals._recorders.values():
            recorder.flush()
        await self.journals.close()

    async def recover(self) -> MatchRecovery:
        hall = self.party.hall
        connections = Connections()
        saving = Saving(Gate(), self.runtime, connections.flush)
        people = People(hall, Effects(hall, connections, self.matches), self.runtime, saving)
        people.go_on_from(hall.parts.state.now)
        people.take(Restarted())
        recovery = MatchRecovery(Skirmish(), people, self.matches, self.journals, self._progress)
        await recovery.restore()
        return recovery

    def lobby(self) -> Any:
        (found,) = self.party.hall.parts.state.lobbies.values()
        return found


@pytest.fixture
def house(tmp_path: Path) -> Callable[[], House]:
    return lambda: House(tmp_path)


async def test_two_crashes_at_once_do_not_repeat_an_epoch(house: Callable[[], House]) -> None:
    some = house()
    some.party.in_match("Ann", "Bob", map=MAP.name, bots=1, size=4)
    await some.crash()
    for epoch in (2, 3, 4):
        await some.recover()
        assert some.live.match.epoch == epoch
        some.next_process()  # it is killed before it writes anything more


async def test_a_match_goes_on_where_it_was(house: Callable[[], House]) -> None:
    some = house()
    some.party.in_match("Ann", "Bob", map=MAP.name, bots=1, size=4)
    before = await some.crash()
    await some.recover()
    live = some.live
    assert live.match_id == before.match_id
    assert live.match.tick_number == TICKS
    assert world_hash(Skirmish(), live.match.world) == world_hash(Skirmish(), before.match.world)
    assert live.match.epoch == 2
    for _ in range(30):
        assert live.tick()
    live.end("abandoned")
    await some.journals.close()
    (path,) = journals_in(some.folder / "matches")
    verdict = verify(read_journal(path), Skirmish())
    assert (verdict.ticks, verdict.differs_at, verdict.finished) == (TICKS + 30, None, True)


async def test_it_waits_for_its_players_but_not_for_ever(
    house: Callable[[], House], autojump_clock: MockClock
) -> None:
    del autojump_clock
    some = house()
    some.party.in_match("Ann", "Bob", map=MAP.name)
    await some.crash()
    recovery = await some.recover()
    began = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(some.matches._ticker.run)
        await recovery.run()
        assert trio.current_time() - began == pytest.approx(WAIT_S, abs=0.1)
        assert some.live.match.tick_number == TICKS
        assert some.live.waits_until == 0.0
        await trio.sleep(1)
        assert some.live.match.tick_number > TICKS
        nursery.cancel_scope.cancel()


async def test_it_goes_on_at_once_when_all_players_are_back(
    house: Callable[[], House], autojump_clock: MockClock
) -> None:
    del autojump_clock
    some = house()
    guests = some.party.in_match("Ann", "Bob", map=MAP.name)
    await some.crash()
    recovery = await some.recover()
    began = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(recovery.run)
        await trio.sleep(0.5)
        assert some.live.waits_until == began + WAIT_S
        for guest in guests:
            place = some.party.hall.seat_of(guest.player_id)
            assert place is not None
            some.live.match.add_viewer(guest.player_id, place[1], Drain())
    assert trio.current_time() - began == pytest.approx(0.5, abs=0.1)
    assert len(some.matches._ticker) == 1


async def test_seats_are_those_of_the_lobby(house: Callable[[], House]) -> None:
    some = house()
    ann, bob, cy = some.party.in_match("Ann", "Bob", "Cy", map=MAP.name, size=6)
    await some.crash()
    cy.ask(lobbies.LeaveLobby())  # the rooms know, the journal does not
    dee = some.party.guest("Dee")
    dee.join(ann)
    some.party.settle()
    await some.recover()
    some.live.tick()
    seated = {member.seat: member.name for member in some.lobby().seated}
    assert {s: p.name for s, p in some.live.match._seating.players.items()} == seated
    assert set(seated.values()) == {"Ann", "Bob", "Dee"}
    del bob


async def test_the_progress_of_a_replay_is_told(
    house: Callable[[], House], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild, "AT_ONCE", 30)
    some = house()
    some.party.in_match("Ann", "Bob", map=MAP.name)
    await some.crash()
    await some.recover()
    whole = [("restoring matches", 0, 1), *(("replaying ticks", done, TICKS) for done in (30, 60))]
    assert some.told == whole


async def test_a_seat_that_was_left_before_the_start_is_empty_in_the_match(
    house: Callable[[], House],
) -> None:
    some = house()
    *_, cy = some.party.in_match("Ann", "Bob", "Cy", map=MAP.name, size=6)
    await some.crash()
    cy.ask(lobbies.LeaveLobby())
    await some.recover()
    some.live.tick()
    assert {player.name for player in some.live.match._seating.players.values()} == {"Ann", "Bob"}


async def test_a_player_with_a_new_name_keeps_the_seat_without_beginning_anew(
    house: Callable[[], House],
) -> None:
    some = house()
    ann, _ = some.party.in_match("Ann", "Bob", map=MAP.name)
    await some.crash()
    ann.ask(Rename("Anne"))
    await some.recover()
    some.live.tick()
    players = some.live.match._seating.players.values()
    assert sorted(player.name for player in players) == ["Ann", "Bob"]


async def test_a_match_that_had_ended_brings_its_result(house: Callable[[], House]) -> None:
    some = house()
    ann, _ = some.party.in_match("Ann", "Bob", map=MAP.name)
    live = some.live
    for _ in range(TICKS):
        live.tick()
    live.end("finished", outcome=live.match.standings())
    await some.crash(0)
    await some.recover()
    assert len(some.matches) == 0
    assert some.lobby().match is None
    assert some.lobby().result.reason == "finished"
    assert {line.name for line in some.lobby().result.lines} == {"Ann", "Bob"}
    ann.resume()
    (ended,) = ann.of(MatchEnded)
    assert ended.result.ticks == TICKS


def gone(path: Path) -> None:
    path.unlink()


def damaged(path: Path) -> None:
    path.write_bytes(b"Dear diary,")


@pytest.mark.parametrize(
    ("spoil", "fault"), [(gone, "it has no journal"), (damaged, "it is no journal of a match")]
)
async def test_a_match_that_cannot_be_rebuilt_ends_and_its_lobby_is_told(
    house: Callable[[], House], spoil: Callable[[Path], None], fault: str
) -> None:
    some = house()
    ann, _ = some.party.in_match("Ann", "Bob", map=MAP.name)
    await some.crash()
    (path,) = journals_in(some.folder / "matches")
    spoil(path)
    with capture_logs() as lines:
        await some.recover()
    (line,) = [line for line in lines if line["event"] == "match not restored"]
    assert fault in line["fault"]
    assert some.lobby().match is None
    assert "could not be restored" in some.lobby().result.message
    ann.resume()
    assert ann.of(MatchEnded)


async def test_a_match_goes_on_behind_bytes_that_have_changed_and_the_operator_is_warned(
    house: Callable[[], House], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gameserver.store.recorder.CHECKPOINT_EVERY_S", 2.0)
    some = house()
    some.party.in_match("Ann", "Bob", map=MAP.name, bots=1, size=4)
    before = some.live
    for _ in range(TICKS // 5):
        for _ in range(5):
            before.tick()
        for recorder in some.journals._recorders.values():
            recorder.flush()
    await some.crash(0)
    (path,) = journals_in(some.folder / "matches")
    data = bytearray(path.read_bytes())
    ends = [end for end, _ in payloads_of(bytes(data), len(MAGIC))]
    data[ends[4] + 9] ^= 4
    path.write_bytes(data)
    with capture_logs() as lines:
        await some.recover()
    (line,) = [line for line in lines if line["event"] == "journal damaged"]
    assert (line["log_level"], line["path"], line["begin"]) == ("warning", str(path), ends[4])
    assert (line["end"], line["goes_on"]) == (ends[5], "behind it")
    rate = Skirmish().tick_rate
    assert line["last_tick"] == 2 * rate
    assert line["lost_s"] == round((2 * rate - line["first_tick"] + 1) / rate, 2) > 0
    live = some.live
    assert live.match.tick_number == TICKS
    assert world_hash(Skirmish(), live.match.world) == world_hash(Skirmish(), before.match.world)
    live.tick()
    live.end("abandoned")
    await some.journals.close()
    (path,) = journals_in(some.folder / "matches")
    match = read_journal(path)
    assert match.damaged
    verdict = verify(match, Skirmish())
    assert (verdict.differs_at, verdict.finished) == (None, True)


async def test_a_bug_at_one_match_ends_that_match_and_not_the_start(
    house: Callable[[], House], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    some = house()
    ann, _ = some.party.in_match("Ann", "Bob", map=MAP.name)
    await some.crash()
    monkeypatch.setattr(matchrecovery, "_reseat", fails)  # when it is adopted already
    with capture_logs() as lines:
        await some.recover()
    (line,) = [line for line in lines if line["event"] == "match not restored"]
    assert line["fault"] == "ZeroDivisionError('a bug')"
    assert len(some.matches) == 0
    assert some.lobby().match is None
    ann.resume()
    assert ann.of(MatchEnded)


async def test_a_match_whose_end_was_ordered_ends(house: Callable[[], House]) -> None:
    some = house()
    some.party.in_match("Ann", "Bob", map=MAP.name)
    await some.crash()
    some.lobby().match.stopping = True
    await some.recover()
    assert some.lobby().match is None
    await some.journals.close()
    (path,) = journals_in(some.folder / "matches")
    assert path.name.endswith(CLOSED)
    assert not path.name.endswith(OPEN)
