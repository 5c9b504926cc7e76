"""A hostile server: whatever it says reaches a screen or terminal as plain, bounded text."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import attrs
import pytest
import trio
from trio_websocket import ConnectionClosed, WebSocketRequest, serve_websocket

from gameserver.client import (
    ClientSettings,
    Online,
    Reconnecting,
    Status,
    StatusChanged,
    open_client,
)
from gameserver.client.looking import look_at
from gameserver.errors import GameserverError
from gameserver.ids import EventNumber, LobbyId, MatchId, MessageId, PlayerId, RequestId, Seat, Tick
from gameserver.messages import chat, lobby, session, wire
from gameserver.messages.base import Request
from gameserver.messages.match import (
    EnterMatch,
    GetMap,
    MapData,
    MatchEntered,
    MatchHappened,
    MatchStarted,
)
from gameserver.protocol.codec import decode_client, decode_server, encode
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Skirmish
from gameserver.text import LONGEST_SHOWN

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\n\u202e\x00\u2066" + "Z\u0301" * 9 + "A" * 5000
ACTS = set("\x1b\x07\x9b\x00\r\n\u202e\u2066\u2028")
SPREAD = session.Quantiles(0, 0.0, 0.0, 0.0, 0.0)
GAME = session.GameStats(
    HOSTILE, 1, 1, 0, 1, 0, 1, 33.0, SPREAD, SPREAD, SPREAD, SPREAD,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0,
)  # fmt: skip
STATS = session.ServerStats(
    HOSTILE, 1.0, 1, 1, 1, 1, 1, 1, 0, 1, False, 0.1, 1, SPREAD, SPREAD, GAME, (GAME,)
)
CONFIG = lobby.LobbyConfig(HOSTILE, HOSTILE, 2, options={HOSTILE: HOSTILE})
STATE = lobby.LobbyState(
    LobbyId("l"), 1, lobby.Phase.OPEN, PlayerId("p"), CONFIG, HOSTILE, False, 0,
    (lobby.Member(PlayerId("p"), HOSTILE, Seat(0)),), banned=(HOSTILE,),
)  # fmt: skip
LINE = chat.ChatLine(
    MessageId(1), chat.Channel.GLOBAL, PlayerId("p"), HOSTILE, HOSTILE, 1, PlayerId(""), ""
)
WELCOME = wire.Welcome(
    1, HOSTILE, PlayerId("p"), HOSTILE, bytes(16), False, 1, HOSTILE, 10.0, 60.0,
    wire.Limits(4096, 20.0, 300, 20),
)  # fmt: skip


def texts_in(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, part in value.items():
                yield from (*texts_in(key), *texts_in(part))
        case tuple() | list():
            for part in value:
                yield from texts_in(part)
        case _ if attrs.has(type(value)):
            yield from texts_in(attrs.asdict(value))
        case _:
            pass


@pytest.mark.parametrize(
    ("message", "request_of"),
    [
        (WELCOME, None),
        (wire.Goodbye("x" + HOSTILE, HOSTILE), None),
        (wire.Refusal(RequestId(1), HOSTILE, HOSTILE), None),
        (wire.NoticeEnvelope(session.ServerMessage(HOSTILE)), None),
        (wire.NoticeEnvelope(lobby.LobbiesListed((), 0)), None),
        (wire.EventEnvelope(EventNumber(1), lobby.LobbyChanged(STATE)), None),
        (wire.EventEnvelope(EventNumber(1), chat.ChatSaid(LINE)), None),
        (wire.ResultEnvelope(RequestId(1), STATS), session.GetServerStats),
        (wire.ResultEnvelope(RequestId(1), session.Renamed(HOSTILE)), session.Rename),
        (wire.ResultEnvelope(RequestId(1), lobby.InLobby(STATE)), lobby.JoinLobby),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_text_of_a_message_is_cleaned_and_bounded(
    message: Any, request_of: type[Request] | None
) -> None:
    (heard,) = decode_server(encode(message), lambda _: request_of)
    for text in texts_in(heard):
        assert not set(text) & ACTS, text
        assert len(text) <= LONGEST_SHOWN
        assert "\u0301" * 5 not in text


@pytest.mark.parametrize(
    "said",
    [
        wire.Goodbye("forbidden", HOSTILE),
        wire.Refusal(RequestId(0), "internal", HOSTILE),
        b"\x93\x16\x01\xa5\x1b[31m",
        b"\x82\x11",
        bytes([0x93, 21, 1]) + b"\xacchat.said\x1b[m\x81\xa5\x1b[31m\x01",
        bytes([0x92, 17]) + b"\x81\xa5\x1b[31m\x01",
        "close",
        "text",
    ],
    ids=repr,
)
async def test_any_bytes_of_a_server_raise_one_error_with_clean_text(said: Any) -> None:
    async with trio.open_nursery() as nursery:
        port = await nursery.start(serve, said)
        settings = ClientSettings(first_attempts=1, seed=1, connect_timeout_s=1.0)
        with pytest.raises(GameserverError) as ended:
            async with open_client(f"ws://127.0.0.1:{port}", "Ann", settings):
                pass
        assert str(ended.value).isprintable()
        assert len(str(ended.value)) < 2 * LONGEST_SHOWN
        with pytest.raises(GameserverError) as ended:
            async with look_at(f"ws://127.0.0.1:{port}", timeout_s=1.0) as looker:
                await looker.ask()
        assert str(ended.value).isprintable()
        nursery.cancel_scope.cancel()


async def serve(said: Any, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
    async def one(request: WebSocketRequest) -> None:
        socket = await request.accept(subprotocol=wire.SUBPROTOCOL)
        try:
            await socket.get_message()
            if said == "close":
                await socket.aclose(4000, HOSTILE[:40])
            elif said == "text":
                await socket.send_message(HOSTILE)
            else:
                await socket.send_message(said if isinstance(said, bytes) else encode(said))
            await socket.get_message()
        except ConnectionClosed:
            pass

    async with trio.open_nursery() as nursery:
        listen = partial(serve_websocket, one, "127.0.0.1", 0, None)
        server = await nursery.start(listen)
        task_status.started(server.port)
        await trio.sleep_forever()


@pytest.mark.parametrize("arguments", [("stats", "--once"), ("stats", "--once", "--json")])
async def test_the_stats_command_prints_no_control_sequences_of_a_server(
    arguments: tuple[str, ...],
) -> None:
    async with trio.open_nursery() as nursery:
        port = await nursery.start(serve, wire.ResultEnvelope(RequestId(1), STATS))
        done = await trio.run_process(
            [sys.executable, "-m", "gameserver", *arguments, "--url", f"ws://127.0.0.1:{port}"],
            capture_stdout=True,
            capture_stderr=True,
            check=False,
        )
        nursery.cancel_scope.cancel()
    assert done.returncode == 0, done.stderr
    shown = (done.stdout + done.stderr).replace(b"\n", b"")
    assert not [byte for byte in shown if byte < 32 or byte == 127]
    assert not set(shown.decode()) & ACTS


# --- a match that is none ------------------------------------------------------------------------

FLAT = map_from_rows(*["." * 8] * 8)
MATCH = MatchStarted(
    MatchId("m"), "skirmish", Seat(0), (), 30, 1, FLAT.name, FLAT.digest, {}, 1, {}
)  # fmt: skip


TILES = MapData({"map": FLAT.to_wire()})
ENTERED = MatchEntered(Tick(1), Seat(0), 1)


def happened(*fields: Any, number: int = 0) -> list[Any]:
    return [TILES, ENTERED, MatchHappened(MatchId("m"), Tick(1), number, fields)]


@pytest.mark.parametrize(
    ("started", "said"),
    [
        (attrs.evolve(MATCH, tick_rate=0), []),
        (attrs.evolve(MATCH, tick_rate=10**9), []),
        (attrs.evolve(MATCH, snapshot_every=0), []),
        (attrs.evolve(MATCH, options={"no such": 1}), [TILES, ENTERED]),
        (attrs.evolve(MATCH, map_digest="another"), [TILES]),
        (MATCH, [MapData({})]),
        (MATCH, [MapData({"map": [1, 2]})]),
        (MATCH, happened(*range(9))),
        (MATCH, happened(number=99)),
        (MATCH, happened(*["text"] * len(attrs.fields(Skirmish.events[0])))),
    ],
    ids=range(10),
)
async def test_an_invalid_match_ends_the_connection_and_not_the_program(
    started: MatchStarted, said: list[Any]
) -> None:
    async with trio.open_nursery() as nursery:
        port = await nursery.start(serve_match, started, said)
        settings = ClientSettings(first_attempts=1, seed=1, game=Skirmish())
        with trio.fail_after(10):
            url = f"ws://127.0.0.1:{port}"
            async with open_client(url, "Ann", settings) as client:
                status: Status = client.status
                async for update in client.updates():
                    if isinstance(update, StatusChanged):
                        status = update.status
                    if not isinstance(status, Online):
                        break
                assert isinstance(status, Reconnecting)
                assert "no message of docs/protocol.md" in status.reason
        nursery.cancel_scope.cancel()


async def serve_match(
    started: MatchStarted, said: list[Any], task_status: Any = trio.TASK_STATUS_IGNORED
) -> None:
    """Begin a match, and answer what is asked of it with what is to be said, one by one."""

    async def one(request: WebSocketRequest) -> None:
        socket = await request.accept(subprotocol=wire.SUBPROTOCOL)
        left = list(said)
        with suppress(ConnectionClosed):
            await socket.get_message()
            await socket.send_message(encode(attrs.evolve(WELCOME, game="skirmish")))
            await socket.send_message(encode(wire.EventEnvelope(EventNumber(1), started)))
            while True:
                for asked in decode_client(await socket.get_message()):
                    if not isinstance(asked, wire.RequestEnvelope) or not left:
                        continue
                    if not isinstance(asked.request, GetMap | EnterMatch):
                        continue
                    answer = wire.ResultEnvelope(asked.id, left.pop(0))
                    await socket.send_message(encode(answer))
                    if left and isinstance(left[0], MatchHappened):
                        event = wire.EventEnvelope(EventNumber(2), left.pop(0))
                        await socket.send_message(encode(event))

    async with trio.open_nursery() as nursery:
        server = await nursery.start(partial(serve_websocket, one, "127.0.0.1", 0, None))
        task_status.started(server.port)
        await trio.sleep_forever()
