"""Count the lines that would be removed, kept and added if the spike replaced the server's code.

Usage: ``python -m bench.spikes.websockets_sansio.lines``. A line of code holds a token of a
statement; comments, docstrings and empty lines are not counted.
"""

import ast
import sys
from pathlib import Path

from bench.cache import ROOT

WEBSOCKET = "gameserver/transports/websocket"
SPIKE = "bench/spikes/websockets_sansio"

STAY: dict[str, tuple[str, ...]] = {
    f"{WEBSOCKET}/frames.py": ("cut_reason",),
    f"{WEBSOCKET}/guarded.py": ("LINGER_S", "LINGER_BYTES", "linger"),
    f"{WEBSOCKET}/lane.py": (
        "HEAD_BYTES", "LONG_HEAD_BYTES", "LANE_BYTES", "take_one", "_has_long_head",
    ),
    f"{WEBSOCKET}/link.py": (),
    "gameserver/transports/outbox.py": ("*",),
    "gameserver/transports/drain.py": ("*",),
    "gameserver/transports/http/opening.py": ("*",),
}  # fmt: skip
"""Names that are kept, by module; ``*`` stands for the whole module."""

COME = (f"{SPIKE}/intake.py", f"{SPIKE}/link.py", f"{SPIKE}/guard.py")


def code_lines(source: str) -> set[int]:
    """Return the numbers of the lines that hold code."""
    lines: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.stmt) or _is_text(node):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            end = node.body[0].lineno - 1
        else:
            end = node.end_lineno or node.lineno
        lines |= set(range(node.lineno, end + 1))
    text = source.splitlines()
    return {at for at in lines if text[at - 1].strip() and not text[at - 1].strip().startswith("#")}


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def spans(source: str, names: tuple[str, ...]) -> set[int]:
    """Return the numbers of the lines of these functions, classes and constants."""
    total = set(range(1, len(source.splitlines()) + 1))
    if names == ("*",):
        return total
    found: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        name = getattr(node, "name", None)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        if name in names and isinstance(node, ast.stmt):
            found |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return found


def main() -> None:
    """Print lines and lines of code, for each module and as totals."""
    goes, stays, comes = [0, 0], [0, 0], [0, 0]
    for path, names in STAY.items():
        source = (ROOT / path).read_text("utf-8")
        code, kept = code_lines(source), spans(source, names)
        gone = set(range(1, len(source.splitlines()) + 1)) - kept
        row = (len(gone), len(gone & code), len(kept), len(kept & code))
        goes = [goes[0] + row[0], goes[1] + row[1]]
        stays = [stays[0] + row[2], stays[1] + row[3]]
        say(path, f"goes {row[0]:4} ({row[1]:3} code)  stays {row[2]:4} ({row[3]:3} code)")
    for path in COME:
        source = Path(ROOT / path).read_text("utf-8")
        lines, code_count = len(source.splitlines()), len(code_lines(source))
        comes = [comes[0] + lines, comes[1] + code_count]
        say(path, f"comes {lines:4} ({code_count:3} code)")
    say("in all", f"goes {goes}  stays {stays}  comes {comes}")


def say(path: str, sentence: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{path:44} {sentence}\n")


if __name__ == "__main__":
    main()
