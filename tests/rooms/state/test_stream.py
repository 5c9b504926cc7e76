from gameserver.ids import EventNumber, LobbyId, MessageId, PlayerId
from gameserver.messages.base import ReliableEvent
from gameserver.messages.chat import Channel, ChatLine, ChatSaid
from gameserver.messages.lobby import LobbyChanged, LobbyConfig, LobbyLeft, LobbyState, Phase
from gameserver.rooms.limits.holdings import Held, Holdings, weight
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.state.stream import MOST_UNRECORDED, EventStream


def said(number: int, channel: Channel = Channel.GLOBAL) -> ChatSaid:
    return ChatSaid(ChatLine(MessageId(number), channel, PlayerId("bob"), "Bob", "hi", 0))


def left(name: str) -> LobbyLeft:
    return LobbyLeft(LobbyId(name), "left")


def changed(revision: int, name: str = "den") -> LobbyChanged:
    config = LobbyConfig("Den", "attic", 4)
    state = LobbyState(
        LobbyId(name), revision, Phase.OPEN, PlayerId("ann"), config, "ABC", False, 0, ()
    )
    return LobbyChanged(state)


def waiting(stream: EventStream) -> list[ReliableEvent]:
    replay = stream.resume()
    return [envelope.event for envelope in replay]


def test_events_are_numbered_from_one_and_kept_until_acknowledged() -> None:
    stream = EventStream(10, 10)
    numbers = [stream.number(said(n)) for n in range(3)]
    assert [e.number for e in numbers if e] == [1, 2, 3]
    assert stream.ack(EventNumber(2)) == [said(0), said(1)]
    assert stream.ack(EventNumber(2)) == []
    assert waiting(stream) == [said(2)]


def test_waiting_events_are_numbered_at_the_resume_after_those_that_were_sent() -> None:
    stream = EventStream(10, 10)
    stream.number(said(1))
    assert stream.wait(said(2))
    replay = stream.resume()
    assert [e.number for e in replay] == [1, 2]
    assert stream.resume() == replay, "a second resume without an ack gets the same"


def test_a_full_stream_numbers_no_events_until_some_are_acknowledged() -> None:
    stream = EventStream(2, 2)
    assert stream.number(said(1))
    assert stream.number(said(2))
    assert stream.number(said(3)) is None
    stream.ack(EventNumber(1))
    third = stream.number(said(3))
    assert third is not None
    assert third.number == 3, "a refused event took no number"


def test_only_the_newest_state_of_each_lobby_waits() -> None:
    stream = EventStream(10, 10)
    for event in (changed(1), left("x"), changed(5, "other"), changed(2)):
        assert stream.wait(event)
    assert waiting(stream) == [left("x"), changed(5, "other"), changed(2)]


def test_an_older_state_is_found_wherever_it_waits() -> None:
    for before in range(4):
        for behind in range(4):
            stream = EventStream(10, 10)
            others = [left(str(number)) for number in range(before + behind)]
            for event in [*others[:before], changed(1), *others[before:], changed(2)]:
                assert stream.wait(event)
            assert waiting(stream) == [*others, changed(2)]


def test_the_first_numbered_events_behind_a_number_are_told_and_stay() -> None:
    stream = EventStream(10, 10)
    for number in range(1, 6):
        stream.number(said(number))
    assert [each.number for each in stream.since(EventNumber(2), 2)] == [3, 4]
    assert [each.number for each in stream.since(EventNumber(0), 9)] == [1, 2, 3, 4, 5]
    assert stream.since(EventNumber(5), 2) == []
    assert stream.since(EventNumber(2), 0) == []
    assert len(stream) == 5


def test_a_full_backlog_drops_global_chat_first_then_lobby_chat_and_never_whispers() -> None:
    stream = EventStream(10, 3)
    lobby, whisper = said(1, Channel.LOBBY), said(2, Channel.WHISPER)
    for event in (lobby, whisper, said(3), left("a"), left("b")):
        assert stream.wait(event)
    assert waiting(stream) == [whisper, left("a"), left("b")]


def test_a_full_backlog_without_droppable_events_accepts_no_more() -> None:
    stream = EventStream(10, 2)
    assert stream.wait(left("a"))
    assert stream.wait(left("b"))
    assert not stream.wait(left("c"))


def test_resuming_without_ever_acknowledging_does_not_grow_the_stream() -> None:
    stream = EventStream(4, 4)
    sizes = []
    for round_number in range(5):
        for n in range(4):
            stream.wait(left(f"{round_number}.{n}"))
        replay = stream.resume()
        assert [e.number for e in replay] == [1, 2, 3, 4]
        sizes.append(len(stream))
    assert sizes == [4, 8, 8, 8, 8], "limit and waiting limit together, and no more"


def test_after_a_resume_with_a_full_backlog_events_wait_until_some_are_acknowledged() -> None:
    stream = EventStream(4, 4)
    for n in range(4):
        stream.number(left(str(n)))
    assert stream.number(left("one too many")) is None
    stream.wait(left("4"))
    assert len(stream.resume()) == 4
    assert stream.number(left("5")) is None, "in order: the one before waits too"
    assert stream.wait(left("5"))
    assert stream.catch_up() == []
    stream.ack(EventNumber(2))
    assert [(e.number, e.event) for e in stream.catch_up()] == [(5, left("4")), (6, left("5"))]
    stream.ack(EventNumber(3))
    assert stream.catch_up() == []
    sixth = stream.number(left("6"))
    assert sixth is not None
    assert (sixth.number, stream.catching_up) == (7, False)


