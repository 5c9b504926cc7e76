"""Tables of the pages are whole: a line between two rows makes text of all rows behind it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("client_js/*.md")])
RULE = re.compile(r"\|(\s*:?-+:?\s*\|)+")


def torn_rows(text: str) -> list[str]:
    """Return the first row of each block of rows that has no head and rule."""
    torn = []
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for rows in re.findall(r"(?:^\|.*\n)+", prose, re.MULTILINE):
        first, *more = rows.splitlines()
        if not more or not RULE.fullmatch(more[0].strip()):
            torn.append(first)
    return torn


def test_a_row_behind_an_empty_line_is_found() -> None:
    table = "| a | b |\n|---|---|\n| 1 | 2 |\n"
    assert torn_rows(table) == []
    assert torn_rows(f"{table}\n| 3 | 4 |\n| 5 | 6 |\n") == ["| 3 | 4 |"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_all_rows_of_a_page_belong_to_a_table(page: Path) -> None:
    assert torn_rows(page.read_text("utf-8")) == []
