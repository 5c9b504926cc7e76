"""The status of the connection for the player: silence, trouble, reconnecting."""

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from examples.tag import Tag
from gameserver.arena import Arena
from gameserver.client import (
    Client,
    ClientSettings,
    Closed,
    OfflineCause,
    Online,
    Reconnecting,
    Stall,
    StatusChanged,
    Trouble,
    Updates,
    health,
    open_client,
)
from gameserver.client.client import LOBBY_GRACE_S
from gameserver.client.link.conditions import Conditions
from gameserver.client.link.farewell import farewell_of
from gameserver.client.play import replica as replicas
from gameserver.client.settings import game_for
from gameserver.errors import Code, GameMismatchError
from gameserver.ids import Seat
from gameserver.messages.lobby import CreateLobby, JoinLobby, LobbyConfig, Member, SetReady
from gameserver.messages.session import ServerMessage
from gameserver.messages.wire import Goodbye
from gameserver.service.connections import say_goodbye
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Skirmish
from gameserver.testing.stepper import MatchStepper
from gameserver.testing.whole import WholeServer
from tests.client.piped import SETTINGS, URL, piped, play
from tests.service.peers import MAP


async def together(ann: Client, bob: Client) -> None:
    """Begin a match of two."""
    made = await ann.request(CreateLobby(LobbyConfig("Duel", MAP.name, 2)))
    await bob.request(JoinLobby(lobby_id=made.lobby.lobby_id))
    for each in (ann, bob):
        await each.request(SetReady(ready=True))
    await until(lambda: all(each.match is not None and each.match.live for each in (ann, bob)))


async def until(is_true: Callable[[], bool]) -> None:
    while not is_true():  # noqa: ASYNC110  many things may make it true
        await trio.sleep(0.05)


def member(watcher: Client, other: Client) -> Member:
    assert watcher.lobby is not None
    return next(m for m in watcher.lobby.members if m.player_id == other.player_id)


async def test_a_stalled_connection_in_a_match_is_reported_within_half_a_second(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        piped(autojump_clock, monkeypatch) as pipes,
        open_client(URL, "Ann", SETTINGS) as ann,
        open_client(URL, "Bob", SETTINGS) as bob,
        trio.open_nursery() as nursery,
    ):
        await together(ann, bob)
        nursery.start_soon(play, ann)
        nursery.start_soon(play, bob)
        seen: list[tuple[Stall, Stall, bool, bool]] = []

        async def look_after(seconds: float) -> None:
            await trio.sleep(seconds)
            shown = member(bob, ann)
            seen.append((ann.stall, bob.stall, shown.stalled, shown.connected))

        await look_after(1)
        pipes.net.links[0].stall(60.0)
        for seconds in (0.6, 0.9, 0.6):
            await look_after(seconds)
        pipes.net.links[0].flow()
        await look_after(1.2)
        assert seen == [
            (Stall.NONE, Stall.NONE, False, True),
            (Stall.BRIEF, Stall.NONE, False, True),
            (Stall.BRIEF, Stall.NONE, True, True),
            (Stall.LONG, Stall.NONE, True, True),
            (Stall.NONE, Stall.NONE, False, True),
        ]
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("rtt_s", "jitter_s", "trouble"),
    [
        (0.2, 0.05, Trouble.NONE),
        (0.2, 0.3, Trouble.UNSTEADY),
        (1.3, 0.3, Trouble.SLOW),
        (2.4, 0.0, Trouble.TOO_SLOW),
    ],
)
def test_each_fault_of_a_connection_has_a_sentence(
    rtt_s: float, jitter_s: float, trouble: Trouble
) -> None:
    assert health.trouble_of(rtt_s, jitter_s) is trouble
    assert bool(health.words_of(trouble, rtt_s, jitter_s)) == (trouble is not Trouble.NONE)


