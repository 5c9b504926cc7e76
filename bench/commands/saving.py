"""``script/bench saving``: processor time of saving a call into the rooms, with SQLite.

Law: the same lines of chat are decided with a store and without, in one process, and committed one
by one or together, as the calls of one turn are. What the connections would send is not made, so
the difference alone counts. Commits are on disk when they return; the wait for it is no processor
time.
"""

import logging
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any, Final, cast

import attrs
import structlog
import trio

from bench.cache import ROOT
from bench.show import Column, bar, finish, table
from gameserver.arena.arena import Arena
from gameserver.game.maps.tiled import load_maps
from gameserver.ids import PlayerId, RequestId
from gameserver.messages.base import Request
from gameserver.messages.chat import Channel, SendChat
from gameserver.messages.lobby import CreateLobby, InLobby, JoinLobby, LobbyConfig
from gameserver.messages.wire import PROTOCOL_VERSION, Hello, RequestEnvelope, ResultEnvelope
from gameserver.rooms.calls import Ask, SignIn
from gameserver.rooms.hall import Hall
from gameserver.rooms.limits.rules import RoomRules
from gameserver.service.connections import Connections
from gameserver.service.effects import Effects
from gameserver.service.gate import Gate
from gameserver.service.matches import Matches
from gameserver.service.people import People
from gameserver.service.runtime import Runtime
from gameserver.service.saving import Saving
from gameserver.store.people.database import PeopleFile
from gameserver.store.worker import InlineWorker

SEATS: Final = 8
LINES: Final = 40
"""Lines of chat that each player says; more are refused to players who acknowledge none."""

PAUSE_S: Final = 10.0
"""Time of the rooms between two lines of a player, which their limits allow."""

COLUMNS = (
    Column("calls in a commit", "together"),
    Column("without, µs", "without_us", 1),
    Column("saved, µs", "saved_us", 1),
    Column("least", "least_us", 1),
    Column("most", "most_us", 1),
    Column("saving costs, µs", "cost_us", 1),
)


@attrs.define
class _Rooms:
    """A lobby of players on a clock of its own."""

    people: People
    saving: Saving
    clock: list[float]
    players: list[PlayerId]

    @classmethod
    def opened(cls) -> "_Rooms":
        clock = [100.0]
        runtime = Runtime(now=lambda: clock[0], threads=False, inline=InlineWorker)
        hall = Hall(Arena(), load_maps(ROOT / "maps"), RoomRules())
        connections = Connections()
        saving = Saving(Gate(), runtime, connections.flush)
        # No match begins here.
        effects = Effects(hall, connections, cast("Matches", None))
        made = cls(People(hall, effects, runtime, saving), saving, clock, [])
        for number in range(SEATS):
            hello = Hello(PROTOCOL_VERSION, "bench", player_name=f"Player {number}")
            signed = made.people.take(SignIn(hello, f"192.0.2.{number}"))
            made.players.append(signed.welcome.player_id)
        lobby = made.ask(0, 1, CreateLobby(LobbyConfig(title="bench", map="foundry", size=SEATS)))
        for number in range(1, SEATS):
            made.ask(number, 1, JoinLobby(lobby_id=cast("InLobby", lobby).lobby.lobby_id))
        return made

    def ask(self, player: int, request_id: int, request: Request) -> object:
        envelope = RequestEnvelope(RequestId(request_id), request)
        answer = self.people.take(Ask(self.players[player], envelope))
        assert isinstance(answer, ResultEnvelope), answer
        return answer.result

    def talk(self, together: int) -> float:
        """Say all lines; return the processor time of one in seconds."""
        began = time.process_time()
        for line in range(LINES):
            self.clock[0] += PAUSE_S
            for first in range(0, SEATS, together):
                with self.people.turn:
                    for player in range(first, first + together):
                        text = f"line {line} of {player}, and some words"
                        self.ask(player, 2 + line, SendChat(Channel.LOBBY, text))
        return (time.process_time() - began) / (LINES * SEATS)


def run(*, quick: bool, as_json: bool) -> None:
    """Measure and print."""
    rounds = 3 if quick else 15
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    rows = []
    with bar(3 * rounds) as shown:
        for together in (1, 2, SEATS):
            seen: dict[bool, list[float]] = {False: [], True: []}
            for number in range(rounds):
                shown.say(f"{together} calls in a commit, {number + 1} of {rounds}")
                for saved, times in seen.items():
                    times.append(1e6 * trio.run(_once, together, saved))
                shown.step()
            rows.append(_row(together, seen[False], seen[True]))
    title = f"a line of chat to {SEATS} players, {rounds} runs of {LINES * SEATS}"
    finish("saving", {"quick": quick, "rows": rows}, [table(title, COLUMNS, rows)], [],
           as_json=as_json)  # fmt: skip


async def _once(together: int, saved: bool) -> float:
    rooms = _Rooms.opened()
    if not saved:
        return rooms.talk(together)
    with tempfile.TemporaryDirectory(prefix="saving-") as folder:
        file = PeopleFile(Path(folder) / "people.db")
        rooms.saving.begin(file, rooms.people.hall, 0, {})
        took = rooms.talk(together)
        await rooms.saving.close()
        return took


def _row(together: int, without: list[float], saved: list[float]) -> dict[str, Any]:
    return {
        "together": together,
        "without_us": median(without),
        "saved_us": median(saved),
        "least_us": min(saved),
        "most_us": max(saved),
        "cost_us": median(saved) - median(without),
    }
