"""Fail if a module has more than 400 lines: it should be divided."""

import sys
from pathlib import Path

LIMIT = 400
FOLDERS = ("gameserver", "client_demo", "examples", "bench", "tests", "script")


def too_long(root: Path) -> dict[Path, int]:
    """Return the modules over the limit and their lines, in order of their names."""
    modules = sorted(path for folder in FOLDERS for path in (root / folder).rglob("*.py"))
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in modules}
    return {path: count for path, count in lines.items() if count > LIMIT}


def main() -> int:
    """Print each module over the limit and return the exit code."""
    found = too_long(Path(__file__).resolve().parent.parent)
    for path, lines in found.items():
        sys.stdout.write(f"{path}: {lines} lines, the limit is {LIMIT}\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
