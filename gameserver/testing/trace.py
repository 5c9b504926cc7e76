"""The trace of a simulation: a digest of all that happened, in order and with its time.

Law: two runs of one seed leave the same trace, in any process. So it holds nothing that a library
makes random by design: what clients send is masked, and the answer to a handshake is keyed.
"""

from hashlib import blake2b

import trio

from gameserver.rooms.calls import Call, Moment


class Trace:
    """A digest of everything that happens, in order."""

    def __init__(self) -> None:
        """Start empty."""
        self._digest = blake2b(digest_size=16)
        self._heads: dict[int, bytes | None] = {}
        """The beginning of the answer to each connection's handshake; None behind its end."""
        self.pieces: int = 0

    def arrived(self, number: int, way: str, data: bytes) -> None:
        """Note a piece that arrives.

        What clients send is masked with bytes of the WebSocket library's own, and so is its answer
        to the handshake: of these only the length counts.
        """
        self.pieces += 1
        self._note(f"{number} {way} {len(data)} ".encode())
        if way == "down":
            self._digest.update(self._behind_handshake(number, data))

    def _behind_handshake(self, number: int, data: bytes) -> bytes:
        """Return what is no part of the answer to the handshake, which may come in parts."""
        head = self._heads.get(number, b"")
        if head is None:
            return data
        head, end, behind = (head + data).partition(b"\r\n\r\n")
        self._heads[number] = None if end else head
        return behind

    def called(self, moment: Moment, call: Call[object]) -> None:
        """Note a call into the hall; see `gameserver.service.people`."""
        self._note(moment.entropy)
        self._digest.update(repr(call).encode())

    def _note(self, what: bytes) -> None:
        """Add something and the time."""
        self._digest.update(b"\n%.6f " % trio.current_time())
        self._digest.update(what)

    def hexdigest(self) -> str:
        """Return the digest so far."""
        return self._digest.hexdigest()
