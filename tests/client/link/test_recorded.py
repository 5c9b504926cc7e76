"""Addresses that people type are read as they were when it was recorded, and lines delay as then.

Where something else is meant, ``python -m tests.client.link.test_recorded`` writes the new rows.

Rows: what was computed, how many of which kind came, and the digest of all.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

from gameserver.client.link.address import Address
from gameserver.client.link.conditions import Conditions, lanes
from gameserver.errors import ConfigError
from tests.recorded import Recorded, drawn

SCHEMES = ("", "", "ws://", "wss://", "WS://", "http://", "https://", "ftp://", "ws:/", "://")
HOSTS = (
    "localhost", "play.example", "Play.Example.", "192.0.2.1", "[::1]", "::1", "[fe80::1%eth0]",
    "", "a b", "x" * 64 + ".example", "-x.example", "1.2.3", "300.1.1.1", "[::1", "x_y", "a..b",
)  # fmt: skip
PORTS = ("", "", ":7777", ":443", ":80", ":0", ":65535", ":65536", ":x", ":", ":-1", ": 7")
RESTS = ("", "", "/", "/x/y", "?a=b", "/?a=b", "#part", "/a b", "/é", "/x#y", "//", "/%zz")
AROUND = ("", "", "", " ", '"', "<", "\u200b", "\uff1a")


def of_addresses(random: Random) -> Iterator[Any]:
    for _ in range(3000):
        around = random.choice(AROUND)
        text = "".join(random.choice(each) for each in (SCHEMES, HOSTS, PORTS, RESTS))
        try:
            found = Address.parse(f"{around}{text}{around}")
        except ConfigError:
            yield "refused"
        else:
            yield "taken"
            yield [found, found.host_header, found.url]


def of_lines(random: Random) -> Iterator[Any]:
    for _ in range(60):
        line = Conditions(
            lag_ms=random.choice((0, 20, 150)), jitter_ms=random.choice((0, 10, 90)),
            stall_s=random.choice((0, 0.3)), stall_every_s=random.choice((0, 1.0)),
            seed=random.randrange(99),
        )  # fmt: skip
        yield str(line.perfect)
        now = random.choice((0.0, 100.0))
        up, down = lanes(line, now)
        for number in range(100):
            now += random.choice((0.0, 0.01, 0.05))
            for lane in (up, down):
                lane.put(b"%d" % number, now)
                yield [lane.take_due(now), lane.next_due, len(lane)]


KINDS = {"addresses": of_addresses, "lines": of_lines}


RECORDED = Recorded(__file__, KINDS, drawn(KINDS))


@RECORDED.each
def test_addresses_and_lines_are_as_they_were_recorded(row: list[Any]) -> None:
    RECORDED.compare(row)


if __name__ == "__main__":
    RECORDED.write()
