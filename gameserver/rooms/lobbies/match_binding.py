"""The connection between a lobby and its running match: players who play, enter and leave.

Law: the service runs the match and learns of players through effects, in order: `BeginMatch` first,
then `SeatPlayer` and `ClearSeat`, `StopMatch` last. After its end was ordered, no player is added.
"""

from collections.abc import Collection, Mapping
from itertools import islice
from operator import attrgetter

import attrs

from gameserver.game.entity import Outcome, Player, Standing
from gameserver.ids import NO_SEAT, MatchId, PlayerId, Seat, Tick
from gameserver.messages.lobby import MatchResult, ResultLine
from gameserver.messages.match import MatchEnded, MatchHappened, MatchStarted, SeatedPlayer
from gameserver.rooms.lobbies.botnames import bot_names
from gameserver.rooms.state.effects import (
    BeginMatch,
    ClearSeat,
    ExitMatch,
    Hearers,
    Publish,
    SeatPlayer,
    StartFacts,
    StopMatch,
)
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.late import PUBLIC, EndedMatch, starts
from gameserver.rooms.state.lobby import Lobby, Occupant, RunningMatch
from gameserver.rooms.state.shown import is_shown


@attrs.frozen
class MatchBinding:
    """Maps running matches to lobbies, and makes the effects about their players."""

    _state: HallState
    _lobby_of: dict[MatchId, Lobby] = attrs.field(factory=dict)

    def find(self, match_id: MatchId) -> Lobby | None:
        """Return the lobby of a running match; None if the match is over."""
        return self._lobby_of.get(match_id)

    def running(self) -> dict[MatchId, Lobby]:
        """Return the lobbies that have a running match, by match."""
        return dict(self._lobby_of)

    # --- beginning and end ------------------------------------------------------------------------

    def begin(self, lobby: Lobby) -> None:
        """Order a match for the seated members and the bots that fill free seats."""
        match_id = MatchId(self._state.fresh_id("m", self._lobby_of))
        lobby.match = RunningMatch(match_id, {}, seats=lobby.seats.size)
        self._lobby_of[match_id] = lobby
        for seat in islice(lobby.seats.free(), lobby.bots_to_fill):
            lobby.match.bots[seat] = self._make_bot(lobby, seat)
        players = [_player(member) for member in lobby.seated] + list(lobby.match.bots.values())
        players.sort(key=lambda player: player.seat)
        for member in lobby.seated:
            lobby.match.note_seated(member.seat, member.name, member.player_id)
        host = self._state.sessions[lobby.host]
        self._state.hosting.begin(match_id, host, len(players), len(lobby.match.bots))
        people = {member.seat: member.player_id for member in lobby.seated}
        order = BeginMatch(match_id, lobby.lobby_id, lobby.config, tuple(players), people)
        self._state.perform(order)

    def started(self, match_id: MatchId, facts: StartFacts) -> None:
        """Tell all members that the match runs; each gets their own seat."""
        lobby = self._lobby_of.get(match_id)
        if lobby is None:
            return
        assert lobby.match is not None
        lobby.match.facts = facts
        players = seated(lobby, lobby.match)
        wide = len(lobby.members) > self._state.rules.wide
        for member in lobby.members.values():
            event = self._as_seen(lobby, member, players)
            session = self._state.sessions[member.player_id]
            if event is None:
                continue
            if lobby.late.waits_for(member.player_id):  # who is still shown the match before
                self._state.tell_later(lobby, (member.player_id,), event)
            elif wide:
                self._state.spread.hold((session,), event)
            else:
                self._state.send(session, event)
        if (shown := self._started(lobby.match, NO_SEAT, players)) is not None:
            self._state.publish(lobby, shown)

    def show_match(self, lobby: Lobby, member: Occupant) -> None:
        """Tell one member of the running match, if there is one, and the member's seat in it."""
        if lobby.match is None:
            return
        match_id = lobby.match.match_id
        if any(starts(event, match_id) for event in lobby.late.events_for(member.player_id)):
            return  # who is still shown the match before
        event = self._as_seen(lobby, member, seated(lobby, lobby.match))
        if event is not None:
            self._state.send(self._state.sessions[member.player_id], event)

    def _as_seen(
        self, lobby: Lobby, member: Occupant, players: tuple[SeatedPlayer, ...]
    ) -> MatchStarted | None:
        return self._started(lobby.match, member.seat, players)

    def _started(
        self, match: RunningMatch | None, seat: Seat, players: tuple[SeatedPlayer, ...]
    ) -> MatchStarted | None:
        if match is None or match.facts is None or match.stopping:
            return None
        facts = match.facts
        return MatchStarted(
            match_id=match.match_id,
            game=facts.game,
            seat=seat,
            players=players,
            tick_rate=facts.tick_rate,
            snapshot_every=facts.snapshot_every,
            map=facts.map,
            map_digest=facts.map_digest,
            options=facts.options,
            salt=facts.salt,
            schema=facts.schema,
        )

    def happened(self, event: MatchHappened, hearers: Hearers) -> None:
        """Send a reliable game event to members; the public learns of it with the spectators."""
        if event.match_id in self._state.ended:
            self._happened_before(self._state.ended[event.match_id], event)
            return
        lobby = self._lobby_of.get(event.match_id)
        if lobby is None:
            return
        for member in lobby.members.values():
            if hearers is Hearers.ALL or member.seated == (hearers is Hearers.SEATED):
                self._state.send(self._state.sessions[member.player_id], event)
        if hearers is not Hearers.SEATED and is_shown(lobby):
            self._state.perform(Publish(lobby.lobby_id, event))

    def _happened_before(self, lobby: Lobby, event: MatchHappened) -> None:
        """Tell those who have not seen the end of a match what they see of it now."""
        for listener in lobby.late.who_waits_for_end(event.match_id):
            if listener in lobby.members:
                self._state.send(self._state.sessions[listener], event)
            elif listener == PUBLIC and is_shown(lobby):
                self._state.perform(Publish(lobby.lobby_id, event))

    def stop(self, lobby: Lobby, reason: str) -> None:
        """Order the end of a lobby's match, unless it was ordered already."""
        if lobby.match is not None and not lobby.match.stopping:
            lobby.match.stopping = True
            self._state.perform(StopMatch(lobby.match.match_id, reason))

    def stop_with_server(self, lobby: Lobby, kept: Collection[MatchId]) -> None:
        """Order the end of a lobby's match unless it is ``kept``; spectators wait for no result."""
        for member in lobby.watching:
            self._state.catch_up(lobby, member.player_id)
        if lobby.match is not None and lobby.match.match_id not in kept:
            self.stop(lobby, "stopped")

    def drop(self, lobby: Lobby) -> None:
        """Stop the match of a closed lobby; its result is discarded."""
        self.stop(lobby, "abandoned")
        if lobby.match is not None:
            del self._lobby_of[lobby.match.match_id]
            self._state.hosting.end(lobby.match.match_id)

    def end(self, lobby: Lobby, reason: str, outcome: Outcome, ticks: int, message: str) -> None:
        """Keep the result of an ended match and send it to all members."""
        assert lobby.match is not None
        match_id = lobby.match.match_id
        del self._lobby_of[match_id]
        self._state.hosting.end(match_id)
        match, sat = lobby.match, lobby.match.sat
        players = seated(lobby, match)
        before = lobby.state(self._state.now, for_host=False)
        lobby.match = None
        lobby.result = MatchResult(
            match_id=match_id,
            reason=reason,
            winner=outcome.winner,
            team_scores=outcome.team_scores,
            lines=tuple(result_line(line, sat) for line in outcome.standings),
            ticks=ticks,
            message=message,
        )
        for member in lobby.members.values():
            member.stalled = False
        members = [self._state.sessions[player_id] for player_id in lobby.members]
        ended = MatchEnded(lobby.result)
        self._state.tell_lobby(lobby, members, ended, hides=True)
        if not self._state.delays:
            self._state.publish(lobby, ended)
            return
        due = self._state.tell_later(lobby, (PUBLIC,), ended)
        past = EndedMatch(match_id, match.facts, players, Tick(ticks), before, due)
        self._state.end_later(lobby, past)

    # --- coming and going -------------------------------------------------------------------------

    def admit(self, lobby: Lobby, member: Occupant) -> None:
        """Add a member who has just sat down to the running match, if there is one."""
        match = lobby.match
        if match is None:
            return
        bot = match.bots.pop(member.seat, None)
        if bot is not None:
            member.team = bot.team
        if not match.stopping:
            match.note_seated(member.seat, member.name, member.player_id)
            seated = SeatPlayer(match.match_id, _player(member), member.player_id)
            self._state.perform(seated)

    def dismiss(self, lobby: Lobby, member: Occupant) -> None:
        """Remove a member who is about to lose the seat from the running match, if there is one.

        A bot takes over if the lobby wants more bots than play and other people are seated.
        """
        match = lobby.match
        if match is None or match.stopping or not member.seated:
            return
        bot = None
        if len(match.bots) < lobby.config.bots and len(lobby.seats) > 1:
            bot = attrs.evolve(self._make_bot(lobby, member.seat), team=member.team)
            match.bots[member.seat] = bot
        self._state.perform(ClearSeat(match.match_id, member.seat, bot))

    def close_view(self, lobby: Lobby, member: Occupant) -> None:
        """End a member's view of the match, since the member leaves or gives up the seat."""
        self._state.stop_watching(lobby, member.player_id)
        if lobby.match is not None and not lobby.match.stopping:
            self._state.perform(ExitMatch(lobby.match.match_id, member.player_id))

    def _make_bot(self, lobby: Lobby, seat: Seat) -> Player:
        bots = lobby.match.bots.values() if lobby.match else ()
        taken = {bot.name for bot in bots} | {member.name for member in lobby.members.values()}
        name = next(bot_names(self._state.entropy(2), taken))
        if lobby.match is not None:
            lobby.match.note_seated(seat, name, PlayerId(""))
        return Player(seat, name, lobby.smallest_team(), bot=True)


def _player(member: Occupant) -> Player:
    return Player(member.seat, member.name, member.team)


def result_line(line: Standing, sat: Mapping[tuple[Seat, str], PlayerId]) -> ResultLine:
    """Return a line of the result with the player who had this seat and name.

    It is found although the player may have left or changed the name since.
    """
    player_id = sat.get((line.seat, line.name))
    return ResultLine(
        name=line.name,
        player_id=player_id or PlayerId(""),
        seat=line.seat,
        team=line.team,
        score=line.score,
        won=line.won,
        stats=line.stats,
        bot=player_id == "",
    )


def seated(lobby: Lobby, match: RunningMatch) -> tuple[SeatedPlayer, ...]:
    """Return the players of a match, bots included, by seat."""
    shown = [match.as_shown(member) for member in lobby.seated]
    shown += [match.as_shown(bot) for bot in match.bots.values()]
    shown.sort(key=attrgetter("seat"))
    return tuple(shown)
