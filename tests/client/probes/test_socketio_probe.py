"""The probe of Socket.IO: what it takes from a server's packets, and which end the connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from gameserver.client.probes.connection import Connection, Heard, ProbeRequest
from gameserver.client.probes.meter import Meter
from gameserver.client.probes.socketio import OverSocketIoPolling
from gameserver.errors import ConnectionLostError
from tests.client.probes.webserver import ADDRESS, Asked, WebServer, web

OPEN = '0{"sid":"s1"}'


@asynccontextmanager
async def polling(*packets: str) -> AsyncIterator[tuple[Connection, WebServer]]:
    """A probe that has said hello; each of its requests for packets is answered with the next."""
    said = list(packets)

    async def answer(asked: Asked) -> tuple[int, str]:
        if asked.method == "POST":
            return 200, "ok"
        if not said:
            await trio.sleep_forever()
        return 200, said.pop(0)

    async with web(answer) as server:
        probe = OverSocketIoPolling(ADDRESS, Meter(server.opens), server.nursery)
        await probe.open({"name": "Ann"})
        await wait_all_tasks_blocked()
        yield probe, server


def posted(server: WebServer) -> list[str]:
    return [each.body for each in server.asked if each.method == "POST"]


async def test_a_probe_joins_answers_pings_and_says_requests_as_events_with_an_ack() -> None:
    async with polling(OPEN, "2\x1e2probe", '40{"sid":"n"}') as (probe, server):
        await probe.say([ProbeRequest(1, "a"), ProbeRequest(2, "b", {"c": 3})])
        await wait_all_tasks_blocked()
        assert posted(server) == [
            '40{"name":"Ann"}', "3", "3", '421["a",{}]\x1e422["b",{"c":3}]',
        ]  # fmt: skip
        targets = [each.target for each in server.asked if each.method == "POST"]
        assert set(targets) == {"/socket.io/?EIO=4&transport=polling&sid=s1"}
        assert len(server.clients) == 2
        probe.close()
        await wait_all_tasks_blocked()
        assert await server.all_closed()


@pytest.mark.parametrize(
    ("packet", "heard"),
    [
        ('42["x",{"a":"ä"},7]', Heard("x", {"a": "ä"}, 7)),
        ('42["x",{}]', Heard("x", {}, 0)),
        ('4312[{"result":{}}]', Heard("answer", {"result": {}}, 12)),
        ('44{"message":"full"}', Heard("answer", {"error": {"sentence": "full"}})),
    ],
)
async def test_what_a_server_says_is_heard(packet: str, heard: Heard) -> None:
    # What is no text, and packets that say nothing to a probe, are passed over.
    passed_over = '40{"sid":"n"}\x1e6\x1eb9999\x1e45-["x"]\x1e'
    async with polling(OPEN, passed_over + packet) as (probe, _):
        assert await probe.hear() == heard


@pytest.mark.parametrize(
    ("packet", "words"),
    [
        ("1", "the server closed the connection"),
        ("41", "the server closed the connection"),
        ("41/guild,", "the server closed the connection"),
        ("9", "localhost:7777 answers, but not as a gameserver (a packet of no known kind)"),
        ("47", "localhost:7777 answers, but not as a gameserver (a packet of no known kind)"),
    ],
)
async def test_a_packet_that_ends_the_connection_has_a_sentence(packet: str, words: str) -> None:
    async with polling(OPEN, packet) as (probe, _):
        with pytest.raises(ConnectionLostError) as lost:
            await probe.hear()
        assert str(lost.value) == words


async def test_a_server_that_does_not_begin_with_a_handshake_speaks_no_socket_io() -> None:
    async with polling("6") as (probe, _):
        with pytest.raises(ConnectionLostError, match="the first packet is no handshake"):
            await probe.hear()


async def test_bytes_and_messages_are_counted_without_their_frame() -> None:
    event: Any = '["ä",{}]'
    async with polling(OPEN, f"42{event}") as (probe, _):
        await probe.say([ProbeRequest(11, "a")])
        await wait_all_tasks_blocked()
        _, payload, messages = probe._meter.counts
        assert (payload, messages) == (len('["a",{}]') + len(event.encode()), 2)
