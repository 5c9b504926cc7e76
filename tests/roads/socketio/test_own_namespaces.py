"""A stock client of Socket.IO in a namespace of an author: real names, acks and binary data."""

from typing import Any

import pytest
import socketio
import trio

from gameserver.namespaces import Namespace, Participant, RefusedError, on
from gameserver.service.config.settings import Settings
from gameserver.service.server import Server
from gameserver.testing.skirmish import Skirmish
from tests.service.peers import MAP

PATIENCE_S = 10.0


class Echoes(Namespace):
    """Answers, asks and tells."""

    name = "/echoes"

    async def admit(self, client: Participant, auth: dict[str, Any]) -> None:
        del client
        if auth.get("closed"):
            raise RefusedError("echoes.closed", "Closed.")

    @on("echo")
    async def echo(self, client: Participant, *args: Any) -> tuple[Any, ...]:
        client.emit("echoed", *args)
        return (client.name, *args)

    @on("ask")
    async def ask(self, client: Participant) -> Any:
        return await client.emit_with_ack("asked", b"\x05")

    @on("fail")
    async def fail(self, client: Participant) -> None:
        raise RefusedError("echoes.no", f"No, {client.name}.")

    @on("out")
    async def out(self, client: Participant) -> None:
        client.disconnect()


def play(url: str, transport: str) -> None:
    client = socketio.Client(reconnection=False)
    heard: list[Any] = []
    client.on("*", lambda *args: heard.append(args), namespace="/echoes")
    client.on("asked", lambda data: {"got": data}, namespace="/echoes")
    client.connect(
        url,
        auth={"name": "Ann"},
        namespaces=["/echoes"],
        transports=[transport],
        wait_timeout=PATIENCE_S,
    )
    try:

        def call(event: str, *args: Any) -> Any:
            return client.call(event, args, namespace="/echoes", timeout=PATIENCE_S)

        answer = list(call("echo", 1, b"\x00\xff", {"a": [b"\x01"]}))
        assert answer == ["Ann", 1, b"\x00\xff", {"a": [b"\x01"]}]
        assert call("ask") == {"got": b"\x05"}
        assert call("fail")["error"]["code"] == "echoes.no"
        assert heard[0][0] == "welcome"
        assert ("echoed", 1, b"\x00\xff", {"a": [b"\x01"]}) in heard
        client.emit("out", namespace="/echoes")
        client.wait()
    finally:
        client.disconnect()


def refused(url: str) -> None:
    client = socketio.Client(reconnection=False)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(
            url,
            auth={"name": "Bob", "closed": True},
            namespaces=["/echoes"],
            wait_timeout=PATIENCE_S,
        )


async def served(call: Any, *args: Any) -> None:
    server = Server(Settings(port=0), Skirmish(), {MAP.name: MAP}, namespaces=[Echoes])
    with trio.fail_after(3 * PATIENCE_S):
        async with trio.open_nursery() as nursery:
            address = await nursery.start(server.run)
            url = address.replace("ws://", "http://")
            await trio.to_thread.run_sync(call, url, *args, abandon_on_cancel=True)
            nursery.cancel_scope.cancel()


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_a_stock_client_uses_a_namespace_of_an_author(transport: str) -> None:
    await served(play, transport)


async def test_a_namespace_refuses_a_stock_client() -> None:
    await served(refused)
