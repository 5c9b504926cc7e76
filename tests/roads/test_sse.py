"""Sessions over server-sent events: what the server says comes as a stream, each event once."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import attrs
import pytest
import trio

from gameserver.testing.skirmish import SkirmishCommand
from tests.client.test_client_server import serving
from tests.transports.polling.poller import Caller, post


class Listener:
    """One event stream."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.stream = stream
        self._rest = b""
        self.last_id = ""

    async def line(self) -> str:
        while b"\n" not in self._rest:
            data = await self.stream.receive_some()
            if not data:
                raise EOFError
            self._rest += bytes(data)
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode().rstrip("\r")

    async def event(self) -> tuple[str, Any]:
        """Return name and data of the next event; chunk sizes and comments are passed over."""
        name = ""
        while True:
            field, _, value = (await self.line()).partition(": ")
            if field == "id":
                self.last_id = value
            elif field == "event":
                name = value
            elif field == "data":
                return name, json.loads(value)

    async def wait(self, wanted: str) -> Any:
        while True:
            name, data = await self.event()
            if name == wanted:
                return data


class Client:
    """A client with a ticket: it says things by POST, each once."""

    def __init__(self, port: int, ticket: str, link: str) -> None:
        self.port, self.ticket, self.link = port, ticket, link
        self.number = 0

    @classmethod
    async def open(cls, url: str, **auth: Any) -> "Client":
        port = int(url.rpartition(":")[2])
        status, body = await call(port, "/sse", auth)
        assert status == 201
        return cls(port, body["ticket"], body["link"])

    @asynccontextmanager
    async def listening(self, last_id: str = "") -> AsyncIterator[Listener]:
        stream = await trio.open_tcp_stream("127.0.0.1", self.port)
        async with stream:
            more = f"Last-Event-ID: {last_id}\r\n" if last_id else ""
            head = f"GET /sse?ticket={self.ticket} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n"
            await stream.send_all(head.encode())
            listener = Listener(stream)
            assert "200" in await listener.line()
            yield listener

    async def say(self, *said: Any, times: int = 1) -> None:
        self.number += 1
        body = {"link": self.link, "number": self.number, "say": list(said)}
        for _ in range(times):
            assert await call(self.port, "/sse/send", body) == (200, {"applied": self.number})


async def call(port: int, path: str, body: Any) -> tuple[int, Any]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    caller = await Caller.dial(port)
    async with caller.stream:
        status, _, found = await caller.call(post(content, path=path.encode()))
        return status, json.loads(found)


async def test_a_session_signs_in_talks_and_plays() -> None:
    async with serving() as (_, url):
        ann = await Client.open(url, name="Ann")
        async with ann.listening() as heard:
            assert (await heard.wait("welcome"))["player_name"] == "Ann"
            await ann.say(["lobby.form"])
            form = await heard.wait("answer")
            assert form["request"] == 1
            await ann.say(["lobby.create", {"config": {**form["result"]["default"], "bots": 1}}])
            assert "result" in await heard.wait("answer")
            await ann.say(["chat.send", {"channel": "lobby", "text": "hello"}], times=3)
            said = await heard.wait("chat.said")
            while said["line"].get("sender_name") != "Ann":
                said = await heard.wait("chat.said")
            assert said["line"]["text"] == "hello"
            await ann.say(["chat.send", {"channel": "lobby", "text": 5}])
            while "error" not in (answer := await heard.wait("answer")):
                pass
            assert answer["error"]["code"] == "bad_params"
            await ann.say(["lobby.ready", {"ready": True}])
            started = await heard.wait("match.started")
            await ann.say(["match.enter", {"match_id": started["match_id"]}])
            seq = 1
            for _ in range(20):
                tick = (await heard.wait("snapshot"))["tick"]
                row = [seq, 0, tick, 0, *attrs.astuple(SkirmishCommand(move=1))[1:]]
                await ann.say(["input", *row])
                seq += 1
            await ann.say(["match.stats", {"match_id": started["match_id"]}])
            while "applied" not in (await heard.wait("answer")).get("result", {}):
                pass


