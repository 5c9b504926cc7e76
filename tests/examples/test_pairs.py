"""The card table: turns, pairs, and faces that nobody is sent before they are shown."""

from pathlib import Path

from examples.pairs import SHOWN_S, TURN_S, Card, Hand, Pairs, PairsCommand, PairsOptions, Table
from gameserver.game.entity import Player
from gameserver.game.fields import Audience
from gameserver.game.loading.games import load_game
from gameserver.game.maps.tiled import load_map
from gameserver.game.schema.table import table_of
from gameserver.ids import Seat
from gameserver.match.simulation import Simulation

ROOT = Path(__file__).parents[2]
MAP = load_map(ROOT / "maps" / "courtyard.tmj")
RATE = Pairs.tick_rate


def game_of(count: int) -> Simulation:
    players = [Player(Seat(i), f"P{i}") for i in range(count)]
    return Simulation(Pairs(), MAP, PairsOptions(pairs=4), 3, players)


def run(table: Simulation, ticks: int = 1, seat: int = -1, card: Card | None = None) -> None:
    for _ in range(ticks):
        table.begin()
        commands = {hand.owner: PairsCommand() for hand in table.world.all(Hand)}
        if card is not None:
            commands[Seat(seat)] = PairsCommand(point_x=card.x, point_y=card.y, pick=True)
        table.step(commands)


def pair_of(table: Simulation, *, alike: bool) -> tuple[Card, Card]:
    first, *others = table.world.all(Card)
    return first, next(card for card in others if (card.face == first.face) is alike)


def turn(table: Simulation) -> str:
    return table.world.one(Table).turn


def test_the_server_loads_it_and_faces_are_never_sent() -> None:
    assert isinstance(load_game("examples.pairs:Pairs"), Pairs)
    public = table_of(Pairs()).classes[Card][Audience.PUBLIC]
    assert [field.name for field in public.fields] == ["x", "y", "colour", "label", "picture"]


def test_a_pair_is_kept_and_the_player_goes_on() -> None:
    table = game_of(2)
    first, second = pair_of(table, alike=True)
    run(table, 1, 0, first)
    run(table, 1, 0, second)
    assert first.label == second.label != ""
    run(table, SHOWN_S * RATE + 1)
    assert len(table.world.all(Card)) == 6
    assert table.world.all(Hand)[0].pairs == 1
    assert turn(table) == "P0"


def test_two_that_differ_are_hidden_again_and_the_next_is_on() -> None:
    table = game_of(2)
    first, second = pair_of(table, alike=False)
    run(table, 1, 1, first)
    assert first.label == "", "it is not their turn"
    run(table, 1, 0, first)
    run(table, 1, 0, first)
    assert table.world.one(Table).shown == 1, "one card is not a pair of its own"
    run(table, 1, 0, second)
    run(table, SHOWN_S * RATE + 1)
    assert [card.label for card in table.world.all(Card)] == [""] * 8
    assert turn(table) == "P1"


def test_who_does_nothing_or_leaves_is_passed_over() -> None:
    table = game_of(3)
    run(table, TURN_S * RATE)
    assert turn(table) == "P1"
    table.begin()
    table.leave(Seat(1))
    table.step({Seat(0): PairsCommand(), Seat(2): PairsCommand()})
    assert turn(table) == "P2"


def test_with_the_last_pair_it_ends() -> None:
    table = game_of(2)
    while table.world.all(Card):
        assert table.outcome() is None
        for card in pair_of(table, alike=True):
            run(table, 1, 0, card)
        run(table, SHOWN_S * RATE + 1)
    outcome = table.outcome()
    assert outcome is not None
    assert [(line.name, line.score, line.won) for line in outcome.standings] == [
        ("P0", 4, True),
        ("P1", 0, False),
    ]
