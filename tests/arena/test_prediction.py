"""A client predicts its own fighter exactly, from the data that it is sent."""

from typing import Any, TypeVar

import attrs
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gameserver.arena.entities import Fighter
from gameserver.arena.events import Exploded, Hit, Hurt, Killed, PickedUp, Shot
from gameserver.arena.options import ArenaCommand
from gameserver.arena.tuning import HEALTH, RADIUS, RIFLE_DAMAGE
from gameserver.client.link.conditions import Conditions
from gameserver.game.entity import Entity, Event
from gameserver.game.fields import METADATA_KEY, Audience
from gameserver.game.maps.tilemap import TILE
from gameserver.game.rng import Rng
from gameserver.ids import Seat, Tick
from gameserver.netcode.prediction.optimism import EventPhase
from gameserver.netcode.prediction.world import PredictedWorld, row_of
from gameserver.testing.stepper import MatchStepper
from tests.arena.field import EAST, GAME, Field, launching, shooting
from tests.arena.test_invariants import MAP, random_command

ME = Seat(0)
EntityT = TypeVar("EntityT", bound=Entity)


def as_sent(entity: EntityT, seat: Seat) -> EntityT:
    """Return an entity as the seat's client gets to know it."""
    known = type(entity)()
    for name in ("id", "owner", "born", "ordinal"):
        setattr(known, name, getattr(entity, name))
    for attribute in attrs.fields(type(entity)):
        spec = attribute.metadata.get(METADATA_KEY)
        if spec is None or (spec.audience is Audience.OWNER and entity.owner != seat):
            continue
        setattr(known, attribute.name, getattr(entity, attribute.name))
    return known


def client_of(field: Field) -> PredictedWorld:
    """Return what the client of seat 0 knows at this tick."""
    world = field.world
    client = PredictedWorld(map=world.map, options=world.options, salt=world.salt, past=world.past)
    client.tick = world.tick
    for entity in world:
        client.put(as_sent(entity, ME))
    return client


def predict(client: PredictedWorld, command: ArenaCommand) -> list[Event]:
    client.tick = Tick(client.tick + 1)
    client.events = []
    with client.caused_by(ME):
        GAME.predict(client, ME, command)
    return client.events


def own_rows(world: Any) -> list[tuple[Any, ...]]:
    own = [e for e in world if e.owner == ME]
    rows = [(type(e).__name__, e.born, e.ordinal, *row_of(e)) for e in own]
    return sorted(rows)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 12))
@example(3_522_435_067, 4)  # two rockets explode at once, one of which the client knows without id
def test_predicted_fighter_and_rockets_equal_those_of_the_server(seed: int, ahead: int) -> None:
    field = Field(2, MAP, score_limit=0)
    field.put(0, 11, 7)
    rng = Rng.seeded(seed)
    client = client_of(field)
    for n in range(180):
        field.put(1, 4, 12, hp=HEALTH)  # within reach of shots, out of the way
        if n % ahead == 0:
            client = client_of(field)
        command = random_command(rng) if rng.chance(1, 3) else ArenaCommand(move=1 + n // 20 % 8)
        command = attrs.evolve(command, view=16 * ahead)
        foretold = predict(client, command)
        happened = [e for e in field.step({0: command}) if getattr(e, "seat", None) == ME]
        direct = any(isinstance(e, Exploded) and e.direct >= 0 for e in happened)
        if not field.fighter(0).alive or direct or field.of(Killed):
            return
        assert own_rows(client) == own_rows(field.world)
        # Whom a blast hurts besides its owner, the client does not foretell.
        assert foretold == [e for e in happened if not (isinstance(e, Hurt) and e.target != ME)]


def test_taking_a_pickup_is_predicted_with_its_effect() -> None:
    field = Field(2, MAP)
    field.put(0, 8, 11, hp=40)
    client = client_of(field)
    (event,) = predict(client, ArenaCommand())
    assert isinstance(event, PickedUp)
    fighter = client.owned(ME, Fighter)
    assert fighter is not None
    assert fighter.hp > 40
    assert field.step() == [event]
    assert own_rows(client) == own_rows(field.world)


def test_hit_and_kill_are_predicted_and_confirmed() -> None:
    field = Field(2, MAP)
    field.put(0, 7, 7)
    field.put(1, 10, 7, hp=RIFLE_DAMAGE)
    field.steps(2)
    foretold = predict(client_of(field), shooting(EAST))
    assert [type(event) for event in foretold] == [Shot, Hit, Killed]
    assert field.step({0: shooting(EAST)}) == foretold


def test_the_first_shot_of_play_is_predicted_while_the_known_phase_is_still_warm_up() -> None:
    field = Field(2, MAP, warm_up=True)
    field.steps(88)
    client = client_of(field)
    shots = []
    for _ in range(4):
        foretold = predict(client, shooting(EAST))
        happened = [e for e in field.step({0: shooting(EAST)}) if isinstance(e, Shot)]
        assert [e for e in foretold if isinstance(e, Shot)] == happened
        shots += happened
    assert len(shots) == 1


def test_the_push_of_the_own_rocket_is_predicted() -> None:
    field = Field(2, MAP)
    field.put(0, 3, 2, x=TILE + RADIUS)
    client = client_of(field)
    command = launching(512)
    for _ in range(6):
        predict(client, command)
        field.step({0: command})
        command = command.repeated()
        assert own_rows(client) == own_rows(field.world)
    assert field.fighter(0).x > TILE + RADIUS


def test_at_150_ms_shots_pickups_and_kills_are_predicted_and_nearly_all_confirmed() -> None:
    stepper = MatchStepper(GAME, MAP, seats=1, bots=3, seed=5)
    client = stepper.enter(ME, Conditions(lag_ms=150, jitter_ms=30, seed=2))
    bot = GAME.bot(ME, "hard", Rng.seeded(4))
    client.plays(lambda replica: bot.command(replica.world))
    phases: dict[tuple[str, EventPhase], int] = {}
    for _ in range(1200):
        stepper.run(1)
        for event, phase in client.replica.take_events():
            key = type(event).__name__, phase
            phases[key] = phases.get(key, 0) + 1
    for name, least in (("Shot", 100), ("Hit", 20), ("Launched", 3), ("Dashed", 2)):
        predicted = phases[name, EventPhase.PREDICTED]
        assert predicted >= least
        assert phases.get((name, EventPhase.TAKEN_BACK), 0) <= predicted // 5, name
        settled = phases.get((name, EventPhase.TAKEN_BACK), 0) + phases.get(
            (name, EventPhase.CONFIRMED), 0
        )
        assert predicted - 12 <= settled <= predicted
    assert client.replica.stats.desyncs == 0
