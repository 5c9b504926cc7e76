"""``echo``: the two echoes on one port, until Ctrl-C."""

import json
import os
import signal
import urllib.request

import pytest
import trio

from gameserver.cli import echo
from tests.cli.command import gameserver

HELLO = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Protocol: gameserver.v1\r\n\r\n"
)


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return bytes(answer.read())


async def test_both_echoes_open_sessions_on_one_port(capsys: pytest.CaptureFixture[str]) -> None:
    async with trio.open_nursery() as nursery:
        port: int = await nursery.start(echo.serve_echoes, 0)
        here = f"http://localhost:{port}"
        assert capsys.readouterr().out == f"ready: {here}/engine.io/ and {here}/socket.io/\n"
        for path in ("engine.io", "socket.io"):
            url = f"{here}/{path}/?EIO=4&transport=polling"
            told = await trio.to_thread.run_sync(get, url)
            assert told[:1] == b"0"
            assert json.loads(told[1:])["upgrades"] == ["websocket"]
        nursery.cancel_scope.cancel()


def test_the_command_serves_until_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    began: list[int] = []
    serve = echo.serve_echoes

    async def interrupted(port: int) -> None:
        async with trio.open_nursery() as nursery:
            began.append(await nursery.start(serve, port))
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(echo, "serve_echoes", interrupted)
    ended = gameserver("echo", "--port", "0")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"ready: http://localhost:{began[0]}/engine.io/")


async def test_a_game_client_is_told_that_this_is_no_game_server() -> None:
    async with trio.open_nursery() as nursery:
        port: int = await nursery.start(echo.serve_echoes, 0)
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            await stream.send_all(HELLO)
            said = b""
            while more := await stream.receive_some():
                said += more
        head, _, frames = said.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 ")
        assert frames[4:] == b"this is no game server"  # behind a close frame's head and code
        nursery.cancel_scope.cancel()
