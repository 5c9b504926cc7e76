"""``script/bench tls``: what TLS costs the server, for the same players in the clear beside it.

Law: both ways go through `bench.relay`, so the server's peers behave the same; they take turns, and
only the ratio of two neighbours is worth comparing.
"""

import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, Final

import attrs
import trustme

from bench.cache import ROOT
from bench.commands.common import QUICK, THOROUGH, notes_on
from bench.drive import drive
from bench.figures import Figures
from bench.processes import Command, Cores, Running, find_cores, serving
from bench.show import Bar, Column, bar, finish, table
from bench.stacks import OWN

PLAYERS: Final = 200
ROOM: Final = 10

COLUMNS: Final = (
    Column("way", "way"),
    Column("playing", "playing"),
    Column("µs per client-tick", "us_per_client_tick", 1),
    Column("core", "server_percent", 0, " %"),
    Column("delivered", "delivered_percent", 1, " %"),
    Column("between, p99 ms", "inter_p99_ms", 1),
    Column("load's core", "load_percent", 0, " %"),
)


def run(*, quick: bool, as_json: bool) -> None:
    """Measure and print.

    Raises:
        BenchError: A server could not be started or played.
    """
    cores, rounds = find_cores(), 2 if quick else 6
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    ratios: list[float] = []
    with bar(2 * rounds) as shown, tempfile.TemporaryDirectory() as folder:
        flags = make_certificate(Path(folder))
        for _ in range(rounds):
            pair = []
            for secure in (False, True):
                figures = _measure(flags if secure else (), cores, shown, quick=quick)
                rows.append({
                    "way": "TLS" if secure else "in the clear",
                    "server_percent": figures.server_share * 100,
                    "load_percent": figures.load_share * 100,
                    "delivered_percent": figures.ratio_delivered * 100,
                    **figures.to_json(),
                })  # fmt: skip
                notes += notes_on(figures, OWN, cores)
                pair.append(figures.us_per_client_tick)
                shown.step()
            ratios.append(pair[1] / max(pair[0], 1e-9))
    of_them = f"{min(ratios):.2f} - {max(ratios):.2f}, {rounds} rounds"
    notes.append(f"TLS costs {median(ratios):.2f} times the same in the clear ({of_them})")
    result = {"quick": quick, "rows": rows, "ratios": ratios}
    title = f"{PLAYERS} players in rooms of {ROOM}"
    finish("tls", result, [table(title, COLUMNS, rows)], notes, as_json=as_json)


def make_certificate(folder: Path) -> tuple[str, ...]:
    """Make a certificate that nobody vouches for; return the server's flags."""
    issued = trustme.CA().issue_cert("localhost")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    return ("--tls-cert", str(certificate), "--tls-key", str(key))


def _measure(flags: tuple[str, ...], cores: Cores, shown: Bar, *, quick: bool) -> Figures:
    command = OWN.start(ROOM)
    command = attrs.evolve(command, words=(*command.words, *flags))
    load = (QUICK if quick else THOROUGH).of(OWN.load(PLAYERS, ROOM))
    with serving(command, cores.server) as server:
        relay = (
            sys.executable,
            "-m",
            "bench.relay",
            str(server.port),
            *(["--tls"] if flags else []),
        )
        with serving(Command(relay, ROOT), cores.load) as between:
            through = Running(server.pid, between.port)
            way = "TLS" if flags else "in the clear"
            return drive(load, through, cores, lambda phase, _: shown.say(f"{way}: {phase}"))
