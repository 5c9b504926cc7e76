"""What many are told leaves in slices, in one send for each listener, whatever one of them does."""

from itertools import pairwise

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.ids import PlayerId, RequestId
from gameserver.messages.base import Request
from gameserver.messages.chat import Channel, ChatSaid, SendChat
from gameserver.messages.wire import EventEnvelope, RequestEnvelope
from gameserver.rooms.limits.rules import RoomRules
from gameserver.service.spreader import REST_S, SLICE_S, STEP, Spreader
from tests.service.peers import serving
from tests.service.stage import Stage

LISTENERS = 100


class Crowd(Stage):
    """Many guests, a spreader, and a stopwatch on which each look takes a fixed time."""

    def __init__(self, look_s: float = 0.0) -> None:
        super().__init__()
        self.took_s = 0.0
        self.look_s = look_s
        self.listeners = [self.guest(f"P{number}") for number in range(LISTENERS)]
        self.spreader = Spreader(self.people, self._look)
        self.asked = 0

    def _look(self) -> float:
        self.took_s += self.look_s
        return self.took_s

    def say(self, player_id: PlayerId, text: str) -> None:
        self.asked += 1
        request: Request = SendChat(Channel.GLOBAL, text)
        self.hall.handle(player_id, RequestEnvelope(RequestId(self.asked), request), 0.0, 0)
        self.perform()

    def heard(self, number: int) -> list[str]:
        return [event.line.text for event in self.events(f"P{number}", ChatSaid)]


async def test_a_slice_ends_after_its_time_and_the_next_one_continues(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    crowd = Crowd(look_s=SLICE_S)
    crowd.say(crowd.listeners[0], "hello")
    told = []
    while crowd.hall.spreads:
        crowd.spreader.slice()
        told.append(sum(bool(crowd.heard(number)) for number in range(LISTENERS)))
    assert told[0] == STEP + 1  # and the one who said it
    assert told[-1] == LISTENERS
    assert all(after - before <= STEP for before, after in pairwise(told))


@pytest.mark.usefixtures("autojump_clock")
async def test_lines_sent_while_others_are_handed_out_arrive_in_order_and_once() -> None:
    crowd = Crowd(look_s=SLICE_S)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(crowd.spreader.run)
        for number in range(5):
            crowd.say(crowd.listeners[number], f"line {number}")
            await trio.sleep(0.005)
        await trio.sleep(1.0)
        nursery.cancel_scope.cancel()
    for number in range(LISTENERS):
        assert crowd.heard(number) == [f"line {said}" for said in range(5)]


@pytest.mark.usefixtures("autojump_clock")
async def test_a_bug_at_one_connection_does_not_affect_the_others() -> None:
    crowd = Crowd()
    broken = crowd.connections.line(crowd.listeners[7])
    assert broken is not None
    broken.link.broken = True  # type: ignore[attr-defined]
    with capture_logs():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(crowd.spreader.run)
            crowd.say(crowd.listeners[0], "hello")
            await trio.sleep(1.0)
            nursery.cancel_scope.cancel()
    heard = [crowd.heard(number) for number in range(LISTENERS) if number != 7]
    assert heard == [["hello"]] * (LISTENERS - 1)


async def test_a_global_line_reaches_each_of_many_players_of_a_server(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        people = [await house.guest(f"P{number}") for number in range(RoomRules().wide + 2)]
        await people[0].ask(1, SendChat(Channel.GLOBAL, "hello"))
        for peer in people:
            while not isinstance(event := (await peer.hear_a(EventEnvelope)).event, ChatSaid):
                pass
            assert event.line.text == "hello"


async def test_without_unsent_messages_no_slice_runs(autojump_clock: MockClock) -> None:
    del autojump_clock
    crowd = Crowd()
    slices: list[float] = []
    whole = crowd.spreader.slice

    def noted() -> None:
        slices.append(trio.current_time())
        whole()

    crowd.spreader.slice = noted  # type: ignore[method-assign]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(crowd.spreader.run)
        await trio.sleep(5)
        assert slices == []
        crowd.say(crowd.listeners[0], "hello")
        await trio.sleep(5)
        assert slices == [5]
        await crowd.spreader.wait_idle()
        nursery.cancel_scope.cancel()


async def test_waiting_for_idleness_lasts_until_the_last_message_is_sent(
    autojump_clock: MockClock,
) -> None:
    del autojump_clock
    crowd = Crowd(look_s=SLICE_S)
    crowd.say(crowd.listeners[0], "hello")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(crowd.spreader.run)
        await crowd.spreader.wait_idle()
        assert not crowd.hall.spreads
        assert all(crowd.heard(number) for number in range(LISTENERS))
        slices = -(-(LISTENERS - 1) // STEP)
        assert trio.current_time() == pytest.approx(slices * REST_S)  # the last one finds nothing
        nursery.cancel_scope.cancel()
