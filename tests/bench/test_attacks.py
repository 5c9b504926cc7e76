"""Attacks are limited to a server of this machine, bounded, and measured correctly."""

import json
import socket
import sys
from pathlib import Path

import pytest
import trio
from click.testing import CliRunner

from bench.attacks.__main__ import attack
from bench.attacks.observers import Felt, quantile
from bench.attacks.registry import attacks
from bench.attacks.run import Outcome
from bench.attacks.server import find_pid, target_of
from bench.attacks.wire import Peer, Target, frame
from bench.errors import BenchError
from gameserver.messages.session import GetServerInfo
from gameserver.messages.wire import Kind
from tests.e2e.program import PATIENCE_S, ROOT, program


def outcome(**differently: object) -> Outcome:
    """Return what a server that held would show, but for these."""
    figures: dict[str, object] = {
        "name": "test",
        "title": "",
        "before": Felt([33.0] * 100, [1.0], 2.0),
        "during": Felt([33.0] * 100, [5.0], 9.0),
        "sent": 1000,
        "received": 5000,
        "memory_kib": 100,
        "cut": 0,
        "connections": 1,
        "refused": 0,
        "notes": {},
    }
    return Outcome(**{**figures, **differently})


# --- the target -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["ws://192.0.2.1:7777", "192.0.2.1", "ws://[2001:db8::1]:7777", "http://192.0.2.9"]
)
def test_another_machine_is_never_attacked(url: str) -> None:
    with pytest.raises(BenchError, match="is not this machine"):
        target_of(url)


@pytest.mark.parametrize("url", ["ws://127.0.0.1:99999", "ws://127.0.0.1:x", "ws://no such host"])
def test_an_impossible_address_is_refused_in_one_sentence(url: str) -> None:
    with pytest.raises(BenchError, match="is no address of a server"):
        target_of(url)


@pytest.mark.parametrize("url", ["ws://127.0.0.1:7300", "127.0.0.1:7300", "ws://localhost:7300"])
def test_a_server_of_this_machine_may_be_attacked(url: str) -> None:
    assert target_of(url) == Target("127.0.0.1", 7300)


def test_the_process_that_listens_is_found() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        child = find_pid(port)
        assert (
            Path(f"/proc/{child}/cmdline").read_bytes() == Path("/proc/self/cmdline").read_bytes()
        )
    assert find_pid(port) == 0


# --- the command ----------------------------------------------------------------------------------


def test_the_list_names_every_attack_with_what_it_does() -> None:
    shown = CliRunner().invoke(attack, ["--list"]).output.splitlines()
    assert [line.split()[0] for line in shown] == list(attacks())
    assert all(len(line.split(maxsplit=1)[1]) > 20 for line in shown)


@pytest.mark.parametrize("arguments", [["--seconds", "3600"], ["--listeners", "100000"], []])
def test_arguments_out_of_bounds_or_without_an_attack_are_refused(arguments: list[str]) -> None:
    assert CliRunner().invoke(attack, arguments).exit_code == 2


def test_an_unknown_attack_is_refused_in_one_sentence() -> None:
    with pytest.raises(BenchError, match="there is no attack rain"):
        CliRunner().invoke(attack, ["rain"], catch_exceptions=False)


# --- the verdict ----------------------------------------------------------------------------------


def test_a_server_within_all_limits_has_the_verdict_held() -> None:
    assert outcome().faults == []
    assert outcome().row()["verdict"] == "held"


@pytest.mark.parametrize(
    ("differently", "fault"),
    [
        ({"during": Felt([33.0] * 100, [5.0], 21.0)}, "hold"),
        ({"during": Felt([33.0] * 100, [101.0])}, "answer"),
        ({"during": Felt([40.0] * 100, [5.0])}, "p99"),
        ({"received": 40_000_000}, "bytes"),
        ({"memory_kib": 17 * 1024}, "memory"),
        ({"cut": 1}, "cut"),
        ({"gone": True}, "the server is gone"),
        ({"notes": {"held": False}}, "see note"),
    ],
)
def test_each_exceeded_limit_is_named(differently: dict[str, object], fault: str) -> None:
    assert outcome(**differently).faults == [fault]


def test_a_machine_that_was_as_slow_before_is_no_verdict() -> None:
    slow = Felt([50.0] * 100, [190.0])
    assert outcome(before=slow, during=slow).faults == []


def test_quantiles_are_those_of_the_nearest_rank() -> None:
    assert quantile([], 0.99) == 0.0
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile([float(n) for n in range(1000)], 0.99) == 990.0


# --- the wire -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 125, 126, 4000])
def test_frames_are_masked_and_say_their_size(size: int) -> None:
    made = frame(b"x" * size)
    assert made[0] == 0x82
    assert made[1] & 0x80
    assert made.endswith(b"\0\0\0\0" + b"x" * size)


async def test_an_attack_runs_against_a_real_server_and_counts(tmp_path: Path) -> None:
    with trio.fail_after(PATIENCE_S):
        async with program(tmp_path) as server:
            words = [sys.executable, "-m", "bench.attacks.child", "map-requests", "127.0.0.1"]
            done = await trio.run_process(
                [*words, str(server.port), "1", "0"], stdin=b"go\n", capture_stdout=True, cwd=ROOT
            )
            ready, counted = map(json.loads, done.stdout.splitlines())
            assert ready == {"ready": True}
            assert counted["sent"] > 0
            assert counted["connections"] == 1
            await _assert_serves(server.port)
            server.assert_same_process_without_faults()


async def _assert_serves(port: int) -> None:
    peer = await Peer.dial(Target("127.0.0.1", port), "127.0.0.9")
    assert await peer.hello("Honest")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(peer.listen)
        assert (await peer.ask(GetServerInfo()))[0] == Kind.RESULT
        peer.close()
