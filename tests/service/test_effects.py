"""Effects become acts: all of them, in the order of deciding, each to its end.

Law: an effect that makes the rooms decide more adds to the end of the queue; one that meets a bug
is lost alone.
"""

from collections.abc import Callable
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.errors import Code
from gameserver.game.entity import Outcome
from gameserver.game.game import Game
from gameserver.ids import PlayerId, RequestId, Seat, Tick
from gameserver.match import TickReport
from gameserver.messages.base import Request
from gameserver.messages.chat import Channel, ChatSaid, SendChat
from gameserver.messages.lobby import CreateLobby, InLobby, JoinLobby, LobbyConfig, SetReady
from gameserver.messages.match import MatchEnded, MatchStarted
from gameserver.messages.session import ServerMessage
from gameserver.messages.wire import (
    EventEnvelope,
    Goodbye,
    Hello,
    NoticeEnvelope,
    RequestEnvelope,
    ResultEnvelope,
)
from gameserver.protocol.codec import decode_server
from gameserver.protocol.server_codec import ServerCodec
from gameserver.rooms.hall import Hall
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.state import effects
from gameserver.service.connections import Connections, PlayerLink
from gameserver.service.effects import Effects
from gameserver.service.matches import BROKEN_GAME, FAULT, LiveMatch, Matches
from gameserver.service.people import People
from gameserver.service.runtime import Runtime
from gameserver.service.ticker import Ticker
from gameserver.testing.skirmish import Skirmish
from gameserver.transports import Drain
from tests.e2e.faulty import Faulty
from tests.rooms.party import Entropy
from tests.service.peers import MAP

Tape = list[tuple[str, Any]]
"""What was done to whom, in the order of doing: over all connections."""


class Recorder:
    """A link that writes down what is done with it."""

    def __init__(self, name: str, tape: Tape, *, broken: bool = False) -> None:
        self.name = name
        self.tape = tape
        self.peer = "192.0.2.1"
        self.codec = ServerCodec()
        self.broken = broken

    def queue(self, data: bytes, *, reliable: bool) -> bool:
        del reliable
        if self.broken:
            raise ZeroDivisionError("a bug in this connection")
        for item in decode_server(data, lambda _id: None):
            self.tape.append((self.name, item))
        return True

    def post(self, message: object) -> bool:
        return self.queue(self.codec.encode(message), reliable=True)

    def flush(self) -> None:
        pass

    def close_soon(self, reason: str = "") -> None:
        del reason
        self.tape.append((self.name, "closed"))

    def abort(self) -> None:
        self.tape.append((self.name, "aborted"))


class Stage:
    """Real rooms and matches around a performer; only the connections are written down."""

    def __init__(self, game: Game | None = None, *, most: int = 8) -> None:
        self.tape: Tape = []
        self.clock = Runtime(entropy=Entropy())
        maps = {MAP.name: MAP}
        game = game or Skirmish()
        self.hall = Hall(game, maps, RoomRules(), Entropy())
        self.connections = Connections()
        self.matches = Matches(
            game, maps, Ticker(perf_counter), most=most, seeds=lambda: 1, drain=Drain
        )
        effects = Effects(self.hall, self.connections, self.matches)
        self.people = People(self.hall, effects, self.clock)

    def guest(self, name: str, *, broken: bool = False) -> PlayerId:
        now = self.clock.now()
        welcome = self.hall.sign_in(Hello(1, "test", player_name=name), "192.0.2.1", now).welcome
        connection = Recorder(name, self.tape, broken=broken)
        self.connections.attach(
            welcome.player_id, PlayerLink(connection, welcome.epoch, lambda _count: None)
        )
        return welcome.player_id

    def ask(self, player_id: PlayerId, number: int, request: Request) -> Any:
        """Have the rooms decide on a request; nothing is performed yet."""
        envelope = RequestEnvelope(RequestId(number), request)
        answer = self.hall.handle(player_id, envelope, self.clock.now(), 0)
        assert isinstance(answer, ResultEnvelope), answer
        return answer.result

    def decide(self, *decided: effects.Effect) -> None:
        """Have these done, behind what was decided already."""
        for effect in decided:
            self.hall._state.perform(effect)

    def perform(self) -> None:
        """Have performed what was decided so far."""
        with self.people.turn:
            pass

    def counted_down(self) -> tuple[PlayerId, PlayerId]:
        """Bring two people of one lobby to where the rooms have decided on a match."""
        ann, bob = self.guest("Ann"), self.guest("Bob")
        config = LobbyConfig(title="Den", map=MAP.name, size=4)
        created = self.ask(ann, 1, CreateLobby(config))
        assert isinstance(created, InLobby)
        self.ask(bob, 1, JoinLobby(lobby_id=created.lobby.lobby_id))
        self.ask(ann, 2, SetReady(ready=True))
        self.ask(bob, 2, SetReady(ready=True))
        self.perform()
        self.tape.clear()
        due = self.clock.now() + RoomRules().countdown_s
        while self.hall.expire_next(due, 0):
            pass
        return ann, bob

    def playing(self) -> tuple[PlayerId, PlayerId]:
        """Bring two people into a running match."""
        both = self.counted_down()
        self.perform()
        self.tape.clear()
        return both

    def events(self, name: str, kind: type) -> list[Any]:
        """Return the events of a kind that somebody heard."""
        envelopes = [each for who, each in self.tape if who == name]
        heard = [each.event for each in envelopes if isinstance(each, EventEnvelope)]
        return [event for event in heard if isinstance(event, kind)]

    def position(self, name: str, wanted: Callable[[Any], bool]) -> int:
        """Return where on the tape somebody got the first message that is wanted."""
        found = [at for at, (who, item) in enumerate(self.tape) if who == name and wanted(item)]
        assert found, self.tape
        return found[0]


