"""Run one attack and measure its effect: honest clients before it, then the same clients during it.

Law: both are measured in one run, on the same machine, with the same clients, so that a slow
machine does not count as a fault. The attacker is a separate process, which is always ended.
"""

import json
import subprocess
import sys
from typing import Any, Final

import attrs
import trio

from bench.attacks.observers import Felt, Observers, observing
from bench.attacks.registry import Attack
from bench.attacks.wire import Target
from bench.memory import resident_kib

QUIET_S: Final = 4.0
"""Duration of the measurement before the attack."""

PREPARE_S: Final = 90.0
"""Longest preparation of an attack."""

PASSES_S: Final = 5.0
"""Time between two looks at the longest pass, which the server remembers for at least 10 s."""

LATE_S: Final = 30.0
"""Longest time by which an attack may exceed its duration."""

MOST_HELD_MS: Final = 20.0
MOST_TRIP_MS: Final = 100.0
MOST_GAP_RISE: Final = 1.10
MOST_RATIO: Final = 20.0
MOST_MEMORY_KIB: Final = 16 * 1024

NOISE_MS: Final = 2.0
"""Difference of a percentile between two phases that is taken for noise of the machine."""


class AttackError(Exception):
    """An attack could not be carried out; the text says why."""


@attrs.frozen
class Outcome:
    """The effect of an attack."""

    name: str
    title: str
    before: Felt
    during: Felt
    sent: int
    received: int
    memory_kib: int | None
    cut: int
    """Honest clients that lost their connection."""
    connections: int
    refused: int
    notes: dict[str, Any]
    half: tuple[int, int] = (0, 0)
    """Bytes sent and received by half of the time."""
    gone: bool = False
    """Whether the server has ended."""

    @property
    def ratio(self) -> float:
        """Bytes that the attacker receives for each byte sent, in the second half of the time."""
        sent, received = self.half
        return (self.received - received) / max(1, self.sent - sent)

    @property
    def faults(self) -> list[str]:
        """Return the limits that were exceeded; empty if the server held."""
        found = ["the server is gone"] if self.gone else []
        if self.during.held > MOST_HELD_MS:
            found.append("hold")
        if self.during.trip_most > max(MOST_TRIP_MS, 2 * self.before.trip_most):
            found.append("answer")
        worse = self.during.gap_p99 - self.before.gap_p99
        if self.during.gap_p99 > self.before.gap_p99 * MOST_GAP_RISE and worse > NOISE_MS:
            found.append("p99")
        if self.ratio > MOST_RATIO and self.received > MOST_MEMORY_KIB * 64:
            found.append("bytes")
        if self.memory_kib is not None and self.memory_kib > MOST_MEMORY_KIB:
            found.append("memory")
        if self.cut:
            found.append("cut")
        if self.notes.get("held") is False:
            found.append("see note")
        return found

    def row(self) -> dict[str, object]:
        """Return all figures as one row of the table."""
        shown = {key: value for key, value in self.notes.items() if key != "held"}
        return {
            "attack": self.name,
            "held_before_ms": round(self.before.held, 1),
            "held_ms": round(self.during.held, 1),
            "trip_before_ms": round(self.before.trip_most, 1),
            "trip_ms": round(self.during.trip_most, 1),
            "trip_p99_ms": round(self.during.trip_p99, 1),
            "gap_p50_ms": round(self.during.gap_p50, 1),
            "gap_p99_before_ms": round(self.before.gap_p99, 1),
            "gap_p99_ms": round(self.during.gap_p99, 1),
            "bytes_in": self.sent,
            "bytes_out": self.received,
            "ratio": round(self.ratio, 1),
            "memory_mib": None if self.memory_kib is None else round(self.memory_kib / 1024, 1),
            "cut": self.cut,
            "connections": self.connections,
            "refused": self.refused,
            "note": "; ".join(f"{key}: {value}" for key, value in shown.items()),
            "verdict": ", ".join(self.faults) or "held",
        }


async def carry_out(
    attack: Attack, target: Target, *, seconds: float, listeners: int, pid: int
) -> Outcome:
    """Carry out one attack.

    Raises:
        AttackError: It could not be prepared.
    """
    words = [sys.executable, "-m", "bench.attacks.child", attack.name, target.host]
    words += [str(target.port), str(seconds), str(listeners)]
    process = await trio.lowlevel.open_process(
        ["nice", "-n", "12", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        said = _lines(process.stdout)
        with trio.move_on_after(PREPARE_S) as preparing:
            await anext(said, None)
        if preparing.cancelled_caught or process.poll() is not None:
            raise AttackError(f"{attack.name} could not be prepared")
        async with observing(target) as honest:
            return await _measure(attack, honest, process.stdin, said, seconds, pid)
    finally:
        process.kill()
        await process.wait()


async def _measure(
    attack: Attack,
    honest: Observers,
    orders: trio.abc.SendStream,
    said: "Any",
    seconds: float,
    pid: int,
) -> Outcome:
    await honest.settle()
    honest.phase()
    await trio.sleep(QUIET_S)
    await honest.measure_passes()
    before = honest.phase()
    memory = most = resident_kib(pid) if pid else 0
    await orders.send_all(b"go\n")
    counted: dict[str, Any] = {}

    async with trio.open_nursery() as nursery:

        async def watch_memory() -> None:
            nonlocal most
            while pid:
                most = max(most, resident_kib(pid))
                await trio.sleep(0.25)

        async def watch_passes() -> None:
            while True:
                await trio.sleep(PASSES_S)
                await honest.measure_passes()

        nursery.start_soon(watch_memory)
        nursery.start_soon(watch_passes)
        with trio.move_on_after(seconds + LATE_S):
            counted = await anext(said, {})
        nursery.cancel_scope.cancel()
    await honest.measure_passes()
    during = honest.phase()
    cut = honest.cut + counted.get("listeners_lost", 0)
    gone = bool(pid) and not resident_kib(pid)
    return Outcome(
        attack.name,
        attack.title,
        before,
        during,
        counted.get("sent", 0),
        counted.get("received", 0),
        most - memory if pid else None,
        cut,
        counted.get("connections", 0),
        counted.get("refused", 0),
        counted.get("notes", {}) if counted else {"held": False, "attack": "did not end"},
        tuple(counted.get("half", (0, 0))),
        gone,
    )


async def _lines(stream: trio.abc.ReceiveStream) -> "Any":
    rest = b""
    async for data in stream:
        rest += data
        while b"\n" in rest:
            line, _, rest = rest.partition(b"\n")
            yield json.loads(line)
