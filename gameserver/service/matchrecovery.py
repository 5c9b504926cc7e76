"""Go on with the matches that ran when an earlier process of the server ended.

Law: the journal overrules the rooms in what happened in a match, and the rooms overrule the journal
in who is seated. A match that cannot be rebuilt ends, and its lobby is told why; it is never
continued wrongly.

A rebuilt match stands still until its players are back, or for `WAIT_S` at most: nobody loses it
because others came back sooner.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import trio

from gameserver.errors import GameFaultError, JournalError, UnreadableFileError
from gameserver.game.entity import Outcome, Player
from gameserver.game.game import Game
from gameserver.ids import MatchId, PlayerId
from gameserver.rooms.calls import MatchIsOver
from gameserver.rooms.state.lobby import Lobby
from gameserver.service.journals import Journals
from gameserver.service.livematch import STOPPED, LiveMatch
from gameserver.service.logging.logs import get_logger
from gameserver.service.matches import Matches
from gameserver.service.people import People
from gameserver.service.recovery import RestoreProgress
from gameserver.store.reading import StoredMatch, read_journal
from gameserver.store.rebuild import Rebuilding, Rebuilt

log: Final = get_logger()

WAIT_S: Final = 5.0
"""Longest time for which a rebuilt match waits for its players."""

LOOK_S: Final = 0.05

NOT_RESTORED: Final = "the server was restarted, and the match could not be restored"
"""Sentence for players; the log has the reason."""


@attrs.define
class _Waiting:
    live: LiveMatch
    players: tuple[PlayerId, ...]
    """The seated people, who must enter."""

    @property
    def complete(self) -> bool:
        return all(self.live.match.viewer(player_id) for player_id in self.players)


class MatchRecovery:
    """Rebuilds the matches of restored lobbies, and sets them going."""

    def __init__(
        self,
        game: Game,
        people: People,
        matches: Matches,
        journals: Journals,
        progress: RestoreProgress,
    ) -> None:
        """Prepare; nothing is read yet."""
        self._game = game
        self._people = people
        self._matches = matches
        self._journals = journals
        self._progress = progress
        self._waiting: list[_Waiting] = []

    async def restore(self) -> None:
        """Rebuild the match of every lobby that has one, and tell the rooms of those that ended."""
        running = self._people.hall.parts.match_binding.running()
        for number, (match_id, lobby) in enumerate(running.items()):
            self._progress("restoring matches", number, len(running))
            try:
                await self._restore(match_id, lobby)
            except (JournalError, UnreadableFileError, GameFaultError) as error:
                log.warning("match not restored", match=match_id, fault=str(error))
                self._give_up(match_id)
            except Exception as error:  # a bug of ours at one match must not end the start
                fault = repr(error)
                log.warning("match not restored", match=match_id, fault=fault, exc_info=error)
                self._give_up(match_id)
        if self._waiting:
            # The new epochs, before anybody sees a tick of them: another crash must not repeat one.
            await self._journals.settle()

    def _give_up(self, match_id: MatchId) -> None:
        """End a match that could not be rebuilt, or was rebuilt in part."""
        live = self._matches.get(match_id)
        if live is not None:
            live.end(STOPPED, NOT_RESTORED)
        else:
            over = MatchIsOver(match_id, "stopped", Outcome(()), 0, NOT_RESTORED)
            self._people.take(over)

    async def _restore(self, match_id: MatchId, lobby: Lobby) -> None:
        """Rebuild one match.

        Raises:
            JournalError, UnreadableFileError, GameFaultError: It cannot be rebuilt.
        """
        path = self._journals.unfinished(match_id)
        if path is None:
            raise JournalError("it has no journal: it had just begun, or nothing could be written")
        stored = read_journal(path)
        _tell_damages(match_id, path, stored)
        rebuilding = Rebuilding(stored, self._game)
        if rebuilding.end is not None:
            end = rebuilding.end
            self._people.take(MatchIsOver(match_id, end.reason, end.outcome, end.tick, ""))
            return
        for _ in rebuilding.run():
            self._progress("replaying ticks", rebuilding.done, rebuilding.ticks)
            await trio.lowlevel.checkpoint()
        rebuilt = rebuilding.rebuilt
        assert rebuilt is not None  # `run` has come to its end
        live = self._matches.adopt(rebuilt, lobby.config.bot_level, self._people)
        log.info(
            "match restored",
            match=match_id,
            lobby=lobby.lobby_id,
            tick=live.match.tick_number,
            replayed=rebuilding.done,
            epoch=rebuilt.epoch,
        )
        for member in lobby.seated:
            live.seated(member.seat, member.player_id)
        if lobby.match is not None and lobby.match.stopping:
            live.end(STOPPED, NOT_RESTORED)
            return
        _reseat(live, lobby, rebuilt)
        people = tuple(member.player_id for member in lobby.seated)
        self._waiting.append(_Waiting(live, people))

    async def run(self) -> None:
        """Set each match going when its players are back, or have had `WAIT_S` for it."""
        until = trio.current_time() + WAIT_S
        for each in self._waiting:
            each.live.waits_until = until
        while self._waiting:
            late = trio.current_time() >= until
            for each in list(self._waiting):
                if each.complete or late or each.live.over:
                    self._waiting.remove(each)
                    if not each.live.over:
                        self._matches.set_going(each.live)
            await trio.sleep(LOOK_S)


def _tell_damages(match_id: MatchId, path: Path, stored: StoredMatch) -> None:
    """Warn of each place of a journal whose bytes have changed since they were written."""
    for damage in stored.damages:
        log.warning(
            "journal damaged",
            match=match_id,
            path=str(path),
            begin=damage.begin,
            end=damage.end,
            first_tick=damage.first,
            last_tick=damage.last,
            lost_s=round(damage.ticks / stored.header.tick_rate, 2),
            goes_on="behind it" if damage.passed else "before it",
            advice="check the disk and its cables, and memory; a backup may have the whole file",
        )


def _reseat(live: LiveMatch, lobby: Lobby, rebuilt: Rebuilt) -> None:
    """Give the seats of a rebuilt match to those who have them in the lobby."""
    played = {player.seat: player for player in rebuilt.players}
    wanted = {player.seat: player for player in _players(lobby)}
    for seat in played.keys() - wanted.keys():
        live.match.leave(seat)
    for seat, player in sorted(wanted.items()):
        if seat not in played or not _is_same(lobby, played[seat], player):
            live.match.join(player)


def _players(lobby: Lobby) -> Iterator[Player]:
    yield from (Player(each.seat, each.name, each.team) for each in lobby.seated)
    if lobby.match is not None:
        yield from lobby.match.bots.values()


def _is_same(lobby: Lobby, played: Player, wanted: Player) -> bool:
    """Tell whether a seat still belongs to the player, who may have another name by now."""
    if lobby.match is None or played.bot or wanted.bot:
        return played == wanted
    owner = next(each.player_id for each in lobby.seated if each.seat == wanted.seat)
    return lobby.match.sat.get((played.seat, played.name)) == owner
