"""What one end has of a section, against the world of the other: which fields differ."""

from typing import Any

import attrs
import pytest

from gameserver.errors import Code, ProtocolError
from gameserver.game.entity import Entity
from gameserver.game.fields import Audience
from gameserver.game.world import World
from gameserver.ids import EntityId, Seat
from gameserver.netcode.replication.sections import (
    FIRST_GROUP,
    OWNER,
    PUBLIC,
    Rate,
    audience_of,
    cell_section,
)
from gameserver.netcode.replication.views import body_of, differences_of, is_whole
from gameserver.testing.skirmish import Runner, Spark
from tests.netcode.replication.test_reader import GAME, world

ME = Seat(0)
GROUP = FIRST_GROUP + 1
CELL = cell_section(3, Rate.NEAR)


def by_id(source: World) -> dict[EntityId, Entity]:
    return {entity.id: entity for entity in source}


def differences(ours: World, theirs: World, section: int) -> list[tuple[Any, ...]]:
    body = body_of(GAME, list(theirs), section, ME)
    found = differences_of(GAME, by_id(ours), body, section, ME)
    return [attrs.astuple(each) for each in found]


def runner(source: World, number: int) -> Runner:
    found = source.get(EntityId(number))
    assert isinstance(found, Runner)
    return found


@pytest.mark.parametrize("section", [PUBLIC, OWNER, GROUP, CELL])
def test_equal_worlds_differ_nowhere(section: int) -> None:
    assert differences(world(), world(), section) == []


def test_each_field_that_differs_is_named_by_rising_id_with_the_values_of_both_ends() -> None:
    ours, theirs = world(), world()
    runner(theirs, 2).x += 5
    runner(theirs, 1).y -= 1
    runner(theirs, 1).name = "you"
    runner(theirs, 2).owner = Seat(3)
    assert differences(ours, theirs, PUBLIC) == [
        ("Runner", 1, "y", 20, 19),
        ("Runner", 1, "name", "me", "you"),
        ("Runner", 2, "owner", 1, 3),
        ("Runner", 2, "x", 30, 35),
    ]


def test_a_section_has_the_fields_of_its_audience_alone() -> None:
    assert [audience_of(section) for section in (PUBLIC, OWNER, GROUP, CELL)] == [
        Audience.PUBLIC, Audience.OWNER, Audience.GROUP, Audience.PUBLIC,
    ]  # fmt: skip
    ours, theirs = world(), world()
    for number in (1, 2):
        runner(theirs, number).ammo += 1
        runner(theirs, number).plan += 1
    assert differences(ours, theirs, PUBLIC) == []
    assert differences(ours, theirs, OWNER) == [("Runner", 1, "ammo", 7, 8)]
    assert differences(ours, theirs, GROUP) == [
        ("Runner", 1, "plan", 3, 4),
        ("Runner", 2, "plan", 4, 5),
    ]


def test_an_entity_that_one_end_lacks_counts_only_where_both_know_which_there_are() -> None:
    assert [is_whole(section) for section in (PUBLIC, OWNER, GROUP, CELL)] == [
        True, True, False, False,
    ]  # fmt: skip
    ours, theirs = world(), world()
    ours.spawn(Runner(), ME)
    assert differences(ours, theirs, PUBLIC) == [("Runner", 3, "", "Runner", None)]
    assert differences(ours, theirs, OWNER) == [("Runner", 3, "", "Runner", None)]
    assert differences(ours, theirs, GROUP) == []
    assert differences(ours, theirs, CELL) == []
    for section in (PUBLIC, OWNER):
        assert differences(theirs, ours, section) == [("Runner", 3, "", None, "Runner")]


def test_what_the_other_end_alone_has_is_told_in_every_section() -> None:
    ours, theirs = world(), world()
    theirs.spawn(Runner(), Seat(1))
    for section in (GROUP, CELL):
        body = body_of(GAME, list(theirs), section, ME)
        found = differences_of(GAME, by_id(ours), body, section, ME)
        assert [attrs.astuple(each) for each in found] == [("Runner", 3, "", None, "Runner")]


def test_another_class_of_an_entity_is_one_difference_without_fields() -> None:
    ours, theirs = world(), world()
    ours.spawn(Spark(left=4), ME)
    theirs.spawn(Runner(), ME)
    assert differences(ours, theirs, PUBLIC) == [("Spark", 3, "", "Spark", "Runner")]


def test_a_value_that_cannot_be_sent_is_refused_in_words() -> None:
    spoilt = world()
    runner(spoilt, 1).x = 1 << 70
    with pytest.raises(ProtocolError, match=r"^a value cannot be sent: ") as refused:
        body_of(GAME, list(spoilt), PUBLIC, ME)
    assert refused.value.code is Code.BAD_MESSAGE


def test_a_body_of_another_game_is_refused() -> None:
    with pytest.raises(ProtocolError):
        differences_of(GAME, by_id(world()), b"\x93\x01\x02\x03", PUBLIC, ME)
