"""Each effect of a decision calls the part that it names, once and with its values."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.errors import Code, RequestError
from gameserver.game.entity import Outcome, Player
from gameserver.ids import EventNumber, LobbyId, MatchId, PlayerId, RequestId, Seat, Tick
from gameserver.match import TickReport
from gameserver.messages.base import Result
from gameserver.messages.lobby import LobbyConfig
from gameserver.messages.match import MatchHappened
from gameserver.messages.session import NameChanged, ServerMessage
from gameserver.messages.wire import EventEnvelope, Goodbye, ResultEnvelope
from gameserver.rooms.calls import Answered, FellSilent, Happened, MatchIsOver, MatchRuns
from gameserver.rooms.state import effects
from gameserver.rooms.state.effects import Hearers
from gameserver.service.connections import PlayerLink
from gameserver.service.effects import Effects
from gameserver.service.gate import Gate
from gameserver.service.livematch import BROKEN_GAME
from gameserver.service.people import People
from gameserver.service.runtime import Runtime
from gameserver.service.saving import Saving
from gameserver.store.records import FAULT
from gameserver.transports import Link
from tests.service.peers import MAP
from tests.service.stage import Stage

ANN, M1 = PlayerId("ann"), MatchId("m1")
ADA = Player(Seat(2), "Ada", 1)
ORDER = effects.BeginMatch(M1, LobbyId("den"), LobbyConfig("Den", MAP.name, 4), (ADA,))


class Calls:
    """A part whose methods note their calls and return what a test has set."""

    def __init__(self, name: str, noted: list[tuple[Any, ...]]) -> None:
        self._name, self._noted = name, noted
        self.returns: dict[str, Any] = {}

    def __getattr__(self, method: str) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            self._noted.append((f"{self._name}.{method}", *given, *named.items()))
            found = self.returns.get(method)
            if isinstance(found, Exception):
                raise found
            return found

        return call


class Parts:
    """Effects and all parts that they act on."""

    def __init__(self, *, running: bool = True) -> None:
        self.noted: list[tuple[Any, ...]] = []
        self.hall, self.connections, self.matches, self.match, self.live = (
            Calls(name, self.noted) for name in ("hall", "connections", "matches", "match", "live")
        )
        live: Any = self.live
        live.match = self.match
        self.matches.returns["get"] = live if running else None
        parts: Any = (self.hall, self.connections, self.matches)
        self.effects = Effects(*parts)

    def perform(self, effect: effects.Effect) -> list[tuple[Any, ...]]:
        """Perform an effect; return the calls but those that only look."""
        reports: Any = None
        assert self.effects.perform(effect, reports) is None
        noted, self.noted[:] = list(self.noted), []
        return [call for call in noted if call[0] not in ("matches.get", "connections.line")]


ENVELOPE = EventEnvelope(EventNumber(1), NameChanged("Anna"))
NOTICE = ServerMessage("hello")


@pytest.mark.parametrize(
    ("effect", "call", "of_match"),
    [
        (effects.Deliver(ANN, ENVELOPE), ("connections.send", ANN, ENVELOPE), False),
        (effects.Tell((ANN,), NOTICE), ("connections.tell", (ANN,), NOTICE), False),
        (effects.ClearSeat(M1, Seat(2), ADA), ("match.leave", 2, ADA), True),
        (effects.ExitMatch(M1, ANN), ("live.unwatch", ANN), True),
        (effects.StopMatch(M1, "abandoned"), ("live.end", "abandoned"), True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_effect_is_one_call(
    effect: effects.Effect, call: tuple[Any, ...], of_match: bool
) -> None:
    assert Parts().perform(effect) == [call]
    assert Parts(running=False).perform(effect) == ([] if of_match else [call])


def test_a_player_who_sits_down_joins_the_match_and_is_noted_in_its_journal() -> None:
    effect = effects.SeatPlayer(M1, ADA, ANN)
    assert Parts().perform(effect) == [("match.join", ADA), ("live.seated", 2, ANN)]
    assert Parts(running=False).perform(effect) == []


@pytest.mark.parametrize(("sent_bytes", "charged"), [(120, [Answered(ANN, 120)]), (0, [None])])
def test_an_answer_that_came_later_is_charged_by_what_was_sent_of_it(
    sent_bytes: int, charged: list[Answered | None]
) -> None:
    parts = Parts()
    parts.connections.returns["send"] = sent_bytes
    answer = ResultEnvelope(RequestId(7), Result())
    reports: Any = None
    assert [parts.effects.perform(effects.ReplyLater(ANN, answer), reports)] == charged
    assert parts.noted == [("connections.send", ANN, answer)]


def test_a_note_is_a_line_of_the_log() -> None:
    with capture_logs() as logs:
        assert Parts().perform(effects.Note("kicked", {"player": ANN})) == []
    assert logs == [{"event": "kicked", "log_level": "info", "player": ANN}]


@pytest.mark.parametrize(("epoch", "ends"), [(3, True), (2, False), (None, False)])
def test_only_the_connection_of_its_epoch_is_ended(epoch: int | None, ends: bool) -> None:
    parts = Parts()
    noted: list[Any] = []
    ended: list[str] = []
    link = SimpleNamespace(post=noted.append, close_soon=noted.append)
    if epoch is not None:
        line = PlayerLink(cast(Link, link), epoch, lambda _: None, ended.append)
        parts.connections.returns["line"] = line
    calls = parts.perform(effects.Disconnect(ANN, 3, "forbidden", "out"))
    assert calls[:1] == ([("connections.detach", ANN, 3)] if ends else [])
    for name, goodbye in calls[1:]:
        assert name == "connections.later", "behind what was queued before"
        assert not noted
        goodbye()
    assert noted == ([Goodbye("forbidden", "out"), "out"] if ends else [])
    assert ended == (["forbidden"] if ends else [])


# --- beginning a match ----------------------------------------------------------------------------


@pytest.mark.parametrize("spared", [False, True])
def test_a_match_that_begins_is_told_to_the_rooms_with_its_facts(spared: bool) -> None:
    parts = Parts()
    reports: Any = "the reports"
    parts.hall.returns["spares_match"] = spared
    parts.matches.returns["start"] = SimpleNamespace(match=SimpleNamespace(facts=lambda: "facts"))
    with capture_logs() as logs:
        follows = parts.effects.perform(ORDER, reports)
    assert follows == MatchRuns(M1, "facts")
    assert parts.noted == [
        ("hall.check_match", M1),
        ("hall.spares_match", M1),
        ("matches.start", ORDER, reports, ("spared", spared)),
    ]
    (line,) = logs
    assert (line["event"], line["lobby"], line["seats"]) == ("match started", "den", 1)


@pytest.mark.parametrize("where", ["hall", "matches"])
def test_a_match_that_is_refused_is_over_with_the_code(where: str) -> None:
    parts = Parts()
    error = RequestError(Code.SERVER_BUSY, "later")
    if where == "hall":
        parts.hall.returns["check_match"] = error
    else:
        parts.matches.returns["start"] = error
    reports: Any = None
    with capture_logs() as logs:
        follows = parts.effects.perform(ORDER, reports)
    assert follows == MatchIsOver(M1, "server_busy", Outcome(()), 0, "later")
    assert [(line["event"], line["code"]) for line in logs] == [("match refused", Code.SERVER_BUSY)]


@pytest.mark.parametrize("caused", [False, True])
def test_a_match_that_cannot_be_made_is_over_with_a_fault(caused: bool) -> None:
    parts, fault, cause = Parts(), ValueError("the start failed"), KeyError("x")
    fault.__cause__ = cause if caused else None
    parts.matches.returns["start"] = fault
    reports: Any = None
    with capture_logs() as logs:
        follows = parts.effects.perform(ORDER, reports)
    assert follows == MatchIsOver(M1, FAULT, Outcome(()), 0, BROKEN_GAME)
    (line,) = logs
    assert line["exc_info"] is (cause if caused else fault)
    assert line["fault"] == "the start failed"


# --- people ---------------------------------------------------------------------------------------


class Turns:
    """People whose hall notes its calls; effects are those that a test has set."""

    def __init__(self) -> None:
        self.noted: list[tuple[Any, ...]] = []
        self.pending: list[list[Any]] = []
        self.due: float | None = None
        hall: Any = SimpleNamespace(
            take_effects=lambda: self.pending.pop(0) if self.pending else [],
            spreads=False,
            next_deadline=lambda: self.due,
            begin=lambda *_: None,
            end=lambda: None,
        )
        performer: Any = Calls("effects", self.noted)
        runtime = Runtime(entropy=bytes)
        self.people = People(hall, performer, runtime, Saving(Gate(), runtime, lambda: None))

    def names(self) -> list[str]:
        return [call[0] for call in self.noted]


class Noting:
    """A call into the hall that notes when it acts."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns

    def act(self, hall: object, moment: object) -> str:
        del hall, moment
        self.turns.noted.append(("acts",))
        return "answer"