def says(text: str) -> ServerMessage:
    return ServerMessage(text)


def told(name: str, text: str) -> tuple[str, NoticeEnvelope]:
    return (name, NoticeEnvelope(says(text)))


def is_event(kind: type) -> Callable[[Any], bool]:
    return lambda item: isinstance(item, EventEnvelope) and isinstance(item.event, kind)


# --- order ----------------------------------------------------------------------------------------


async def test_effects_are_performed_in_the_order_of_deciding_over_all_people(
    mock_clock: MockClock,
) -> None:
    del mock_clock  # the time stands still
    stage = Stage()
    ann, bob = stage.guest("Ann"), stage.guest("Bob")
    stage.decide(
        effects.Tell((bob,), says("one")),
        effects.Tell((ann, bob), says("two")),
        effects.Disconnect(ann, 1, Code.SESSION_REPLACED, "enough"),
        effects.Tell((ann, bob), says("three")),
    )
    assert stage.tape == []
    stage.perform()
    assert stage.tape == [
        told("Bob", "one"),
        told("Ann", "two"),
        told("Bob", "two"),
        ("Ann", Goodbye(Code.SESSION_REPLACED, "enough")),
        ("Ann", "closed"),
        told("Bob", "three"),
    ]


async def test_what_is_performed_is_performed_once(mock_clock: MockClock) -> None:
    del mock_clock
    stage = Stage()
    ann = stage.guest("Ann")
    stage.decide(effects.Tell((ann,), says("one")))
    stage.perform()
    stage.perform()
    assert stage.tape == [told("Ann", "one")]


