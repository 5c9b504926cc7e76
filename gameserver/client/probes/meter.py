"""Count the bytes of a probe's streams, and cut all of them at some byte.

Law: what a stream counts is what it hands to the socket or gets from it, the headers of HTTP and
WebSocket included. Over TLS these are the bytes inside it.
"""

import attrs
import trio

from gameserver.client.link import streams
from gameserver.client.link.address import Address
from gameserver.client.link.dial import Tap
from gameserver.client.link.streams import OpenStream


@attrs.define(eq=False)
class Meter:
    """The counts of one probe, over all its streams.

    Attributes:
        opens: Opens the streams below.
        wire_bytes: Sent and received on the streams.
        payload_bytes: Of the messages in their own form, msgpack or JSON.
        messages: Sent and received.
        cut_at: Time of the last cut; None before it.
    """

    opens: OpenStream = streams.open_stream
    wire_bytes: int = 0
    payload_bytes: int = 0
    messages: int = 0
    cut_at: float | None = None
    _bytes_left: int | None = None
    _taps: dict["MeteredTap", None] = attrs.field(factory=dict)
    """In the order in which they were opened, so that cuts are the same in each run."""

    @property
    def counts(self) -> tuple[int, int, int]:
        """Bytes on the wire, bytes of payload, messages."""
        return self.wire_bytes, self.payload_bytes, self.messages

    async def open_stream(self, address: Address) -> trio.abc.Stream:
        """Open a stream that is counted.

        Raises:
            OSError: There is no way, or nobody listens.
            trio.BrokenResourceError: The TLS handshake failed.
        """
        tap = MeteredTap(await self.opens(address), self)
        self._taps[tap] = None
        return tap

    def message(self, payload_bytes: int) -> None:
        """Count a message in either direction."""
        self.messages += 1
        self.payload_bytes += payload_bytes

    def cut_after(self, received_bytes: int) -> None:
        """Cut all streams when this many more bytes have come, at least 1."""
        self.cut_at, self._bytes_left = None, received_bytes

    def cut(self) -> None:
        """Cut all streams now, as a lost network does."""
        self.cut_at, self._bytes_left = trio.current_time(), None
        taps, self._taps = self._taps, {}
        for tap in taps:
            tap.cut()

    def received(self, data: bytes | bytearray) -> bytes | bytearray:
        """Count what came; return the part of it before the cut."""
        self.wire_bytes += len(data)
        left = self._bytes_left
        if left is None:
            return data
        if len(data) < left:
            self._bytes_left = left - len(data)
            return data
        self.cut()
        return data[:left]

    def forget(self, tap: "MeteredTap") -> None:
        """Leave a closed stream out of later cuts."""
        self._taps.pop(tap, None)


class MeteredTap(Tap):
    """A stream that a meter counts and cuts."""

    def __init__(self, stream: trio.abc.Stream, meter: Meter) -> None:
        """Wrap a connected stream."""
        super().__init__(stream)
        self.opening = False
        self._meter = meter
        self._is_cut = False

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send and count bytes.

        Raises:
            trio.BrokenResourceError: The stream is cut.
        """
        self._check()
        self._meter.wire_bytes += len(data)
        await super().send_all(data)

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        """Receive and count bytes; empty at the end of the stream.

        Raises:
            trio.BrokenResourceError: The stream is cut.
        """
        self._check()
        return self._meter.received(await super().receive_some(max_bytes))

    async def aclose(self) -> None:
        """Close the stream below."""
        self._meter.forget(self)
        await super().aclose()

    def cut(self) -> None:
        """Break the stream without a word to the server."""
        self._is_cut = True
        self.abort()

    def _check(self) -> None:
        if self._is_cut:
            raise trio.BrokenResourceError("this stream is cut")