async def test_effects_are_performed_and_flushed_once_behind_the_outermost_turn(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    turns = Turns()
    call: Any = Noting(turns)
    with turns.people.turn:
        turns.pending = [["one", "two"], ["three"]]
        assert turns.people.take(call) == "answer"
        assert turns.names() == ["acts"]
    assert turns.names() == ["acts", *["effects.perform"] * 3, "effects.flush"]
    assert [each[1] for each in turns.noted[1:4]] == ["one", "two", "three"]


async def test_unsent_messages_wake_the_spreader(mock_clock: MockClock) -> None:
    del mock_clock
    turns = Turns()
    call: Any = Noting(turns)
    turns.people.take(call)
    assert not turns.people.spreads.is_set()
    turns.people.hall.spreads = True  # type: ignore[misc]
    turns.people.take(call)
    assert turns.people.spreads.is_set()


async def test_a_call_that_sets_an_earlier_deadline_than_expected_wakes_their_task(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    turns = Turns()
    call: Any = Noting(turns)
    turns.people.expect(5.0)
    for due in (None, 7.0, 5.0):
        turns.due = due
        turns.people.take(call)
        assert not turns.people.sooner.is_set()
    turns.due = 4.5
    turns.people.take(call)
    assert turns.people.sooner.is_set()


async def test_reports_of_matches_become_calls(
    mock_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    del mock_clock
    stage = Stage()
    taken: list[Any] = []
    monkeypatch.setattr(stage.people, "take", taken.append)
    event = MatchHappened(M1, Tick(3), 0, ())
    stage.people.happened(event, Hearers.SEATED)
    for silent in ({}, {ANN: True}):
        stage.people.reported(TickReport(Tick(1), silent=silent))
    live: Any = SimpleNamespace(match_id=M1, match=SimpleNamespace(tick_number=70))
    forgotten: list[Any] = []
    monkeypatch.setattr(stage.people._effects, "forget", lambda *given: forgotten.append(given))
    outcome = Outcome(())
    stage.people.ended(live, "finished", outcome, "well done")
    assert taken == [
        Happened(event, Hearers.SEATED),
        FellSilent({ANN: True}),
        MatchIsOver(M1, "finished", outcome, 70, "well done"),
    ]
    assert forgotten == [(live, "finished")]
    await trio.lowlevel.checkpoint()
