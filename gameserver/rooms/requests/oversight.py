"""What the server's operators order: kick, ban, mute, rename, close a lobby, tell all.

Law: every order that is carried out is in the audit log, written by the same call. An order that
does not fit is refused and changes nothing. What a player is told has the operator's reason.
"""

from collections.abc import Callable, Iterable
from typing import Final

import attrs

from gameserver.durations import duration
from gameserver.errors import Code, RequestError
from gameserver.ids import LobbyId, PlayerId
from gameserver.messages.session import ServerMessage
from gameserver.rooms.requests.namespaces import leave_all
from gameserver.rooms.requests.people import PeopleRequests
from gameserver.rooms.sessions.names import clean_name, clean_text, skeleton, unreadable
from gameserver.rooms.state import orders
from gameserver.rooms.state.audit import AuditEntry
from gameserver.rooms.state.effects import Disconnect
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.sanctions import (
    Sanction,
    SanctionedBy,
    SanctionKind,
    banned,
    checked_network,
    with_reason,
)
from gameserver.rooms.state.session import Session

REASON_CHARS: Final = 300
TEXT_CHARS: Final = 500
"""Longest text for all players."""

LONGEST_S: Final = 10 * 366 * 86_400.0
"""Longest ban or mute."""


@attrs.frozen
class _Done:
    """What is written down of an act."""

    act: str
    target: str = ""
    target_name: str = ""
    details: str = ""
    affected: int = 0


