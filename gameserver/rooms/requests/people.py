"""Requests of players about their own session, and chat.

Law: as in :mod:`gameserver.rooms.requests.lobby`.
"""

from typing import Final

import attrs

from gameserver.errors import Code
from gameserver.messages import chat as says
from gameserver.messages.base import Result
from gameserver.messages.session import NameChanged, Rename, Renamed, SignOut
from gameserver.messages.wire import Hello
from gameserver.rooms.chat.chat import Chat
from gameserver.rooms.chat.muting import refuse_muted
from gameserver.rooms.lobbies.directory import Directory
from gameserver.rooms.lobbies.membership import Membership
from gameserver.rooms.requests.namespaces import leave_all
from gameserver.rooms.sessions.book import SessionBook, Welcomed
from gameserver.rooms.state.effects import Disconnect
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.session import Session

TOO_MUCH_MISSED: Final = "too much missed"
"""Reason of the end of a session for which more events wait than are kept."""

NAME_BANNED: Final = "name banned"
"""Reason of the end of a session whose player goes on under another name."""


@attrs.frozen
class PeopleRequests:
    """Handlers of the requests about sessions and chat."""

    state: HallState
    sessions: SessionBook
    directory: Directory
    membership: Membership
    chat: Chat

    def sign_in(self, hello: Hello, address: str) -> Welcomed | None:
        """Make a session for a guest; return None if the session of the hello's token is to go on.

        A token whose session is out for its name alone, and that comes with another name, gets a
        new session in its place: a ban of a name bars the name.

        Raises:
            RequestError: The hello is refused.
        """
        outgrown = self.sessions.outgrown(hello) if hello.token else None
        if hello.token and outgrown is None:
            return None
        welcomed = self.sessions.sign_in(hello, address, replaces=outgrown)
        if outgrown is not None:
            self.end(outgrown, NAME_BANNED)
        return welcomed

    def rename(self, session: Session, request: Rename) -> Result:
        """Change the player's name, also in the lobby; a running match keeps the old one."""
        refuse_muted(self.state, session)  # all are told of a name; a mute by name would end, too
        before = session.name
        self.sessions.rename(session, request.player_name)
        self._tell_renamed(session, before)
        return Renamed(session.name)

    def give_name(self, session: Session, name: str) -> None:
        """Rename a player by the operator's order; limits do not count."""
        before = session.name
        self.sessions.give_name(session, name)
        self._tell_renamed(session, before)

    def _tell_renamed(self, session: Session, before: str) -> None:
        if session.name == before:
            return
        self.state.note("renamed", player=session.player_id, name=session.name, before=before)
        self.state.send(session, NameChanged(session.name))
        place = self.state.place_of(session)
        if place is not None:
            lobby, member = place
            member.name = session.name
            text = f"{before} is now {session.name}."
            self.chat.announce(lobby, text, "renamed", before, session.name)
            self.state.touch(lobby)

    def sign_out(self, session: Session, _request: SignOut) -> Result:
        """End the session for good."""
        self.state.perform(
            Disconnect(session.player_id, session.epoch, Code.TOKEN_UNKNOWN, "You signed out.")
        )
        self.end(session, "signed out")
        return Result()

    def end(self, session: Session, why: str) -> None:
        """Remove a session from its lobby and from the list's watchers, and forget it.

        ``why`` is for the log.
        """
        self.state.note("session ended", player=session.player_id, name=session.name, reason=why)
        # First without a connection: leaving then sends it no further events.
        session.connected = False
        self.membership.leave(session)
        leave_all(self.state, session, why)
        self.directory.watch(session, None)
        self.sessions.end(session)

    def say(self, session: Session, request: says.SendChat) -> Result:
        """Send a line of chat."""
        return self.chat.say(session, request)

    def typing(self, session: Session, request: says.Typing) -> Result:
        """Tell others that the player is typing."""
        self.chat.typing(session, request)
        return Result()

    def history(self, session: Session, request: says.GetChatHistory) -> Result:
        """Return the last lines of a channel."""
        return self.chat.history(session, request.channel)

    def mute(self, session: Session, request: says.MuteChat) -> Result:
        """Hide another player's chat, or show it again."""
        self.chat.mute(session, request.player_id, muted=request.muted)
        return Result()
