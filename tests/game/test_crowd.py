"""Worlds and snapshots that are too large: the sentence names what there is most of."""

from gameserver.errors import GameFaultError
from gameserver.game.crowd import crowd, too_large, too_many

PAGE = "see docs/writing-a-game.md"


def test_a_crowd_is_counted_and_its_most_frequent_class_named() -> None:
    assert crowd([], "entities") == "0 entities"
    assert crowd([1], "entities") == "1 entities, 1 of them int"
    assert crowd([1] * 1200 + [""] * 1300, "events") == "2,500 events, 1,300 of them str"


def test_a_world_of_one_entity_too_many_gives_its_limit() -> None:
    fault = too_many(iter([1, 2, ""]), 2)
    assert type(fault) is GameFaultError
    told = f"this game has 3 entities, 2 of them int, more than the limit of 2; {PAGE}"
    assert str(fault) == told


def test_events_are_named_where_they_are_more_than_the_entities() -> None:
    start, end = "this game has 2 entities, 2 of them int", f"more than the limit of 1,000; {PAGE}"
    few = too_large(5000, 1000, [1, 2], ["", ""])
    assert str(few) == f"{start}: a snapshot of 5,000 bytes, {end}"
    many = too_large(5000, 1000, [1, 2], ["", "", ""])
    events = "3 events of a tick, 3 of them str"
    assert str(many) == f"{start} and {events}: a snapshot of 5,000 bytes, {end}"
