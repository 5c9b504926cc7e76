"""Make the byte-exact examples for client authors; run it through ``script/make-vectors``.

Law: the files are made by the code that runs the server, and a test holds them to it byte for
byte; who changes a byte of the protocol sees it in the difference of a file.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgpack

from gameserver.errors import Code
from gameserver.ids import (
    EventNumber,
    LobbyId,
    MatchId,
    MessageId,
    PlayerId,
    RequestId,
    Seat,
    Tick,
)
from gameserver.messages import chat, lobby, match, session, wire
from gameserver.protocol.codec import encode
from tests.vectors import chains, prediction, reference, typescript
from tests.vectors.plain import plain

FOLDER: Final = Path(__file__).parent
TOKEN: Final = bytes(range(16))
ANN: Final = PlayerId("p-ann")
BEN: Final = PlayerId("p-ben")

CONFIG = lobby.LobbyConfig(
    title="Ann's",
    map="canal",
    size=4,
    bots=2,
    bot_level="calm",
    options={"mode": "dm", "friendly_fire": False, "time_limit_s": 300},
)
MEMBERS = (
    lobby.Member(ANN, "Ann", Seat(0), team=1, ready=True),
    lobby.Member(BEN, "Ben", Seat(1), team=2, connected=False),
)
STATE = lobby.LobbyState(
    LobbyId("l-1"), 3, lobby.Phase.COUNTDOWN, ANN, CONFIG, "K7QX2M", False, 2, MEMBERS, 2.5
)
LINE = chat.ChatLine(
    MessageId(17), chat.Channel.WHISPER, ANN, "Ann", "psst ✓", 1_700_000_000_123, BEN, "Ben"
)


def _request(number: int, request: Any) -> wire.RequestEnvelope:
    return wire.RequestEnvelope(RequestId(number), request)


def _result(number: int, result: Any, after: int) -> wire.ResultEnvelope:
    return wire.ResultEnvelope(RequestId(number), result, EventNumber(after))


def _event(number: int, event: Any) -> wire.EventEnvelope:
    return wire.EventEnvelope(EventNumber(number), event)


CLIENT_EXAMPLES: Final[list[tuple[str, str, Any]]] = [
    (
        "hello, new guest",
        "Sign in under a name.",
        wire.Hello(wire.PROTOCOL_VERSION, "example 1.0", "Ann"),
    ),
    (
        "hello, resume",
        "Go on with the session of this token; events up to 41 were applied.",
        wire.Hello(wire.PROTOCOL_VERSION, "example 1.0", "Ann", TOKEN, EventNumber(41)),
    ),
    ("request without fields", "Leave the lobby.", _request(1, lobby.LeaveLobby())),
    ("request", "Open a lobby.", _request(2, lobby.CreateLobby(CONFIG))),
    (
        "request, whisper",
        "Text is UTF-8.",
        _request(3, chat.SendChat(chat.Channel.WHISPER, "psst ✓", recipient_name="Ben")),
    ),
    ("request, enter match", "Ready for snapshots.", _request(4, match.EnterMatch(MatchId("m-1")))),
    ("ack", "Events to 42 and replies to 4 arrived.", wire.Ack(EventNumber(42), RequestId(4))),
    (
        "input",
        "Held for tick 120, drawn from a world 40/16 ticks old, snapshot 117 applied.",
        wire.Input(57, Tick(120), Tick(117), 40, (3, 512, 0, 1)),
    ),
    (
        "input for the next tick",
        "Tick 0: for clients that do not predict.",
        wire.Input(58, Tick(0), Tick(117), 0, (0, 1023, 1, 0)),
    ),
    (
        "input of eleven fields",
        "From 11 fields on msgpack's array header takes three bytes.",
        wire.Input(59, Tick(121), Tick(118), 0, tuple(range(-5, 6))),
    ),
    ("seen", "A spectator's snapshot 117 is applied.", wire.Seen(Tick(117))),
    ("ping", "Answer with the same nonce.", wire.Ping(7)),
    ("pong", "With the answering side's clock.", wire.Pong(7, 123_456)),
    ("goodbye", "The client closes.", wire.Goodbye("closed", "the window was closed")),
]

SERVER_EXAMPLES: Final[list[tuple[str, str, Any]]] = [
    (
        "welcome",
        "The session is new.",
        wire.Welcome(
            wire.PROTOCOL_VERSION,
            "gameserver 1.0",
            ANN,
            "Ann",
            TOKEN,
            False,
            1,
            "arena",
            5.0,
            60.0,
            wire.Limits(4096, 20.0, 300, 20),
            minor=wire.PROTOCOL_MINOR,
        ),
    ),
    (
        "welcome, resumed",
        "Events from 42 on follow; fresh requests begin with 5.",
        wire.Welcome(
            wire.PROTOCOL_VERSION,
            "gameserver 1.0",
            ANN,
            "Ann",
            TOKEN,
            True,
            2,
            "arena",
            5.0,
            60.0,
            wire.Limits(4096, 20.0, 300, 20),
            RequestId(5),
            wire.PROTOCOL_MINOR,
            EventNumber(41),
        ),
    ),
    ("result without fields", "Done, after event 40.", _result(1, lobby.LeaveLobby.result(), 40)),
    (
        "result of a server of minor version 0",
        "Without `after`: it counts when it comes.",
        wire.ResultEnvelope(RequestId(1), lobby.LeaveLobby.result()),
    ),
    (
        "result",
        "The lobby one is in now; to be applied behind event 41.",
        _result(2, lobby.InLobby(STATE), 41),
    ),
    (
        "result, match entered",
        "Snapshots follow.",
        _result(4, match.MatchEntered(Tick(116), Seat(0), 57), 42),
    ),
    (
        "refusal",
        "The request is not carried out.",
        wire.Refusal(
            RequestId(2),
            Code.LOBBY_BAD_OPTIONS,
            "mode must be one of dm, tdm, ctf",
            {"fields": {"mode": "must be one of dm, tdm, ctf"}},
            EventNumber(40),
        ),
    ),
    (
        "refusal of no request",
        "Id 0: about the message or the connection.",
        wire.Refusal(RequestId(0), Code.BAD_MESSAGE, "a ping is [4, nonce]"),
    ),
    ("event", "The lobby changed.", _event(41, lobby.LobbyChanged(STATE))),
    ("event, chat line", "Somebody whispered.", _event(42, chat.ChatSaid(LINE))),
    (
        "event, game event",
        "A reliable event of the game: class 1 of the schema.",
        _event(43, match.MatchHappened(MatchId("m-1"), Tick(118), 1, (0, 1, "Ann > Ben"))),
    ),
    (
        "notice",
        "Said to whoever listens now.",
        wire.NoticeEnvelope(session.ServerMessage("the server stops", 4.0)),
    ),
    (
        "shift",
        "The server was halted: tick 118 and all after it come a second later.",
        wire.Shift(Tick(118), 30),
    ),
    ("steer", "Run one tick further ahead than now.", wire.Steer(Tick(118), 1)),
    ("ping", "Answer with the same nonce.", wire.Ping(2_000_000_000)),
    ("pong", "With the server's clock.", wire.Pong(7, 9_876_543)),
    ("snapshot, empty", "Everything went as extrapolated.", wire.Snapshot(Tick(118), ())),
    (
        "goodbye",
        "Come back in 2 s.",
        wire.Goodbye(Code.SERVER_STOPPING, "the server stops", 2.0),
    ),
]


def _sections(*told: tuple[int, bytes]) -> tuple[wire.Section, ...]:
    return tuple(wire.Section(number, False, body) for number, body in told)


DELTAS: Final[list[tuple[str, wire.Delta]]] = [
    ("The next tick, and all went as extrapolated.", wire.Delta(1, None, ())),
    ("Two ticks later, the public section.", wire.Delta(2, None, _sections((0, b"abc")))),
    (
        "The same with one's own section before it.",
        wire.Delta(2, None, _sections((0, b"abc"), (1, b"own"))),
    ),
    (
        "Cell 1 near and far, and one's own; nothing public. A far one may be empty.",
        wire.Delta(1, None, _sections((1, b"own"), (4100, bytes(200)), (4101, b""))),
    ),
    ("More than 31 ticks later: the whole tick.", wire.Delta(0, Tick(300), _sections((0, b"a")))),
]

REFUSED: Final[list[tuple[str, bytes]]] = [
    ("empty message", b""),
    ("not an array", msgpack.packb({"kind": 18})),
    ("cut off", encode(_request(1, lobby.SetReady(True)))[:-1]),
    ("trailing byte", encode(_request(1, lobby.SetReady(True))) + b"\xc1"),
    ("bool for a number", msgpack.packb([4, True])),
    ("negative tick", msgpack.packb([6, -1])),
    ("number of 2^53", msgpack.packb([4, 2**53])),
    ("float in an input", msgpack.packb([1, 1, 1, 1, 0, 1.0])),
    ("input beside another message", encode(wire.Seen(Tick(1))) + encode(wire.Ping(1))),
    ("key twice", b"\x94\x12\x01\xablobby.ready\x82\xa5ready\xc2\xa5ready\xc3"),
    ("extension type", b"\x92\x04\xc7\x00\x05"),
    ("nested nine deep", msgpack.packb([18, 1, "x", [[[[[[[[]]]]]]]]])),
    ("kind of a server", msgpack.packb([2, 1])),
    ("too large", b"\x92\x04\xc5\x10\x00" + bytes(4096)),
]


def messages() -> dict[str, Any]:
    """Return every kind of message, from either side."""
    rows = [("client", *example) for example in CLIENT_EXAMPLES]
    rows += [("server", *example) for example in [*SERVER_EXAMPLES, _snapshot_example()]]
    return {
        "subprotocol": wire.SUBPROTOCOL,
        "messages": [
            {
                "name": name,
                "from": side,
                "about": about,
                "hex": (data := encode(message)).hex(),
                "object": plain(msgpack.unpackb(data)),
            }
            for side, name, about, message in rows
        ],
        "deltas": [
            {
                "about": about,
                "hex": encode(delta).hex(),
                "ticks": delta.ticks,
                "tick": delta.tick,
                "sections": [[section.number, section.body.hex()] for section in delta.sections],
            }
            for about, delta in DELTAS
        ],
    }


def _snapshot_example() -> tuple[str, str, Any]:
    public, own = (
        bytes.fromhex(chain()[0]["keyframe"]) for chain in (chains.public_chain, chains.owner_chain)
    )
    sections = (wire.Section(0, True, public), wire.Section(1, True, own))
    about = "The first keyframes of snapshots.json: public section 0 and owner section 1."
    return "snapshot", about, wire.Snapshot(Tick(118), sections)


def refused() -> dict[str, Any]:
    """Return bytes that a server must not take from a client."""
    return {"refused": [{"name": name, "hex": data.hex()} for name, data in REFUSED]}


def _text(made: Callable[[], dict[str, Any]]) -> Callable[[], str]:
    return lambda: json.dumps(made(), indent=1, ensure_ascii=False) + "\n"


FILES: Final[dict[str, Callable[[], str]]] = {
    "messages.json": _text(messages),
    "snapshots.json": _text(chains.snapshots),
    "refused.json": _text(refused),
    "prediction.json": prediction.render,
}


def render(name: str) -> str:
    """Return what the file of this name must hold."""
    return FILES[name]()


def main() -> None:
    """Write all files, the reference in ``docs/protocol.md``, and tables for JavaScript."""
    for name in FILES:
        (FOLDER / name).write_text(render(name), encoding="utf-8")
    reference.DOCUMENT.write_text(reference.render(messages()["messages"]), encoding="utf-8")
    typescript.TABLES.write_text(typescript.render(), encoding="utf-8")
    sys.stdout.write(f"wrote {', '.join(FILES)}, {reference.DOCUMENT.name} and tables.ts\n")


if __name__ == "__main__":
    main()
