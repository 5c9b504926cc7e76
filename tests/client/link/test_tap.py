"""The stream below a WebSocket: counts, the bound of the handshake, and how it is aborted."""

from types import SimpleNamespace
from typing import Any

import pytest
import trio
from trio.testing import lockstep_stream_pair, memory_stream_pair, wait_all_tasks_blocked
from trio_websocket import CloseReason, ConnectionClosed
from wsproto.frame_protocol import FrameProtocol

from gameserver.client.link import dial
from gameserver.client.link.address import Address
from gameserver.client.link.background import background
from gameserver.client.link.dial import FIRST_BYTES, OPENING_BYTES, Tap, WebSocketWire, _sentence
from gameserver.client.link.farewell import LOST
from gameserver.errors import ConnectionLostError


def pair() -> tuple[Tap, trio.abc.Stream]:
    ours, theirs = memory_stream_pair()
    return Tap(ours), theirs


async def test_bytes_are_counted_in_both_directions_and_the_first_are_kept() -> None:
    tap, server = pair()
    await tap.send_all(b"hello")
    await tap.send_all(b"you")
    for part in (b"0123456789", b"abcdefghij", b"xyz"):
        await server.send_all(part)
        assert await tap.receive_some() == part
    assert (tap.bytes_out, tap.bytes_in) == (8, 23)
    assert tap.first[:FIRST_BYTES] == b"0123456789abcdef"
    assert b"xyz" not in tap.first
    tap, server = pair()
    for part in (b"x" * FIRST_BYTES, b"y"):
        await server.send_all(part)
        await tap.receive_some()
    assert tap.first == b"x" * FIRST_BYTES
    assert not tap.ended.is_set()


async def test_what_several_tasks_send_at_once_is_not_mixed() -> None:
    ours, theirs = lockstep_stream_pair()
    tap = Tap(ours)
    async with trio.open_nursery() as nursery:
        for letter in (b"a", b"b", b"c"):
            nursery.start_soon(tap.send_all, letter * 5)
        received = b""
        while len(received) < 15:
            received += bytes(await theirs.receive_some(2))
    assert sorted((received[:5], received[5:10], received[10:])) == [b"aaaaa", b"bbbbb", b"ccccc"]
    assert tap.bytes_out == 15


async def test_a_sender_can_wait_until_the_stream_takes_bytes() -> None:
    ours, theirs = lockstep_stream_pair()
    passed: list[str] = []

    async def wait() -> None:
        await Tap(ours).wait_send_all_might_not_block()
        passed.append("takes bytes")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await wait_all_tasks_blocked()
        assert passed == []
        nursery.start_soon(theirs.receive_some)
        await wait_all_tasks_blocked()
        assert passed == ["takes bytes"]
        nursery.cancel_scope.cancel()


async def test_a_close_behind_the_handshake_has_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    async def wrapped(*_args: object, **_kwargs: object) -> Socket:
        await trio.lowlevel.checkpoint()
        return Socket(closed=GONE)

    monkeypatch.setattr(dial, "wrap_client_stream", wrapped)
    tap, _ = pair()
    async with trio.open_nursery() as nursery:
        with pytest.raises(ConnectionLostError, match="x:1 closed the connection right after the"):
            await dial._shake_hands(nursery, tap, Address("x", 1))
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("end", ["eof", "broken", "closed"])
async def test_the_end_of_the_stream_is_noted_however_it_comes(end: str) -> None:
    tap, server = pair()
    if end == "closed":
        await tap.aclose()
        assert await server.receive_some(1) == b""
    elif end == "eof":
        await server.aclose()
        assert await tap.receive_some() == b""
    else:
        await tap._stream.aclose()
        with pytest.raises(trio.ClosedResourceError):
            await tap.receive_some()
    assert tap.ended.is_set()


@pytest.mark.parametrize("opening", [True, False])
async def test_only_the_handshake_is_bounded(opening: bool) -> None:
    tap, server = pair()
    if not opening:
        tap.opening = False
    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.send_all, b"x" * OPENING_BYTES)
        while tap.bytes_in < OPENING_BYTES:
            assert await tap.receive_some(65536)
        assert not tap.ended.is_set()
        nursery.start_soon(server.send_all, b"y")
        assert await tap.receive_some() == (b"" if opening else b"y")
        assert tap.ended.is_set() == opening


async def test_an_aborted_socket_sends_a_reset_and_may_be_aborted_again() -> None:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    server = await listeners[0].accept()
    tap = Tap(stream)
    for _ in range(2):
        tap.abort()
    with pytest.raises(trio.BrokenResourceError) as broken:
        await server.receive_some(1)
    assert isinstance(broken.value.__cause__, ConnectionResetError)
    assert stream.socket.fileno() == -1
    for each in (server, listeners[0]):
        await each.aclose()


async def test_an_aborted_stream_of_another_kind_is_closed() -> None:
    tap, server = pair()
    tap.abort()
    assert await server.receive_some(1) == b""


# --- messages -------------------------------------------------------------------------------------


