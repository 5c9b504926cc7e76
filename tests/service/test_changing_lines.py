"""A player in a match whose session goes on over another connection: the router keeps the match."""

from gameserver.messages.match import EnterMatch
from tests.service.test_router import ANN, M1, Desk


def test_inputs_of_a_player_who_changes_connections_count_until_the_next_one_enters() -> None:
    desk = Desk()
    live = desk.enter(ANN, M1)
    desk.connect(ANN, 2)
    assert not desk.router.entered(ANN, 2)
    desk.router.left(ANN, 1)
    desk.router.hot(ANN, b"between")
    desk.ask(ANN, EnterMatch(M1), epoch=2)
    assert desk.router.entered(ANN, 2)
    line = desk.router.connections.line(ANN)
    assert live.calls[1:] == [("put", ANN, b"between"), ("watch", ANN, 3, line)]
    desk.router.left(ANN, 2)
    assert live.calls[3:] == [("unwatch", ANN)]


def test_a_player_who_never_enters_anew_stops_to_watch_with_the_newer_connection() -> None:
    desk = Desk()
    live = desk.enter(ANN, M1)
    desk.connect(ANN, 2)
    desk.router.left(ANN, 1)
    assert live.calls[1:] == []
    desk.router.left(ANN, 2)
    assert live.calls[1:] == [("unwatch", ANN)]
    assert desk.router._watching == {}
