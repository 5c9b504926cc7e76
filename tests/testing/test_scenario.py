"""A whole server and its players, simulated from a seed."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.messages.base import ReliableEvent
from gameserver.messages.chat import ChatSaid
from gameserver.rooms.limits.budgets import Budget
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.session import Session
from gameserver.service.overload.work import Work
from gameserver.testing import simulate as simulations
from gameserver.testing.clock import LeapClock
from gameserver.testing.memorynet import MemoryLink
from gameserver.testing.scenario import ALONE, NO_TROUBLES, Cast, Report, Troubles, simulate
from gameserver.testing.simulate import BOUT, ROOM, Chosen, main, run_seed
from gameserver.testing.skirmish import Bout, Skirmish
from gameserver.testing.trace import Trace
from gameserver.testing.whole import ADDRESS, WholeServer
from tests.house.checkout import ROOT

MAPS = {ROOM.name: ROOM}


@pytest.mark.parametrize("seed", [1, 2])
def test_cuts_stalls_and_slow_readers_lose_no_events(seed: int) -> None:
    outcome = simulate(seed, Bout(), MAPS, players=3, seconds=14.0)
    assert outcome.faults == []
    assert outcome.matches >= 1
    assert outcome.cuts + outcome.stalls + outcome.slow_readers > 0
    assert outcome.lines > 5


def test_without_disturbances_nobody_reconnects() -> None:
    outcome = simulate(3, Bout(), MAPS, players=2, seconds=4.0, troubles=NO_TROUBLES, cast=ALONE)
    assert (outcome.faults, outcome.reconnects) == ([], 0)


def test_a_server_that_is_short_of_time_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[str] = []
    wait = Work.wait

    async def noted(self: Work, address: str, own: Budget) -> None:
        if own.wait(trio.current_time()) or self._addresses.wait(address, trio.current_time()):
            waits.append(address)
        await wait(self, address, own)

    monkeypatch.setattr(Work, "wait", noted)
    outcome = simulate(8, Bout(), MAPS, players=3, seconds=8.0, reading_s=0.03)
    assert outcome.faults == []
    assert outcome.matches >= 1
    assert len(waits) > 10


def test_the_same_seed_gives_the_same_trace_and_another_seed_another() -> None:
    one, again, other = (run(seed) for seed in (7, 7, 8))
    assert one == again
    assert one.crashes > 0
    assert one.trace != other.trace


def run(seed: int) -> Report:
    troubles, cast = Troubles(crashes=1.5), Cast(deeds_s=1.0, saves=1.0)
    return simulate(seed, Bout(), MAPS, players=2, seconds=4.0, troubles=troubles, cast=cast)


def test_processes_with_different_hash_seeds_give_the_same_trace() -> None:
    code = "from tests.testing.test_scenario import run; print(run(7).trace)"
    # Without measuring its coverage, which would more than double its time.
    own = {key: value for key, value in os.environ.items() if not key.startswith("COVERAGE_")}
    traces = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=own | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()[-1]
        for hash_seed in ("1", "4242")
    }
    assert traces == {run(7).trace}


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no such timers")
def test_signals_change_nothing_in_a_trace() -> None:
    came: list[int] = []
    before = signal.signal(signal.SIGVTALRM, lambda number, _: came.append(number))
    expected = run(7).trace
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.01, 0.01)
    try:
        assert run(7).trace == expected
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    assert len(came) > 10


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="this system has no masks")
def test_a_signal_before_the_first_task_changes_nothing_in_a_trace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def trace() -> str:
        # In this story several tasks are ready in the pass that a signal would wake another for.
        return simulate(6, Bout(), MAPS, players=2, seconds=1.0, options={"ticks": 40}).trace

    came: list[int] = []
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    before = signal.signal(signal.SIGUSR2, lambda number, _: came.append(number))
    expected = trace()
    monkeypatch.setattr(LeapClock, "start_clock", lambda _: signal.raise_signal(signal.SIGUSR2))
    try:
        assert trace() == expected
    finally:
        signal.signal(signal.SIGUSR2, before)
    assert came == [signal.SIGUSR2]
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == mask


CUTS = attrs.evolve(NO_TROUBLES, cuts=0.3)


def test_players_whose_connections_are_cut_come_back() -> None:
    outcome = simulate(1, Bout(), MAPS, players=2, seconds=4.0, troubles=CUTS, cast=ALONE)
    assert outcome.cuts > 3
    assert outcome.reconnects > 0
    assert not any("is not online" in fault for fault in outcome.faults)


def test_a_player_who_cannot_come_back_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = WholeServer.connect
    made: list[MemoryLink] = []

    def connected(self: WholeServer, address: str = ADDRESS) -> MemoryLink:
        if len(made) >= 2:
            raise OSError("no way there")
        made.append(connect(self, address))
        return made[-1]

    monkeypatch.setattr(WholeServer, "connect", connected)
    outcome = simulate(1, Bout(), MAPS, players=2, seconds=4.0, troubles=CUTS, cast=ALONE)
    assert any("is not online" in fault for fault in outcome.faults)


@pytest.mark.parametrize("deaf", ["everybody", "one of them"])
def test_a_line_of_chat_that_is_not_delivered_is_a_fault(
    deaf: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_all = HallState.send_all

    def sent(self: HallState, sessions: Iterable[Session], event: ReliableEvent) -> None:
        listeners = list(sessions)
        if isinstance(event, ChatSaid) and event.line.text == "line 2 of player 2":
            listeners = listeners[1:] if deaf == "one of them" else []
        send_all(self, listeners, event)

    monkeypatch.setattr(HallState, "send_all", sent)
    outcome = simulate(3, Bout(), MAPS, players=2, seconds=6.0, troubles=NO_TROUBLES, cast=ALONE)
    (fault,) = outcome.faults
    assert fault.endswith("lost 1 lines" if deaf == "one of them" else "'line 2 of player 2'")


async def test_the_random_bytes_of_a_handshake_in_parts_are_not_in_the_trace(
    autojump_clock: MockClock,
) -> None:
    assert isinstance(autojump_clock, MockClock)
    digests: list[str] = []
    for key in (b"one", b"two", b"two"):
        trace = Trace()
        trace.arrived(0, "down", b"HTTP/1.1 101\r\nSec-WebSocket-Accept: " + key[:1])
        trace.arrived(0, "down", key[1:] + b"\r\n\r")
        trace.arrived(0, "down", b"\n" + bytes([len(digests) // 2]))
        digests.append(trace.hexdigest())
    assert digests[0] == digests[1] != digests[2]


def test_a_simulation_uses_the_given_options() -> None:
    options = {"ticks": 100}
    outcome = simulate(4, Skirmish(), MAPS, players=2, seconds=4.0, options=options)
    assert outcome.faults == []
    assert outcome.matches >= 1


def test_the_printed_command_repeats_a_failed_seed() -> None:
    chosen = Chosen("examples.tag:Tag", ROOT / "maps", {"length_s": 10}, 3, 12.5)
    words = shlex.split(chosen.again(9))
    assert words[0] == "script/simulate"
    with main.make_context("simulate", words[1:]) as context:
        given = context.params
    assert (given["first"], given["seeds"], given["players"], given["seconds"]) == (9, 1, 3, 12.5)
    assert (given["game"], given["given"]) == ("examples.tag:Tag", ("length_s=10",))


def test_an_assertion_in_a_run_is_reported_as_the_fault_of_its_seed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> Report:
        raise AssertionError("a lobby ends with its last member")

    monkeypatch.setattr(simulations, "simulate", broken)
    run = run_seed(Chosen(BOUT, Path(), {}, 2, 1.0), 5, twice=True)
    assert (run.outcome.seed, len(run.outcome.faults)) == (5, 1)
    assert "a lobby ends with its last member" in run.outcome.faults[0]
