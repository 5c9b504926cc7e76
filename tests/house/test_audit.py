"""Lower bounds exclude what is known to be vulnerable; the audit says what it could find out."""

import runpy
import tomllib
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.house.checkout import ROOT

AUDIT = runpy.run_path(str(ROOT / "script" / "audit.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

KNOWN = {
    "h11": "0.15.0",  # CVE-2025-43859: chunked bodies, smuggled requests
    "msgpack": "1.2.0",  # fixed in 1.2.1
    "idna": "3.6",  # CVE-2024-3651: time grows with the square of a name's length
}
"""By package: the newest version with a known hole that an attacker of this server could use."""

CLEAN = {"dependencies": [{"name": "trio", "version": "0.35.0", "vulns": []}]}
HOLED = {
    "dependencies": [
        {
            "name": "h11",
            "version": "0.15.0",
            "vulns": [{"id": "GHSA-vqfr-h8mv-ghfj", "fix_versions": ["0.16.0"], "aliases": []}],
        },
        {"name": "own", "skip_reason": "Dependency not found"},
    ]
}


@pytest.mark.parametrize("package", KNOWN)
def test_no_lower_bound_allows_a_version_with_a_known_vulnerability(package: str) -> None:
    bound = next(each for each in map(Requirement, PROJECT["dependencies"]) if each.name == package)
    assert KNOWN[package] not in bound.specifier


def test_the_lowest_version_of_every_requirement_is_looked_up_once() -> None:
    lowest = AUDIT["lowest"](PROJECT)
    assert "h11==0.16" in lowest
    assert len(lowest) == len(set(lowest))
    wanted = {Requirement(each).name for each in PROJECT["dependencies"]}
    assert wanted <= {each.partition("==")[0] for each in lowest}


def test_a_requirement_without_a_lower_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="trio has no lower bound; write trio>=X"):
        AUDIT["lowest"]({"name": "gameserver", "dependencies": ["trio"]})


@pytest.mark.parametrize(
    ("installed", "allowed", "code", "said"),
    [
        (CLEAN, CLEAN, 0, "lowest allowed: 1 packages without a known vulnerability"),
        (CLEAN, HOLED, 1, "lowest allowed: h11 0.15.0: GHSA-vqfr-h8mv-ghfj; fixed in 0.16.0"),
        (CLEAN, HOLED, 1, "lowest allowed: own: Dependency not found"),
        (None, CLEAN, 3, "installed: not looked up, because the list of vulnerabilities"),
        (HOLED, None, 1, "lowest allowed: not looked up"),
    ],
)
def test_known_vulnerabilities_and_failed_lookups_are_printed(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    installed: Any,
    allowed: Any,
    code: int,
    said: str,
) -> None:
    answers = {"--local": installed, "-r": allowed}
    audit = AUDIT["audit"]
    monkeypatch.setitem(audit.__globals__, "ask", lambda first, *_: answers[first])
    assert audit() == code
    assert said in capsys.readouterr().out
