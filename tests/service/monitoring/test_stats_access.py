"""The figures are for programs on this machine: a page or a proxy here speaks for others."""

import pytest
import trio
from trio_websocket import wrap_client_stream

from gameserver.errors import Code
from gameserver.ids import RequestId
from gameserver.messages.session import GetServerStats, ServerStats
from gameserver.messages.wire import SUBPROTOCOL, Refusal, RequestEnvelope, ResultEnvelope
from gameserver.protocol.codec import decode_server, encode
from gameserver.service.config.settings import Settings
from gameserver.service.monitoring.access import may_read
from gameserver.service.server import Server
from gameserver.testing.skirmish import Skirmish
from tests.service.peers import MAP


@pytest.mark.parametrize(
    ("wanted", "shown", "address", "direct", "may"),
    [
        ("", "", "127.0.0.1", True, True),
        ("", "", "127.0.0.1", False, False),
        ("", "", "192.0.2.1", True, False),
        ("hush", "hush", "192.0.2.1", False, True),
        ("hush", "", "127.0.0.1", True, False),
    ],
)
def test_without_a_token_only_programs_of_this_machine_may_read(
    wanted: str, shown: str, address: str, direct: bool, may: bool
) -> None:
    assert may_read(wanted, shown, address, direct=direct) is may


@pytest.mark.parametrize(
    ("headers", "may"),
    [
        ([], True),
        (["Origin: http://127.0.0.1:PORT"], False),
        (["X-Forwarded-For: 192.0.2.9"], False),
    ],
)
async def test_pages_of_the_own_origin_and_proxies_are_refused(
    headers: list[str], may: bool
) -> None:
    server = Server(Settings(port=0), Skirmish(), {MAP.name: MAP})
    asked = RequestEnvelope(RequestId(1), GetServerStats())
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            url = await nursery.start(server.run)
            extra = [
                tuple(part.strip().encode() for part in header.split(":", 1))
                for header in (each.replace("PORT", url.rpartition(":")[2]) for each in headers)
            ]
            port = int(url.rpartition(":")[2])
            async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
                websocket = await wrap_client_stream(
                    nursery,
                    stream,
                    f"127.0.0.1:{port}",
                    "/",
                    subprotocols=[SUBPROTOCOL],
                    extra_headers=extra,
                )
                await websocket.send_message(encode(asked))
                data = await websocket.get_message()
            assert isinstance(data, bytes)
            answer = decode_server(data, lambda _id: GetServerStats)[0]
            if may:
                assert isinstance(answer, ResultEnvelope)
                assert isinstance(answer.result, ServerStats)
            else:
                assert isinstance(answer, Refusal)
                assert answer.code == Code.FORBIDDEN
            nursery.cancel_scope.cancel()
