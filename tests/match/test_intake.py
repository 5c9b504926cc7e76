"""What viewers sent is taken in: the counters, and whether an input came nearly too late."""

from gameserver.accel import hot
from gameserver.ids import NO_SEAT, PlayerId, Seat, Tick
from gameserver.match.intake import Intake, MatchCounts
from gameserver.match.viewers import Viewer
from gameserver.messages.wire import Input, Seen
from gameserver.netcode.timing.inputs import buffer_rules
from gameserver.netcode.timing.steering import LeadSteering, link_rules
from gameserver.protocol.codec import encode
from gameserver.protocol.inputs import input_table
from gameserver.testing.skirmish import SkirmishCommand

RATE = 30
NOW = Tick(100)
ANN, WATCHER = PlayerId("ann"), PlayerId("watcher")


class Deaf:
    """An outlet that these tests do not use."""

    def offer(self, message: bytes) -> bool:
        raise AssertionError(message)


class Inbox:
    """An intake of one seat and one spectator, and what it is to drain."""

    def __init__(self) -> None:
        self.held: list[tuple[PlayerId, bytes]] = []
        self.counts = MatchCounts()
        self.viewers = {
            player: Viewer(
                player,
                seat,
                Deaf(),
                RATE,
                Tick(0),
                hot.link_measure(link_rules(RATE)),
                LeadSteering(RATE),
                last_sent=Tick(99),
            )
            for player, seat in ((ANN, Seat(0)), (WATCHER, NO_SEAT))
        }
        buffer = hot.input_buffer(input_table(SkirmishCommand), buffer_rules(RATE))
        self.buffers = {Seat(0): buffer}
        self.intake = Intake(SkirmishCommand, self, self.viewers, self.buffers, self.counts)

    def drain(self) -> list[tuple[PlayerId, bytes]]:
        held, self.held = self.held, []
        return held

    def take(self, *messages: tuple[PlayerId, bytes]) -> bool:
        self.held = list(messages)
        self.intake.drain(NOW)
        return self.intake.tight


def given(seq: int, tick: int, view: int = 0) -> bytes:
    return encode(Input(seq, Tick(tick), Tick(50), view, (1, 0, 0, 0)))


def test_inputs_are_tight_when_one_comes_in_the_last_tick_before_its_own() -> None:
    inbox = Inbox()
    assert not inbox.intake.tight
    assert not inbox.take()
    assert not inbox.take((ANN, given(1, NOW + 2)))
    assert inbox.take((ANN, given(2, NOW + 5)), (ANN, given(3, NOW + 1)))
    assert inbox.take((ANN, given(4, NOW - 1)))
    assert not inbox.take((ANN, given(5, NOW + 2)))
    assert not inbox.take((ANN, given(6, 0)))  # it is for whichever tick comes next


def test_counters_add_up_over_all_drains() -> None:
    inbox = Inbox()
    for seq in (1, 2):
        inbox.take((ANN, given(2 * seq, 0, view=9000)), (ANN, given(2 * seq + 1, 0, view=9000)))
        inbox.take((WATCHER, given(seq, 0)), (WATCHER, given(seq, 0)), (WATCHER, given(seq, 0)))
        inbox.take((ANN, b"?"), (WATCHER, b""), (PlayerId("nobody"), b"?"))
    assert inbox.counts == MatchCounts(clamped_views=4, malformed=2 * (3 + 2))
    assert inbox.buffers[Seat(0)].counts.malformed == 2
    assert inbox.buffers[Seat(0)].counts.applied == 0


def test_an_acknowledgement_alone_is_noted_with_the_tick_of_its_arrival() -> None:
    inbox = Inbox()
    inbox.take((WATCHER, encode(Seen(Tick(98)))), (ANN, encode(Seen(Tick(5000)))))
    assert [viewer.seen for viewer in inbox.viewers.values()] == [0, 98]
    assert [viewer.link.heard for viewer in inbox.viewers.values()] == [NOW, NOW]
    assert inbox.counts == MatchCounts()
