"""The pinned packages can be installed on every Python that the project is said to run on."""

import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]


def oldest_python() -> str:
    """Return the first release of the oldest minor version, such as ``3.11.0``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (specifier,) = SpecifierSet(project["requires-python"])
    assert specifier.operator == ">="
    return f"{specifier.version}.0"


def refusing(names: list[str], python: str) -> dict[str, str]:
    """Return the installed packages that refuse a version of Python, with what they require."""
    refused = {}
    for name in names:
        try:
            required = distribution(name).metadata["Requires-Python"] or ""
        except PackageNotFoundError:  # a package for another system or extra
            continue
        if python not in SpecifierSet(required):
            refused[name] = required
    return refused


def test_no_pinned_package_requires_a_later_python_than_the_project() -> None:
    pins = (ROOT / "constraints.txt").read_text("utf-8").split()
    names = [pin.partition("==")[0] for pin in pins if "==" in pin]
    assert len(names) > 60
    assert refusing(names, oldest_python()) == {}


def test_a_package_that_refuses_the_python_is_found() -> None:
    assert list(refusing(["pytest", "no-such-package"], "2.7.0")) == ["pytest"]
