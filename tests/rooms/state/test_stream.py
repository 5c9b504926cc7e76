from gameserver.ids import EventNumber, LobbyId, MessageId, PlayerId
from gameserver.messages.base import ReliableEvent
from gameserver.messages.chat import Channel, ChatLine, ChatSaid
from gameserver.messages.lobby import LobbyChanged, LobbyConfig, LobbyLeft, LobbyState, Phase
from gameserver.rooms.state.stream import EventStream


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
