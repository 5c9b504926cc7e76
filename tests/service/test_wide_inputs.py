"""Games with many command fields play on the same fast road as small ones."""

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver import game as gs
from gameserver.ids import Tick
from gameserver.messages.lobby import CreateLobby, LobbyConfig
from gameserver.messages.wire import Input
from gameserver.protocol.codec import encode
from gameserver.protocol.hot import LANE_HEADS, longest_input
from gameserver.protocol.inputs import input_reader
from gameserver.protocol.limits import INPUT_FIELDS
from gameserver.testing.skirmish import Skirmish, SkirmishCommand
from gameserver.transports.websocket.frames import FrameWalker
from gameserver.transports.websocket.lane import LANE_BYTES, Lane
from tests.roads.events.watcher import started
from tests.service.peers import MAP, assert_serves, serving
from tests.transports.peers import masked


def command_of(fields: int) -> type[gs.Command]:
    made = {f"f{n}": gs.level(-9, 9) for n in range(fields)}
    return attrs.make_class(f"Wide{fields}", made, bases=(gs.Command,), frozen=True)


@pytest.mark.parametrize("fields", range(INPUT_FIELDS + 1))
def test_inputs_of_every_size_take_the_lane_and_are_read(fields: int) -> None:
    row = tuple(n % 5 for n in range(fields))
    message = encode(Input(7, Tick(3), Tick(2), 16, row))
    taken: list[bytes] = []
    lane = Lane(FrameWalker(4096, 8), LANE_HEADS, taken.append)
    assert lane.tap.take(masked(message)) == len(masked(message))
    assert taken == [message]
    assert input_reader(command_of(fields))(message) == (7, 3, 2, 16, row)


@pytest.mark.parametrize("fields", range(INPUT_FIELDS + 1))
def test_no_input_is_longer_than_the_bounds_of_its_fields_say(fields: int) -> None:
    biggest = Input(2**53 - 1, Tick(2**31 - 1), Tick(2**31 - 1), 2**15 - 1, (-70_000,) * fields)
    assert longest_input([(-70_000, 90_000)] * fields) == len(encode(biggest))
    assert longest_input([(-9, 9)] * fields) <= LANE_BYTES


class Wide(Skirmish):
    """A skirmish whose inputs are too long for the lane."""

    name = "wide"
    command = attrs.make_class(
        "WideCommand",
        {f"f{n}": gs.level(-70_000, 70_000) for n in range(INPUT_FIELDS - 4)},
        bases=(SkirmishCommand,),
        frozen=True,
    )


async def test_inputs_that_are_too_long_for_the_lane_are_played_all_the_same(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, game=Wide()) as house:
        peer = await house.guest("Ann")
        await peer.ask(1, CreateLobby(LobbyConfig("Den", MAP.name, size=1)))
        match_id = (await started(peer)).match_id
        live = house.server.matches.get(match_id)
        assert live is not None
        now = live.match.tick_number
        row = (1, 0, 0, 0, *[70_000] * (INPUT_FIELDS - 4))
        inputs = [Input(n, Tick(now + 1 + n), now, 0, row) for n in range(1, 6)]
        assert len(encode(inputs[0])) > LANE_BYTES
        for each in inputs:
            await peer.send(each)
        await trio.sleep(1)
        assert live.match.stats_of(0).applied == len(inputs)
        await assert_serves(peer)
