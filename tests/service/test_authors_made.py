"""Namespaces of authors are made once, each under a name of its own."""

from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from gameserver.errors import Code, ConfigError
from gameserver.ids import PlayerId, RequestId
from gameserver.messages.session import GetServerInfo
from gameserver.namespaces import Namespace
from gameserver.rooms.state.effects import Handle
from gameserver.service.authors import Authors
from gameserver.service.runtime import Runtime


class Guild(Namespace):
    name = "/guild"


class Twin(Namespace):
    name = "/guild"


class Nameless(Namespace):
    pass


class Broken(Namespace):
    name = "/broken"

    def __init__(self) -> None:
        raise SystemExit("a fault of the author")


def unused() -> Any:
    raise AssertionError("nothing runs yet")


@pytest.mark.parametrize(
    ("spaces", "words"),
    [
        ((Guild, Twin), "Twin needs a name of its own"),
        ((Nameless,), "Nameless needs a name of its own"),
        ((Guild, Broken), "Broken cannot be made: SystemExit"),
    ],
)
def test_a_namespace_that_cannot_be_served_is_refused_at_the_start(
    spaces: tuple[type[Namespace], ...], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        Authors(spaces, Runtime(), unused, unused)


def test_each_namespace_is_made_and_stands_on_its_server() -> None:
    authors = Authors((Guild,), Runtime(), unused, unused)
    (space,) = authors._spaces.values()
    assert isinstance(space, Guild)
    assert space.ground is authors


async def test_a_request_that_is_for_no_handler_is_answered_as_a_fault_of_the_server() -> None:
    taken: list[Any] = []

    async def at_once(_player_id: PlayerId) -> None:
        pass

    people: Any = SimpleNamespace(take=taken.append)
    time: Any = SimpleNamespace(wait=at_once)
    authors = Authors((Guild,), Runtime(), lambda: people, lambda: time)
    with capture_logs() as logs:
        await authors._take_up(Handle(PlayerId("ann"), RequestId(3), GetServerInfo()))
    (handled,) = taken
    assert (handled.request_id, handled.outcome.code) == (3, Code.INTERNAL)
    assert [line["event"] for line in logs] == ["handling failed"]
