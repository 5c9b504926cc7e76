"""Look up known vulnerabilities of the installed packages, and of the lowest versions allowed.

The lower bounds in ``pyproject.toml`` must exclude every version that is known to be vulnerable:
an installation together with other projects may use any version within the bounds, since pins of
``constraints.txt`` do not apply there.

Exit codes: 0 no vulnerability is known; 1 at least one is known; 3 the list could not be reached.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement

ROOT: Final = Path(__file__).resolve().parents[1]
VULNERABLE: Final = 1
NOT_ASKED: Final = 3

AUDIT: Final = (
    sys.executable, "-m", "pip_audit", "--progress-spinner", "off", "--format", "json",
    "--vulnerability-service", "osv",
)  # fmt: skip


def lowest(project: dict[str, Any]) -> list[str]:
    """Return each requirement at the lowest version that it allows.

    Raises:
        ValueError: A requirement has no lower bound.
    """
    listed = list(project["dependencies"])
    for extra in project.get("optional-dependencies", {}).values():
        listed += extra
    found = set()
    for requirement in map(Requirement, listed):
        if requirement.name == project["name"]:
            continue
        bounds = [each.version for each in requirement.specifier if each.operator == ">="]
        if len(bounds) != 1:
            raise ValueError(f"{requirement} has no lower bound; write {requirement.name}>=X")
        found.add(f"{requirement.name}=={bounds[0]}")
    return sorted(found)


def complaints(report: dict[str, Any]) -> list[str]:
    """Return a line for each vulnerability of a report."""
    return [
        f"{each['name']} {each['version']}: {hole['id']};"
        f" fixed in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for each in report["dependencies"]
        for hole in each.get("vulns", ())
    ]


def unasked(report: dict[str, Any]) -> list[str]:
    """Return a line for each package that could not be looked up."""
    return [
        f"{each['name']}: {each['skip_reason']}"
        for each in report["dependencies"]
        if "skip_reason" in each
    ]


def ask(*arguments: str) -> dict[str, Any] | None:
    """Run pip-audit and return its report; None if it printed none."""
    done = subprocess.run([*AUDIT, *arguments], capture_output=True, text=True, check=False)  # noqa: S603  our own arguments
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return None
    return report


def audit() -> int:
    """Look up both sets of packages, print the result, and return the exit code."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "lowest.txt"
        file.write_text("\n".join(lowest(project)), "utf-8")
        reports = {
            "installed": ask("--local", "--skip-editable"),
            "lowest allowed": ask("-r", str(file), "--no-deps", "--disable-pip"),
        }
    code = 0
    for what, report in reports.items():
        if report is None:
            say(
                f"{what}: not looked up, because the list of vulnerabilities cannot be reached;"
                " run script/audit again with a network"
            )
            code = code or NOT_ASKED
            continue
        known = complaints(report)
        for line in (*known, *unasked(report)):
            say(f"{what}: {line}")
        if known:
            code = VULNERABLE
        else:
            say(f"{what}: {len(report['dependencies'])} packages without a known vulnerability")
    return code


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"audit: {line}\n")


if __name__ == "__main__":
    sys.exit(audit())
