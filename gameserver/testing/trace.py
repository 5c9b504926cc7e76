"""The trace of a simulation: a digest of all its events, in order and with their times.

Law: two runs of one seed give the same trace, in any process. So bytes that the WebSocket library
makes random are left out: masked frames of clients, and the keyed answer to a handshake.
"""

from hashlib import blake2b

import trio

from gameserver.rooms.calls import Call, Moment


class Trace:
    """A digest of all arrived pieces and calls, in order."""

    def __init__(self) -> None:
        """Start empty."""
        self._digest = blake2b(digest_size=16)
        self._heads: dict[int, bytes | None] = {}
        """The first part of the answer to each connection's handshake; None after its end."""
        self.pieces: int = 0

    def arrived(self, number: int, way: str, data: bytes) -> None:
        """Add a piece that arrives.

        Of the frames of clients and of the answer to a handshake only the length is added, since
        they depend on random bytes of the WebSocket library.
        """
        self.pieces += 1
        self._note(f"{number} {way} {len(data)} ".encode())
        if way == "down":
            self._digest.update(self._behind_handshake(number, data))

    def _behind_handshake(self, number: int, data: bytes) -> bytes:
        """Return the bytes after the answer to the handshake, which may arrive in parts."""
        head = self._heads.get(number, b"")
        if head is None:
            return data
        head, end, behind = (head + data).partition(b"\r\n\r\n")
        self._heads[number] = None if end else head
        return behind

    def called(self, moment: Moment, call: Call[object]) -> None:
        """Add a call into the hall; see `gameserver.service.people`."""
        self._note(moment.entropy)
        self._digest.update(repr(call).encode())

    def _note(self, what: bytes) -> None:
        """Add the time and these bytes."""
        self._digest.update(b"\n%.6f " % trio.current_time())
        self._digest.update(what)

    def hexdigest(self) -> str:
        """Return the digest so far."""
        return self._digest.hexdigest()
