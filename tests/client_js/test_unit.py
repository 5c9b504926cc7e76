"""The JavaScript client's own checks: formatting, lint, types, unit tests with all wire vectors."""

import gzip
import json
import re
from importlib.metadata import version

from tests.client_js.node import FOLDER, SCRIPTS, build, needs_node, run
from tests.e2e.program import ROOT

pytestmark = needs_node


def test_the_sources_are_formatted_and_without_lint() -> None:
    run("node_modules/@biomejs/biome/bin/biome", "check", ".", str(SCRIPTS))


def test_the_package_has_the_version_of_the_server() -> None:
    package = json.loads((FOLDER / "package.json").read_text("utf-8"))
    assert package["version"] == version("gameserver")


def test_the_bundle_is_as_small_as_the_docs_say() -> None:
    build()
    bundle = (FOLDER / "dist" / "gameserver-client.min.js").read_bytes()
    page = (ROOT / "docs" / "client-js.md").read_text("utf-8")
    told = re.search(r"one file\s+for pages without a bundler: (\d+) KB, (\d+) KB", page)
    assert told is not None
    sizes = len(bundle), len(gzip.compress(bundle))
    for size, kilobytes in zip(sizes, told.groups(), strict=True):
        assert abs(size / 1000 - int(kilobytes)) <= 1
    assert sizes[1] < 45_000


def test_the_types_are_right_and_the_unit_tests_pass() -> None:
    said = run("script/test.mjs")
    passed = re.findall(r"^# pass (\d+)$", said, re.MULTILINE)
    assert int(passed[0]) > 90, said
    assert re.search(r"^# skipped 0$", said, re.MULTILINE), said
