import pytest

from gameserver.cli import serve
from tests.service.config.served import Served


@pytest.fixture(autouse=True)
def served(monkeypatch: pytest.MonkeyPatch) -> Served:
    """Let ``gameserver serve`` read its settings and start nothing."""
    stand_in = Served()
    monkeypatch.setattr(serve, "serve", stand_in)
    return stand_in
