"""``script/bench instructions``: machine instructions of the server per client and tick.

Law: other programs on the machine change times, but hardly the number of instructions. So two
checkouts can be compared where times would say nothing: runs of one checkout differ by about 1 %.

Valgrind's callgrind counts during a part of the match, when all clients play. It makes the server
about fifty times slower; so the clocks of server and load generator run slower as well
(``bench/slowtime``), and no tick comes late. A message that is sent is a call of ``os.write``,
or of the C library's ``send`` by the native hot path, and every client is sent one message per
tick: the instructions are divided by these calls.
``callgrind_annotate`` shows where they were spent, from the files in ``.cache/bench/instructions``.
"""

import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final

import attrs

from bench.cache import ROOT, built, cache_folder
from bench.drive import Load, drive
from bench.errors import BenchError
from bench.processes import Command, Cores, Running, find_cores, serving
from bench.show import Column, bar, finish, table
from bench.stacks import Stack, own

ROOM: Final = 10
SLOWNESS: Final = 4
"""How many times slower all clocks run."""

VALGRIND: Final = 20
"""How many times longer the server may take to start and to end."""

MARGIN_S: Final = 2.0
"""Play after the counted part, so that no client leaves while instructions are counted."""

SENDS: Final = ("os_write", "send")
"""The functions of which one is called once for each sent message."""

COLUMNS = (
    Column("stack", "shown"),
    Column("checkout", "checkout"),
    Column("instructions per client-tick", "instructions"),
    Column("least", "least"),
    Column("most", "most"),
    Column("of the other", "ratio_percent", 1, " %"),
)


@attrs.frozen
class Counted:
    """Instructions during one part of a match, and the messages that were sent meanwhile."""

    instructions: int
    messages: int

    @property
    def per_message(self) -> float:
        """Instructions for each message."""
        return self.instructions / max(self.messages, 1)


def parse_counts(lines: Iterable[str]) -> Counted:
    """Return the counts of a file of callgrind.

    A function's name stands at its first use only; later its number stands for it. The line behind
    a called function tells how often it was called from one place.

    Raises:
        BenchError: The file has no total.
    """
    numbers: set[str] = set()
    called, instructions, messages = "", -1, 0
    for line in lines:
        if line.startswith(("fn=", "cfn=")):
            called, _, name = line.partition("=")[2].strip().partition(" ")
            if name in SENDS:
                numbers.add(called)
        elif line.startswith("calls="):
            messages += int(line[6:].split()[0]) if called in numbers else 0
        elif found := re.match(r"(?:summary|totals): (\d+)", line):
            instructions = int(found[1])
    if instructions < 0:
        raise BenchError("callgrind counted nothing")
    return Counted(instructions, messages)


def run(
    names: tuple[str, ...], *, quick: bool, as_json: bool, against: Path | None, rounds: int
) -> None:
    """Count for this checkout, and for another one if given, and print.

    Raises:
        BenchError: No stack of ours was chosen, or what is needed is missing, or not all played.
    """
    seconds, cores = (5.0 if quick else 10.0), find_cores()
    stacks = own(names)
    checkouts = [ROOT] if against is None else [against.resolve(), ROOT]
    seen: dict[tuple[str, Path], list[Counted]] = {}
    with bar(len(stacks) * len(checkouts) * rounds) as shown:
        for turn in range(rounds):
            for stack in stacks:
                for checkout in checkouts:
                    shown.say(f"{stack.shown}, {checkout.name}, {turn + 1} of {rounds}")
                    counted = _count(stack, checkout, cores, seconds)
                    seen.setdefault((stack.key, checkout), []).append(counted)
                    shown.step()
    rows = [row for stack in stacks for row in _rows(stack, checkouts, seen)]
    title = f"a room of {ROOM}, {rounds} runs of {seconds:g} s each"
    result = {"quick": quick, "stacks": rows}
    finish("instructions", result, [table(title, COLUMNS, rows)], [], as_json=as_json)


def _rows(
    stack: Stack, checkouts: Sequence[Path], seen: Mapping[tuple[str, Path], Sequence[Counted]]
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a stack; later checkouts are compared with the first one."""
    base = None
    for checkout in checkouts:
        counts = seen[stack.key, checkout]
        each = [counted.per_message for counted in counts]
        middle = median(each)
        yield {
            "stack": stack.key,
            "shown": stack.shown,
            "checkout": "this" if checkout == ROOT else str(checkout),
            "instructions": round(middle),
            "least": round(min(each)),
            "most": round(max(each)),
            "ratio_percent": None if base is None else 100 * middle / base,
            "messages": [counted.messages for counted in counts],
        }
        base = base or middle


def _count(stack: Stack, checkout: Path, cores: Cores, seconds: float) -> Counted:
    load = attrs.evolve(
        stack.load(ROOM, ROOM),
        join_s=30.0,
        warm_s=2.0,
        measure_s=seconds + MARGIN_S,
        environment=slowed(),
        slowness=SLOWNESS,
    )
    file = cache_folder("instructions") / f"{checkout.name}-{stack.key}.callgrind"
    file.unlink(missing_ok=True)
    command = under_callgrind(stack.start(ROOM), checkout, file)
    with serving(command, cores.server, slowness=VALGRIND) as server:
        _play(load, server, cores, seconds)
    with file.open(encoding="utf-8", errors="replace") as lines:
        return parse_counts(lines)


def _play(load: Load, server: Running, cores: Cores, seconds: float) -> None:
    with _counting(server, seconds) as begin:

        def heard(phase: str, playing: int) -> None:
            del playing
            if phase == "measuring":
                begin()

        figures = drive(load, server, cores, heard)
    if figures.playing < load.clients:
        raise BenchError(f"{figures.playing} of {load.clients} played: {figures.reasons}")


@contextmanager
def _counting(server: Running, seconds: float) -> Iterator[Any]:
    """Count for this long from when the yielded function is called."""

    def count() -> None:
        _control(server, "on")
        time.sleep(seconds * SLOWNESS)
        _control(server, "off")

    # A thread, because the load generator must be heard meanwhile.
    thread = threading.Thread(target=count)
    yield thread.start
    if thread.ident is not None:
        thread.join()


def _control(server: Running, switch: str) -> None:
    words = ["callgrind_control", "-i", switch, str(server.pid)]
    subprocess.run(words, check=True, capture_output=True)


def slowed() -> dict[str, str]:
    """Return the variables of a process whose clock is to run slower."""
    library = built("slowtime", "-shared", "-fPIC")
    return {"LD_PRELOAD": str(library), "SLOWTIME": str(SLOWNESS)}


def under_callgrind(command: Command, checkout: Path, file: Path) -> Command:
    """Return the command that runs a checkout's server under callgrind, not counting yet.

    Raises:
        BenchError: Valgrind is missing.
    """
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise BenchError("valgrind is needed to count instructions; install valgrind")
    words = (
        valgrind,
        "--tool=callgrind",
        "--instr-atstart=no",
        f"--callgrind-out-file={file}",
        *command.words,
    )
    # The seed of hashes decides how full a dict's places are, and so the length of look-ups.
    return Command(words, checkout, {**command.environment, **slowed(), "PYTHONHASHSEED": "0"})
