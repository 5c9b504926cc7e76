"""Every line that the server may write is explained to operators, with every field in it.

Law: the lines are read from the source, so that a new one is not forgotten.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import gameserver

SOURCE = Path(gameserver.__file__).parent
OPERATING = SOURCE.parent / "docs" / "operating.md"

WRITE = {"debug", "info", "warning", "error", "exception", "note", "tell", "_note_refusal", "lost"}
"""Names of the calls that write a line, or have one written."""

FOLDERS = ("service", "rooms", "transports", "cli")

NO_FIELDS = {"exc_info"}

WRITTEN_ELSEWHERE = {"log lines lost"}
"""By the thread that writes lines, past the loggers."""


def words(node: ast.expr) -> Iterator[str]:
    """Yield the texts that an expression may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from words(node.body)
        yield from words(node.orelse)


def written() -> dict[str, set[str]]:
    """Return the fields of each line in the source."""
    lines: dict[str, set[str]] = defaultdict(set)
    for folder in FOLDERS:
        for file in sorted((SOURCE / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and node.args and _name(node.func) in WRITE:
                    for event in words(node.args[0]):
                        fields = {k.arg for k in node.keywords if k.arg} - NO_FIELDS
                        lines[event] |= fields
    return lines


def _name(func: ast.expr) -> str:
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def explained() -> tuple[set[str], set[str]]:
    """Return the lines and the fields that the page for operators explains."""
    section = OPERATING.read_text("utf-8").split("\n## Logs\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+`) \|(.*)\|$", section, re.MULTILINE)
    named = [set(re.findall(r"`([^`]+)`", first)) for first, _ in rows]
    fields = set(re.findall(r"`([a-z_]+)`", section))
    return set().union(*named), fields | set().union(*named)


def test_every_log_line_and_field_is_documented_and_no_other() -> None:
    lines, told = written(), explained()
    assert {"signed in", "session ended", "kicked", "match fault"} <= set(lines)
    missing = {event for event in lines if event not in told[0]}
    assert not missing
    unexplained = {(e, f) for e, fields in lines.items() for f in fields if f not in told[1]}
    assert not unexplained
    gone = told[0] - set(lines) - WRITTEN_ELSEWHERE
    assert not gone
