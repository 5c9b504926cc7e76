"""Encoder and decoder against each other and against the truth."""

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from gameserver.accel import hot
from gameserver.game.entity import Entity
from gameserver.game.fields import INTEGER_LIMIT, Audience
from gameserver.game.fixed import TURN
from gameserver.game.rng import Rng
from gameserver.game.schema.table import state_fields, table_of
from gameserver.ids import EntityId, Seat
from gameserver.netcode.replication.decoder import SectionDecoder
from gameserver.netcode.replication.encoder import SectionEncoder
from gameserver.testing.skirmish import Board, Bolt, Runner, Skirmish, Spark, Struck, Whispered

TABLE = table_of(Skirmish())
FAR = INTEGER_LIMIT - 1
TEXTS = ("", "calm", "größer", "🌩" * 60)
VALUES = {
    "int": st.one_of(st.integers(-300, 300), st.sampled_from([-FAR, FAR, 0, 1 << 31])),
    "bool": st.booleans(),
    "str": st.sampled_from(TEXTS),
    "float": st.integers(-4000, 4000).map(lambda n: n * 0.25),
}


class Scene:
    """Entities that hypothesis moves about."""

    def __init__(self) -> None:
        self.entities: dict[EntityId, Entity] = {}

    def spawn(self, kind: type[Entity], entity_id: int, owner: int, ordinal: int) -> None:
        entity = kind()
        entity.id, entity.owner, entity.ordinal = EntityId(entity_id), Seat(owner), ordinal
        self.entities[entity.id] = entity

    def mutate(self, data: st.DataObject) -> None:
        for _ in range(data.draw(st.integers(0, 4))):
            entity_id = EntityId(data.draw(st.integers(1, 6)))
            entity = self.entities.get(entity_id)
            act = data.draw(st.sampled_from(["spawn", "despawn", "own", *["change"] * 6]))
            if entity is None or act == "spawn":
                kind = data.draw(st.sampled_from([Board, Runner, Bolt, Spark]))
                self.spawn(
                    kind, entity_id, data.draw(st.integers(-1, 3)), data.draw(st.integers(-1, 2))
                )
            elif act == "despawn":
                del self.entities[entity_id]
            elif act == "own":
                entity.owner = Seat(data.draw(st.integers(-1, 3)))
            else:
                change(entity, data)

    def __iter__(self) -> Iterator[Entity]:
        return iter([self.entities[i] for i in sorted(self.entities)])


def change(entity: Entity, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(state_fields(type(entity))))
    values = st.integers(0, field.wrap - 1) if field.wrap else VALUES[field.kind.value]
    setattr(entity, field.name, data.draw(values))


def known(decoder: SectionDecoder) -> dict[EntityId, object]:
    return {
        row.id: (row.table.number, row.owner, row.state[: len(row.table.fields)])
        for row in decoder.rows.values()
    }


def memory(decoder: SectionDecoder) -> dict[EntityId, object]:
    return {row.id: row.state for row in decoder.rows.values()}


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(list(Audience)))
def test_the_decoder_holds_the_true_values_after_every_snapshot(
    data: st.DataObject, audience: Audience
) -> None:
    scene, encoder = Scene(), SectionEncoder(TABLE, audience)
    steady, late = SectionDecoder(TABLE, audience), SectionDecoder(TABLE, audience)
    joins_at = data.draw(st.integers(0, 12))
    for snapshot in range(12):
        scene.mutate(data)
        body = encoder.encode(scene, checksum=True)
        decoded = steady.apply(body, keyframe=False)
        assert known(steady) == present(scene, audience, steady)
        assert decoded.checksum == decoded.computed == encoder.checksum()
        if snapshot == joins_at:
            late.apply(encoder.keyframe(), keyframe=True)
        elif snapshot > joins_at:
            late.apply(body, keyframe=False)
        if snapshot >= joins_at:
            assert memory(late) == memory(steady)


