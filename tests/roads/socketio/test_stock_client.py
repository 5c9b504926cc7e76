"""Stock clients of Socket.IO, unmodified: they sign in, use lobbies and chat, and play."""

import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import attrs
import pytest
import socketio
import trio

from gameserver.testing.skirmish import SkirmishCommand
from tests.client.test_client_server import serving

PATIENCE_S = 10.0
ROADS = [["polling"], ["websocket"], ["polling", "websocket"]]


def in_order(client: socketio.Client) -> socketio.Client:
    """Let one thread handle all messages of a client, in order.

    The client starts a thread for each, and these overtake each other on a busy machine: the
    attachment of a packet is then taken for a packet. Its own `AsyncClient` has no such race.
    """
    start, worker = client.eio.start_background_task, ThreadPoolExecutor(1)

    def begin(target: Callable[..., Any], *args: Any, **more: Any) -> Any:
        if target == client.eio.handlers["message"]:
            return worker.submit(target, *args)
        return start(target, *args, **more)

    client.eio.start_background_task = begin
    return client


class Stock:
    """A stock client and what it heard; its calls block, so they run in a thread."""

    def __init__(self, url: str, transports: list[str], auth: dict[str, Any]) -> None:
        self.heard: queue.Queue[tuple[str, tuple[Any, ...]]] = queue.Queue()
        self.past: list[tuple[str, tuple[Any, ...]]] = []
        self.client = in_order(socketio.Client(reconnection=False))
        self.client.on("*", lambda name, *args: self.heard.put((name, args)))
        self.client.connect(url, auth=auth, transports=transports, wait_timeout=5)

    def ask(self, name: str, **fields: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.call(name, fields, timeout=5)
        return answer

    def wait(self, name: str, fits: Callable[..., bool] = lambda *_: True) -> tuple[Any, ...]:
        """Return the arguments of the next event of this name that fits."""
        while True:
            found = self.heard.get(timeout=PATIENCE_S)
            self.past.append(found)
            if found[0] == name and fits(*found[1]):
                return found[1]


async def threaded(call: Callable[[], Any]) -> Any:
    with trio.fail_after(3 * PATIENCE_S):
        return await trio.to_thread.run_sync(call)


def play(url: str, transports: list[str]) -> dict[str, Any]:
    ann = Stock(url, transports, {"name": "Ann"})
    bob = Stock(url, ["websocket"], {"name": "Bob"})
    try:
        (welcome,) = ann.wait("welcome")
        config = ann.ask("lobby.form")["result"]["default"]
        lobby = ann.ask("lobby.create", config=config)["result"]["lobby"]
        assert "result" in bob.ask("lobby.join", lobby_id=lobby["lobby_id"])
        bob.ask("chat.send", channel="lobby", text="hello")
        line = ann.wait("chat.said", lambda said, _number: said["line"].get("sender_name") == "Bob")
        assert line[0]["line"]["text"] == "hello"
        assert ann.ask("chat.send", channel="lobby", text=5)["error"]["code"] == "bad_params"
        for each in (ann, bob):
            each.ask("lobby.ready", ready=True)
        (started, _) = ann.wait("match.started")
        entered = ann.ask("match.enter", match_id=started["match_id"])
        assert "result" in entered
        seq = entered["result"].get("next_seq", 1)
        ticks = []
        for number in range(40):
            body, tick = ann.wait("snapshot")
            assert isinstance(body, bytes)
            ticks.append(tick)
            ann.client.emit(
                "input", [seq + number, 0, tick, 0, *attrs.astuple(SkirmishCommand(move=1))[1:]]
            )
        stats = ann.ask("match.stats", match_id=started["match_id"])["result"]
        return {
            "welcome": welcome,
            "ticks": ticks,
            "stats": stats,
            "transport": ann.client.transport(),
        }
    finally:
        ann.client.disconnect()
        bob.client.disconnect()


@pytest.mark.parametrize("transports", ROADS, ids="-".join)
async def test_a_stock_client_plays(transports: list[str]) -> None:
    async with serving() as (_, url):
        found = await threaded(partial(play, url.replace("ws", "http", 1), transports))
    assert found["transport"] == transports[-1]
    assert found["ticks"] == sorted(set(found["ticks"])), "each snapshot once, in order"
    assert found["stats"].get("malformed", 0) == 0, found["stats"]
    assert found["stats"]["applied"] > 10


def resume(url: str) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    ann = Stock(url, ["websocket"], {"name": "Ann"})
    (welcome,) = ann.wait("welcome")
    config = ann.ask("lobby.form")["result"]["default"]
    ann.ask("lobby.create", config=config)
    bob = Stock(url, ["polling"], {"name": "Bob"})
    listed = bob.ask("lobby.list")["result"]["lobbies"]
    bob.ask("lobby.join", lobby_id=listed[0]["lobby_id"])
    number = 0
    for name, args in [*ann.past, *iter_queue(ann.heard)]:
        if len(args) > 1 and name != "snapshot":
            number = max(number, args[1])
    ann.client.eio.disconnect(abort=True)
    for text in ("one", "two", "three"):
        bob.ask("chat.send", channel="lobby", text=text)
    auth = {"token": welcome["token"], "last_event": number}
    again = Stock(url, ["polling", "websocket"], auth)
    (second,) = again.wait("welcome")
    texts: list[str] = []
    while len(texts) < 3:
        said, _ = again.wait("chat.said", lambda said, _n: said["line"].get("sender_name") == "Bob")
        texts.append(said["line"]["text"])
    again.client.disconnect()
    bob.client.disconnect()
    return welcome, second, texts


def iter_queue(found: "queue.Queue[Any]") -> list[Any]:
    taken = []
    while not found.empty():
        taken.append(found.get())
    return taken


async def test_a_stock_client_resumes_its_session_with_the_events_that_it_missed() -> None:
    async with serving() as (_, url):
        first, second, texts = await threaded(partial(resume, url.replace("ws", "http", 1)))
    assert second["player_id"] == first["player_id"]
    assert second.get("resumed") is True
    assert texts == ["one", "two", "three"]


def refused(url: str) -> dict[str, Any]:
    client = socketio.Client(reconnection=False)
    found: list[dict[str, Any]] = []
    client.on("connect_error", found.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(url, auth={"name": 5}, transports=["websocket"], wait_timeout=5)
    return found[0]


async def test_a_wrong_auth_is_a_connect_error_with_code_and_sentence() -> None:
    async with serving() as (_, url):
        error = await threaded(partial(refused, url.replace("ws", "http", 1)))
    assert "texts" in error["message"]
    assert error["data"]["code"] == "hello_expected"
