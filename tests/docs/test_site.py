import re
from pathlib import Path
from types import ModuleType

import pytest

from gameserver import client, game, messages, protocol
from gameserver.protocol import socketio

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("module", [game, client])
def test_reference_describes_every_public_name_of_a_package(module: ModuleType) -> None:
    page = (DOCS / "api" / f"{module.__name__.rpartition('.')[2]}.rst").read_text("utf-8")
    described = re.findall(r"^\.\. (?:auto)?(?:class|function|data):: (\S+)$", page, re.MULTILINE)
    assert set(module.__all__) - set(described) == set()


@pytest.mark.parametrize("package", [messages, protocol, socketio])
def test_reference_describes_every_module_of_a_package(package: ModuleType) -> None:
    page = (DOCS / "api" / f"{package.__name__.rpartition('.')[2]}.rst").read_text("utf-8")
    assert package.__file__ is not None
    here = {path.stem for path in Path(package.__file__).parent.glob("*.py")} - {"__init__"}
    described = re.findall(
        rf"automodule:: {re.escape(package.__name__)}\.(\w+)$", page, re.MULTILINE
    )
    assert sorted(described) == sorted(here)
