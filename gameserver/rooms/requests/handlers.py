"""The table of request handlers of the hall.

Law: one line for each request; all other requests are answered by the service or are unknown.
"""

from collections.abc import Callable
from typing import Any

from gameserver.messages import chat as says
from gameserver.messages import forms
from gameserver.messages import lobby as asks
from gameserver.messages import namespaces as spaces
from gameserver.messages.base import Request, Result
from gameserver.messages.session import Rename, ReportPlayer, SignOut
from gameserver.rooms.requests.host import HostRequests
from gameserver.rooms.requests.lobby import LobbyRequests
from gameserver.rooms.requests.namespaces import Handling, NamespaceRequests
from gameserver.rooms.requests.people import PeopleRequests
from gameserver.rooms.requests.reports import ReportRequests
from gameserver.rooms.state.session import Session

RequestHandler = Callable[[Session, Any], Result | Handling]


def handlers(
    people: PeopleRequests,
    lobbies: LobbyRequests,
    hosts: HostRequests,
    namespaces: NamespaceRequests,
) -> dict[type[Request], RequestHandler]:
    """Return the handlers by the class of their requests."""
    return {
        Rename: people.rename,
        SignOut: people.sign_out,
        ReportPlayer: ReportRequests(people.state, people.chat).report,
        says.SendChat: people.say,
        says.Typing: people.typing,
        says.GetChatHistory: people.history,
        says.MuteChat: people.mute,
        forms.GetLobbyForm: lobbies.form,
        asks.ListLobbies: lobbies.listing,
        asks.WatchLobbies: lobbies.watch,
        asks.CreateLobby: lobbies.create,
        asks.JoinLobby: lobbies.join,
        asks.QuickPlay: lobbies.quick_play,
        asks.LeaveLobby: lobbies.leave,
        asks.LeaveMatch: lobbies.leave_match,
        asks.SetReady: lobbies.ready,
        asks.Rematch: lobbies.rematch,
        asks.TakeSeat: lobbies.sit,
        asks.ChooseTeam: lobbies.choose_team,
        asks.ConfigureLobby: hosts.configure,
        asks.StartMatch: hosts.start,
        asks.CancelStart: hosts.cancel,
        asks.KickPlayer: hosts.kick,
        asks.BanPlayer: hosts.ban,
        asks.UnbanPlayer: hosts.unban,
        asks.LockLobby: hosts.lock,
        asks.TransferHost: hosts.transfer,
        asks.MutePlayer: hosts.mute,
        spaces.JoinNamespace: namespaces.join,
        spaces.LeaveNamespace: namespaces.leave,
        spaces.EmitEvent: namespaces.emit,
        spaces.AckEmitted: namespaces.ack,
    }
