"""A world as plain values: changes lead from any view to the newest, and hide what is hidden."""

import json
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from gameserver.game.entity import Entity
from gameserver.game.fields import networked
from gameserver.game.interest import Interest
from gameserver.game.world import World
from gameserver.ids import MatchId, Seat, Tick
from gameserver.roads.events.topics import Changes
from gameserver.roads.events.worldview import REMEMBERED, WorldTopic, WorldView
from gameserver.testing.skirmish import Board, Bolt, Runner, Skirmish, Spark
from tests.service.peers import MAP


def new_world(game: Skirmish) -> World:
    return World(map=MAP, options=game.options(), salt=1)


def pass_time(world: World, ticks: int = 1) -> None:
    world.tick = Tick(world.tick + ticks)


def read(topic: WorldTopic, place: int | None, page: "Page") -> int:
    """Let a page take what is new; return the place behind it."""
    found = topic.since(place) if place is not None else None
    if found is None:
        page.take(topic.state())
        assert topic.since(topic.last) is not None
        return topic.last
    for behind, piece in found:
        page.take(piece)
        place = behind
    assert place is not None
    return place


class Page:
    """What a reader's page knows, by what was told."""

    def __init__(self) -> None:
        self.entities: dict[int, dict[str, Any]] = {}
        self.tick = 0

    def take(self, piece: bytes) -> None:
        event, _, data = piece.decode().partition("\n")
        said = json.loads(data.removeprefix("data: "))
        if event == "event: state":
            said = said["state"]
            self.entities = {each["id"]: each for each in said["entities"]}
        else:
            for each in said["changed"]:
                known = {} if "class" in each else self.entities[each["id"]]
                self.entities[each["id"]] = known | each
            for entity_id in said["removed"]:
                self.entities.pop(entity_id, None)  # it may have come and gone between two views
        self.tick = said["tick"]


def whole(view: WorldView) -> dict[int, dict[str, Any]]:
    return {each["id"]: each for each in json.loads(json.dumps(view.whole()["entities"]))}


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["spawn", "despawn", "move", "give", "rest"]),
            st.integers(0, 5),
            st.booleans(),
        ),
        max_size=60,
    )
)
def test_changes_since_any_view_lead_to_the_whole_view(
    steps: list[tuple[str, int, bool]],
) -> None:
    game = Skirmish()
    world = new_world(game)
    view = WorldView("world:l", game)
    view.begin(MatchId("m"), world)
    topics = [WorldTopic(view, Changes(), rate) for rate in (1, 2)]
    pages = [(topic, Page()) for topic in topics]
    places: list[int | None] = [None, None]
    for kind, number, reads in steps:
        entities = list(world)
        if kind == "spawn":
            world.spawn([Spark(), Bolt(x=number), Runner(name="Ann")][number % 3], Seat(number))
        elif entities:
            chosen = entities[number % len(entities)]
            if kind == "despawn":
                world.despawn(chosen)
            elif kind == "give":
                chosen.owner = Seat(number)
            elif kind == "move" and isinstance(chosen, Bolt | Runner):
                chosen.x += number
        pass_time(world, 40)  # ids are given again after 64
        view.look(world)
        for index, (topic, page) in enumerate(pages):
            if index == 0 or reads:
                topic.show()
                places[index] = read(topic, places[index], page)
                assert page.entities == whole(view)
                assert page.tick == world.tick


def test_only_public_fields_are_shown_and_floats_as_exact_as_players_get_them() -> None:
    game = Skirmish()
    world = new_world(game)
    world.spawn(Runner(x=1, y=2, name="Ann", ammo=7, plan=3, cooldown=9, heat=0.3), Seat(2))
    world.spawn(Board(strikes=4))
    view = WorldView("world:l", game)
    view.begin(MatchId("m"), world)
    runner, board = whole(view).values()
    assert runner == {
        "id": 1, "class": "Runner", "owner": 2, "x": 1, "y": 2, "aim": 0, "name": "Ann", "team": 0,
        "hurt": False, "heat": 0.25, "hits": 0,
    }  # fmt: skip
    assert set(board) == {"id", "class", "owner", "clock", "title", "mood"}


@attrs.define(eq=False)
class Ghost(Entity):
    """Has no field that is shown."""


class Haunted(Skirmish):
    entities = (*Skirmish.entities, Ghost)


def test_a_view_tells_of_which_match_it_is_and_of_its_world() -> None:
    game = Haunted()
    view = WorldView("world:l", game)
    view.begin(MatchId("m"), None)
    assert view.whole() == {"match_id": "m", "tick": 0, "entities": []}
    world = new_world(game)
    world.spawn(Ghost(), Seat(1))
    for tick in range(3):
        view.begin(MatchId("n"), world)
        assert (view.whole()["tick"], view.whole()["entities"]) == (
            tick,
            [{"id": 1, "class": "Ghost", "owner": 1}],
        )
        pass_time(world)
    view.begin(MatchId("n"), world)
    assert view.whole() == {
        "match_id": "n", "map": MAP.name, "area": game.area(world), "tick_rate": game.tick_rate,
        "tick": 3, "entities": [{"id": 1, "class": "Ghost", "owner": 1}],
    }  # fmt: skip


