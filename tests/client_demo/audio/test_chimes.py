import attrs

from client_demo.audio.chimes import Chimes
from client_demo.views.screens import ChatView, ConnectView, ResultsView, RoomView
from gameserver.ids import LobbyId, MatchId, PlayerId, Seat
from gameserver.messages.lobby import LobbyConfig, LobbyState, MatchResult, Phase, ResultLine

ME = PlayerId("me")
LOBBY = LobbyState(
    lobby_id=LobbyId("den"),
    revision=1,
    phase=Phase.COUNTDOWN,
    host=ME,
    config=LobbyConfig("Den", "attic", 4),
    invite_code="ABCDEF",
    locked=False,
    teams=0,
    members=(),
)
LINE = ResultLine("Me", ME, Seat(0), 0, 3, won=True, stats={})
RESULT = MatchResult(MatchId("first"), "finished", "Me", (), (LINE,), 900)


def room(left_s: float | None) -> RoomView:
    return RoomView(LOBBY, ChatView(ME), countdown_s=left_s)


def results(result: MatchResult) -> ResultsView:
    return ResultsView(attrs.evolve(LOBBY, result=result), ChatView(ME))


def test_each_of_the_last_seconds_of_a_countdown_beeps_once() -> None:
    chimes = Chimes()
    heard = [chimes.due(room(n / 10)) for n in range(50, -1, -1)]
    assert [sound for sound in heard if sound] == ["beep"] * 3


def test_a_countdown_after_a_cancelled_one_beeps_again() -> None:
    chimes = Chimes()
    assert chimes.due(room(2.9)) == "beep"
    assert chimes.due(room(None)) == ""
    assert chimes.due(room(2.9)) == "beep"


def test_each_result_sounds_once() -> None:
    chimes = Chimes()
    assert [chimes.due(results(RESULT)) for _ in range(3)] == ["win", "", ""]
    lost = attrs.evolve(RESULT, match_id="second", lines=(attrs.evolve(LINE, won=False),))
    assert chimes.due(results(lost)) == "lose"


def test_spectators_and_players_of_a_failed_match_hear_no_result() -> None:
    assert Chimes().due(results(attrs.evolve(RESULT, lines=()))) == ""
    assert Chimes().due(results(attrs.evolve(RESULT, reason="fault"))) == ""
    assert Chimes().due(ConnectView("", "")) == ""
