"""The router with parts that only record the calls: charges, viewers and answers."""

from types import SimpleNamespace
from typing import Any, ClassVar, cast

import attrs
import pytest
from structlog.testing import capture_logs

from gameserver import __version__
from gameserver.errors import Code, GameFaultError, RequestError
from gameserver.game.command import Command, level
from gameserver.ids import EventNumber, MatchId, PlayerId, RequestId, Seat, Tick
from gameserver.messages.base import Request, Result
from gameserver.messages.lobby import QuickPlay
from gameserver.messages.match import (
    DesyncNoted,
    EnterMatch,
    GetMap,
    GetMatchStats,
    MapData,
    MatchEntered,
    MatchStats,
    ReportDesync,
)
from gameserver.messages.session import GetServerInfo, GetServerStats, ServerInfo
from gameserver.messages.wire import Answer, Refusal, RequestEnvelope, ResultEnvelope
from gameserver.rooms import calls
from gameserver.service.config.settings import Settings
from gameserver.service.connections import Connections, PlayerLink
from gameserver.service.middleware import Handler, RequestContext
from gameserver.service.router import _KEYFRAME_BYTES, Router
from gameserver.service.runtime import Runtime
from gameserver.testing.skirmish import Skirmish
from tests.service.peers import MAP

ANN, BOB = PlayerId("ann"), PlayerId("bob")
M1, M2 = MatchId("m1"), MatchId("m2")


class FakeLink:
    """A link that notes what is sent and whether it is closed."""

    peer = "192.0.2.1"
    transport = "websocket"
    round_trip_s: float | None = None

    def __init__(self) -> None:
        self.posted: list[Any] = []
        self.closed: list[str] = []

    def post(self, message: object) -> None:
        self.posted.append(message)

    def close_soon(self, reason: str = "") -> None:
        self.closed.append(reason)


