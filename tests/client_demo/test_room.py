import attrs
import pytest

from client_demo.screens.room import lacking
from client_demo.views.screens import ChatView, RoomView
from gameserver.ids import NO_SEAT, LobbyId, PlayerId, Seat
from gameserver.messages.lobby import (
    LobbyConfig,
    LobbyForm,
    LobbyState,
    MapChoice,
    Member,
    Phase,
)

CONFIG = LobbyConfig("Den", "attic", 6)
FORM = LobbyForm("g", "G", (), (MapChoice("attic", "Attic", (), 4, 8),), ("easy",), 1, 8, CONFIG)
SEATS = (Seat(0), Seat(1), NO_SEAT)


@pytest.mark.parametrize(
    ("bots", "size", "lack"), [(0, 6, 2), (1, 6, 1), (2, 6, 0), (5, 6, 0), (5, 3, 1)]
)
def test_a_room_says_how_many_are_missing(bots: int, size: int, lack: int) -> None:
    members = tuple(Member(PlayerId(f"p{n}"), "P", seat) for n, seat in enumerate(SEATS))
    config = attrs.evolve(CONFIG, bots=bots, size=size)
    lobby = LobbyState(
        LobbyId("den"), 1, Phase.OPEN, PlayerId("p0"), config, "CODE", False, 0, members
    )
    assert lacking(RoomView(lobby, ChatView(PlayerId("p0")), FORM)) == lack
    assert lacking(RoomView(lobby, ChatView(PlayerId("p0")))) == 0
