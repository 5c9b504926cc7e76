"""Names for the numbers and strings that identify things; nothing here has behaviour.

Law: an identity crosses a package border under one of these names, never as a bare ``int``
or ``str``.
"""

from typing import Final, NewType

Tick = NewType("Tick", int)
"""Number of a fixed simulation step. The first step of a match is tick 1; tick 0 is its start."""

Seat = NewType("Seat", int)
"""Index of a place in a lobby or match, from 0."""

EntityId = NewType("EntityId", int)
"""Identity of an entity within one match; small, positive, recycled after the rewind window.
Negative ones belong to entities that a client predicted and the server has not named yet."""

PlayerId = NewType("PlayerId", str)
"""Public identity of a session, shown to other players. Never its token."""

LobbyId = NewType("LobbyId", str)
MatchId = NewType("MatchId", str)
MessageId = NewType("MessageId", int)
"""Identity of one chat line, rising through the life of the server."""

RequestId = NewType("RequestId", int)
"""Chosen by the client, rising through its session, from 1."""

EventNumber = NewType("EventNumber", int)
"""Place of a reliable event in its session's stream, from 1 without holes."""

NO_SEAT: Final = Seat(-1)
"""Stands where nobody sits: the owner of the world's own entities, the seat of a spectator."""
