import attrs
import pytest

from client_demo.screens.room import lacking, situation
from client_demo.views.screens import ChatView, RoomView
from gameserver.ids import NO_SEAT, LobbyId, PlayerId, Seat
from gameserver.messages.forms import LobbyForm, MapChoice
from gameserver.messages.lobby import LobbyConfig, LobbyState, Member, Phase

CONFIG = LobbyConfig("Den", "attic", 6)
FORM = LobbyForm("g", "G", (), (MapChoice("attic", "Attic", (), 4, 8),), ("easy",), 1, 8, CONFIG)
SEATS = (Seat(0), Seat(1), NO_SEAT)


def den(bots: int, size: int) -> LobbyState:
    members = tuple(Member(PlayerId(f"p{n}"), "P", seat) for n, seat in enumerate(SEATS))
    config = attrs.evolve(CONFIG, bots=bots, size=size)
    return LobbyState(
        LobbyId("den"), 1, Phase.OPEN, PlayerId("p0"), config, "CODE", False, 0, members
    )


@pytest.mark.parametrize(
    ("bots", "size", "lack"), [(0, 6, 2), (1, 6, 1), (2, 6, 0), (5, 6, 0), (5, 3, 1)]
)
def test_a_room_says_how_many_are_missing(bots: int, size: int, lack: int) -> None:
    lobby = den(bots, size)
    assert lacking(RoomView(lobby, ChatView(PlayerId("p0")), FORM)) == lack
    assert lacking(RoomView(lobby, ChatView(PlayerId("p0")))) == 0


@pytest.mark.parametrize(
    ("me", "how"),
    [
        (0, "give others the code, or press Change to add bots"),
        (1, "people, or bots that the host adds"),
    ],
)
def test_a_host_is_told_how_to_fill_the_missing_seats(me: int, how: str) -> None:
    lobby = den(0, 6)
    view = RoomView(lobby, ChatView(PlayerId(f"p{me}")), FORM)
    assert situation(view, lobby.members[me]) == (f"2 more needed: {how}", True)
