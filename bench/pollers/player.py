"""One player of the load, without I/O: the conversation from hello to inputs and snapshots.

Law: the same on both roads; a road takes what is in `Player.out`, and gives what comes to `take`.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Any

import attrs
import msgpack

from bench.minimal import Minimal
from bench.rows import rows
from gameserver.game.fields import Audience
from gameserver.game.schema.table import table_of
from gameserver.messages.wire import PROTOCOL_VERSION
from gameserver.netcode.replication.decoder import SectionDecoder
from gameserver.protocol.deltas import SnapshotSequence

ANGLE = 2
"""The place of a Walker's angle in its state."""


class Kind(IntEnum):
    """The kinds of messages that are used here."""

    INPUT = 1
    SNAPSHOT = 2
    PING = 4
    PONG = 5
    HELLO = 16
    WELCOME = 17
    REQUEST = 18
    RESULT = 19
    REFUSAL = 20
    EVENT = 21
    ACK = 22
    GOODBYE = 24


@attrs.define
class Room:
    """A lobby and its match.

    Attributes:
        config: Parameters of ``lobby.create``.
    """

    size: int
    config: dict[str, Any]
    lobby_id: str = ""
    joined: int = 0
    leader: "Player | None" = None


@attrs.define(eq=False)
class Player:
    """One player.

    Attributes:
        probes: Whether it measures the time from an input to the snapshot that shows it.
        fault: Why it does not play any more.
    """

    name: str
    room: Room
    probes: bool
    clock: Callable[[], float]
    out: list[bytes] = attrs.field(factory=list)
    playing: bool = False
    fault: str = ""
    ticks: int = 0
    newest: int = 0
    effects: list[float] = attrs.field(factory=list)
    _requests: int = 0
    _event: int = 0
    _acked: int = 0
    _seq: int = 0
    _seat: int = -1
    _seen_angle: int = 0
    _public: SectionDecoder = attrs.field(
        factory=lambda: SectionDecoder(table_of(Minimal()), Audience.PUBLIC)
    )
    _snapshots: SnapshotSequence = attrs.field(factory=SnapshotSequence)
    _angle: int = 0
    _probed_at: float = 0.0

    def hello(self) -> None:
        """Begin."""
        fields = {"version": PROTOCOL_VERSION, "client": "bench", "player_name": self.name}
        self._say([Kind.HELLO, fields])

    def _say(self, row: list[Any]) -> None:
        self.out.append(msgpack.packb(row))

    def ask(self, name: str, fields: dict[str, Any]) -> None:
        """Say a request."""
        self._requests += 1
        self._say([Kind.REQUEST, self._requests, name, fields])

    def take(self, message: bytes) -> None:
        """Take a message of the server."""
        for row in rows(message, self._snapshots):
            self._row(row)

    def _row(self, row: list[Any]) -> None:
        match row:
            case [Kind.SNAPSHOT, tick, *sections]:
                self._snapshot(tick, sections)
            case [Kind.PING, nonce]:
                self._say([Kind.PONG, nonce, 0])
            case [Kind.WELCOME, _]:
                lobby = {"lobby_id": self.room.lobby_id}
                leads = self.room.leader is self
                self.ask(*(("lobby.create", self.room.config) if leads else ("lobby.join", lobby)))
            case [Kind.RESULT, _, {"next_seq": seq, "seat": seat}]:
                self._seq, self._seat, self.playing = seq, seat, True
            case [Kind.RESULT, _, {"lobby": {"lobby_id": lobby_id}}]:
                self._joined(lobby_id)
            case [Kind.EVENT, number, "match.started", {"match_id": match_id}]:
                self._event = number
                self.ask("match.enter", {"match_id": match_id})
            case [Kind.EVENT, number, *_]:
                self._event = number
            case [Kind.REFUSAL | Kind.GOODBYE, *told]:
                self.fault = repr(told)

    def _snapshot(self, tick: int, sections: list[Any]) -> None:
        self.ticks += tick > self.newest
        self.newest = max(tick, self.newest)
        if self.probes:
            for header, body in zip(sections[::2], sections[1::2], strict=True):
                if header < 2:
                    self._look(body, keyframe=header == 1)

    def _joined(self, lobby_id: str) -> None:
        room = self.room
        room.lobby_id = lobby_id
        room.joined += 1
        if room.joined == room.size and room.leader is not None:
            room.leader.ask("lobby.start", {})

    def confirm(self) -> None:
        """Confirm events and answers, if there are new ones."""
        if self._event != self._acked:
            self._acked = self._event
            self._say([Kind.ACK, self._event, self._requests])

    def act(self) -> None:
        """Say an input."""
        if self.probes and not self._probed_at:
            self._angle = (self._angle + 341) & 1023
            self._probed_at = self.clock()
        x, y = (self._seq // 12) % 3 - 1, (self._seq // 30) % 3 - 1
        self._say([Kind.INPUT, self._seq, 0, self.newest, 0, x, y, self._angle])
        self._seq += 1

    def _look(self, body: bytes, *, keyframe: bool) -> None:
        """Look for the own figure's angle in a public body of the minimal game."""
        self._public.apply(body, keyframe=keyframe)
        for row in self._public.rows.values():
            if row.owner == self._seat and row.state[ANGLE] != self._seen_angle:
                self._seen_angle = row.state[ANGLE]
                if self._probed_at:
                    self.effects.append(self.clock() - self._probed_at)
                    self._probed_at = 0.0