async def test_a_line_of_chat_reaches_everybody_in_the_order_it_was_said(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    stage = Stage()
    ann, bob = stage.guest("Ann"), stage.guest("Bob")
    for number, (who, text) in enumerate([(ann, "one"), (bob, "two"), (ann, "three")], 1):
        stage.ask(who, number, SendChat(Channel.GLOBAL, text))
    stage.perform()
    for name in ("Ann", "Bob"):
        lines = [event.line.text for event in stage.events(name, ChatSaid)]
        assert lines == ["one", "two", "three"]


async def test_a_goodbye_to_an_older_connection_spares_the_newer_one(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    stage = Stage()
    ann = stage.guest("Ann")
    stage.decide(effects.Disconnect(ann, 0, Code.RATE_LIMITED, "too fast"))
    stage.perform()
    assert stage.tape == []
    assert stage.connections.line(ann) is not None


# --- effects of effects ---------------------------------------------------------------------------


async def test_what_follows_from_an_effect_is_done_in_the_same_call(mock_clock: MockClock) -> None:
    del mock_clock
    stage = Stage()
    stage.counted_down()
    stage.perform()
    assert len(stage.matches) == 1
    for name in ("Ann", "Bob"):
        assert len(stage.events(name, MatchStarted)) == 1
    assert stage.hall.take_effects() == []


async def test_what_follows_from_an_effect_comes_behind_what_was_decided_before(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    stage = Stage()
    _ann, bob = stage.playing()
    (live,) = stage.matches
    stage.decide(
        effects.StopMatch(live.match_id, "stopped"),
        effects.Tell((bob,), says("decided before")),
    )
    stage.perform()
    notice = stage.position("Bob", lambda item: item == NoticeEnvelope(says("decided before")))
    assert notice < stage.position("Bob", is_event(MatchEnded))
    assert notice < stage.position("Ann", is_event(MatchEnded))
    for name in ("Ann", "Bob"):
        (ended,) = stage.events(name, MatchEnded)
        assert ended.result.reason == "stopped"


async def test_a_match_that_is_over_is_forgotten_and_its_end_told_once(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    stage = Stage()
    stage.playing()
    (live,) = stage.matches
    with capture_logs() as logs:
        live.end("finished", outcome=Outcome(()))
        live.end("stopped")
    assert [line["event"] for line in logs] == ["match ended"]
    assert len(stage.matches) == 0
    (ended,) = stage.events("Ann", MatchEnded)
    assert ended.result.reason == "finished"


async def test_a_match_that_no_room_is_left_for_brings_its_people_back(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    stage = Stage(most=0)
    stage.counted_down()
    stage.perform()
    assert len(stage.matches) == 0
    for name in ("Ann", "Bob"):
        (ended,) = stage.events(name, MatchEnded)
        assert ended.result.reason == Code.SERVER_FULL
        assert ended.result.message == "the server runs as many matches as it may"
        assert stage.events(name, MatchStarted) == []


async def test_a_game_that_cannot_start_brings_its_people_back_without_its_words(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    stage = Stage(Faulty())
    stage.counted_down()
    (order,) = [each for each in stage.hall.take_effects() if isinstance(each, effects.BeginMatch)]
    options = {**order.config.options, "break_start": True}
    stage.decide(attrs.evolve(order, config=attrs.evolve(order.config, options=options)))
    stage.perform()
    assert len(stage.matches) == 0
    (ended,) = stage.events("Bob", MatchEnded)
    assert (ended.result.reason, ended.result.message) == (FAULT, BROKEN_GAME)


# --- failing effects ------------------------------------------------------------------------------


@pytest.mark.parametrize("bug", ["in the effect", "in a connection"])
async def test_an_effect_that_meets_a_bug_is_lost_alone(mock_clock: MockClock, bug: str) -> None:
    del mock_clock
    stage = Stage()
    ann, bob = stage.guest("Ann", broken=bug == "in a connection"), stage.guest("Bob")
    unsayable: Any = object()
    broken = effects.Tell((ann,), unsayable if bug == "in the effect" else says("never"))
    stage.decide(effects.Tell((bob,), says("before")), broken, effects.Tell((bob,), says("behind")))
    with capture_logs() as logs:
        stage.perform()
    assert [(line["event"], line["effect"]) for line in logs] == [("effect failed", "Tell")]
    assert stage.tape == [told("Bob", "before"), told("Bob", "behind")]


async def test_after_a_bug_the_next_call_performs_as_ever(mock_clock: MockClock) -> None:
    del mock_clock
    stage = Stage()
    ann = stage.guest("Ann")
    unsayable: Any = object()
    stage.decide(effects.Tell((ann,), unsayable))
    stage.perform()
    stage.decide(effects.Tell((ann,), says("again")))
    stage.perform()
    assert stage.tape == [told("Ann", "again")]


async def test_effects_on_a_match_that_is_gone_do_nothing(mock_clock: MockClock) -> None:
    del mock_clock
    stage = Stage()
    ann, bob = stage.playing()
    (live,) = stage.matches
    live.end("finished")
    stage.tape.clear()
    stage.decide(
        effects.ExitMatch(live.match_id, ann),
        effects.ClearSeat(live.match_id, Seat(0)),
        effects.StopMatch(live.match_id, "stopped"),
        effects.Tell((bob,), says("behind")),
    )
    with capture_logs() as logs:
        stage.perform()
    assert logs == []
    assert stage.tape == [told("Bob", "behind")]


# --- from the matches -----------------------------------------------------------------------------


async def test_who_fell_too_far_behind_is_cut_and_nobody_else(mock_clock: MockClock) -> None:
    del mock_clock
    stage = Stage()
    ann, _bob = stage.guest("Ann"), stage.guest("Bob")
    watched = stage.connections.line(ann)
    assert watched is not None
    match = SimpleNamespace(add_viewer=lambda *_: None)
    match.tick = lambda: TickReport(Tick(9), evicted=(ann, PlayerId("gone")))
    live = LiveMatch(match, SimpleNamespace(attach=lambda *_: None), stage.people)
    live.watch(ann, Seat(0), watched)
    newer = PlayerLink(Recorder("Ann's next", stage.tape), 2, lambda _count: None)
    assert stage.connections.attach(ann, newer) is watched
    live.tick()
    assert stage.tape == [("Ann", "aborted")], "the line it watched over, not the newest one"
