"""What a message means that leaves fields out, and which values the classes themselves refuse.

A field at its default is not sent, so a default is a part of the protocol: with another one, a
message of an older program would change its meaning.
"""

from typing import Any

import attrs
import pytest

from gameserver.ids import PlayerId
from gameserver.messages import chat, forms, lobby, match, namespaces, session, wire
from gameserver.messages.base import EVENTS, NOTICES, REQUESTS, Notice, ReliableEvent, Request

LEFT_OUT: dict[type, dict[str, object]] = {
    chat.ChatLine: {"recipient": "", "recipient_name": "", "team": 0, "told": ""},
    chat.SendChat: {"recipient": "", "recipient_name": ""},
    chat.Typing: {"recipient": ""},
    forms.LobbyForm: {"mode": ""},
    lobby.ConfigureLobby: {"password": ""},
    lobby.CreateLobby: {"password": ""},
    lobby.JoinLobby: {"lobby_id": "", "code": "", "password": "", "spectate": False},
    lobby.LobbyConfig: {"bots": 0, "bot_level": "", "join_in_progress": True, "spectators": True},
    lobby.LobbyFilter: {"text": "", "mode": "", "map": "", "joinable": False},
    lobby.LobbyState: {"match_id": ""},
    lobby.MatchResult: {"message": ""},
    lobby.Member: {
        "team": 0,
        "ready": False,
        "connected": True,
        "muted": False,
        "bot": False,
        "stalled": False,
    },
    lobby.QuickPlay: {"mode": "", "map": ""},
    lobby.ResultLine: {"bot": False},
    lobby.WatchLobbies: {"on": True},
    match.DesyncNoted: {"view_bytes": 0},
    match.GetReplay: {"offset": 0},
    match.MatchEntered: {"epoch": 1, "delay_s": 0.0, "waits_s": 0.0},
    match.MatchStats: {
        "applied": 0,
        "late": 0,
        "missed": 0,
        "early": 0,
        "doubled": 0,
        "malformed": 0,
    },
    namespaces.AckEmitted: {"namespace": ""},
    namespaces.EmitEvent: {"ack": False},
    namespaces.Emitted: {"ack": 0},
    namespaces.NamespaceEnded: {"sentence": ""},
    namespaces.NamespaceJoined: {"again": False},
    session.GetServerStats: {"token": ""},
    session.ReportPlayer: {"text": ""},
    session.Presence: {"stalled": False},
    session.ServerInfo: {"message": "", "replays": True},
    wire.Hello: {"player_name": "", "last_event": 0},
    wire.Welcome: {"next_request": 1, "minor": 0, "last_event": 0},
}

MODULES = (chat, forms, lobby, match, namespaces, session, wire)


def test_a_field_that_is_left_out_has_the_value_of_the_protocol() -> None:
    found: dict[type, dict[str, object]] = {}
    for module in MODULES:
        for cls in vars(module).values():
            if isinstance(cls, type) and attrs.has(cls) and cls.__module__ == module.__name__:
                plain = {a.name: a.default for a in attrs.fields(cls)}
                kept = {n: v for n, v in plain.items() if type(v) in (int, bool, float, str)}
                found |= {cls: kept} if kept else {}
    assert found == LEFT_OUT
    types = {cls: [type(value) for value in each.values()] for cls, each in found.items()}
    assert types == {cls: [type(v) for v in each.values()] for cls, each in LEFT_OUT.items()}


SPACE, EVENT = "/chess", "move"
WRONG_SPACES = ["chess", "/", "/chess room", "", 5]
WRONG_EVENTS = ["", "connect", "x" * 65, 5]
WRONG_ARGS: list[Any] = [(object(),), ([float("nan")],), tuple(range(17))]


def spaced(cls: Any, **more: object) -> Any:
    needed = {"namespace": SPACE, "event": EVENT, "ack": 1, "auth": {}}
    names = {a.name for a in attrs.fields(cls)}
    return cls(**{name: value for name, value in needed.items() if name in names} | more)


@pytest.mark.parametrize(
    ("cls", "checked"),
    [
        (namespaces.JoinNamespace, {"namespace": WRONG_SPACES, "auth": [[], "a", {"a": object()}]}),
        (namespaces.LeaveNamespace, {"namespace": WRONG_SPACES}),
        (namespaces.EmitAnswered, {"args": WRONG_ARGS}),
        (
            namespaces.EmitEvent,
            {"namespace": WRONG_SPACES, "event": WRONG_EVENTS, "args": WRONG_ARGS},
        ),
        (namespaces.AckEmitted, {"namespace": ["chess", "/", 5], "args": WRONG_ARGS}),
        (
            namespaces.Emitted,
            {"namespace": WRONG_SPACES, "event": WRONG_EVENTS, "args": WRONG_ARGS},
        ),
        (
            namespaces.EmittedLatest,
            {"namespace": WRONG_SPACES, "event": WRONG_EVENTS, "args": WRONG_ARGS},
        ),
    ],
)
def test_a_message_of_a_namespace_has_only_what_may_be_sent(
    cls: type, checked: dict[str, list[Any]]
) -> None:
    assert spaced(cls) == spaced(cls)
    for name, values in checked.items():
        for value in values:
            with pytest.raises((ValueError, TypeError)):
                spaced(cls, **{name: value})


def test_an_ack_may_name_no_namespace_and_a_join_may_bring_values() -> None:
    assert namespaces.AckEmitted(1).namespace == ""
    assert namespaces.AckEmitted(1, (), SPACE).namespace == SPACE
    assert namespaces.JoinNamespace(SPACE).auth == {}
    assert namespaces.JoinNamespace(SPACE, {"a": [1]}).auth == {"a": [1]}


def test_a_later_notice_replaces_one_about_the_same() -> None:
    ann, bob = PlayerId("ann"), PlayerId("bob")
    typing = [
        chat.ChatTyping(chat.Channel.GLOBAL, ann, "Ann"),
        chat.ChatTyping(chat.Channel.GLOBAL, bob, "Bob"),
        chat.ChatTyping(chat.Channel.LOBBY, ann, "Ann"),
    ]
    latest = [
        namespaces.EmittedLatest(space, event, ())
        for space, event in (("/a", "x"), ("/a", "y"), ("/b", "x"))
    ]
    present = [session.Presence(who, connected=True) for who in (ann, bob)]
    groups: list[list[Notice]] = [[*typing], [*latest], [*present]]
    for notices in groups:
        assert len({each.about for each in notices}) == len(notices)
        assert {each.about[0] for each in notices} == {notices[0].name}
    assert latest[0].about == namespaces.EmittedLatest("/a", "x", (1,)).about


def test_a_message_is_registered_under_its_name_and_a_base_without_one_is_not() -> None:
    kinds: list[tuple[Any, dict[str, Any]]] = [
        (Request, REQUESTS),
        (ReliableEvent, EVENTS),
        (Notice, NOTICES),
    ]
    for base, registry in kinds:
        before = dict(registry)
        nameless = type("Nameless", (base,), {})
        assert registry == before
        assert not hasattr(nameless, "name")
        for name, cls in before.items():
            assert cls.name == name
            assert issubclass(cls, base)


def test_quantiles_that_are_left_out_are_of_nothing() -> None:
    plain = {a.name: a.default for a in attrs.fields(session.ServerStats)}
    assert plain["loop_passes"] == session.Quantiles(0, 0, 0, 0, 0)
