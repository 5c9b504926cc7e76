"""The messages that frame a conversation: handshake, requests, events, and the hot kinds.

Direction is written C for the client and S for the server. ``docs/protocol.md`` draws the bytes.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, TypeAlias

import attrs

from gameserver.errors import NO_DETAILS
from gameserver.ids import EventNumber, PlayerId, RequestId, Tick
from gameserver.messages.base import Notice, ReliableEvent, Request, Result

PROTOCOL_VERSION = 1
PROTOCOL_MINOR = 1
"""Rises with what older clients may pass over; announced in the welcome."""
FIRST_REQUEST = RequestId(1)
CLIENT_MESSAGE_BYTES: Final = 4096
"""Most bytes of one message of a client, over all its frames (threat 5); a welcome announces it."""

HEARTBEAT_S: Final = 4.5
"""A peer that is silent for twice this is gone, where the operator does not say otherwise."""

SUBPROTOCOL = "gameserver.v1"


class Kind(IntEnum):
    """First element of every message on the wire. Small numbers are the hot ones."""

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

    ``seq`` rises by at least one with each input of the session; ``tick`` 0 means "the next one";
    ``seen`` is the newest snapshot applied; ``view`` is how old the drawn world was, in 1/16 tick
    before ``tick``. The rest is the row of the game's command class.
    """

    seq: int
    tick: Tick
    seen: Tick
    view: int
    row: tuple[int, ...]


@attrs.frozen
class Section:
    """One audience's part of a snapshot: a body of records, drawn in ``netcode.codec``."""

    number: int
    """0 public, 1 owner, 2 + g group g."""
    keyframe: bool
    body: bytes


@attrs.frozen
class Snapshot:
    """S→C: what one viewer may see at one tick: ``[2, tick, header, body, header, body…]``.

    ``header`` is twice the section's number, plus one for a keyframe. A WebSocket message may
    hold several snapshot objects of the same tick (shared and own parts); together they are the
    viewer's snapshot of that tick.
    """

    tick: Tick
    sections: tuple[Section, ...]


@attrs.frozen
class Steer:
    """S→C: ``[3, tick, ticks]``: run ``ticks`` further ahead (negative: less); sent on change."""

    tick: Tick
    ticks: int


@attrs.frozen
class Shift:
    """S→C: ``[7, tick, ticks]``: from ``tick`` on, all ticks come ``ticks`` periods later.

    The server lost that time (it was halted or overloaded) and gave it up; tick numbers never skip.
    """

    tick: Tick
    ticks: int


@attrs.frozen
class Ping:
    """Both: ``[4, nonce]``. Whoever receives it answers `Pong` with the same nonce at once."""

    nonce: int


@attrs.frozen
class Pong:
    """Both: ``[5, nonce, time_ms]``; the server's ``time_ms`` is its own monotonic clock."""

    nonce: int
    time_ms: int


@attrs.frozen
class Seen:
    """C→S: ``[6, tick]``: newest snapshot applied, once a second, by who sends no inputs."""

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
    """What the server accepts from this client; exceeding it is answered, then punished."""

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
    """The next resume token. The old one stays valid until this one's first use or the next ack."""
    resumed: bool
    epoch: int
    """Rises with each connection of the session; the newest owns it."""
    game: str
    heartbeat_s: float
    """Send something at least this often; whoever is silent for twice as long is gone."""
    resume_grace_s: float
    limits: Limits
    next_request: RequestId = FIRST_REQUEST
    """From here on ids of requests are fresh: for a client that begins anew with an old token."""
    minor: int = 0
    """Minor version of the protocol."""
    last_event: EventNumber = EventNumber(0)
    """The next event has the number behind this one."""


@attrs.frozen
class Goodbye:
    """Both, last: ``[24, map]``. The connection closes behind it."""

    code: str
    sentence: str
    retry_after_s: float | None = None
    """When coming back makes sense; None for not at all (replaced, banned)."""


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
    """The last event numbered when this was decided; None from servers before minor version 1, and
    where no session is."""


@attrs.frozen
class Refusal:
    """S→C: ``[20, id, map]``: the coded error to a request, or with id 0 to something else."""

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
    """C→S: ``[22, event, reply]``: all events and all replies up to these numbers arrived."""

    event: EventNumber
    reply: RequestId


@attrs.frozen
class NoticeEnvelope:
    """S→C: ``[23, name, map]``."""

    notice: Notice


Answer: TypeAlias = ResultEnvelope | Refusal
"""What a request gets, once."""
