"""The list of lobbies: searched by invite code and filter, watched, and used by quick play.

Law: the list never has invite codes or unlisted lobbies. Watchers get it at most twice a second,
and it is made once for all of them.
"""

from collections import Counter
from typing import Final

import attrs

from gameserver.errors import Code, RequestError
from gameserver.ids import LobbyId, PlayerId
from gameserver.messages.lobby import (
    LobbiesListed,
    LobbyFilter,
    LobbyList,
    LobbySummary,
    Phase,
    QuickPlay,
    Visibility,
)
from gameserver.rooms.state.effects import Publish
from gameserver.rooms.state.hall_state import Due, HallState
from gameserver.rooms.state.lobby import Lobby
from gameserver.rooms.state.session import Session
from gameserver.rooms.state.shown import LOBBIES

CODE_LETTERS: Final = "23456789BCDFGHJKMNPQRSTVWXYZ"
"""Without letters that look like digits, and without vowels, which would form words."""
CODE_LENGTH: Final = 6
"""28^6 codes are half a billion: a guess among a thousand lobbies hits once in 480,000 (23)."""

_FILTERS: Final = 64
"""Filters whose results are kept; a further one clears all of them."""

_WATCHERS: Final = (Due.WATCHERS, "")


_NEXT_FILTERS_S: Final = 0.02
"""Seconds between the watchers of some filters and those of the next ones."""


