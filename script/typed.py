"""Fail if a public symbol has a type that type checkers may infer differently.

mypy checks the code against its annotations. Here a second checker, as editors use it, looks for
public attributes without an annotation: their type is inferred, by each checker's own rules.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

PACKAGE: Final = "gameserver"
LEAST: Final = 1.0
"""Share of the public symbols whose type must be known."""


def report() -> dict[str, Any]:
    """Return the checker's report on the installed package.

    Raises:
        ValueError: The checker printed no report.
    """
    checker = Path(sys.executable).with_name("basedpyright")
    command = [str(checker), "--verifytypes", PACKAGE, "--ignoreexternal", "--outputjson"]
    # The exit code is ignored: the report contains it, and the reasons.
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
    found: dict[str, Any] = json.loads(done.stdout)["typeCompleteness"]
    return found


def unclear(found: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each fault of a public symbol, as ``file:line: symbol: fault``.

    Causes come first: an unclear attribute also makes the symbols unclear that use its class.
    """
    public = (symbol for symbol in found["symbols"] if symbol["isExported"])
    faults = [
        (symbol["name"], fault)
        for symbol in public
        for fault in symbol["diagnostics"]
        if fault["severity"] == "error"
    ]
    for name, fault in sorted(faults, key=lambda pair: "partially" in pair[1]["message"]):
        place = f"{fault['file']}:{fault['range']['start']['line'] + 1}" if fault["file"] else name
        yield f"{place}: {name}: {fault['message'].splitlines()[0]}"


def main() -> int:
    """Print the share of known types and what is missing, and return the exit code."""
    found = report()
    share, counts = found["completenessScore"], found["exportedSymbolCounts"]
    known, total = counts["withKnownType"], sum(counts.values())
    sys.stdout.write(f"{share:.1%} of the public interface is typed ({known} of {total})\n")
    if share >= LEAST and total:
        return 0
    sys.stdout.writelines(f"{line}\n" for line in unclear(found))
    return 1


if __name__ == "__main__":
    sys.exit(main())
