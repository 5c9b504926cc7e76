"""What an operator does: forms become orders, which the rooms carry out and write down.

Law: every act goes through the one door to the rooms (`People.take`), with the principal's name and
a reason. What the rooms do not know of, such as a drain, is written down there before it is done.
"""

import ipaddress
from collections.abc import Callable

import attrs

from gameserver.errors import Code, RequestError
from gameserver.ids import LobbyId, PlayerId
from gameserver.messages.session import ServerMessage
from gameserver.rooms.oversight_calls import Administer
from gameserver.rooms.sessions.names import skeleton
from gameserver.rooms.state import orders
from gameserver.rooms.state.audit import AuditEntry
from gameserver.rooms.state.sanctions import SanctionedBy, checked_network
from gameserver.service.admin import forms
from gameserver.service.admin.rights import Principal
from gameserver.service.people import People
from gameserver.transports import subscriber

OWN_NETWORK = (
    "This is your own network, too: you cannot play from here for that time. The console goes on."
)
LOOPBACK = "127.0.0.1"
ENDS_ALREADY = 'The server drains or stops already. To stop it at once, ask with "now".'


@attrs.frozen
class OperatorActs:
    """Has orders carried out."""

    people: People
    notify: Callable[[ServerMessage], None]
    """Tells those who follow topics without a session."""
    stop: Callable[[], None]
    """Begins the stop of the server."""
    drain: Callable[[], None]
    """Begins its drain."""
    ending: Callable[[], bool]
    """Tells whether the server drains or stops, or was told to."""
    end_barred: Callable[[], None]
    """Ends the streams without a session of banned addresses."""

    def kick(self, who: Principal, player_id: str, form: forms.WithReason) -> forms.Acted:
        """End a session."""
        return self._order(who, orders.KickOut(PlayerId(player_id)), form.reason)

    def rename(self, who: Principal, player_id: str, form: forms.NewName) -> forms.Acted:
        """Give a player another name."""
        return self._order(who, orders.GiveName(PlayerId(player_id), form.name), form.reason)

    def impose(self, who: Principal, address: str, form: forms.NewSanction) -> forms.Acted:
        """Ban or mute; ``address`` is that of the operator, who is warned of the own network."""
        value = self._value(form)
        order = orders.Impose(form.kind, form.known_by, value, form.seconds)
        own = form.known_by is SanctionedBy.ADDRESS and _within(subscriber(address), value)
        acted = self._order(who, order, form.reason, OWN_NETWORK if own else "")
        self.end_barred()
        return acted

    def lift(self, who: Principal, number: int, form: forms.WithReason) -> forms.Acted:
        """End a ban or mute."""
        return self._order(who, orders.Lift(number), form.reason)

    def close_lobby(self, who: Principal, lobby_id: str, form: forms.WithReason) -> forms.Acted:
        """Put everybody out of a lobby."""
        return self._order(who, orders.CloseLobby(LobbyId(lobby_id)), form.reason)

    def tell_all(self, who: Principal, form: forms.NewText) -> forms.Acted:
        """Show all players a text."""
        acted = self._order(who, orders.TellAll(form.text), form.reason)
        self.notify(ServerMessage(acted.entry.details))
        return acted

    def settle(self, who: Principal, number: int, form: forms.WithReason) -> forms.Acted:
        """Note that a report was dealt with."""
        return self._order(who, orders.SettleReport(number), form.reason)

    def let_end(self, who: Principal, form: forms.NewDrain) -> forms.Acted:
        """Let the server end: behind its matches, or at once.

        Raises:
            RequestError: ``server_stopping``: it is to drain, and drains or stops already. So two
                operators who mean the same do not cut off the matches.
        """
        if not form.now and self.ending():
            raise RequestError(Code.SERVER_STOPPING, ENDS_ALREADY)
        acted = self._order(who, orders.NoteAct("stop" if form.now else "drain"), form.reason)
        if form.now:
            self.stop()
        else:
            self.drain()
        return acted

    def _order(
        self, who: Principal, order: orders.Order, reason: str, warning: str = ""
    ) -> forms.Acted:
        entry: AuditEntry = self.people.take(Administer(who.name, order, reason))
        return forms.Acted(entry, warning)

    def _value(self, form: forms.NewSanction) -> str:
        """Return what a sanction is about; a player's id stands for the address or name as well."""
        state = self.people.hall.parts.state
        session = state.sessions.get(PlayerId(form.value))
        match form.known_by:
            case SanctionedBy.SESSION if session is None:
                raise RequestError(Code.PLAYER_UNKNOWN, "There is no session of this id.")
            case SanctionedBy.ADDRESS:
                value = form.value if session is None else session.last_address or LOOPBACK
                return checked_network(value)
            case SanctionedBy.NAME if session is not None:
                if state.by_look.get(skeleton(form.value), session) is not session:
                    sentence = (
                        "This is the id of one player and the name of another one; choose the"
                        " session or the address."
                    )
                    raise RequestError(Code.BAD_PARAMS, sentence)
                return session.name
        return form.value


def _within(address: str, network: str) -> bool:
    if not address:
        return False
    own, other = ipaddress.ip_network(address), ipaddress.ip_network(network)
    return own.version == other.version and own.overlaps(other)