def test_only_what_has_changed_since_is_told() -> None:
    game = Skirmish()
    world = new_world(game)
    ann, bob = world.spawn(Runner(name="Ann"), Seat(0)), world.spawn(Runner(name="Bob"), Seat(1))
    view = WorldView("world:l", game)
    view.begin(MatchId("m"), world)
    begun = view.number
    for runner, x in ((ann, 5), (bob, 6)):
        runner.x, before = x, view.number
        pass_time(world)
        view.look(world)
        changed = json.loads((view.changes(before) or b"").partition(b"data: ")[2])["changed"]
        assert changed == [{"id": runner.id, "x": x}]
    nothing = json.loads((view.changes(view.number) or b"").partition(b"data: ")[2])
    assert (nothing["changed"], nothing["removed"]) == ([], [])
    both = json.loads((view.changes(begun) or b"").partition(b"data: ")[2])["changed"]
    assert both == [{"id": ann.id, "x": 5}, {"id": bob.id, "x": 6}]


def test_a_view_is_encoded_once_for_all_who_need_it_whole() -> None:
    game = Skirmish()
    world = new_world(game)
    world.spawn(Runner(x=1, y=2))
    view = WorldView("world:x", game)
    topic = WorldTopic(view, Changes(), 1)
    view.begin(MatchId("m"), world)
    first = topic.state()
    assert topic.state() is first
    topic.show()
    assert topic.state() is first, "the same view is no news"
    pass_time(world)
    assert view.look(world)
    second = topic.state()
    assert second is not first
    assert topic.state() is second
    topic.close("over")
    assert topic.state() is topic.state()
    assert b"event: end" in topic.state()


def test_an_entity_that_is_gone_is_told_to_those_who_may_have_seen_it() -> None:
    game = Skirmish()
    world = new_world(game)
    ann = world.spawn(Runner(name="Ann"), Seat(0))
    view = WorldView("world:l", game)
    view.begin(MatchId("m"), world)
    numbers = [view.number]
    for step in range(2):
        if step == 0:
            world.despawn(ann)
        pass_time(world)
        view.look(world)
        numbers.append(view.number)
    removed = [
        json.loads((view.changes(number) or b"").partition(b"data: ")[2])["removed"]
        for number in numbers
    ]
    assert removed == [[ann.id], [], []]


def test_a_reader_too_far_behind_or_of_the_match_before_gets_the_whole_view() -> None:
    game = Skirmish()
    world = new_world(game)
    spark = world.spawn(Spark())
    view = WorldView("world:l", game)
    view.begin(MatchId("m"), world)
    begun = view.number
    for _ in range(REMEMBERED):
        pass_time(world)
        view.look(world)
        spark.left += 1
    assert view.changes(begun) is not None
    pass_time(world)
    assert view.look(world)
    assert not view.look(world)
    assert view.changes(begun) is None
    last = view.number
    view.begin(MatchId(""), None)
    assert view.changes(last) is None
    assert view.changes(view.number) is not None
    assert view.changes(view.number + 1) is None, "nobody has seen that one"
    assert view.whole() == {"match_id": "", "tick": 0, "entities": []}
    nothing = json.loads((view.changes(view.number) or b"").partition(b"data: ")[2])
    assert nothing["tick"] == 0


def test_in_a_world_of_cells_the_window_of_a_spectator_is_shown() -> None:
    @attrs.define(eq=False)
    class Walker(Entity):
        x: int = networked()
        y: int = networked()

    class Wide(Skirmish):
        entities = (Walker, Board)
        interest = Interest(cell=1000, eye=Walker, near=1, far=0)

        def area(self, world: World) -> tuple[int, int]:
            del world
            return 8000, 8000

    game = Wide()
    world = new_world(game)
    first = world.spawn(Walker(x=500, y=500), Seat(0))
    near = world.spawn(Walker(x=1500, y=500), Seat(3))
    distant = world.spawn(Walker(x=7500, y=7500), Seat(1))
    board = world.spawn(Board())
    view = WorldView("world:l", game)
    view.begin(MatchId("m"), world)
    assert set(whole(view)) == {first.id, near.id, board.id}
    first.x = first.y = 7000
    pass_time(world)
    begun = view.number
    view.look(world)
    assert set(whole(view)) == {first.id, distant.id, board.id}
    page = Page()
    page.entities = {near.id: {}, first.id: {}, board.id: {}}
    page.take(view.changes(begun) or b"")
    assert set(page.entities) == set(whole(view))
