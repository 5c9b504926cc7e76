"""Fail if a module has more than 400 lines: it should be divided.

Tables that a script makes are no modules that anybody reads.
"""

import sys
from pathlib import Path

LIMIT = 400
TYPED = ("client_js/src", "client_js/test", "client_web/src")
MADE = "client_js/src/wire/tables.ts"
FOLDERS = ("gameserver", "client_demo", "examples", "bench", "tests", "script")


def too_long(root: Path) -> dict[Path, int]:
    """Return the modules over the limit and their lines, in order of their names."""
    modules = sorted(path for folder in FOLDERS for path in (root / folder).rglob("*.py"))
    modules += sorted(path for folder in TYPED for path in (root / folder).rglob("*.ts*"))
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in modules}
    return {path: n for path, n in lines.items() if n > LIMIT and path != root / MADE}


def main() -> int:
    """Print each module over the limit and return the exit code."""
    found = too_long(Path(__file__).resolve().parent.parent)
    for path, lines in found.items():
        sys.stdout.write(f"{path}: {lines} lines, the limit is {LIMIT}\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