def test_the_sentence_about_the_connection_sorts_no_samples(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stepper = MatchStepper(Skirmish(), map_from_rows(*["." * 8] * 8), seats=1)
    replica = stepper.enter(Seat(0), Conditions(jitter_ms=30)).replica
    stepper.run(60)
    sorts: list[float] = []

    def noting(_samples: object, part: float) -> float:
        sorts.append(part)
        return 0.0

    monkeypatch.setattr(replicas, "percentile", noting)
    client: Any = SimpleNamespace(match=replica, _status=Online(resumed=False), rtt_s=2.4)
    times = Client._line_times(client)
    assert times == (2.4, replica.jitter_s)
    assert not sorts
    assert replica.stats.jitter_ms == replica.jitter_s * 1000
    assert sorts


async def lose(client: Client, pipes: WholeServer) -> Reconnecting:
    """Cut a client's connection where no new one comes about; return what it says first."""
    pipes.closed = True
    heard = client.updates()
    client.drop_connection()
    return await lost(heard)


async def lost(heard: Updates) -> Reconnecting:
    async for update in heard:
        if isinstance(update, StatusChanged) and isinstance(update.status, Reconnecting):
            return update.status
    raise AssertionError("the client closed")


async def test_a_lost_connection_is_reported_with_its_reason_and_how_long_the_seat_is_held(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with piped(autojump_clock, monkeypatch) as pipes, open_client(URL, "A", SETTINGS) as ann:
        await ann.request(CreateLobby(LobbyConfig("Here", MAP.name, 2)))
        status = await lose(ann, pipes)
        assert status.reason == "The connection was lost."
        assert status.cause is OfflineCause.LOST
        assert status.retry_at == pytest.approx(ann.now() + status.retry_in_s, abs=0.01)
        assert status.seat_until is not None
        assert LOBBY_GRACE_S - 1 < status.seat_until - ann.now() <= LOBBY_GRACE_S
        await trio.sleep(LOBBY_GRACE_S + 20)
        assert isinstance(ann.status, Reconnecting)
        assert ann.status.cause is OfflineCause.UNREACHABLE
        assert ann.status.seat_until is None


async def test_a_stopping_server_promises_no_seat(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with piped(autojump_clock, monkeypatch) as pipes, open_client(URL, "A", SETTINGS) as ann:
        await ann.request(CreateLobby(LobbyConfig("Here", MAP.name, 2)))
        pipes.closed = True
        heard = ann.updates()
        line = pipes.server.connections.line(ann.player_id)
        assert line is not None
        say_goodbye(line.link, Code.SERVER_STOPPING, "the server stops", 3.0)
        status = await lost(heard)
        assert status.cause is OfflineCause.STOPPING
        assert status.seat_until is None
        await trio.sleep(20)
        assert isinstance(ann.status, Reconnecting)
        assert ann.status.seat_until is None, "later attempts promise nothing either"


async def test_retrying_at_once_ends_the_wait(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with piped(autojump_clock, monkeypatch) as pipes, open_client(URL, "A", SETTINGS) as ann:
        await lose(ann, pipes)
        await trio.sleep(40)  # by now the waits are long
        pipes.closed = False
        before = ann.now()
        ann.try_now()
        await ann.wait_online()
        assert ann.now() - before < 0.5
        assert isinstance(ann.status, Online)


async def test_giving_up_closes_the_client_at_once(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with piped(autojump_clock, monkeypatch) as pipes, open_client(URL, "A", SETTINGS) as ann:
        heard = ann.updates()
        await lose(ann, pipes)
        before = ann.now()
        ann.give_up()
        async for _ in heard:
            pass
        assert ann.now() - before < 0.1
        assert isinstance(ann.status, Closed)
        assert ann.status.code is None


async def test_giving_up_ends_an_attempt_that_hangs(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with piped(autojump_clock, monkeypatch) as pipes, open_client(URL, "A", SETTINGS) as ann:
        monkeypatch.setattr("gameserver.client.link.streams.open_stream", _never)
        ann.drop_connection()
        await until(lambda: isinstance(ann.status, Reconnecting))
        ann.try_now()
        await trio.sleep(0.1)
        before = ann.now()
        ann.give_up()
        await trio.sleep(0.01)
        assert isinstance(ann.status, Closed)
        assert ann.now() - before < 0.1
        assert pipes.net.links


async def _never(_address: object) -> None:
    await trio.sleep_forever()


async def test_a_server_with_another_game_is_reported_with_both_games(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ClientSettings(game=Tag(), seed=1)
    sentence = "this server plays Skirmish; this client plays Tag"
    async with piped(autojump_clock, monkeypatch):
        with pytest.raises(GameMismatchError, match=sentence):
            async with open_client(URL, "Ann", other):
                pass


@pytest.mark.parametrize("name", ["skirmish", "this:Game", "this", "os:system"])
async def test_an_uninstalled_game_is_named_and_a_server_cannot_cause_an_import(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(Skirmish, "name", name)
    sentence = f"^this server plays {name.capitalize()}, which is not installed here$"
    async with piped(autojump_clock, monkeypatch):
        with pytest.raises(GameMismatchError, match=sentence):
            async with open_client(URL, "Ann", ClientSettings(seed=1)):
                pass
    assert "this" not in sys.modules


def test_without_a_game_of_its_own_a_client_plays_the_installed_game_of_the_server() -> None:
    assert isinstance(game_for(ClientSettings(), "arena"), Arena)
    tag = Tag()
    assert game_for(ClientSettings(game=tag), tag.name) is tag


def test_another_version_of_the_protocol_is_reported_with_its_page() -> None:
    farewell = farewell_of(
        Goodbye("version_unsupported", "this server speaks version 2; see docs/protocol.md.")
    )
    assert farewell.final
    assert "update the older side" in farewell.sentence
    assert "docs/protocol.md" in farewell.sentence


@pytest.mark.parametrize(
    ("stops_in_s", "cause"), [(3.0, OfflineCause.STOPPING), (None, OfflineCause.LOST)]
)
async def test_a_connection_lost_after_the_server_announced_its_stop_has_that_cause(
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    stops_in_s: float | None,
    cause: OfflineCause,
) -> None:
    async with piped(autojump_clock, monkeypatch) as pipes, open_client(URL, "A", SETTINGS) as ann:
        said = ServerMessage("soon", stops_in_s=stops_in_s)
        pipes.server.connections.tell((ann.player_id,), said)
        pipes.server.connections.flush()
        await trio.sleep(1)
        assert (await lose(ann, pipes)).cause is cause
