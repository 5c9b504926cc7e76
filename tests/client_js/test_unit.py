"""The JavaScript client's own checks: formatting, lint, types, unit tests with all wire vectors."""

import json
import re
from importlib.metadata import version

from tests.client_js.node import FOLDER, SCRIPTS, needs_node, run

pytestmark = needs_node


def test_the_sources_are_formatted_and_without_lint() -> None:
    run("node_modules/@biomejs/biome/bin/biome", "check", ".", str(SCRIPTS))


def test_the_package_has_the_version_of_the_server() -> None:
    package = json.loads((FOLDER / "package.json").read_text("utf-8"))
    assert package["version"] == version("gameserver")


def test_the_types_are_right_and_the_unit_tests_pass() -> None:
    said = run("script/test.mjs")
    passed = re.findall(r"^# pass (\d+)$", said, re.MULTILINE)
    assert int(passed[0]) > 90, said
    assert re.search(r"^# skipped 0$", said, re.MULTILINE), said
