"""Which tests execute a statement: these are the ones that can notice its mutation."""

import ast
import json
from collections.abc import Iterable
from pathlib import Path

import attrs


@attrs.frozen
class Selection:
    """Some tests of a copy."""

    paths: tuple[str, ...]
    """Files and folders, relative to the copy."""
    chosen: tuple[str, ...] | None = None
    """The only tests of these to run, in their order; None for all."""


@attrs.frozen
class Reached:
    """What a run of the unchanged tree has recorded (`warm.Reach`)."""

    took_s: dict[str, float]
    """Seconds by test."""
    tests: dict[str, dict[int, list[int]]]
    """The numbers of the tests that execute a line, by file and line."""

    @classmethod
    def read(cls, file: Path) -> "Reached":
        """Read a record."""
        record = json.loads(file.read_text("utf-8"))
        tests = {
            path: {int(line): numbers for line, numbers in lines.items()}
            for path, lines in record["tests"].items()
        }
        return cls(record["took_s"], tests)

    def by(self, path: str, lines: Iterable[int]) -> tuple[str, ...]:
        """Return the tests that execute one of some lines of a file, the fastest first."""
        names = list(self.took_s)
        by_line = self.tests.get(path, {})
        found = {names[number] for line in lines for number in by_line.get(line, ())}
        return tuple(sorted(found, key=lambda name: (self.took_s[name], name)))


def statement_lines(source: bytes, line: int) -> range:
    """Return the lines of the innermost statement at a line, without the statements in its body."""
    found = range(line, line + 1)
    for node in ast.walk(ast.parse(source)):  # breadth first, so the innermost comes last
        if isinstance(node, (ast.stmt, ast.ExceptHandler, ast.match_case)):
            first = node.pattern.lineno if isinstance(node, ast.match_case) else node.lineno
            last = getattr(node, "end_lineno", first)
            if isinstance(node, ast.Match):
                last = node.subject.end_lineno or first
            elif body := getattr(node, "body", None):
                last = max(first, body[0].lineno - 1)
            if first <= line <= last:
                found = range(first, last + 1)
    return found