@attrs.frozen
class Oversight:
    """Carries out orders."""

    people: PeopleRequests
    lose: Callable[[Session], None]
    """Notes that a session has lost its connection."""
    finish: Callable[[], None]
    """Ends the call as every call."""

    @property
    def state(self) -> HallState:
        """The state of the hall."""
        return self.people.state

    def carry_out(self, by: str, order: orders.Order, reason: str) -> AuditEntry:
        """Carry out an order and write it down.

        Raises:
            RequestError: It does not fit; nothing has changed.
        """
        why = clean_text(reason[: 4 * REASON_CHARS])[:REASON_CHARS]
        done = self._do(by, order, why)
        log, state = self.state.audit, self.state
        log.last += 1
        entry = AuditEntry(log.last, state.wall_ms, by, reason=why, **attrs.asdict(done))
        log.entries.append(entry)
        state.note(
            "operator acted",
            act=entry.act,
            by=by,
            target=entry.target,
            name=entry.target_name,
            details=entry.details,
            reason=why,
            affected=entry.affected,
        )
        self.finish()
        return entry

    def _do(self, by: str, order: orders.Order, why: str) -> _Done:
        match order:
            case orders.KickOut(player_id):
                return self._kick(self._session(player_id), why)
            case orders.Impose():
                return self._impose(by, order, why)
            case orders.Lift(number):
                lifted = self.state.sanctions.lift(number, self.state.wall_ms)
                about = f"{lifted.kind.value} {number}, by {lifted.known_by.value}"
                return _Done(f"un{lifted.kind.value}", lifted.value, lifted.shown, about)
            case orders.GiveName(player_id, name):
                return self._rename(self._session(player_id), name, why)
            case orders.CloseLobby(lobby_id):
                return self._close(lobby_id, why)
            case orders.TellAll(text):
                return self._tell_all(text)
            case orders.SettleReport(number):
                return self._settle(number, by)
            case orders.NoteAct(act, details):
                return _Done(act, details=details)

    def _session(self, player_id: PlayerId) -> Session:
        session = self.state.sessions.get(player_id)
        if session is None:
            raise RequestError(Code.PLAYER_UNKNOWN, "There is no session of this id.")
        return session

    # --- players ----------------------------------------------------------------------------------

    def _kick(self, session: Session, why: str) -> _Done:
        done = _Done("kick", session.player_id, session.name, affected=1)
        sentence = with_reason("The server's operator has ended your session.", why)
        self._part(session, Code.SESSION_KICKED, sentence)
        self.people.end(session, "kicked by the operator")
        return done

    def _part(self, session: Session, code: Code, sentence: str) -> None:
        if session.connected:
            self.state.perform(Disconnect(session.player_id, session.epoch, code, sentence))

    def _rename(self, session: Session, name: str, why: str) -> _Done:
        if not name:  # only who signs in may leave the choice to the server
            raise unreadable()
        wanted, before = clean_name(name, self.state.rules.name_chars), session.name
        other = self.state.by_look.get(skeleton(wanted), session)
        if other is not session:  # with a number behind it, it would not be the name that was asked
            sentence = f"Another player has the name {other.name} already; choose another one."
            raise RequestError(Code.NAME_REFUSED, sentence)
        self.people.give_name(session, wanted)
        self._tell([session], f"The server's operator named you {session.name}.", why)
        return _Done("rename", session.player_id, session.name, f"was {before}", 1)

    def _impose(self, by: str, order: orders.Impose, why: str) -> _Done:
        if not 1 <= order.seconds <= LONGEST_S:
            raise RequestError(Code.BAD_PARAMS, f"A time must be from 1 to {LONGEST_S:.0f} s.")
        value, shown = self._known_by(order)
        state = self.state
        sanction = state.sanctions.impose(
            order.kind,
            order.known_by,
            value,
            shown,
            until_ms=state.wall_ms + round(order.seconds * 1000),
            reason=why,
            imposed_by=by,
            now_ms=state.wall_ms,
        )
        meant = [
            session
            for session in list(state.sessions.values())
            if state.sanctions.of(order.kind, session, state.wall_ms) is sanction
        ]
        if order.kind is SanctionKind.BAN:
            for session in meant:
                self._put_out(session, sanction)
        about = f"{order.known_by.value} for {duration(order.seconds)}, number {sanction.number}"
        return _Done(order.kind.value, value, shown, about, len(meant))

    def _known_by(self, order: orders.Impose) -> tuple[str, str]:
        """Return the value that a sanction compares, and the same for people.

        Raises:
            RequestError: There is no such session, or it is no network that can be banned.
        """
        match order.known_by:
            case SanctionedBy.SESSION:
                session = self._session(PlayerId(order.value))
                return session.player_id, session.name
            case SanctionedBy.NAME:
                name = clean_name(order.value, self.state.rules.name_chars)
                if not order.value:
                    raise RequestError(Code.BAD_PARAMS, "A name is missing.")
                return skeleton(name), name
            case SanctionedBy.ADDRESS:
                network = checked_network(order.value)
                return network, network.removesuffix("/32")

    def _put_out(self, session: Session, sanction: Sanction) -> None:
        """End the connection of a banned session; it may go on when the ban is over."""
        self._part(session, Code.SESSION_BANNED, banned(sanction, self.state.wall_ms).sentence)
        was_connected, session.connected = session.connected, False  # it is sent nothing further
        self.people.membership.leave(session)
        leave_all(self.state, session, "banned by the operator")
        self.people.directory.watch(session, None)
        if was_connected:
            self.lose(session)

    # --- lobbies, texts and reports ---------------------------------------------------------------

    def _tell(self, sessions: Iterable[Session], sentence: str, why: str) -> None:
        self.state.tell_all(sessions, ServerMessage(with_reason(sentence, why)))

    def _close(self, lobby_id: LobbyId, why: str) -> _Done:
        lobby = self.state.lobbies.get(lobby_id)
        if lobby is None:
            raise RequestError(Code.LOBBY_UNKNOWN, "There is no lobby of this id.")
        done = _Done("close-lobby", lobby_id, lobby.config.title, affected=len(lobby.members))
        members = [self.state.sessions[player_id] for player_id in lobby.members]
        # The host last, so that nobody becomes the host on the way.
        for player_id in sorted(lobby.members, key=lambda each: each == lobby.host):
            self.people.membership.remove(lobby, self.state.sessions[player_id], "closed")
        self._tell(members, f"The server's operator closed the lobby {done.target_name}.", why)
        return done

    def _tell_all(self, text: str) -> _Done:
        told = clean_text(text[: 4 * TEXT_CHARS])[:TEXT_CHARS]
        if not told:
            raise RequestError(Code.CHAT_EMPTY, "The text has nothing that can be shown.")
        sessions = [each for each in self.state.sessions.values() if each.connected]
        self.state.tell_all(sessions, ServerMessage(told))
        return _Done("broadcast", details=told, affected=len(sessions))

    def _settle(self, number: int, by: str) -> _Done:
        report = self.state.reports.by_number.get(number)
        if report is None:
            raise RequestError(Code.BAD_PARAMS, f"There is no report of number {number}.")
        self.state.reports.put(attrs.evolve(report, settled_by=by))
        return _Done("settle-report", report.accused, report.accused_name, f"report {number}")