def present(scene: Scene, audience: Audience, decoder: SectionDecoder) -> dict[EntityId, object]:
    """Return what is true now; of fields sent once, what was true when the entity appeared."""
    held: dict[EntityId, object] = {}
    for entity in scene:
        table = TABLE.of(type(entity), audience)
        if table is None:
            continue
        values = hot.track(entity, table).state[: len(table.fields)]
        for i, field in enumerate(table.fields):
            if field.once:
                values[i] = decoder.rows[entity.id].state[i]
        held[entity.id] = (table.number, entity.owner, values)
    return held


def walking(ticks: int) -> tuple[SectionEncoder, SectionDecoder, Scene, Runner]:
    scene = Scene()
    scene.spawn(Runner, 1, 0, -1)
    runner = scene.entities[EntityId(1)]
    assert isinstance(runner, Runner)
    encoder, decoder = (
        SectionEncoder(TABLE, Audience.PUBLIC),
        SectionDecoder(TABLE, Audience.PUBLIC),
    )
    for _ in range(ticks):
        runner.x += 40
        decoder.apply(encoder.encode(scene), keyframe=False)
    return encoder, decoder, scene, runner


def test_a_straight_walk_costs_no_bytes() -> None:
    encoder, decoder, scene, runner = walking(3)
    runner.x += 40
    body = encoder.encode(scene)
    assert body == b""
    decoder.apply(body, keyframe=False)
    assert decoder.rows[EntityId(1)].state[0] == runner.x


def test_a_stop_costs_few_bytes_and_the_second_one_fewer() -> None:
    encoder, decoder, scene, runner = walking(3)
    body = encoder.encode(scene)
    assert 0 < len(body) <= 4
    decoder.apply(body, keyframe=False)
    assert decoder.rows[EntityId(1)].state[0] == runner.x
    lengths = []
    for tick in range(40):
        runner.x += 40 if tick % 8 < 4 else 0
        lengths.append(len(encoder.encode(scene)))
    assert max(lengths[-8:]) == 1


def test_a_residual_of_an_angle_takes_the_short_way_round() -> None:
    bodies = []
    for aim in (TURN - 1, 1):
        encoder, decoder, scene, runner = walking(3)
        runner.x += 40
        runner.aim = aim
        bodies.append(encoder.encode(scene))
        decoder.apply(bodies[-1], keyframe=False)
        assert decoder.rows[EntityId(1)].state[2] == aim
        assert decoder.rows[EntityId(1)].last[2] in (-1, 1)
    assert len(bodies[0]) == len(bodies[1])


def test_what_repeats_costs_less_and_less() -> None:
    encoder, _decoder, scene, runner = walking(3)
    lengths = []
    for _ in range(30):
        runner.x += 40
        runner.aim = (runner.aim + 7) % TURN
        lengths.append(len(encoder.encode(scene)))
    assert lengths[0] > 1
    assert set(lengths[-10:]) == {1}


def test_a_field_sent_once_is_not_sent_again_and_late_viewers_agree() -> None:
    encoder, decoder, scene, runner = walking(3)
    runner.x += 40
    runner.name = "changed"
    assert encoder.encode(scene) == b""
    late = SectionDecoder(TABLE, Audience.PUBLIC)
    late.apply(encoder.keyframe(), keyframe=True)
    decoder.apply(b"", keyframe=False)
    assert memory(late) == memory(decoder)


def test_a_keyframe_does_not_disturb_the_chain() -> None:
    encoder, decoder, scene, runner = walking(3)
    encoder.keyframe()
    runner.x += 40
    assert encoder.encode(scene) == b""
    decoder.apply(b"", keyframe=False)
    assert decoder.rows[EntityId(1)].state[0] == runner.x


def test_the_body_behind_a_keyframe_begins_to_learn_anew() -> None:
    encoder, decoder, scene, runner = walking(3)
    late = SectionDecoder(TABLE, Audience.PUBLIC)
    for tick in range(12):
        runner.aim = (runner.aim + 7) % TURN
        body = encoder.encode(scene)
        decoder.apply(body, keyframe=False)
        if tick == 6:
            late.apply(encoder.keyframe(), keyframe=True)
        elif tick > 6:
            late.apply(body, keyframe=False)
    assert memory(late) == memory(decoder)
    assert late.keyframe(learned=True) == decoder.keyframe(learned=True)


