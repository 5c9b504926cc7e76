"""``python -m bench.pollers ROAD PORT PID PLAYERS ROOM CONFIG SECONDS``: play, and print figures.

Law: each player says one input each 100 ms, on a schedule spread evenly over them, and polls then;
the figures are of the measured time alone.
"""

import json
import os
import selectors
import sys
import time
from pathlib import Path

import msgpack

from bench.pollers.player import Player, Room
from bench.pollers.wires import Frames, Polls, Wire

HZ = 10.0
POLL_WAIT_MS = 90
JOIN_S = 40.0
WARM_S = 3.0
PROBERS = 5
"""Players of a room that measure how long inputs take."""

STATE_HZ = 20.0


def processor_s(pid: int) -> float:
    """Return the processor time of a process, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Play:
    """All players of one run."""

    def __init__(self, road: str, port: int, players: int, size: int, config: str) -> None:
        """Prepare; players connect in `step`."""
        self._kind = Polls if road == "poll" else Frames
        self._port = port
        params = msgpack.unpackb(bytes.fromhex(config))
        rooms = [Room(size, params) for _ in range(players // size)]
        self.players = [
            Player(f"load {number}", rooms[number // size], number % size < PROBERS, time.monotonic)
            for number in range(players // size * size)
        ]
        for number, room in enumerate(rooms):
            room.leader = self.players[number * size]
        self.wires: list[Wire] = []
        self._waiting = list(self.players)
        self._selector = selectors.DefaultSelector()
        self._from = time.monotonic()
        self._slot = 0
        self.missed = 0

    def _dial_one(self) -> None:
        for player in self._waiting:
            if player is player.room.leader or player.room.lobby_id:
                self._waiting.remove(player)
                wire: Wire = self._kind(player, self._port)
                self.wires.append(wire)
                self._selector.register(wire.sock, selectors.EVENT_READ, wire)
                return

    def until(self, end: float, *, joined: bool = False) -> None:
        """Play until then, or until all are in their matches."""
        while (now := time.monotonic()) < end:
            if self._waiting:
                self._dial_one()
            elif joined and all(player.playing for player in self.players):
                return
            self._act(now)
            for key, _ in self._selector.select(0.001):
                wire: Wire = key.data
                try:
                    wire.readable()
                except OSError as error:
                    wire.player.fault = str(error)
                if wire.player.fault:
                    self._selector.unregister(wire.sock)

    def _act(self, now: float) -> None:
        while self._from + self._slot / (HZ * len(self.players)) <= now:
            turn, number = divmod(self._slot, len(self.players))
            self._slot += 1
            if number >= len(self.wires):
                continue
            wire = self.wires[number]
            player = wire.player
            if player.playing and player.newest:
                player.act()
                if turn % HZ == number % 7:
                    player.confirm()
            before = wire.requests
            wire.flush(wait_ms=POLL_WAIT_MS)
            self.missed += player.playing and wire.requests == before


def percentile(values: list[float], part: float) -> float:
    """Return a percentile in milliseconds; 0 of nothing."""
    ordered = sorted(values)
    return 1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


def main() -> None:
    """Play one run."""
    road, port, pid, players, size, config, seconds = sys.argv[1:8]
    play = Play(road, int(port), int(players), int(size), config)
    play.until(time.monotonic() + JOIN_S, joined=True)
    play.until(time.monotonic() + WARM_S)
    sys.stdout.write("measuring\n")
    sys.stdout.flush()
    for player in play.players:
        player.effects.clear()
        player.ticks = 0
    sent, play.missed = sum(wire.requests for wire in play.wires), 0
    began, used, own = time.monotonic(), processor_s(int(pid)), time.process_time()
    play.until(began + float(seconds))
    took = time.monotonic() - began
    used, own = processor_s(int(pid)) - used, time.process_time() - own
    effects = [each for player in play.players for each in player.effects]
    result = {
        "players": len(play.players),
        "playing": sum(player.playing and not player.fault for player in play.players),
        "faults": sorted({player.fault for player in play.players} - {""})[:5],
        "server_ms_per_player_s": 1000 * used / took / len(play.players),
        "server_percent": 100 * used / took,
        "load_percent": 100 * own / took,
        "requests_per_player_s": (sum(wire.requests for wire in play.wires) - sent)
        / took
        / len(play.players),
        "missed_percent": 100 * play.missed / (took * HZ * len(play.players)),
        "delivered_percent": 100
        * sum(player.ticks for player in play.players)
        / (took * STATE_HZ * len(play.players)),
        "samples": len(effects),
        "effect_p50_ms": percentile(effects, 0.5),
        "effect_p99_ms": percentile(effects, 0.99),
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
