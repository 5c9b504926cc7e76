"""Restoring tells how far it is, and takes no state that contradicts itself."""

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gameserver.rooms.hall import Hall
from gameserver.service import recovery
from gameserver.store.people import replay
from tests.service.peers import serving
from tests.service.test_recovery import a_lobby, killed


async def killed_with_a_lobby(parent: Path) -> Path:
    """Return the data of a server that was killed while a player was in a lobby."""
    folder = parent / "data"
    async with serving(None, data=folder, threads=True) as running:
        await a_lobby(running)
        return killed(folder)


async def test_a_state_that_contradicts_itself_is_kept_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = await killed_with_a_lobby(tmp_path)

    def check(_hall: Hall) -> None:
        raise AssertionError("a member of no lobby")

    monkeypatch.setattr(Hall, "check", check)
    with capture_logs() as lines:
        async with serving(None, data=folder, threads=True) as running:
            assert not running.server.hall.parts.state.sessions
    (line,) = [line for line in lines if line["event"] == "people not restored"]
    assert line["fault"] == "its state is inconsistent"


async def test_how_far_restoring_is_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = await killed_with_a_lobby(tmp_path)
    told: list[tuple[str, int, int]] = []
    begin = recovery.Recovery.__init__

    def made(self: recovery.Recovery, *given: Any, **named: Any) -> None:
        begin(self, *given, **named)
        self._progress = lambda *progress: told.append(progress)

    monkeypatch.setattr(recovery.Recovery, "__init__", made)
    monkeypatch.setattr(replay, "AT_ONCE", 2)
    async with serving(None, data=folder, threads=True):
        pass
    assert {what for what, _, _ in told} == {"restoring sessions and lobbies"}
    (calls_in_all,) = {of for _, _, of in told}
    assert [done for _, done, _ in told] == list(range(2, calls_in_all + 1, 2))
