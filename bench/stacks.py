"""The measured stacks: the command that starts each, and the dialect that it speaks.

Law: all play the same rules in rooms of the same size at the same rate. A stack is used as its own
documentation recommends. Settings that make it faster are used if players receive the same.
"""

import sys
from collections.abc import Callable
from typing import Final

import attrs
import msgpack

from bench import cache
from bench.drive import Load
from bench.errors import BenchError
from bench.processes import Command

HZ: Final = 20.0
ARENA_HZ: Final = 30.0
ARENA_SEATS: Final = 16

LIMITS: Final = ("--max-connections", "20000", "--max-matches", "4000")
"""The limits that an operator of a large server raises; all others keep their defaults."""

Start = Callable[[int], Command]
"""Returns the command for rooms of a size; installs missing programs first."""


@attrs.frozen
class Stack:
    """One server.

    Attributes:
        key: Name in JSON and on the command line.
        shown: Name in tables.
        dialect: Protocol of the load generator.
        start: Makes the command that starts it.
        hz: States a second.
        game: Game, for this project's server.
        rooms_to: Largest room; 0 for no limit.
        effects: Whether the generator can find the effect of an input in the states.
    """

    key: str
    shown: str
    dialect: str
    start: Start
    hz: float = HZ
    game: str = "minimal"
    rooms_to: int = 0
    effects: bool = False

    def load(self, clients: int, room_size: int) -> Load:
        """Return the load for this stack; clients are rounded down to whole rooms, one at least."""
        config = lobby_config(self.game, room_size) if self.dialect == "gameserver" else ""
        whole = max(1, clients // room_size) * room_size
        return Load(self.dialect, whole, room_size, self.hz, self.game, config)

    def takes(self, room_size: int) -> bool:
        """Tell whether it can hold rooms of this size."""
        return not self.rooms_to or room_size <= self.rooms_to


def lobby_config(game: str, room_size: int) -> str:
    """Return the parameters of ``lobby.create`` for rooms of this size."""
    if game == "arena":
        options: dict[str, object] = {
            "mode": "dm", "time_limit_s": 1800, "score_limit": 100, "friendly_fire": False,
            "pickups": True,
        }  # fmt: skip
        place = "foundry"
    else:
        options, place = {}, "field"
    config = {"title": "bench", "map": place, "size": room_size, "options": options}
    packed: bytes = msgpack.packb({"config": config})
    return packed.hex()


def state_bytes(room_size: int) -> int:
    """Return the bytes of a state with all fields in msgpack, which is what the floor sends."""
    rows = [[number, 16000, 16000, 512, 100, 3] for number in range(1, room_size + 1)]
    return len(msgpack.packb(rows))


def _floor(room_size: int) -> Command:
    program = cache.built("floor")
    return Command((str(program), f"{HZ:g}", str(state_bytes(room_size))), cache.ROOT)


def _own(*more: str) -> Start:
    words = (sys.executable, "-m", "gameserver", "serve", "--port", "0", "--log-level", "error")

    def start(room_size: int) -> Command:
        del room_size
        return Command((*words, *LIMITS, *more), cache.ROOT)

    return start


def _node(program: str) -> Start:
    def start(room_size: int) -> Command:
        peers = cache.node_peers()
        words = (peers.node, program)
        return Command(words, peers.folder, {"HZ": f"{HZ:g}", "ROOM_SIZE": str(room_size)})

    return start


def _python(program: str) -> Start:
    def start(room_size: int) -> Command:
        del room_size
        python = cache.python_peers()
        folder = cache.ROOT / "bench" / "peers" / "python"
        words = (str(python), "-B", "-X", "utf8", program)
        return Command(words, folder, {"HZ": f"{HZ:g}"})

    return start


_MINIMAL: Final = ("--game", "bench.minimal:Minimal", "--maps", "bench/maps")

FLOOR: Final = Stack("floor", "C, receive and send only", "plain", _floor)
OWN: Final = Stack(
    "gameserver", "this server, minimal game", "gameserver", _own(*_MINIMAL), effects=True
)
ARENA: Final = Stack(
    "gameserver-arena", "this server, Arena (30 Hz)", "gameserver", _own(), ARENA_HZ, "arena",
    ARENA_SEATS,
)  # fmt: skip

CROWD: Final = Stack(
    "crowd", "everybody is sent everything", "gameserver",
    _own("--game", "bench.wide:Crowd", "--maps", "bench/maps"), game="crowd",
)  # fmt: skip
WIDE: Final = Stack(
    "wide", "with interest management", "gameserver",
    _own("--game", "bench.wide:Wide", "--maps", "bench/maps"), game="wide",
)  # fmt: skip

STACKS: Final = (
    FLOOR,
    OWN,
    ARENA,
    Stack("uws", "uWebSockets (C++), msgpack", "plain", _node("uws.cjs"), effects=True),
    Stack("ws", "ws on Node, msgpack", "plain", _node("ws.cjs"), effects=True),
    Stack("colyseus", "Colyseus 0.18, binary delta", "colyseus", _node("colyseus.mjs")),
    Stack("socketio", "Socket.IO on Node, JSON", "socketio", _node("socketio.cjs")),
    Stack("picows", "picows on uvloop", "plain", _python("picows_uvloop.py"), effects=True),
    Stack(
        "python-socketio", "python-socketio on uvloop", "socketio", _python("socketio_uvloop.py")
    ),
    Stack("trio-websocket", "trio-websocket, naive", "plain", _python("trio_naive.py"),
          effects=True),
)  # fmt: skip


def chosen(names: tuple[str, ...]) -> list[Stack]:
    """Return the stacks with these keys, or all for no keys; the floor is always included."""
    wanted = {"floor", *names}
    return [stack for stack in STACKS if not names or stack.key in wanted]


def own(names: tuple[str, ...]) -> list[Stack]:
    """Return the stacks of this server with these keys; that of the usual game for no keys.

    Raises:
        BenchError: None of these is this server.
    """
    found = [s for s in STACKS if s.dialect == OWN.dialect and s.key in (names or (OWN.key,))]
    if not found:
        raise BenchError(f"only this server can be measured so: --stack {OWN.key}")
    return found