def test_a_section_without_entities_knows_nothing() -> None:
    encoder, decoder, scene, runner = walking(3)
    runner.aim = 7
    decoder.apply(encoder.encode(scene), keyframe=False)
    decoder.apply(encoder.encode([]), keyframe=False)
    fresh = SectionDecoder(TABLE, Audience.PUBLIC)
    body = encoder.encode(scene)
    for each in (decoder, fresh):
        each.apply(body, keyframe=False)
    assert decoder.keyframe(learned=True) == fresh.keyframe(learned=True)


def test_events_arrive_in_order_in_both_kinds_of_bodies() -> None:
    encoder = SectionEncoder(TABLE, Audience.PUBLIC)
    events = [Whispered(True, "größer", -7), Struck(1, 2, "Ann"), Whispered(False, "", 1 << 40)]
    body = encoder.encode([], events)
    for keyframe, content in ((False, body), (True, encoder.keyframe())):
        decoder = SectionDecoder(TABLE, Audience.PUBLIC)
        decoded = decoder.apply(content, keyframe=keyframe)
        assert [table.event(*fields) for table, fields in decoded.events] == events


def test_the_cause_of_a_predicted_spawn_is_sent() -> None:
    scene = Scene()
    scene.spawn(Bolt, 3, 2, 1)
    scene.entities[EntityId(3)].born = 77  # type: ignore[assignment]
    decoder = SectionDecoder(TABLE, Audience.PUBLIC)
    decoded = decoder.apply(SectionEncoder(TABLE, Audience.PUBLIC).encode(scene), keyframe=False)
    row = decoder.rows[EntityId(3)]
    assert decoded.spawned == [3]
    assert (row.owner, row.born, row.ordinal) == (2, 77, 1)


def test_private_values_are_in_no_other_section() -> None:
    bodies = []
    for ammo, plan, cooldown in ((0, 0, 0), (7_654_321, 0, 0), (0, 1_234_567, 0), (0, 0, 9_876)):
        scene = Scene()
        scene.spawn(Runner, 1, 0, -1)
        runner = scene.entities[EntityId(1)]
        assert isinstance(runner, Runner)
        runner.ammo, runner.plan, runner.cooldown = ammo, plan, cooldown
        encoders = [SectionEncoder(TABLE, audience) for audience in Audience]
        bodies.append([(e.encode(scene, checksum=True), e.keyframe()) for e in encoders])
    known = [[bodies[0][i] != each[i] for i in range(len(Audience))] for each in bodies[1:]]
    assert known == [[False, False, True], [False, True, False], [False, False, False]]


def test_a_wrong_value_changes_the_checksum() -> None:
    encoder, decoder, scene, _ = walking(3)
    decoder.rows[EntityId(1)].state[0] += 1
    decoded = decoder.apply(encoder.encode(scene, checksum=True), keyframe=False)
    assert decoded.checksum != decoded.computed


def test_a_long_random_sequence_of_snapshots_stays_exact() -> None:
    rng, scene = Rng.seeded(5), Scene()
    encoder, decoder = (
        SectionEncoder(TABLE, Audience.PUBLIC),
        SectionDecoder(TABLE, Audience.PUBLIC),
    )
    for entity_id in range(1, 5):
        scene.spawn(Runner, entity_id, entity_id, -1)
    for _ in range(3000):
        for entity in scene:
            assert isinstance(entity, Runner)
            entity.x += rng.between(-50, 50) if rng.chance(1, 5) else 0
            entity.aim = (entity.aim + rng.between(-300, 300)) % TURN
            entity.heat = rng.between(-9, 9) * 0.25
        decoded = decoder.apply(encoder.encode(scene, checksum=True), keyframe=False)
        assert decoded.checksum == decoded.computed
    assert known(decoder) == present(scene, Audience.PUBLIC, decoder)


def test_an_encoder_tells_how_many_entities_its_chain_has() -> None:
    scene, encoder = Scene(), SectionEncoder(TABLE, Audience.PUBLIC)
    for number in (1, 2):
        scene.spawn(Spark, number, -1, -1)
        encoder.encode(scene)
        assert len(encoder) == number
    del scene.entities[EntityId(1)]
    encoder.encode(scene)
    assert len(encoder) == 1
