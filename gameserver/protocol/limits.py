"""Every limit of messages, on by default, each with the threat it answers.

Law: nothing from outside is parsed, stored or answered without a bound. The numbers in brackets
are those of the table of threats in ``docs/protocol.md``. Sizes and rates of frames and
connections are kept one floor aside, in :mod:`gameserver.transports.settings`.
"""

from typing import Final

from gameserver.messages import wire

# --- messages ----------------------------------------------------------------------------------

CLIENT_MESSAGE_BYTES: Final = wire.CLIENT_MESSAGE_BYTES
"""Longest message a client may send (5, oversize). The largest honest one, a lobby's
configuration with all texts at their longest, has about 1,200."""

SERVER_MESSAGE_BYTES: Final = 1 << 20
"""Longest message a client accepts. The largest honest one, a map of 256 x 256 tiles, is below
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
"""Characters of an unknown name that are looked at and echoed (30, text from outside)."""

INPUT_FIELDS: Final = 32
"""Fields of a command row."""

INTEGER: Final = 2**53
"""Bound of all integers, exclusive: what every language holds exactly (13)."""

TICK: Final = 2**31
"""Bound of tick numbers: two years at 30 Hz (15)."""

VIEW: Final = 2**15
"""Bound of a view's age before the server clamps it (16)."""

# --- times -----------------------------------------------------------------------------------

HELLO_S: Final = 5.0
"""Seconds from the end of the WebSocket handshake to the hello (2, slowloris)."""

# --- rates -------------------------------------------------------------------------------------

LIFE_PER_S: Final = 2.0
"""Pings and pongs a second that a connection may send whatever its address owes: ten times what a
heartbeat takes (threat 37)."""
LIFE_BURST: Final = 20
"""Pings and pongs at once, likewise."""

MESSAGES_PER_S: Final = 40.0
"""Control objects (requests, acks, pings) of one connection in the long run (8)."""

MESSAGES_BURST: Final = 120
"""Control objects at once (8): a client that resumes repeats all that was not answered."""

INPUTS_PER_S: Final = 240.0
"""Inputs and acknowledgements of one connection in the long run (8): four times what a client of
the fastest usual game (60 ticks a second) sends. What is more ends the connection; being late or
doubled never does."""

INPUTS_BURST: Final = 2400
"""Inputs and acknowledgements at once (8): ten seconds of the same, what a stalled link delivers
in one go."""
