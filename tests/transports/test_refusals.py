"""A full server's refusals are bounded, and turns are waited for before the work they pay for."""

import contextlib
import ssl

import pytest
import trio
from trio.abc import Stream
from trio.testing import MockClock, memory_stream_pair, wait_all_tasks_blocked

from gameserver.transports import Guard, ListenSettings
from gameserver.transports.listener import LOOK_S, SHAKE_S, TLS_SHAKE_S
from tests.transports.harness import Bytes, echo
from tests.transports.peers import request_head

MOST = 3


async def what_came(stream: Stream) -> bytes:
    """Return what has come so far; nothing may be on its way."""
    with trio.move_on_after(0.001):
        return bytes(await stream.receive_some())
    return b"nothing"


@pytest.mark.usefixtures("autojump_clock")
async def test_above_the_limit_of_refusals_the_oldest_is_closed() -> None:
    guard = Guard(ListenSettings(max_connections=0, max_refusals=MOST), echo, Bytes())
    peers: list[Stream] = []
    async with trio.open_nursery() as nursery:
        for number in range(MOST + 2):
            ours, theirs = memory_stream_pair()
            peers.append(theirs)
            nursery.start_soon(guard.serve, ours)
            await wait_all_tasks_blocked()
            closed = max(0, number + 1 - MOST)
            for peer in peers[:closed]:
                assert await what_came(peer) == b""
            for peer in peers[closed:]:
                assert await what_came(peer) == b"nothing"
        for peer in peers[2:]:
            assert (await peer.receive_some()).startswith(b"HTTP/1.1 503")
            await peer.aclose()
    assert guard._refusing == {}


async def test_connections_with_tls_are_refused_without_a_sentence_since_a_handshake_is_expensive(
    autojump_clock: MockClock,
) -> None:
    del autojump_clock
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    turns: list[float] = []

    async def turn(seconds: float) -> None:
        turns.append(seconds)

    settings = ListenSettings(max_connections=0, tls=tls)
    ours, theirs = memory_stream_pair()
    await Guard(settings, echo, Bytes(), turn=turn).serve(ours)
    assert await theirs.receive_some() == b""
    assert (turns, trio.current_time()) == ([], 0.0)


@pytest.mark.parametrize("secure", [False, True])
async def test_each_step_of_an_opening_waits_for_its_turn(
    autojump_clock: MockClock, secure: bool
) -> None:
    del autojump_clock
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if secure else None
    steps: list[object] = []

    async def turn(seconds: float) -> None:
        steps.append(seconds)
        await trio.sleep(60)  # longer than an opening may take

    async def admit(peer: str) -> None:
        steps.append(peer)

    guard = Guard(ListenSettings(tls=tls), echo, Bytes(), admit=admit, turn=turn)
    ours, theirs = memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(guard.serve, ours, "192.0.2.1")
        if secure:
            await theirs.aclose()
        else:
            head = request_head()
            await theirs.send_all(head[:10])
            await trio.sleep(61)
            await theirs.send_all(head[10:])
            assert (await theirs.receive_some()).startswith(b"HTTP/1.1 101")
            await theirs.aclose()
    looks = [TLS_SHAKE_S] if secure else [LOOK_S, LOOK_S, SHAKE_S]
    assert steps == ["192.0.2.1", *looks]


@pytest.mark.parametrize("wait_s", [4.9, 5.1])
async def test_time_spent_waiting_for_a_turn_does_not_count_for_the_peer(
    autojump_clock: MockClock, wait_s: float
) -> None:
    del autojump_clock

    async def turn(_seconds: float) -> None:
        await trio.sleep(100)

    guard = Guard(ListenSettings(opening_s=5.0), echo, Bytes(), turn=turn)
    ours, theirs = memory_stream_pair()
    head = request_head()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(guard.serve, ours)
        await trio.sleep(2.0)
        await theirs.send_all(head[:10])
        await trio.sleep(100 + wait_s - 2.0)
        with contextlib.suppress(trio.BrokenResourceError):
            await theirs.send_all(head[10:])
        status = b"101" if wait_s < 5.0 else b"408"
        assert (await theirs.receive_some()).startswith(b"HTTP/1.1 " + status)
        await theirs.aclose()
