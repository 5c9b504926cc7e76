"""What a match sends: bytes are counted, private parts reach their audience, none is too long."""

import msgpack
import pytest

from gameserver.game.entity import Player
from gameserver.game.world import World
from gameserver.ids import NO_SEAT, PlayerId, Seat
from gameserver.match import publisher
from gameserver.match.sight import WholeWorld
from gameserver.match.windows import WHOLE
from gameserver.testing.skirmish import Runner, Skirmish
from gameserver.testing.stepper import MatchStepper
from tests.match.play import MAP, stepper
from tests.match.test_cells import wide

SECRET = 123_456_789


def keyframes(run: MatchStepper, player_id: PlayerId) -> int:
    viewer = run.match.viewer(player_id)
    assert viewer is not None
    return viewer.keyframes


@pytest.mark.parametrize("seats", [(NO_SEAT,) * 3, (Seat(0), Seat(1), NO_SEAT)])
def test_only_bytes_that_an_outlet_took_are_counted(seats: tuple[Seat, ...]) -> None:
    run = stepper(seats=2, bots=0)
    clients = [run.enter(seat, name=f"p{number}") for number, seat in enumerate(seats)]
    run.run(9)
    clients[1].takes = False
    run.run(9)
    assert run.match.bytes_out == sum(len(m) for client in clients for m in client.sent)
    assert len(clients[1].sent) < len(clients[0].sent)


def test_in_a_large_world_each_viewers_own_bytes_are_counted_for_its_detail() -> None:
    run = wide(seats=2, bots=2)
    clients = [run.enter(NO_SEAT, name=f"w{number}") for number in range(3)]
    run.run(5)
    clients[2].takes = False
    before = len(clients[2].sent)
    run.run(5)
    assert len(clients[2].sent) == before
    for client in clients:
        viewer = run.match.viewer(client.player_id)
        assert viewer is not None
        assert viewer.detail.bytes == sum(map(len, client.sent))


def test_an_owner_without_a_group_is_sent_its_own_values() -> None:
    run = stepper(seats=2, bots=0, teams=0)
    owner, other = run.enter(Seat(0)), run.enter(Seat(1))
    runner = run.match.world.owned(Seat(0), Runner)
    assert runner is not None
    run.run(3)
    runner.ammo = SECRET
    run.run(3)
    own, others = (sum(map(len, client.sent[-3:])) for client in (owner, other))
    assert own > others


def test_a_keyframe_is_counted_for_each_viewer_that_gets_it() -> None:
    run = stepper(seats=2, bots=0)
    one, other = run.enter(Seat(0)), run.enter(Seat(1))
    run.run(5)
    assert (keyframes(run, one.player_id), keyframes(run, other.player_id)) == (1, 1)
    run.match.desync(other.player_id)
    run.run(5)
    assert (keyframes(run, one.player_id), keyframes(run, other.player_id)) == (1, 2)


def test_chains_of_owners_and_groups_end_with_their_last_viewer() -> None:
    run = stepper(seats=3, bots=0, teams=2)
    clients = [run.enter(Seat(seat)) for seat in range(3)]
    run.run(2)
    sent = run.match._publisher
    assert (sorted(sent._owners), sorted(sent._groups)) == ([0, 1, 2], [1, 2])
    run.match.remove_viewer(clients[0].player_id)
    run.run(1)
    assert (sorted(sent._owners), sorted(sent._groups)) == ([1, 2], [1, 2])
    run.match.remove_viewer(clients[1].player_id)
    run.run(1)
    assert (sorted(sent._owners), sorted(sent._groups)) == ([2], [1])


def test_entities_without_an_owner_belong_to_no_group() -> None:
    class Planned(Skirmish):
        def start(self, world: World, players: list[Player]) -> None:
            super().start(world, players)
            world.spawn(Runner(name="nobody's", plan=SECRET))

    run = MatchStepper(Planned(), MAP, seats=2, bots=0, teams=2)
    clients = [run.enter(Seat(0)), run.enter(Seat(1))]
    run.run(3)
    for client in clients:
        assert not any(msgpack.packb(SECRET) in message for message in client.sent)


def test_a_snapshot_is_at_most_as_long_as_a_client_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    def first(limit: int) -> tuple[int, str]:
        monkeypatch.setattr(publisher, "SERVER_MESSAGE_BYTES", limit)
        run = stepper(seats=1, bots=2)
        client = run.enter(Seat(0))
        report = run.run(1)
        return sum(map(len, client.sent)), str(report.fault or "")

    size, fault = first(1 << 20)
    assert fault == ""
    assert first(size) == (size, "")
    sent, fault = first(size - 1)
    assert sent == 0
    assert f"a snapshot of {size:,} bytes, more than the limit of {size - 1:,}" in fault
    assert "of them Runner" in fault


def test_a_world_without_cells_has_one_window_and_nothing_beside_the_public_part() -> None:
    whole = WholeWorld()
    assert whole.deltas(WHOLE) == whole.changes(WHOLE, WHOLE) == whole.keyframes(WHOLE) == []
