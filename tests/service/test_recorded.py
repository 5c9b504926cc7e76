"""What settings are taken for, and how load is judged, is as it was when this was recorded.

Where something else is meant, ``python -m tests.service.test_recorded`` writes the new rows.

Rows: what was judged, how many got which verdict, and the digest of all.
"""

from collections.abc import Iterator
from enum import StrEnum
from random import Random
from typing import Any

from gameserver.errors import ConfigError
from gameserver.service.config.names import domain, host, origin
from gameserver.service.config.sources import injected, misspelt, own_variables
from gameserver.service.config.values import FIELDS, judged
from gameserver.service.overload.meters import Histogram, TickMeter
from gameserver.service.overload.overload import Overload, Slice
from gameserver.service.timetable import Timetable
from tests.recorded import Recorded, drawn

NAMED = (
    "port", "host", "heartbeat_s", "stats_token", "log_level", "log_format", "allow_origin",
    "spectator_delay_s", "name", "message", "middleware", "seed", "max_matches", "compression",
)  # fmt: skip
GIVEN: tuple[Any, ...] = (
    "", "0", "1", "7777", "-1", "65535", "65536", "1e3", "0.5", ".5", "1_000", "\u0667", "inf",
    "nan", "true", "yes", "json", "JSON", "info", "Info", "warn", "a", "a b", "a,b", "x" * 300,
    "localhost", "0.0.0.0", "::1", "[::1]", "192.0.2.1:7", "https://a.example", "*",
    "json:loads", 0, 1, 7777, -1, 2.5, True, None, [], ["a"], [1], {},
    ["https://a.example", "http://b.example:3000"],
    " a ", "a\n",
)  # fmt: skip
PARTS = (
    "", "a", "a.example", "A.Example.", "*.a.example", "-a", "a-", "a_b", "1.2.3.4", "1.2.3", "::1",
    "[::1]", "[::1", "localhost", "x" * 64, ":7", ":443", ":x", "http://", "https://", "ws://", "/",
)  # fmt: skip


def verdict(found: Any) -> Any:
    return found.value if isinstance(found, StrEnum) else found


def of_settings(random: Random) -> Iterator[Any]:
    for name in NAMED:
        for given in GIVEN:
            try:
                yield [name, verdict(judged(FIELDS[name], given, name))]
            except ConfigError:
                yield "refused"
    for _ in range(1500):
        text = "".join(random.choice(PARTS) for _ in range(random.randrange(1, 4)))
        for check in (host, domain, origin):
            try:
                yield [text, check(text, text)]
            except ValueError:
                yield "refused"


def of_variables(random: Random) -> Iterator[Any]:
    values = ("", "1", "tcp://10.0.0.1:7777", "10.0.0.1", "/link/gameserver", "x")
    for _ in range(1200):
        name = random.choice(("GAMESERVER_", "GAMESEVER_", "gameserver_", "Gameserver-", ""))
        name += random.choice(("PORT", "HOST", "PROT", "PORT_7777_TCP", "NAME", "SERVICE_HOST", ""))
        if random.random() < 0.2 and name:
            at = random.randrange(len(name))
            name = name[:at] + name[at + 1 :]
        environ = {name: random.choice(values)}
        yield f"{injected(name, environ[name])}"
        yield [own_variables(environ), misspelt(environ)]


def of_load(random: Random) -> Iterator[Any]:
    overload = Overload()
    calm = True
    for number in range(3000):
        if number % 25 == 0:
            calm = random.random() < 0.7
        slice_ = Slice(
            random.choice((0.25, 0.5, 1.0, 1.0, 5.0)),
            ticks=random.choice((0, 10, 20, 100)),
            behind=0 if calm else random.choice((0, 1, 2, 5, 10, 50)),
            shed=0 if calm else random.choice((0, 0, 0, 1)),
            lag_s=0.0 if calm else random.choice((0.0, 0.05, 0.1, 0.25, 0.3, 1.0)),
            busy_share=random.choice((0.0, 0.3, 0.5) if calm else (0.5, 0.6, 0.7, 0.8, 1.0)),
            arrivals=random.choice((0, 0, 0, 5, 20, 200)),
        )
        overload.judge(slice_)
        yield f"level {overload.level}"
        yield [slice_.crowded, slice_.strained, slice_.calm]
        yield [overload.snapshot_stretch, overload.refuses, overload.retry_after_s]


def of_times(random: Random) -> Iterator[Any]:
    times, meter = Histogram(), TickMeter()
    for number in range(1500):
        took_s = random.choice((0.0, -1.0, 1e-6, 15e-6, 16e-6, 31e-6, 0.004, 0.05, 3.0, 900.0))
        took_s *= random.choice((1, 1, random.random()))
        times.record(took_s)
        meter.ticked(random.choice((0.0, 0.05, 0.1, took_s)), took_s, 0.05)
        if number % 40 == 0:
            yield [times.lately(), times.since_start(), meter.lateness.lately()]
            yield [meter.ticks, meter.behind, meter.overruns, meter.busy_s]
        if number % 300 == 299:
            times.turn()


class Overrun:
    """Notes what a timetable tells a match."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def shed(self, ticks: int) -> None:
        self.told.append(ticks)

    def overran(self, seconds: float) -> None:
        self.told.append(seconds)


def of_ticks(random: Random) -> Iterator[Any]:
    for _ in range(20):
        subject: Any = Overrun()
        table = Timetable(random.choice((0.05, 0.5)), random.choice((0.0, 10.0)))
        for _ in range(60):
            late = random.choice((0.0, 0.0, 0.5, 1.0, 3.0, 9.0))
            now = table.due + table.period * late
            table.begin(subject, now)
            table.took_s = table.period * random.choice((0.0, 0.5, 1.0, 1.5, 2.0))
            table.end(subject, now)
        yield [subject.told, table.origin, table.shed, table.late_max_s, table.lately_s()]
        yield [table.busy_s, table.done, table.over_since, table.meter.ticks, table.meter.shed]


KINDS = {
    "settings": of_settings, "variables": of_variables, "load": of_load, "times": of_times,
    "ticks": of_ticks,
}  # fmt: skip


RECORDED = Recorded(__file__, KINDS, drawn(KINDS))


@RECORDED.each
def test_settings_and_load_are_judged_as_it_was_recorded(row: list[Any]) -> None:
    RECORDED.compare(row)


if __name__ == "__main__":
    RECORDED.write()