@attrs.define(eq=False)
class Directory:
    """The public view of all lobbies of the server."""

    _state: HallState
    _by_code: dict[str, LobbyId] = attrs.field(factory=dict, init=False)
    _watchers: dict[PlayerId, Session] = attrs.field(factory=dict, init=False)
    _listed: list[LobbySummary] | None = attrs.field(default=None, init=False)
    _found: dict[LobbyFilter, LobbyList] = attrs.field(factory=dict, init=False)
    """The list for each filter, until the list changes."""
    _told_at: float | None = attrs.field(default=None, init=False)
    _untold: list[LobbyFilter] = attrs.field(factory=list, init=False)
    """Filters whose watchers have not been sent the changed list yet."""
    _changed_meanwhile: bool = attrs.field(default=False, init=False)
    """Whether the list has changed again before all watchers got it."""

    # --- codes ----------------------------------------------------------------------------------

    def new_code(self, lobby_id: LobbyId) -> str:
        """Make an invite code for a lobby, valid until `forget`."""
        while True:
            random = int.from_bytes(self._state.entropy(8), "big")
            letters = []
            for _ in range(CODE_LENGTH):
                random, index = divmod(random, len(CODE_LETTERS))
                letters.append(CODE_LETTERS[index])
            code = "".join(letters)
            if code not in self._by_code:
                self._by_code[code] = lobby_id
                return code

    def by_code(self, typed: str) -> Lobby | None:
        """Return the lobby of an invite code; letter case, spaces and dashes are ignored."""
        code = typed.upper().replace(" ", "").replace("-", "")
        lobby_id = self._by_code.get(code)
        return None if lobby_id is None else self._state.lobbies[lobby_id]

    def forget(self, lobby: Lobby) -> None:
        """Remove the invite code of a closed lobby."""
        del self._by_code[lobby.code]

    # --- the list -------------------------------------------------------------------------------

    def listing(self, wanted: LobbyFilter) -> LobbyList:
        """Return the listed lobbies that pass a filter, joinable and fullest first.

        It is the same object until the list changes, so that it is encoded once.
        """
        found = self._found.get(wanted)
        if found is None:
            if len(self._found) >= _FILTERS:
                self._found.clear()
            passed = [lobby for lobby in self._summaries() if _passes(lobby, wanted)]
            found = LobbyList(tuple(passed[: self._state.rules.listed]), len(passed))
            self._found[wanted] = found
        return found

    def refresh(self) -> None:
        """Take in changes of the list, and set the time at which its watchers get it."""
        if not self._state.list_changed:
            return
        self._state.list_changed = False
        self._listed = None
        self._found.clear()
        self._state.perform(Publish(LOBBIES))
        if self._untold:
            self._changed_meanwhile = True
        elif self._watchers:
            self._tell_soon()

    def _tell_soon(self) -> None:
        soonest = self._state.now
        if self._told_at is not None:
            soonest = max(soonest, self._told_at + self.period_s())
        self._state.agenda.set(_WATCHERS, soonest)

    def period_s(self) -> float:
        """Return the shortest time between two lists; a longer list is told less often."""
        rules = self._state.rules
        listed = min(len(self._state.lobbies), rules.listed)
        return rules.watch_s * max(1.0, listed / rules.watch_lobbies)

    def watch(self, session: Session, wanted: LobbyFilter | None) -> None:
        """Send a session the list of this filter when it changes; None stops that."""
        session.watching = wanted
        if wanted is None:
            self._watchers.pop(session.player_id, None)
        else:
            self._watchers[session.player_id] = session

    def catch_up(self, session: Session) -> None:
        """Send a resumed session the list that it watches."""
        if session.watching is not None:
            self._tell(session.watching, [session])

    def tell_watchers(self) -> None:
        """Send the list to its watchers: one notice for each filter, most watched first.

        Only a few filters are served at a time: to make and encode the list of one takes a
        millisecond, and every watcher may have another filter (threat 38).
        """
        rules = self._state.rules
        if not self._untold:
            self._told_at = self._state.now
            filters = Counter(s.watching for s in self._watchers.values() if s.connected)
            self._untold = [wanted for wanted, _ in filters.most_common() if wanted is not None]
        now, self._untold = (
            self._untold[: rules.watch_filters],
            self._untold[rules.watch_filters :],
        )
        for wanted in now:
            self._tell(wanted, [s for s in self._watchers.values() if s.watching == wanted])
        if self._untold:
            self._state.agenda.set(_WATCHERS, self._state.now + _NEXT_FILTERS_S)
        elif self._changed_meanwhile:
            self._changed_meanwhile = False
            self._tell_soon()

    def _tell(self, wanted: LobbyFilter, sessions: list[Session]) -> None:
        found = self.listing(wanted)
        self._state.tell_all(sessions, LobbiesListed(found.lobbies, found.total))

    def _summaries(self) -> list[LobbySummary]:
        if self._listed is None:
            self._listed = [
                lobby.summary(self._state.game.mode_option)
                for lobby in self._state.lobbies.values()
                if lobby.config.visibility is not Visibility.UNLISTED
            ]
            self._listed.sort(key=lambda s: (not s.joinable, -s.players, s.lobby_id))
        return self._listed

    # --- quick play -------------------------------------------------------------------------------

    def pick(self, session: Session, wanted: QuickPlay) -> Lobby | None:
        """Return the fitting public lobby in which a match is nearest; None without one.

        Raises:
            RequestError: The server has no map of this name.
        """
        if wanted.map and wanted.map not in self._state.maps:
            raise RequestError(Code.LOBBY_BAD_OPTIONS, f"there is no map {wanted.map!r:.40}")
        mode_option = self._state.game.mode_option
        fitting = [
            lobby
            for lobby in self._state.lobbies.values()
            if lobby.config.visibility is Visibility.PUBLIC
            and lobby.joinable
            and lobby.takes_members(self._state.rules)
            and session.player_id not in lobby.members
            and wanted.map in ("", lobby.config.map)
            and wanted.mode in ("", lobby.config.options.get(mode_option))
            and not is_banned(lobby, session)
        ]
        return min(fitting, key=_wait_for, default=None)

    def check(self) -> None:
        """Assert that codes and watchers match the present lobbies and sessions."""
        state = self._state
        assert self._by_code == {lobby.code: lobby.lobby_id for lobby in state.lobbies.values()}
        watching = [s.player_id for s in state.sessions.values() if s.watching is not None]
        assert sorted(watching) == sorted(self._watchers)


def is_banned(lobby: Lobby, session: Session) -> bool:
    """Tell whether a session is banned, or its name looks like a banned name."""
    if not lobby.bans:
        return False
    by_id = any(ban.player_id == session.player_id for ban in lobby.bans.values())
    return by_id or session.look in lobby.bans


def _passes(lobby: LobbySummary, wanted: LobbyFilter) -> bool:
    text = wanted.text.casefold()
    return (
        (text in lobby.title.casefold() or text in lobby.host_name.casefold())
        and wanted.mode in ("", lobby.mode)
        and wanted.map in ("", lobby.map)
        and (lobby.joinable or not wanted.joinable)
    )


def _wait_for(lobby: Lobby) -> tuple[int, int, LobbyId]:
    """Return the sort key by time until play: starting, in match, between matches, waiting."""
    starts = lobby.auto and lobby.phase in (Phase.OPEN, Phase.COUNTDOWN)
    sooner = (starts, lobby.phase is Phase.IN_MATCH, lobby.auto, True)
    return sooner.index(True), -len(lobby.seats), lobby.lobby_id
