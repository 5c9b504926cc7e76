"""An address in a header is believed only as far as the operator's own proxies have written it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio

from gameserver.transports import Link, ListenSettings
from gameserver.transports.http.forwarded import client_of
from gameserver.transports.http.headers import HeaderFields
from tests.transports.harness import serving
from tests.transports.peers import request_head

PROXY = "10.0.0.1"


@pytest.mark.parametrize(
    ("values", "proxies", "client"),
    [
        (["192.0.2.1"], 0, PROXY),
        ([], 1, PROXY),
        (["192.0.2.1"], 1, "192.0.2.1"),
        (["6.6.6.6, 192.0.2.1"], 1, "192.0.2.1"),
        (["6.6.6.6, 192.0.2.1, 10.0.0.2"], 2, "192.0.2.1"),
        (["6.6.6.6", "192.0.2.1"], 1, "192.0.2.1"),
        (["192.0.2.1"], 2, PROXY),
        (["192.0.2.1:5555"], 1, "192.0.2.1"),
        (["2001:db8::1"], 1, "2001:db8::1"),
        (["[2001:db8::1]:5555"], 1, "2001:db8::1"),
        (["unknown"], 1, PROXY),
        (["192.0.2.1, "], 1, PROXY),
        (["\xff"], 1, PROXY),
    ],
)
def test_the_address_is_what_the_outermost_proxy_of_the_operator_wrote(
    values: list[str], proxies: int, client: str
) -> None:
    headers = HeaderFields((b"x-forwarded-for", each.encode("latin-1")) for each in values)
    assert client_of(headers, PROXY, proxies) == client


@asynccontextmanager
async def opened(port: int, forwarded: str) -> AsyncIterator[bytes]:
    """Ask for a WebSocket; give the begin of the answer."""
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        await stream.send_all(request_head(extra={"X-Forwarded-For": forwarded}))
        yield bytes(await stream.receive_some())


async def test_each_client_behind_a_trusted_proxy_has_its_own_share() -> None:
    seen: list[str] = []

    async def stay(link: Link) -> None:
        seen.append(link.peer)
        await trio.sleep_forever()

    settings = ListenSettings(trusted_proxies=1, max_per_address=1)
    async with serving(stay, settings) as port:
        async with opened(port, "6.6.6.6, 192.0.2.1") as answer:
            assert b" 101 " in answer
            async with opened(port, "7.7.7.7, 192.0.2.1") as refusal:
                assert b" 503 " in refusal
                assert b"too many connections from your address" in refusal
            async with opened(port, "192.0.2.2") as another:
                assert b" 101 " in another
        assert seen == ["192.0.2.1", "192.0.2.2"]


async def test_without_a_trusted_proxy_the_header_is_not_believed() -> None:
    seen: list[str] = []
    noted = trio.Event()

    async def note(link: Link) -> None:
        await trio.lowlevel.checkpoint()
        seen.append(link.peer)
        noted.set()

    async with serving(note, ListenSettings()) as port, opened(port, "192.0.2.1"):
        await noted.wait()
    assert seen == ["127.0.0.1"]