async def test_a_stream_that_is_opened_again_goes_on_behind_the_last_event() -> None:
    async with serving() as (_, url):
        ann, bob = await Client.open(url, name="Ann"), await Client.open(url, name="Bob")
        async with bob.listening() as bobs:
            async with ann.listening() as heard:
                player_id = (await heard.wait("welcome"))["player_id"]
                await ann.say(["lobby.form"])
                config = (await heard.wait("answer"))["result"]["default"]
                await ann.say(["lobby.create", {"config": config}])
                lobby = (await heard.wait("answer"))["result"]["lobby"]["lobby_id"]
                await bob.say(["lobby.join", {"lobby_id": lobby}])
                while "result" not in await bobs.wait("answer"):
                    pass
                await bob.say(["chat.send", {"channel": "lobby", "text": "0"}])
                await heard_text(heard, "0")
                last = heard.last_id
                await bob.say(["chat.send", {"channel": "lobby", "text": "1"}])
                await heard_text(heard, "1")  # but the browser says that it has not come
            for text in ("2", "3"):
                await bob.say(["chat.send", {"channel": "lobby", "text": text}])
            async with ann.listening(last) as again:
                welcome = await again.wait("welcome")
                assert (welcome["player_id"], welcome["resumed"]) == (player_id, True)
                for text in ("1", "2", "3"):
                    await heard_text(again, text, only=True)
                await ann.say(["lobby.leave"])
                while "result" not in await again.wait("answer"):
                    pass


async def heard_text(heard: Listener, text: str, *, only: bool = False) -> None:
    while True:
        line = (await heard.wait("chat.said"))["line"]
        if line.get("sender_name") == "Bob":
            assert not only or line["text"] == text
            if line["text"] == text:
                return


async def test_a_newer_stream_of_a_ticket_ends_the_older_one() -> None:
    async with serving() as (_, url):
        ann = await Client.open(url, name="Ann")
        async with ann.listening() as first:
            await first.wait("welcome")
            async with ann.listening() as second:
                assert (await second.wait("welcome"))["resumed"] is True
                with trio.fail_after(5), pytest.raises(EOFError):
                    await first.wait("nothing more")


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/sse", b"", 400, "JSON"),
        ("/sse", b"\xff", 400, "UTF-8"),
        ("/sse", b"[]", 400, "object"),
        ("/sse", {"name": 5}, 400, "texts"),
        ("/sse", {"token": "%"}, 400, "token"),
        ("/sse", b"[" * 3000, 400, "deep"),
        ("/sse/send", {"link": "nobody", "number": 1}, 410, "not good"),
        ("/sse/other", {}, 404, "POST"),
    ],
)
async def test_a_wrong_request_gets_a_code_and_a_sentence(
    path: str, body: Any, status: int, words: str
) -> None:
    async with serving() as (_, url):
        found, said = await call(int(url.rpartition(":")[2]), path, body)
        assert found == status
        assert words in said["detail"]
        assert said["code"]


@pytest.mark.parametrize(
    ("say", "words"),
    [(5, "list"), ([5], "message is"), ([["input", "x"]], "whole numbers"), ([[]], "message is")],
)
async def test_what_is_no_message_is_refused_and_the_session_goes_on(say: Any, words: str) -> None:
    async with serving() as (_, url):
        ann = await Client.open(url, name="Ann")
        async with ann.listening() as heard:
            await heard.wait("welcome")
            body = {"link": ann.link, "number": 1, "say": say}
            status, said = await call(ann.port, "/sse/send", body)
            assert status == 400
            assert words in said["detail"]
            await ann.say(["server.info"])
            assert "result" in await heard.wait("answer")


async def test_what_is_said_before_the_stream_is_open_waits_for_it() -> None:
    async with serving() as (_, url), trio.open_nursery() as nursery:
        ann = await Client.open(url, name="Ann")
        nursery.start_soon(ann.say, ["lobby.form"])
        await trio.sleep(0.1)
        with trio.fail_after(5):
            async with ann.listening() as heard:
                assert "result" in await heard.wait("answer")


async def test_a_ticket_that_is_not_known_is_refused() -> None:
    async with serving() as (_, url):
        ann = await Client.open(url, name="Ann")
        ann.ticket = "nobody"
        with pytest.raises(AssertionError):
            async with ann.listening():
                pass


async def test_a_server_that_stops_says_so_on_the_stream() -> None:
    async with serving() as (server, url):
        ann = await Client.open(url, name="Ann")
        async with ann.listening() as heard:
            await heard.wait("welcome")
            server.stop()
            assert (await heard.wait("goodbye"))["code"] == "server_stopping"
            with trio.fail_after(5):
                await server.stopped.wait()
