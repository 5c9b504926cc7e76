"""What the compiler does not see about the sources in C."""

import re
from pathlib import Path

import pytest

import gameserver.accel

SOURCES = sorted((Path(gameserver.accel.__file__).parent / "native" / "src").glob("*.c"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_no_format_takes_a_length(source: Path) -> None:
    """With ``#``, headers of Python 3.13 make a library that earlier versions cannot run.

    They no longer name the functions that take a length as `Py_ssize_t` before 3.13.
    """
    formats = re.findall(
        r'(?:Parse\w+|BuildValue|Call\w+)\([^"]*"([^"]*)"', source.read_text("utf-8")
    )
    assert [found for found in formats if "#" in found] == []


def test_the_sources_have_formats() -> None:
    assert sum("PyArg_ParseTuple" in source.read_text("utf-8") for source in SOURCES) > 3
