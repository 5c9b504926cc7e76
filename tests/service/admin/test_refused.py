"""What an operator asks for that cannot be: each gets a coded answer, and nothing else breaks."""

from types import SimpleNamespace
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.errors import GameFaultError
from gameserver.messages.session import Rename
from gameserver.roads.events.worldview import WorldView
from gameserver.service.admin import credentials
from gameserver.service.admin.reading import OperatorReader
from tests.service.admin.desk import ADMIN, Operator, overseen
from tests.service.admin.test_acts import BAN
from tests.service.admin.test_credentials import signed_in


async def test_an_id_that_is_also_the_name_of_another_player_stands_for_no_name(
    autojump_clock: MockClock,
) -> None:
    async with overseen(autojump_clock) as running:
        operator = Operator(running)
        await running.guest("Ann")
        (ann,) = (await operator.look("/sessions"))["sessions"]
        eve = await running.guest("Eve")
        await eve.ask(1, Rename(ann["player_id"]))
        about = {**BAN, "value": ann["player_id"]}
        refused = await operator.try_to("/sanctions", **about)
        assert refused.code == (400, "bad_params")
        assert "choose the session or the address" in refused.value["detail"]
        assert (
            await operator.try_to("/sanctions", **{**about, "known_by": "session"})
        ).status == 200


async def test_an_operator_on_loopback_is_not_warned_of_a_ban_of_a_network(
    autojump_clock: MockClock,
) -> None:
    async with overseen(autojump_clock) as running:
        about = {**BAN, "known_by": "address", "value": "203.0.113.0/24"}
        for address, warned in (("", False), ("203.0.113.9", True)):
            answer = await Operator(running, address=address).try_to("/sanctions", **about)
            assert (answer.value["warning"] != "") == warned


async def test_sessions_of_operators_that_are_over_are_not_kept(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "SESSION_S", 600.0)
    async with overseen(autojump_clock) as running:
        console = running.server.console
        assert console is not None
        kept = console._road._credentials._sessions
        await signed_in(Operator(running))
        await trio.sleep(400)
        await signed_in(Operator(running))
        assert len(kept) == 2
        await trio.sleep(300)
        await signed_in(Operator(running))
        assert len(kept) == 2, "the first one is over"


async def test_a_fault_of_ours_is_told_as_one_and_an_unknown_path_as_such(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> object:
        raise ZeroDivisionError("a bug")

    async with overseen(autojump_clock) as running:
        operator = Operator(running)
        with capture_logs() as logs, monkeypatch.context() as patch:
            patch.setattr(OperatorReader, "sessions", fails)
            broken = await operator.call("GET", "/sessions", base=ADMIN)
        assert broken.code == (500, "internal")
        assert [line["event"] for line in logs if line["log_level"] == "error"] == [
            "request failed"
        ]
        assert (await operator.call("GET", "/nothing", base=ADMIN)).code == (404, "unknown_request")
        assert (await operator.call("POST", "/me", {}, base=ADMIN)).code == (405, "unknown_request")
        await operator.look("/sessions")


async def test_a_match_whose_game_cannot_tell_its_area_has_no_picture(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise GameFaultError("area() raised ZeroDivisionError")

    monkeypatch.setattr(WorldView, "begin", fails)
    live: Any = SimpleNamespace(match_id="m1", match=SimpleNamespace(map=None, world=None))
    async with overseen(autojump_clock) as running:
        monkeypatch.setattr(running.server.matches, "get", lambda _: live)
        refused = await Operator(running).call("GET", "/matches/m1/view", base=ADMIN)
        assert refused.code == (404, "match.unknown")
        assert "it cannot be shown: area() raised" in refused.value["detail"]