class FakeLive:
    """A running match that notes its viewers and inputs."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.waits_s = 0.0
        self.inlet = SimpleNamespace(put=lambda *given: self.calls.append(("put", *given)))
        self.match = SimpleNamespace(
            map=MAP,
            tick_number=Tick(70),
            epoch=1,
            next_seq=lambda seat: 100 + seat,
            delay_s_of=lambda _seat: 0.0,
            stats_of=lambda seat: MatchStats(applied=seat),
        )

    def desync(self, player_id: PlayerId, report: ReportDesync) -> str:
        self.calls.append(("desync", player_id, report.tick))
        return "kept"

    def watch(self, *given: Any) -> None:
        self.calls.append(("watch", *given))

    def unwatch(self, player_id: PlayerId) -> None:
        self.calls.append(("unwatch", player_id))


@attrs.define(eq=False)
class Desk:
    """A router and all that it talks to."""

    game: Any = attrs.field(factory=Skirmish)
    settings: Settings = attrs.field(factory=Settings)
    middleware: list[Any] = attrs.field(factory=list)
    now: float = 100.0
    taken: list[Any] = attrs.field(factory=list)
    lives: dict[MatchId, FakeLive] = attrs.field(factory=dict)
    places: dict[PlayerId, tuple[MatchId, Seat]] = attrs.field(factory=dict)
    refused: Refusal | None = None
    router: Router = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        hall = SimpleNamespace(
            seat_of=self.places.get,
            last_event=lambda _player: EventNumber(9),
            counts=lambda: SimpleNamespace(lobbies=4),
        )
        people: Any = SimpleNamespace(hall=hall, take=self.take)
        metrics: Any = SimpleNamespace(read=lambda now: Result() if now == self.now else None)
        replays: Any = SimpleNamespace(want_view=lambda *_: 48)
        self.router = Router(
            self.settings,
            self.game,
            people,
            cast(Any, self.lives),
            Connections(),
            Runtime(now=lambda: self.now),
            metrics,
            self.middleware,
            cast(Any, None),
            replays,
        )

    def take(self, call: Any) -> Any:
        self.taken.append(call)
        if isinstance(call, calls.Charge):
            return self.refused
        if isinstance(call, calls.Ask):
            return ResultEnvelope(call.envelope.id, Result(), EventNumber(8))
        return None

    def connect(self, player_id: PlayerId, epoch: int = 1) -> FakeLink:
        link = FakeLink()
        line = PlayerLink(cast(Any, link), epoch, lambda _count: None)
        self.router.attach(player_id, line)
        return link

    def play(self, player_id: PlayerId, match_id: MatchId, seat: int = 3) -> FakeLive:
        self.places[player_id] = (match_id, Seat(seat))
        return self.lives.setdefault(match_id, FakeLive())

    def enter(self, player_id: PlayerId, match_id: MatchId) -> FakeLive:
        """Let a player connect, and enter a match that he has a place in."""
        self.connect(player_id)
        live = self.play(player_id, match_id)
        self.ask(player_id, EnterMatch(match_id))
        return live

    def ask(self, player_id: PlayerId, request: Request, epoch: int | None = 1) -> Answer:
        context = RequestContext(player_id, "192.0.2.1", "websocket", epoch=epoch)
        return self.router.answer(context, RequestEnvelope(RequestId(5), request))

    def result(self, player_id: PlayerId, request: Request) -> Any:
        answer = self.ask(player_id, request)
        assert isinstance(answer, ResultEnvelope), answer
        assert (answer.id, answer.after) == (5, 9)
        return answer.result

    def refusal(self, player_id: PlayerId, request: Request) -> Refusal:
        answer = self.ask(player_id, request)
        assert isinstance(answer, Refusal), answer
        assert (answer.id, answer.after) == (5, 9)
        return answer


# --- connections ----------------------------------------------------------------------------------


def test_a_newer_connection_ends_the_older_one_with_a_goodbye() -> None:
    desk = Desk()
    older = desk.connect(ANN, 1)
    assert (desk.router.arrivals, older.posted) == (1, [])
    newer = desk.connect(ANN, 2)
    assert desk.router.arrivals == 2
    (goodbye,) = older.posted
    assert (goodbye.code, goodbye.retry_after_s) == (Code.SESSION_REPLACED, None)
    assert older.closed == [goodbye.sentence] == ["the session goes on over another connection"]
    assert newer.posted == []


def test_the_end_of_a_connection_is_reported_to_the_rooms_and_logged_if_it_was_attached() -> None:
    desk = Desk()
    link = desk.connect(ANN, 2)
    link.round_trip_s = 0.0456
    with capture_logs() as logs:
        for epoch in (1, 2, 2):
            desk.router.left(ANN, epoch)
    assert desk.taken == [calls.Lost(ANN, epoch) for epoch in (1, 2, 2)]
    (line,) = logs
    assert (line["event"], line["player"], line["round_trip_ms"]) == ("connection lost", ANN, 46)
    assert len(desk.router.connections) == 0


# --- matches --------------------------------------------------------------------------------------


def test_entering_a_match_watches_it_over_the_present_connection() -> None:
    desk = Desk()
    desk.connect(ANN)
    live = desk.play(ANN, M1)
    assert desk.result(ANN, EnterMatch(M1)) == MatchEntered(Tick(70), Seat(3), 103)
    assert live.calls == [("watch", ANN, 3, desk.router.connections.line(ANN))]
    assert desk.router.arrivals == 2


def test_inputs_go_to_the_match_that_was_entered_until_it_or_the_connection_ends() -> None:
    desk = Desk()
    desk.connect(ANN)
    live = desk.play(ANN, M1)
    desk.router.hot(ANN, b"early")
    desk.ask(ANN, EnterMatch(M1))
    live.calls.clear()
    desk.router.hot(ANN, b"one")
    desk.router.hot(BOB, b"a stranger's")
    assert live.calls == [("put", ANN, b"one")]
    desk.router.left(ANN, 7)
    desk.router.hot(ANN, b"two")
    desk.router.left(ANN, 1)
    desk.router.hot(ANN, b"late")
    assert live.calls[1:] == [("put", ANN, b"two"), ("unwatch", ANN)]


def test_a_match_that_has_ended_is_forgotten_at_the_next_input() -> None:
    desk = Desk()
    desk.enter(ANN, M1)
    del desk.lives[M1]
    desk.router.hot(ANN, b"one")
    assert desk.router._watching == {}
    desk.router.left(ANN, 1)


def test_the_next_match_leaves_the_match_before() -> None:
    desk = Desk()
    first = desk.enter(ANN, M1)
    desk.play(ANN, M2)
    desk.ask(ANN, EnterMatch(M2))
    assert first.calls[1:] == [("unwatch", ANN)]
    desk.connect(ANN, 2)
    desk.play(ANN, M1)
    desk.ask(ANN, EnterMatch(M1), epoch=2)
    assert desk.lives[M2].calls[1:] == [("unwatch", ANN)]


def test_entering_needs_a_connection_and_a_place_in_this_running_match() -> None:
    desk = Desk()
    live = desk.play(ANN, M1)
    assert "need a connection" in desk.refusal(ANN, EnterMatch(M1)).sentence
    desk.connect(ANN)
    desk.connect(BOB)
    desk.lives[M2] = FakeLive()
    for player_id, match_id in ((ANN, M2), (BOB, M1), (ANN, MatchId("none"))):
        refusal = desk.refusal(player_id, EnterMatch(match_id))
        assert refusal.code == Code.MATCH_UNKNOWN
        assert refusal.sentence == "this match does not run, or you are not in it"
    assert live.calls == []


def test_map_statistics_and_desyncs_are_those_of_the_players_match() -> None:
    desk = Desk()
    live = desk.play(ANN, M1)
    assert desk.result(ANN, GetMap(M1)) == MapData({"map": MAP.to_wire()})
    assert desk.result(ANN, GetMatchStats(M1)) == MatchStats(applied=3)
    with capture_logs() as logs:
        assert desk.result(ANN, ReportDesync(M1, Tick(4), 1, 7, 8)) == DesyncNoted(48)
    assert live.calls == [("desync", ANN, 4)]
    assert (logs[0]["player"], logs[0]["evidence"]) == (ANN, "kept")


def long_command() -> type[Command]:
    made = {f"f{n}": level(-(2**31), 2**31 - 1) for n in range(32)}
    return attrs.make_class("Long", made, bases=(Command,), frozen=True)


@pytest.mark.parametrize("long", [False, True])
def test_inputs_reach_the_conversation_only_in_games_whose_inputs_are_too_long_for_the_lane(
    long: bool,
) -> None:
    class Wide(Skirmish):
        command: ClassVar[Any] = long_command() if long else Skirmish.command

    desk = Desk(game=Wide())
    desk.connect(ANN)
    desk.play(ANN, M1)
    assert not desk.router.plays_here(ANN)
    desk.ask(ANN, EnterMatch(M1))
    assert desk.router.plays_here(ANN) == long
    assert not desk.router.plays_here(BOB)


# --- charges --------------------------------------------------------------------------------------


def test_requests_that_the_service_answers_are_charged_and_others_go_to_the_rooms() -> None:
    desk = Desk()
    desk.play(ANN, M1)
    for request in (GetMap(M1), GetServerInfo()):
        desk.ask(ANN, request, epoch=4)
    answer = desk.ask(ANN, QuickPlay(), epoch=4)
    assert answer == ResultEnvelope(RequestId(5), Result(), EventNumber(8))
    kinds = [(type(call), call.player_id, call.epoch) for call in desk.taken]
    assert kinds == [(calls.Charge, ANN, 4)] * 2 + [(calls.Ask, ANN, 4)]


def test_a_request_above_a_limit_is_refused_and_not_carried_out() -> None:
    desk = Desk()
    desk.connect(ANN)
    live = desk.play(ANN, M1)
    desk.refused = Refusal(RequestId(5), Code.RATE_LIMITED, "slower", after=EventNumber(2))
    assert desk.ask(ANN, EnterMatch(M1)) == desk.refused
    assert live.calls == []


def test_an_entry_is_charged_with_its_keyframe() -> None:
    desk = Desk()
    desk.router.answered(ANN, EnterMatch(M1), 10)
    desk.router.answered(ANN, GetMap(M1), 10)
    desk.router.received(ANN, 7)
    desk.router.replayed(ANN, 8)
    assert desk.taken == [
        calls.Answered(ANN, 10 + _KEYFRAME_BYTES),
        calls.Answered(ANN, 10),
        calls.Received(ANN, 7),
        calls.Replayed(ANN, 8),
    ]


# --- refusals and failures ------------------------------------------------------------------------


def failing(error: Exception) -> Any:
    def link(context: RequestContext, envelope: RequestEnvelope, call_next: Handler) -> Answer:
        del context, envelope, call_next
        raise error

    return link


def test_a_refusal_has_the_code_sentence_and_details_of_its_error() -> None:
    error = RequestError(Code.FORBIDDEN, "not you", {"why": 1})
    refusal = Desk(middleware=[failing(error)]).refusal(ANN, GetServerInfo())
    assert (refusal.code, refusal.sentence, refusal.details) == (
        Code.FORBIDDEN, "not you", {"why": 1},
    )  # fmt: skip


@pytest.mark.parametrize("of_the_game", [False, True])
def test_a_failure_is_answered_and_logged_once_a_second_with_its_cause(of_the_game: bool) -> None:
    cause = KeyError("gone")
    error: Exception = cause
    if of_the_game:
        error = GameFaultError("the game's step failed")
        error.__cause__ = cause
    desk = Desk(middleware=[failing(error)])
    with capture_logs() as logs:
        for seconds in (0.0, 0.5, 0.6):
            desk.now += seconds
            refusal = desk.refusal(ANN, GetServerInfo())
            assert refusal.code == Code.INTERNAL
            assert "was not carried out" in refusal.sentence
            assert "gone" not in refusal.sentence
    assert [(line["name"], line["held_back"]) for line in logs] == [
        ("server.info", 0), ("server.info", 1),
    ]  # fmt: skip
    assert {line["exc_info"] for line in logs} == {cause}
    assert {line["fault"] for line in logs} == {str(error)}


def test_statistics_are_for_readers_with_the_token() -> None:
    for token, words in (("hush", "token of the server's operator"), ("", "own machine")):
        desk = Desk(settings=Settings(stats_token=token))
        with capture_logs() as logs:
            refusal = desk.refusal(ANN, GetServerStats("wrong"))
        assert refusal.code == Code.FORBIDDEN
        assert words in refusal.sentence
        (line,) = logs
        assert (line["event"], line["token"], line["held_back"]) == ("stats refused", True, 0)
    desk = Desk(settings=Settings(stats_token="hush"))
    assert desk.result(ANN, GetServerStats("hush")) == Result()


def test_the_server_tells_of_itself() -> None:
    desk = Desk(settings=Settings(name="den", message="hello"))
    desk.connect(ANN)
    desk.lives[M1] = FakeLive()
    desk.now += 7.9
    info = desk.result(ANN, GetServerInfo())
    version = f"den (gameserver {__version__})"
    assert info == ServerInfo(version, "skirmish", "Skirmish", 1, 4, 1, 7, "hello", replays=False)
