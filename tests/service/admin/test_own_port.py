"""Where the console is: on the game's port, or on one of its own with nothing else on it."""

import socket
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import trio

from gameserver.service.rest import webpages
from gameserver.service.rest.webpages import read_pages
from tests.cli.command import gameserver
from tests.e2e.program import program
from tests.service.admin.desk import SECRET
from tests.service.rest.test_webpages import folder, get, served
from tests.transports.polling.poller import Caller

__all__ = ["folder"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def status(port: int, path: str, *headers: str, source: str | None = None) -> int:
    async with await trio.open_tcp_stream("127.0.0.1", port, local_address=source) as stream:
        found, _, _ = await Caller(stream).call(get(path, *headers, host=f"127.0.0.1:{port}"))
        return found


UPGRADE = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Protocol: gameserver.2",
)


async def test_on_its_own_port_there_is_nothing_else_and_on_the_games_nothing_of_it(
    tmp_path: Path,
) -> None:
    port = free_port()
    more = ("--console-secret", SECRET, "--console-port", str(port))
    async with program(tmp_path, *more) as running:
        await running.logged("console listens")
        bearer = f"Authorization: Bearer {SECRET}"
        assert await status(running.port, "/api/v1/admin/me", bearer) == 404
        assert await status(running.port, "/console") == 404
        assert await status(running.port, "/api/v1/info") == 200
        assert await status(port, "/api/v1/admin/me", bearer) == 200
        assert await status(port, "/api/v1/admin/me") == 401
        for path in ("/api/v1/info", "/api/v1/session", "/events", "/sse", "/poll", "/metrics"):
            assert await status(port, path) == 404, path
        stream = await trio.open_tcp_stream("127.0.0.1", port)
        async with stream:
            await stream.send_all(get("/", *UPGRADE, host=f"127.0.0.1:{port}"))
            while await stream.receive_some():  # no player gets a word
                pass
        url = ("--url", f"ws://127.0.0.1:{port}")
        ended = await trio.to_thread.run_sync(
            lambda: gameserver("admin", "sessions", *url, GAMESERVER_CONSOLE_SECRET=SECRET)
        )
        assert ended.code == 0, ended
        running.assert_same_process_without_faults()


async def test_an_address_whose_connections_are_used_up_reaches_the_consoles_own_port(
    tmp_path: Path,
) -> None:
    port, shared, bearer = free_port(), "127.0.0.5", f"Authorization: Bearer {SECRET}"
    more = ("--console-secret", SECRET, "--console-port", str(port), "--max-per-address", "3")
    async with program(tmp_path, *more) as running, AsyncExitStack() as held:
        await running.logged("console listens")
        for _ in range(3):
            stream = await trio.open_tcp_stream("127.0.0.1", running.port, local_address=shared)
            await held.enter_async_context(stream)
            await Caller(stream).call(get("/api/v1/info", host=f"127.0.0.1:{running.port}"))
        assert await status(running.port, "/api/v1/info", source=shared) == 503
        assert await status(port, "/api/v1/admin/me", bearer, source=shared) == 200
        running.assert_same_process_without_faults()


@pytest.mark.parametrize("on", [True, False])
async def test_the_page_is_there_if_the_console_is_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, on: bool
) -> None:
    page = b"<!doctype html><title>Console</title>"
    (folder / webpages.CONSOLE_ENTRY).write_bytes(page)
    assert "/console" in read_pages(folder)
    make = webpages.WebPages
    module = "tests.service.rest.test_webpages.WebPages"
    monkeypatch.setattr(module, lambda *parts: make(*parts, console=on))
    async with served(folder) as caller:
        found, headers, body = await caller.call(get("/console"))
        assert found == (200 if on else 404)
        if on:
            assert body == page
            assert "script-src 'self'" in headers["content-security-policy"]
            assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_the_console_cannot_have_the_games_port() -> None:
    port = str(free_port())
    ports = ("--port", port, "--console-port", port)
    ended = gameserver("serve", *ports, "--console-secret", SECRET)
    assert ended.code == 2
    assert "error: console-port must be another port than port" in ended.err
