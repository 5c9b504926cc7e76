from types import SimpleNamespace
from typing import Any

import attrs

from client_demo.gallery import results
from client_demo.settings_file import PlayerSettings
from client_demo.views.looks import Looks
from client_demo.views.screens import CreateView, ResultsView, RoomView
from gameserver.client.chatbook import ChatBook
from gameserver.ids import PlayerId, Seat
from gameserver.messages.lobby import LobbyState, Member, Phase

MEMBERS = (Member(PlayerId("p0"), "Ann", Seat(0)),)


def counting(seconds: float | None, revision: int = 1) -> LobbyState:
    """Return a lobby that counts down."""
    lobby = attrs.evolve(results(2, 0, me=0).lobby, members=MEMBERS, result=None)
    return attrs.evolve(lobby, phase=Phase.OPEN, revision=revision, countdown_s=seconds)


def session_in(lobby: LobbyState) -> Any:
    client = SimpleNamespace(
        chat=ChatBook(), player_id=PlayerId("p0"), lobby=lobby, match=None, now=lambda: 0.0
    )
    return SimpleNamespace(
        client=client,
        form=object(),
        refused_lines=(),
        waits_for=lambda *_: False,
        refusal=lambda *_: None,
    )


def left_s(looks: Looks, session: Any, now: float) -> float | None:
    view = looks.screen(session, PlayerSettings(), now)
    assert isinstance(view, RoomView | ResultsView)
    return view.countdown_s


def test_a_countdown_continues_while_the_form_is_open() -> None:
    looks, session = Looks({}), session_in(counting(5.0))
    looks.form_open, looks.editing = True, counting(5.0).config
    assert isinstance(looks.screen(session, PlayerSettings(), 10.0), CreateView)
    looks.form_open = False
    assert left_s(looks, session, 13.0) == 2.0


def test_a_countdown_received_after_a_reconnect_replaces_the_local_one() -> None:
    looks, session = Looks({}), session_in(counting(5.0))
    assert left_s(looks, session, 10.0) == 5.0
    session.client.lobby = counting(1.5)
    assert left_s(looks, session, 13.5) == 1.5
    assert left_s(looks, session, 14.0) == 1.0


def test_changes_of_connections_do_not_restart_the_countdown() -> None:
    looks, session = Looks({}), session_in(counting(5.0))
    assert left_s(looks, session, 10.0) == 5.0
    away = attrs.evolve(MEMBERS[0], connected=False)
    session.client.lobby = attrs.evolve(counting(5.0), members=(away,))
    assert left_s(looks, session, 12.0) == 3.0
