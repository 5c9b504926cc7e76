"""What the pause menu of a match offers, and what its buttons ask of the server."""

from client_demo.screens import overlays
from client_demo.screens.room import member_of
from client_demo.screens.seats import open_seat
from client_demo.widgets.ui import Ui
from gameserver.client import Client
from gameserver.ids import NO_SEAT
from gameserver.messages.base import Request
from gameserver.messages.lobby import LeaveLobby, LeaveMatch, TakeSeat


def while_paused(ui: Ui, client: Client | None) -> tuple[overlays.Paused, Request | None]:
    """Draw the menu; return what was chosen, and the request that it needs."""
    lobby = client.lobby if client else None
    me = member_of(lobby, client.player_id) if client and lobby else None
    seated = me is not None and me.seat != NO_SEAT
    free = open_seat(lobby) if lobby else None
    chosen = overlays.pause_menu(ui, seated=seated, free=free is not None)
    requests: dict[overlays.Paused, Request] = {
        overlays.Paused.LEAVE_MATCH: LeaveMatch(),
        overlays.Paused.LEAVE_LOBBY: LeaveLobby(),
    }
    if free is not None:
        requests[overlays.Paused.SIT] = TakeSeat(free)
    return chosen, requests.get(chosen)
