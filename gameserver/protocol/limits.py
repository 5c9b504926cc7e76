"""Every limit of messages, on by default, each with the threat it answers.

Law: nothing from outside is parsed, stored or answered without a bound. The numbers in brackets
are rows of the table of threats in ``docs/protocol.md``. Sizes and rates of frames and connections
are in :mod:`gameserver.transports.settings`.
"""

from typing import Final

from gameserver.messages import wire

# --- messages ----------------------------------------------------------------------------------

CLIENT_MESSAGE_BYTES: Final = wire.CLIENT_MESSAGE_BYTES
"""Longest message a client may send (5, oversize). The largest honest message, a lobby's
configuration with all texts at their longest, has about 1,200 bytes."""

SERVER_MESSAGE_BYTES: Final = 1 << 20
"""Longest message a client accepts. The largest honest message, a map of 256 x 256 tiles, is below
200,000 bytes."""

OBJECTS_PER_MESSAGE: Final = 32
"""msgpack objects in one message (8, message flood)."""

CLIENT_DEPTH: Final = 8
"""Nesting of arrays and maps from a client (12); our own messages need 4."""

SERVER_DEPTH: Final = 16
"""Nesting of arrays and maps from a server: schemas and maps go deeper than requests."""

CLIENT_ITEMS: Final = 64
"""Elements of one array or entries of one map from a client (11, msgpack bomb)."""

SERVER_ITEMS: Final = 65_536
"""Elements of one array or entries of one map from a server."""

NAME_CHARS: Final = 64
"""Longest unknown name that is echoed in an error sentence (30, text from outside)."""

INPUT_FIELDS: Final = 32
"""Most fields of a command."""

INTEGER: Final = 2**53
"""Bound of all integers, exclusive: a double, the only number of JavaScript, is exact below it
(13)."""

TICK: Final = 2**31
"""Bound of tick numbers: two years at 30 Hz (15)."""

VIEW: Final = 2**15
"""Bound of a view's age in 1/16 tick, before the server clamps it (16)."""

# --- times -----------------------------------------------------------------------------------

HELLO_S: Final = 5.0
"""Seconds from the end of the WebSocket handshake to the hello (2, slowloris)."""

# --- rates -------------------------------------------------------------------------------------

LIFE_PER_S: Final = 2.0
"""Pings and pongs a second that a connection may send even when its address has spent its share
(37). A heartbeat takes less than 0.5."""
LIFE_BURST: Final = 20
"""Pings and pongs at once (37)."""

MESSAGES_PER_S: Final = 40.0
"""Control objects (requests, acks, pings) of one connection in the long run (8)."""

MESSAGES_BURST: Final = 120
"""Control objects at once (8): a client that resumes repeats all its unanswered requests."""

INPUTS_PER_S: Final = 240.0
"""Inputs and acknowledgements of one connection in the long run (8): four times those of a game at
60 ticks a second. More of them end the connection; late or doubled inputs never do."""

INPUTS_BURST: Final = 2400
"""Inputs and acknowledgements at once (8): ten seconds at that rate, since a link that stalled
delivers everything at once."""
