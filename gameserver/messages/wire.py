"""The kinds of messages: handshake, envelopes of requests and events, and the hot kinds.

C stands for the client and S for the server. ``docs/protocol.md`` draws the bytes.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, TypeAlias

import attrs

from gameserver.errors import NO_DETAILS
from gameserver.ids import EventNumber, PlayerId, RequestId, Tick
from gameserver.messages.base import Notice, ReliableEvent, Request, Result

PROTOCOL_VERSION = 2
PROTOCOL_MINOR = 1
"""Rises with additions that older clients may ignore; announced in the welcome."""
FIRST_REQUEST = RequestId(1)
CLIENT_MESSAGE_BYTES: Final = 4096
"""Most bytes of one message of a client, over all its frames (threat 5); a welcome announces it."""

HEARTBEAT_S: Final = 4.5
"""Default heartbeat: a peer that is silent for twice this time counts as lost."""

SUBPROTOCOL = "gameserver.v1"


class Kind(IntEnum):
    """First element of every message on the wire. Numbers below 16 are the hot kinds."""

    INPUT = 1
    SNAPSHOT = 2
    STEER = 3
    PING = 4
    PONG = 5
    SEEN = 6
    SHIFT = 7
    HELLO = 16
    WELCOME = 17
    REQUEST = 18
    RESULT = 19
    REFUSAL = 20
    EVENT = 21
    ACK = 22
    NOTICE = 23
    GOODBYE = 24


# --- hot kinds: positional arrays of small integers ------------------------------------------


@attrs.frozen
class Input:
    """C→S: one seat's intent for one tick: ``[1, seq, tick, seen, view, field…]``.

    ``seq`` rises by at least one with each input of the session; ``tick`` 0 means "the next tick";
    ``seen`` is the newest snapshot applied; ``view`` is the age of the drawn world, in 1/16 tick
    before ``tick``. The rest is the row of the game's command class.
    """

    seq: int
    tick: Tick
    seen: Tick
    view: int
    row: tuple[int, ...]


@attrs.frozen
class Section:
    """One audience's part of a snapshot; its body holds records, see `SectionEncoder`."""

    number: int
    """0 public, 1 owner, 2 + g group g, from 4096 on cells (``netcode.replication.sections``)."""
    keyframe: bool
    body: bytes


@attrs.frozen
class Snapshot:
    """S→C: what one viewer may see at one tick: ``[2, tick, header, body, header, body…]``.

    ``header`` is twice the section's number, plus one for a keyframe. A WebSocket message may hold
    several snapshot objects of the same tick; together they are the viewer's snapshot of that tick.
    """

    tick: Tick
    sections: tuple[Section, ...]


@attrs.frozen
class Delta:
    """S→C: a `Snapshot` without keyframes, told to who has the one before; no msgpack object.

    Attributes:
        ticks: Ticks since the snapshot before, 1 to 31; 0 if ``tick`` is told.
        tick: The tick of the snapshot; None if ``ticks`` tells it.
        sections: The public one first, if it is there.
    """

    ticks: int
    tick: Tick | None
    sections: tuple[Section, ...]


@attrs.frozen
class Steer:
    """S→C: ``[3, tick, ticks]``: change the lead by ``ticks``; negative for a shorter lead."""

    tick: Tick
    ticks: int


@attrs.frozen
class Shift:
    """S→C: ``[7, tick, ticks]``: from ``tick`` on, all ticks come ``ticks`` periods later.

    The server was halted or overloaded and sheds the lost time; tick numbers never skip.
    """

    tick: Tick
    ticks: int


@attrs.frozen
class Ping:
    """Both: ``[4, nonce]``. The receiver answers at once with a `Pong` of the same nonce."""

    nonce: int


@attrs.frozen
class Pong:
    """Both: ``[5, nonce, time_ms]``; the server's ``time_ms`` is its own monotonic clock."""

    nonce: int
    time_ms: int


@attrs.frozen
class Seen:
    """C→S: ``[6, tick]``: the newest snapshot applied, twice a second, if no inputs are sent."""

    tick: Tick


# --- handshake ---------------------------------------------------------------------------------


@attrs.frozen
class Hello:
    """C→S, first: ``[16, map]``. With a token it resumes a session, without it signs in a guest."""

    version: int
    client: str
    """Name and version of the program, for logs."""
    player_name: str = ""
    token: bytes = b""
    """The newest resume token received; 16 bytes."""
    last_event: EventNumber = EventNumber(0)
    """The last reliable event applied."""


@attrs.frozen
class Limits:
    """Limits for this client. Messages over them are refused; then the connection is closed."""

    message_bytes: int
    requests_per_s: float
    chat_chars: int
    name_chars: int


@attrs.frozen
class Welcome:
    """S→C, answer to hello: ``[17, map]``."""

    version: int
    server: str
    player_id: PlayerId
    player_name: str
    token: bytes
    """The next resume token. The old one is valid until this one's first use or the next ack."""
    resumed: bool
    epoch: int
    """Rises with each connection of the session; the newest connection owns the session."""
    game: str
    heartbeat_s: float
    """Longest pause between two messages; a peer that is silent for twice as long counts as lost.
    """
    resume_grace_s: float
    """How long a seat in a match is held after the connection is lost."""
    limits: Limits
    next_request: RequestId = FIRST_REQUEST
    """Smallest unused id of a request, for a client that restarts with an old token."""
    minor: int = 0
    """Minor version of the protocol."""
    last_event: EventNumber = EventNumber(0)
    """Number of the last event; the next one has the number after it."""


@attrs.frozen
class Goodbye:
    """Both, last: ``[24, map]``. The connection is closed after it."""

    code: str
    sentence: str
    retry_after_s: float | None = None
    """Seconds to wait before connecting again; None for "do not" (replaced, banned)."""


# --- requests, events, notices -----------------------------------------------------------------


@attrs.frozen
class RequestEnvelope:
    """C→S: ``[18, id, name, map]``."""

    id: RequestId
    request: Request


@attrs.frozen
class ResultEnvelope:
    """S→C: ``[19, id, map]``: the fields of the request's result, and ``after``."""

    id: RequestId
    result: Result
    after: EventNumber | None = None
    """Number of the last event before the decision; None from servers before minor version 1 and
    without a session."""


@attrs.frozen
class Refusal:
    """S→C: ``[20, id, map]``: the coded error of a request, or with id 0 of another message."""

    id: RequestId
    code: str
    sentence: str
    details: Mapping[str, object] = NO_DETAILS
    after: EventNumber | None = None
    """As in `ResultEnvelope`."""


@attrs.frozen
class EventEnvelope:
    """S→C: ``[21, number, name, map]``: a reliable event."""

    number: EventNumber
    event: ReliableEvent


@attrs.frozen
class Ack:
    """C→S: ``[22, event, reply]``: all events and all answers up to these numbers arrived."""

    event: EventNumber
    reply: RequestId


@attrs.frozen
class NoticeEnvelope:
    """S→C: ``[23, name, map]``."""

    notice: Notice


@attrs.frozen
class Later:
    """Stands for an answer that is sent once it has been decided; it is no message."""

    id: RequestId


Answer: TypeAlias = ResultEnvelope | Refusal | Later
"""The answer to a request: exactly one of the first two, now or later."""
