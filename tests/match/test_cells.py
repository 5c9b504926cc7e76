"""A large world in cells: near cells are exact, far ones come later, others are not sent."""

from collections import deque
from typing import Any, ClassVar

import attrs
import pytest

from gameserver.errors import GameDefinitionError, GameFaultError
from gameserver.game.entity import Entity
from gameserver.game.interest import Interest
from gameserver.game.world import World
from gameserver.ids import NO_SEAT, EntityId, PlayerId, Seat, Tick
from gameserver.match.cells import Cells
from gameserver.match.chain import Chain
from gameserver.match.windows import DetailLevels
from gameserver.netcode.replication.sections import FIRST_CELL, Rate
from gameserver.testing.skirmish import SIDE, Bolt, Runner, Skirmish
from gameserver.testing.stepper import MatchStepper, SteppedClient
from tests.match.play import MAP, Restless, drawn, place, visible

FAR_EVERY = 4
PLACED = (Runner, Bolt)


WIDE = Interest(cell=SIDE // 8, eye=Runner, near=1, far=1, far_every=FAR_EVERY)


class Wide(Skirmish):
    """The skirmish in a room of eight by eight cells."""

    interest: ClassVar[Interest | None] = WIDE

    def area(self, world: World) -> tuple[int, int]:
        del world
        return SIDE, SIDE


class Tight(Wide):
    """With hardly any bytes for each player."""

    interest = attrs.evolve(WIDE, bytes_per_s=150)


def wide(game: type[Wide] = Wide, seats: int = 3, bots: int = 9) -> MatchStepper:
    return MatchStepper(game(), MAP, seats=seats, bots=bots)


def rates_of(run: MatchStepper, client: SteppedClient) -> dict[int, Rate]:
    """Return how often a client is sent what is in each cell."""
    viewer = run.match.viewer(client.player_id)
    assert viewer is not None
    assert viewer.window is not None
    return dict(viewer.window.watched)


def cell_of(run: MatchStepper) -> dict[EntityId, int]:
    cells = run.match._publisher._sight
    assert isinstance(cells, Cells)
    return {e.id: cell for cell, inside in cells.grid.cells.items() for e in inside}


def snapshot_of(entity: Entity, client: SteppedClient) -> dict[str, object]:
    public = visible(entity, NO_SEAT, 0, {})
    return {**public, "seen_by": client.seat}


class Judge:
    """Compares what a client knows with the world, tick by tick."""

    def __init__(self, run: MatchStepper, client: SteppedClient) -> None:
        self.run, self.client = run, client
        self.past: deque[dict[EntityId, dict[str, object]]] = deque(maxlen=FAR_EVERY + 1)
        self.where: deque[dict[EntityId, int | None]] = deque(maxlen=FAR_EVERY + 1)
        self.watched: deque[set[int | None]] = deque(maxlen=FAR_EVERY + 1)
        self.rates: set[Rate] = set()
        self.hidden = 0

    def look(self) -> None:
        run, client = self.run, self.client
        world, rates, cells = run.match.world, rates_of(run, client), cell_of(run)
        self.past.append({e.id: snapshot_of(e, client) for e in world})
        newest = client.replica.ring.newest
        assert newest is not None
        assert newest.tick == world.tick
        known = newest.entities
        for entity in world:
            rate = rates.get(cells[entity.id]) if entity.id in cells else Rate.NEAR
            if rate is None:
                self.hidden += 1
                continue
            self.rates.add(rate)
            shown = known.get(entity.id)
            if rate is Rate.NEAR:
                assert shown is not None, entity
                assert snapshot_of(shown, client) == self.past[-1][entity.id]
            elif len(self.past) <= FAR_EVERY:
                continue
            elif shown is not None:
                assert any(
                    snapshot_of(shown, client) == moment.get(entity.id) for moment in self.past
                )
            else:
                assert any(entity.id not in moment for moment in self.past), entity
        self.where.append({i: cells.get(i) for i in self.past[-1]})
        self.watched.append(set(rates) | {None})
        if len(self.where) > FAR_EVERY:
            seen = set.union(*self.watched)
            assert all(any(w.get(i, -1) in seen for w in self.where) for i in known)


def test_near_entities_are_exact_far_ones_older_and_the_rest_is_absent() -> None:
    run = wide()
    judges = []
    for seat in range(3):
        client = run.enter(Seat(seat))
        client.plays(Restless(seat))
        judges.append(Judge(run, client))
    for _ in range(500):
        run.run(1)
        drawn(run)
        for judge in judges:
            judge.look()
    for judge in judges:
        assert judge.client.replica.telemetry.desyncs == 0
        assert judge.rates == {Rate.NEAR, Rate.FAR}
        assert judge.hidden > 0
        assert judge.client.replica.telemetry.keyframes == 1


def test_entities_out_of_sight_are_absent_from_the_bytes() -> None:
    run = wide(bots=0, seats=2)
    client = run.enter(Seat(0))
    place(run, Seat(0), 500, 500)
    place(run, Seat(1), 7500, 7500)
    other = run.match.world.owned(Seat(1), Runner)
    assert other is not None
    other.hits = 987_654
    decoders = client.replica.reader._decoders
    for _ in range(60):
        run.run(1)
        assert not any(other.id in decoder.rows for decoder in decoders.values())
        decoders = client.replica.reader._decoders
    place(run, Seat(1), 900, 900)
    run.run(FAR_EVERY + 1)
    rows = [d.rows[other.id] for d in decoders.values() if other.id in d.rows]
    assert any(987_654 in row.state for row in rows)


def test_viewers_in_one_cell_share_one_frame() -> None:
    run = MatchStepper(WideOpen(), MAP, seats=2, bots=4)
    clients = [run.enter(NO_SEAT, name=f"watcher {number}") for number in range(3)]
    run.run(30)
    assert all(one is clients[0].sent[-1] for one in (client.sent[-1] for client in clients))


class WideOpen(Wide):
    """Without anything private: everybody in a cell is sent the same."""


def test_a_refused_frame_is_repaired_by_keyframes_of_all_visible_cells() -> None:
    run = wide()
    client = run.enter(Seat(0))
    client.plays(Restless(1))
    judge = Judge(run, client)
    run.run(20)
    client.takes = False
    run.run(7)
    client.takes = True
    run.run(8)
    for _ in range(60):
        run.run(1)
        drawn(run)
        judge.look()
    assert client.replica.telemetry.desyncs == 0
    assert client.replica.telemetry.keyframes == 2


def test_above_its_limit_of_bytes_a_viewer_gets_outer_cells_more_rarely_but_all_of_them() -> None:
    free, tight = wide(seats=1, bots=40), wide(Tight, seats=1, bots=40)
    sizes = {}
    for run in (free, tight):
        client = run.enter(Seat(0))
        client.plays(Restless(1))
        run.run(300)
        del client.sent[:]
        run.run(300)
        drawn(run)
        sizes[run] = sum(map(len, client.sent))
        assert client.replica.telemetry.desyncs == 0
    assert sizes[tight] < 0.9 * sizes[free]
    client = tight.clients[PlayerId("p0")]
    rates = rates_of(tight, client)
    runner = tight.match.world.owned(Seat(0), Runner)
    assert runner is not None
    own = cell_of(tight)[runner.id]
    assert rates[own] is Rate.NEAR
    assert set(rates.values()) == {Rate.NEAR, Rate.SLOW}
    assert len(rates) == len(rates_of(free, free.clients[PlayerId("p0")]))


def test_the_detail_level_changes_once_a_second_and_returns_when_bytes_are_below_the_limit() -> (
    None
):
    detail = DetailLevels()
    levels = []
    for second in range(1, 20):
        detail.bytes += 2000 if second <= 4 else 300
        detail.judge(Tick(second * 30), 30, 1000, 2)
        levels.append(detail.level)
    assert levels[:4] == [1, 2, 2, 2]
    assert levels[4:8] == [2, 2, 2, 1]
    assert levels[-1] == 0


@pytest.mark.parametrize("wrong", [{"cell": 0}, {"near": -1}, {"far_every": 0}, {"bytes_per_s": 0}])
def test_impossible_numbers_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(GameDefinitionError):
        Interest(**{"cell": 100, "eye": Runner, **wrong})


def test_a_world_of_too_many_cells_is_a_game_fault() -> None:
    class Fine(Wide):
        interest = Interest(cell=10, eye=Runner)

    with pytest.raises(GameFaultError, match="cells"):
        MatchStepper(Fine(), MAP)


@pytest.mark.parametrize("stretch", [1, 2, 4])
def test_each_near_cell_has_a_checksum_once_a_second_however_few_snapshots_are_sent(
    stretch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = wide()
    sums: dict[int, list[Tick]] = {}
    encode = Chain.encode

    def noted(chain: Chain, *args: Any, checksum: bool = False, **others: Any) -> None:
        if checksum and chain._number >= FIRST_CELL:
            sums.setdefault(chain._number, []).append(run.match.tick_number)
        encode(chain, *args, checksum=checksum, **others)

    monkeypatch.setattr(Chain, "encode", noted)
    run.enter(Seat(0))
    place(run, Seat(0), 500, 500)
    run.match.snapshot_stretch = stretch
    seconds = 4
    run.run(seconds * run.match.game.tick_rate)
    near = {number: ticks for number, ticks in sums.items() if len(ticks) > 1}
    assert len(near) >= 4
    assert {len(ticks) for ticks in near.values()} == {seconds}
    assert len({ticks[-1] for ticks in near.values()}) > 1  # not all in one tick