def test_an_event_beyond_the_limit_is_not_kept() -> None:
    stream = EventStream(2, 2)
    assert [stream.wait(left(name)) for name in "abc"] == [True, True, False]
    assert len(stream) == 2
    assert waiting(stream) == [left("a"), left("b")]


# --- bytes ----------------------------------------------------------------------------------------

PIECE = 1000


def heavy(number: int, channel: Channel = Channel.WHISPER) -> ChatSaid:
    """Return a line that weighs a little more than `PIECE`."""
    text = "x" * PIECE
    return ChatSaid(ChatLine(MessageId(number), channel, PlayerId("bob"), "Bob", text, 0))


def bounded(share: int, most: int) -> tuple[EventStream, Held]:
    """Return a stream whose session may hold these many lines of `heavy`."""
    each = weight(heavy(1))
    rules = RoomRules(share_held_bytes=share * each, held_bytes=most * each)
    held = Holdings(rules).of("192.0.2.1")
    return EventStream(100, 100, held), held


def test_events_are_numbered_as_long_as_their_bytes_fit() -> None:
    stream, held = bounded(1, 3)
    assert [stream.number(heavy(n)) is not None for n in range(4)] == [True, True, True, False]
    assert held.bytes == 3 * weight(heavy(1))
    assert stream.last == 3
    stream.ack(EventNumber(1))
    assert held.bytes == 2 * weight(heavy(1))
    fourth = stream.number(heavy(3))
    assert fourth is not None
    assert fourth.number == 4


def test_waiting_events_have_a_share_that_unacknowledged_ones_do_not_reduce() -> None:
    stream, held = bounded(2, 3)
    for number in range(3):
        assert stream.number(heavy(number))
    assert [stream.wait(heavy(number)) for number in range(3, 6)] == [True, True, False]
    assert len(stream) == 5
    assert held.bytes == 5 * weight(heavy(1))


def test_what_is_left_out_makes_room_for_what_waits_after_it() -> None:
    stream, held = bounded(2, 2)
    lines = [heavy(1, Channel.GLOBAL), heavy(2), heavy(3), heavy(4)]
    assert [stream.wait(each) for each in lines] == [True, True, True, False]
    assert held.bytes == 2 * weight(heavy(1))
    assert waiting(stream) == lines[1:3]


def test_a_newer_state_of_a_lobby_takes_the_room_of_the_older_one() -> None:
    stream, held = bounded(50, 50)
    for revision in range(5):
        stream.wait(changed(revision))
    assert held.bytes == weight(changed(1))
    assert stream._waiting_bytes == held.bytes


def test_numbered_events_wait_no_more_and_their_share_is_free_again() -> None:
    stream, held = bounded(2, 20)
    for number in range(2):
        stream.wait(heavy(number))
    assert stream._waiting_bytes == 2 * weight(heavy(1))
    stream.resume()
    assert (stream._waiting_bytes, stream.catching_up) == (0, False)
    assert held.bytes == 2 * weight(heavy(1))
    stream.ack(EventNumber(2))
    assert held.bytes == 0


def test_a_resumed_stream_catches_up_when_there_is_room_for_more() -> None:
    stream, _ = bounded(1, 6)
    for number in range(5):
        assert stream.number(heavy(number))
    stream.resume()
    assert stream.catching_up, "five of six are taken: less than the room that new events need"
    assert stream.number(heavy(9)) is None
    stream.ack(EventNumber(1))
    stream.catch_up()
    assert stream.catching_up
    stream.ack(EventNumber(3))
    stream.catch_up()
    assert not stream.catching_up


def test_a_stream_without_unacknowledged_events_is_not_catching_up_however_little_fits() -> None:
    rules = RoomRules(share_held_bytes=10, held_bytes=20)
    stream = EventStream(4, 4, Holdings(rules).of("192.0.2.1"))
    assert stream.resume() == ()
    assert not stream.catching_up


def test_with_as_many_events_as_the_limit_a_resumed_stream_waits() -> None:
    stream = EventStream(3, 5)
    for name in "abc":
        stream.wait(left(name))
    assert [envelope.number for envelope in stream.resume()] == [1, 2, 3]
    assert stream.catching_up
    stream.ack(EventNumber(1))
    assert stream.catch_up() == []
    assert not stream.catching_up


def test_lines_of_lobby_and_team_are_dropped_oldest_first_when_no_global_line_waits() -> None:
    stream = EventStream(10, 2)
    team, lobby = said(1, Channel.TEAM), said(2, Channel.LOBBY)
    for event in (team, lobby, left("a")):
        assert stream.wait(event)
    assert waiting(stream) == [lobby, left("a")]
    assert stream.last == 2


def test_events_are_numbered_behind_those_that_a_client_has_and_nobody_recorded() -> None:
    stream = EventStream(10, 10)
    stream.number(said(1))
    assert stream.come_back(EventNumber(3)) == [said(1)]
    numbered = stream.number(said(2))
    assert numbered is not None
    assert numbered.number == 4
    assert stream.come_back(EventNumber(3)) == []
    assert waiting(stream) == [said(2)]


def test_a_number_that_is_too_far_ahead_changes_nothing() -> None:
    stream = EventStream(10, 10)
    stream.come_back(EventNumber(MOST_UNRECORDED + 1))
    assert stream.last == 0
    stream.come_back(EventNumber(MOST_UNRECORDED))
    assert stream.last == MOST_UNRECORDED
    stream.come_back(EventNumber(3))
    assert stream.last == MOST_UNRECORDED