class Socket:
    """Stands in for trio-websocket's connection."""

    def __init__(self, message: Any = b"", closed: Any = None) -> None:
        self.message, self.closed = message, closed
        self.closes = 0

    async def aclose(self) -> None:
        await trio.lowlevel.checkpoint()
        self.closes += 1

    async def get_message(self) -> Any:
        await trio.lowlevel.checkpoint()
        if isinstance(self.message, Exception):
            raise self.message
        return self.message


def wire(socket: Socket, tap: Any = None) -> WebSocketWire:
    stand_in: Any = socket
    return WebSocketWire(stand_in, tap)


GONE = CloseReason(1001, "going home\x1b")


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (None, LOST),
        (CloseReason(1006, "cut"), LOST),
        (GONE, "the server closed the connection: going home"),
        (CloseReason(1011, None), "the server closed the connection: internal_error"),
        (CloseReason(1001, "x" * 300), "the server closed the connection: xxx"),
    ],
)
def test_the_end_of_a_connection_has_a_sentence(reason: Any, sentence: str) -> None:
    found = _sentence(reason)
    assert found.startswith(sentence)
    assert found.isprintable()
    assert len(found) < 250


async def test_a_connection_that_is_closed_neither_sends_nor_receives() -> None:
    dead = wire(Socket(ConnectionClosed(GONE), closed=GONE))
    for call in (dead.send([b"x"]), dead.receive()):
        with pytest.raises(ConnectionLostError, match="going home"):
            await call


async def test_a_text_from_a_server_aborts_the_connection() -> None:
    tap, server = pair()
    with pytest.raises(ConnectionLostError, match="sent text where binary messages belong"):
        await wire(Socket("hello"), tap).receive()
    assert await server.receive_some(1) == b""


async def test_closing_does_the_closing_handshake() -> None:
    socket = Socket()
    await wire(socket).close()
    assert socket.closes == 1


async def test_messages_of_one_call_go_in_one_write_as_frames_in_order() -> None:
    written: list[bytes] = []

    async def send_all(data: bytes) -> None:
        await trio.lowlevel.checkpoint()
        written.append(bytes(data))

    tap: Any = SimpleNamespace(send_all=send_all)
    await wire(Socket(), tap).send([b"one", b"two"])
    (data,) = written
    server = FrameProtocol(client=False, extensions=[])
    server.receive_bytes(data)
    assert [bytes(frame.payload) for frame in server.received_frames()] == [b"one", b"two"]


@pytest.mark.parametrize("error", [trio.BrokenResourceError(), trio.ClosedResourceError()])
async def test_a_write_that_fails_is_a_lost_connection(error: Exception) -> None:
    async def send_all(_data: bytes) -> None:
        await trio.lowlevel.checkpoint()
        raise error

    tap: Any = SimpleNamespace(send_all=send_all)
    with pytest.raises(ConnectionLostError, match=LOST):
        await wire(Socket(), tap).send([b"one"])


async def test_a_cancelled_write_aborts_the_connection_and_stays_cancelled() -> None:
    aborted: list[bool] = []

    async def send_all(_data: bytes) -> None:
        await trio.sleep_forever()

    tap: Any = SimpleNamespace(send_all=send_all, abort=lambda: aborted.append(True))
    with trio.CancelScope() as scope:
        scope.cancel()
        await wire(Socket(), tap).send([b"one"])
        pytest.fail("it goes on")
    assert aborted == [True]
    assert scope.cancelled_caught


# --- tasks beside a block -------------------------------------------------------------------------


async def fail(error: Exception) -> None:
    raise error


async def test_background_tasks_end_with_the_block() -> None:
    async with background() as nursery:
        nursery.start_soon(trio.sleep_forever)
        await trio.lowlevel.checkpoint()


async def block(error: Exception | None, *tasks: Exception) -> None:
    """Run tasks that fail beside a block that raises ``error``, or waits."""
    async with background() as nursery:
        for task in tasks:
            nursery.start_soon(fail, task)
        try:
            if error is None or tasks:
                await trio.sleep_forever()
        finally:
            if error is not None:
                raise error


async def test_an_exception_of_the_block_is_raised_whatever_the_tasks_do() -> None:
    for tasks in ((), (ValueError("a task's"),)):
        with pytest.raises(KeyError, match="mine"):
            await block(KeyError("mine"), *tasks)


async def test_an_exception_of_one_task_is_raised_as_it_is_and_of_several_as_a_group() -> None:
    with pytest.raises(ValueError, match="first"):
        await block(None, ValueError("first"))
    with pytest.raises(ExceptionGroup) as raised:
        await block(None, ValueError("first"), ValueError("second"))
    assert len(raised.value.exceptions) == 2


async def test_the_bytes_of_a_connection_are_those_of_its_stream() -> None:
    tap: Any = SimpleNamespace(bytes_in=3, bytes_out=4)
    one = wire(Socket(), tap)
    assert (one.bytes_in, one.bytes_out, one.road) == (3, 4, "websocket")
