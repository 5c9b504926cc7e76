"""What a simulation of a whole server counts as a fault, and what it does to its connections."""

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import pairwise
from math import inf
from types import SimpleNamespace
from typing import Any

import pytest
import trio

from gameserver.game.maps.tilemap import TileMap
from gameserver.rooms.hall import Hall
from gameserver.testing import scenario
from gameserver.testing.memorynet import MemoryLink, MemoryNet
from gameserver.testing.memoryway import Weather
from gameserver.testing.scenario import ALONE, CALM_S, CHECK_S, NO_TROUBLES, Troubles, simulate
from gameserver.testing.simulate import ROOM
from gameserver.testing.skirmish import Bout
from gameserver.testing.story import verdict
from gameserver.testing.story.report import Report
from gameserver.testing.whole import ADDRESS, WholeServer

MAPS: Mapping[str, TileMap] = {ROOM.name: ROOM}
SHORT: Mapping[str, int] = {"ticks": 40}
STILL: Mapping[str, Any] = {"troubles": NO_TROUBLES, "cast": ALONE}


def noted(
    monkeypatch: pytest.MonkeyPatch, owner: type, name: str, note: Callable[..., None]
) -> None:
    """Call ``note`` before each call of a method."""
    real = getattr(owner, name)

    def method(self: object, *given: object, **named: object) -> object:
        note(self, *given, **named)
        return real(self, *given, **named)

    monkeypatch.setattr(owner, name, method)


def test_troubles_strike_about_as_often_as_wanted_and_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: Counter[str] = Counter()
    stalls: list[float] = []
    slow: list[tuple[float, bool]] = []
    weathers: list[Weather] = []

    noted(monkeypatch, MemoryLink, "cut", lambda _: calls.update(["cut"]))
    noted(monkeypatch, MemoryLink, "stall", lambda _, seconds: stalls.append(seconds))

    def note_slow(_link: MemoryLink, *, slow: bool) -> None:
        slow_readers.append((trio.current_time(), slow))

    slow_readers = slow
    noted(monkeypatch, MemoryLink, "read_slowly", note_slow)

    def note_weather(net: MemoryNet) -> None:
        if not weathers or net.weather is not weathers[-1]:
            weathers.append(net.weather)

    noted(monkeypatch, MemoryNet, "happen", note_weather)
    often = Troubles(
        cuts=1.0,
        stalls=0.5,
        slow_readers=0.5,
        weathers=0.25,
        longest_stall_s=0.6,
        worst_delay_s=0.08,
        most_split=0.5,
        half_opens=0,
        refusals=0,
        blocks=0,
    )
    outcome = simulate(5, Bout(), MAPS, players=2, seconds=10.0, troubles=often, cast=ALONE)
    assert outcome.virtual_s == 10.0 + CALM_S
    assert (outcome.cuts, outcome.stalls) == (calls["cut"], len(stalls))
    assert 4 <= outcome.cuts <= 20
    assert 8 <= outcome.stalls <= 35
    assert all(0.1 <= seconds <= 0.6 for seconds in stalls)
    begins = [at for at, is_slow in slow if is_slow]
    assert outcome.slow_readers == len(begins)
    assert 4 <= len(begins) <= 15, "they come one after the other, each lasting half a second"
    # Each lasts for half a second at least; then the next waits for its time.
    ends = [at for at, is_slow in slow if not is_slow]
    assert all(
        0.5 <= end - begin <= 0.6 + 1e-9 for begin, end in zip(begins[:-1], ends, strict=False)
    )
    *changes, last = weathers[1:]
    assert 20 <= len(changes) <= 65
    for weather in changes:
        assert 0.001 <= weather.delay_s <= 0.08
        assert 0.0 <= weather.jitter_s <= 0.02
        assert 0.0 <= weather.split <= 0.5
    assert max(weather.delay_s for weather in changes) > 0.06
    assert max(weather.jitter_s for weather in changes) > 0.015
    assert max(weather.split for weather in changes) > 0.4
    assert (last.delay_s, last.jitter_s, last.split) == (Weather().delay_s, 0.0, 0.0)


def test_a_player_who_never_gets_in_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    connect, made = WholeServer.connect, 0

    def connected(self: WholeServer, address: str = ADDRESS) -> MemoryLink:
        nonlocal made
        made += 1
        if made > 1:
            raise OSError("no way there")
        return connect(self, address)

    monkeypatch.setattr(WholeServer, "connect", connected)
    outcome = simulate(1, Bout(), MAPS, players=2, seconds=1.0, **STILL)
    assert outcome.faults[0] == "Player 2 never got in"


def test_a_match_that_breaks_or_does_not_end_is_a_fault() -> None:
    broken = simulate(
        1,
        Bout(),
        MAPS,
        players=2,
        seconds=2.0,
        options={"break_at": 20},
        troubles=NO_TROUBLES,
        cast=ALONE,
    )
    breaks = [fault for fault in broken.faults if fault.startswith("a match broke: ")]
    assert broken.faults == breaks != []
    endless = simulate(
        1,
        Bout(),
        MAPS,
        players=2,
        seconds=1.0,
        options={"ticks": 0},
        troubles=NO_TROUBLES,
        cast=ALONE,
    )
    assert endless.faults == ["no match ended with results"]


def test_the_checks_of_the_hall_run_all_along(monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[float] = []
    noted(monkeypatch, Hall, "check", lambda _: times.append(trio.current_time()))
    outcome = simulate(1, Bout(), MAPS, players=2, seconds=4.0, options=SHORT, **STILL)
    assert (outcome.faults, outcome.matches >= 2) == ([], True)
    assert 14.0 / CHECK_S <= len(times) == outcome.checks <= 500
    lived = [at for at in times if at <= 4.0 + CALM_S]
    assert max(after - at for at, after in pairwise(lived)) < CHECK_S + 0.05
    assert outcome.lines == 2, "each says a line every two seconds, as long as there are troubles"


def test_a_client_whose_picture_differs_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verdict, "differences", lambda *_: iter(["its lobby is missing"]))
    outcome = simulate(1, Bout(), MAPS, players=2, seconds=1.0, options=SHORT, **STILL)
    assert outcome.faults == [
        "Player 1: its lobby is missing",
        "Player 2: its lobby is missing",
    ]


def test_a_simulation_that_hangs_ends_with_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(_self: WholeServer) -> None:
        await trio.sleep(inf)

    monkeypatch.setattr(scenario, "PATIENCE_S", 30.0)
    monkeypatch.setattr(WholeServer, "stop", hang)
    outcome = simulate(1, Bout(), MAPS, players=2, seconds=1.0, options=SHORT, **STILL)
    assert outcome.faults == ["did not end within 30 s"]
    assert outcome.messages > 100
    assert len(outcome.trace) == 32


async def test_what_is_left_over_when_everybody_is_gone_is_a_fault_and_the_server_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def left(*_: object) -> list[str]:
        return ["a session", "two tasks"]

    async def stop() -> None:
        stopped.append(True)

    monkeypatch.setattr(scenario, "wait_empty", left)
    stopped: list[bool] = []
    report = Report(1, 1)
    story: Any = SimpleNamespace(_stage=SimpleNamespace(disk=None), _report=report)
    whole: Any = SimpleNamespace(stop=stop)
    await scenario._Scenario._end(story, whole, Counter())
    words = "left over when everybody was gone"
    assert report.faults == [f"{words}: a session", f"{words}: two tasks"]
    assert stopped == [True]
