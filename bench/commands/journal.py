"""``script/bench journal``: what the journal of a match costs, in machine instructions.

Law: with a journal and without, the same match is played, from the same inputs; see
`bench.journaled`. Valgrind's callgrind counts, without what comes before the first tick. Runs of
one checkout differ by less than half a percent of the match.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from bench.cache import ROOT, built, cache_folder
from bench.commands.instructions import parse_counts
from bench.errors import BenchError
from bench.journaled import GAME, PARTS, SEATS
from bench.show import Column, bar, finish, table

TICKS: Final = 900
"""30 s: the first checkpoint falls into the last tick."""

COLUMNS = (
    Column("match of 8", "shown"),
    Column("instructions per tick", "per_tick"),
    Column("of the bare match", "percent", 2, " %"),
    Column("more than without", "more_percent", 2, " %"),
)

Wanted = tuple[int, bool, str]
"""Viewers, whether there is a journal, and the part that is counted alone; empty for all."""


def run(*, quick: bool, as_json: bool, parts: bool) -> None:
    """Count and print; the parts of the cost as well if wanted.

    Raises:
        BenchError: What is needed is missing, or the match did not end.
    """
    ticks = TICKS // 3 if quick else TICKS
    wanted: list[Wanted] = [(0, False, ""), (0, True, ""), (SEATS, False, ""), (SEATS, True, "")]
    if parts:
        wanted += [(0, True, part) for part in PARTS]
    counts: dict[Wanted, int] = {}
    with bar(len(wanted)) as shown:
        for each in wanted:
            shown.say(_words(*each))
            counts[each] = count(ticks, *each)
            shown.step()
    rows = [_row(each, counts, ticks) for each in wanted]
    title = f"{GAME.name}, {ticks} ticks, and the end of the match"
    result = {"quick": quick, "ticks": ticks, "rows": rows}
    finish("journal", result, [table(title, COLUMNS, rows)], [], as_json=as_json)


def _row(wanted: Wanted, counts: dict[Wanted, int], ticks: int) -> dict[str, Any]:
    viewers, journal, part = wanted
    counted, bare = counts[wanted], counts[0, False, ""]
    more = journal and not part
    return {
        "shown": _words(*wanted),
        "viewers": viewers,
        "journal": journal,
        "part": part,
        "instructions": counted,
        "per_tick": counted // ticks,
        "percent": 100 * counted / bare,
        "more_percent": 100 * counted / counts[viewers, False, ""] - 100 if more else None,
    }


def _words(viewers: int, journal: bool, part: str) -> str:
    if part:
        return f"  {PARTS[part]}"
    return f"{viewers or 'no'} viewers, {'with a journal' if journal else 'without'}"


def count(ticks: int, viewers: int, journal: bool, part: str = "") -> int:
    """Return the instructions of a match.

    Args:
        ticks: How many are played.
        viewers: People who watch; 0 for the simulation alone.
        journal: Whether a journal is written.
        part: The part of the journal that is counted alone; see `PARTS`.

    Raises:
        BenchError: Valgrind is missing, or the match did not end.
    """
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise BenchError("valgrind is needed to count instructions; install valgrind")
    library = built("counting", "-shared", "-fPIC")
    file = cache_folder("instructions") / f"journal-{viewers}-{journal:d}-{part}.callgrind"
    file.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="journal-") as folder:
        words = [
            valgrind,
            "--tool=callgrind",
            "--instr-atstart=no",
            f"--collect-atstart={'no' if part else 'yes'}",
            f"--callgrind-out-file={file}",
            sys.executable,
            *("-m", "bench.journaled", str(ticks), str(viewers)),
            *(folder if journal else "", str(library), part),
        ]
        # The seed of hashes decides how full a dict's places are, and so the length of look-ups.
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, check=False)
        if done.returncode or (journal and not _written(Path(folder))):
            raise BenchError(f"the match did not end: {done.stderr.decode()[-500:]}")
    with file.open(encoding="utf-8", errors="replace") as lines:
        return parse_counts(lines).instructions


def _written(folder: Path) -> bool:
    return [path.name for path in folder.iterdir()] == ["counted.journal.zst"]
