"""Games with many command fields play on the same fast road as small ones."""

import attrs
import pytest

from gameserver import game as gs
from gameserver.ids import Tick
from gameserver.messages.wire import Input
from gameserver.protocol.codec import encode
from gameserver.protocol.hot import LANE_HEADS, longest_input
from gameserver.protocol.inputs import input_reader
from gameserver.protocol.limits import INPUT_FIELDS
from gameserver.transports.websocket.frames import FrameWalker
from gameserver.transports.websocket.lane import LANE_BYTES, Lane
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
