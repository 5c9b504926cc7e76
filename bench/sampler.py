"""Run the server, and sample its stack after every millisecond of processor time.

Law: sampling begins with SIGUSR1, so that the start is left out, and ends with SIGUSR2; then the
counts of stacks are written. The timer counts processor time, so waiting is left out. Python
handles the signal between two instructions, so time inside a C function is charged to its caller.

Usage: ``python -m bench.sampler FILE serve ...``
"""

import json
import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Final

EVERY_S: Final = 0.001
DEPTH: Final = 40

Place = tuple[str, str]
"""Module and function."""


class Sampler:
    """Counts the sampled stacks."""

    def __init__(self, file: Path) -> None:
        """Write the counts to ``file`` at the end of sampling."""
        self._file = file
        self._seen: Counter[tuple[Place, ...]] = Counter()

    def arm(self) -> None:
        """Handle the signals that begin and end sampling."""
        signal.signal(signal.SIGUSR1, self._begin)
        signal.signal(signal.SIGUSR2, self._finish)
        signal.signal(signal.SIGPROF, self._look)

    def _begin(self, _number: int, _frame: FrameType | None) -> None:
        self._seen.clear()
        signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)

    def _finish(self, _number: int, _frame: FrameType | None) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps([[list(k), n] for k, n in self._seen.items()]), "utf-8")
        fresh.replace(self._file)

    def _look(self, _number: int, frame: FrameType | None) -> None:
        self._seen[stack_of(frame)] += 1


def stack_of(frame: FrameType | None) -> tuple[Place, ...]:
    """Return the places from the innermost frame outwards."""
    places: list[Place] = []
    while frame is not None and len(places) < DEPTH:
        module = str(frame.f_globals.get("__name__", "?"))
        places.append((module, frame.f_code.co_qualname))
        frame = frame.f_back
    return tuple(places)


def main() -> None:
    """Run the server's command line under the sampler."""
    from gameserver.cli.main import main as serve  # noqa: PLC0415  its start is not of interest

    Sampler(Path(sys.argv[1])).arm()
    sys.argv = ["gameserver", *sys.argv[2:]]
    serve()


if __name__ == "__main__":
    main()
