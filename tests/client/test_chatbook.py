"""Every chat line of every channel is kept exactly once."""

from hypothesis import given
from hypothesis import strategies as st

from gameserver.client.chatbook import KEPT_LINES, TYPING_S, ChatBook
from gameserver.ids import MessageId, PlayerId
from gameserver.messages.chat import Channel, ChatLine, ChatTyping

ANN, BOB = PlayerId("ann"), PlayerId("bob")


def line(number: int, sender: PlayerId = ANN, channel: Channel = Channel.LOBBY) -> ChatLine:
    return ChatLine(MessageId(number), channel, sender, sender.title(), f"line {number}", 0)


@given(st.lists(st.integers(1, 40), max_size=80))
def test_chat_lines_are_kept_once_and_in_order_of_their_ids(numbers: list[int]) -> None:
    book = ChatBook()
    for number in numbers:
        book.add(line(number))
    assert [known.message_id for known in book.lines(Channel.LOBBY)] == sorted(set(numbers))


def test_only_the_newest_chat_lines_are_kept() -> None:
    book = ChatBook()
    book.add_history(line(number) for number in range(1, KEPT_LINES + 11))
    kept = [known.message_id for known in book.lines(Channel.LOBBY)]
    assert kept == list(range(11, KEPT_LINES + 11))


def test_typing_ends_after_a_time_or_with_the_chat_line() -> None:
    book = ChatBook()
    book.note_typing(ChatTyping(Channel.LOBBY, ANN, "Ann"), now=10.0)
    book.note_typing(ChatTyping(Channel.LOBBY, BOB, "Bob"), now=10.0)
    assert book.typing(Channel.LOBBY, 10.1) == ["Ann", "Bob"]
    assert book.typing(Channel.GLOBAL, 10.1) == []
    book.add(line(1, BOB))
    assert book.typing(Channel.LOBBY, 10.1) == ["Ann"]
    assert book.typing(Channel.LOBBY, 10.0 + TYPING_S) == []


def test_lines_and_typing_of_muted_players_are_hidden_until_unmuted() -> None:
    book = ChatBook()
    book.add(line(1, ANN))
    book.add(line(2, BOB))
    book.note_typing(ChatTyping(Channel.LOBBY, BOB, "Bob"), now=0.0)
    book.mute(BOB, muted=True)
    assert [known.sender for known in book.lines(Channel.LOBBY)] == [ANN]
    assert book.typing(Channel.LOBBY, 0.0) == []
    book.mute(BOB, muted=False)
    assert len(book.lines(Channel.LOBBY)) == 2


def test_leaving_a_lobby_forgets_its_channels_only() -> None:
    book = ChatBook()
    book.add(line(1))
    book.add(line(2, channel=Channel.GLOBAL))
    book.clear(Channel.LOBBY, Channel.TEAM)
    assert book.lines(Channel.LOBBY) == []
    assert len(book.lines(Channel.GLOBAL)) == 1


def test_the_delivery_of_a_bounded_number_of_whispers_is_remembered() -> None:
    book = ChatBook()
    for number in range(KEPT_LINES + 1):
        book.deliver(MessageId(number))
    assert not book.is_delivered(MessageId(0))
    assert book.is_delivered(MessageId(KEPT_LINES))


def test_a_line_is_new_once_and_ends_its_senders_typing_in_its_channel_only() -> None:
    book = ChatBook()
    for channel in (Channel.LOBBY, Channel.GLOBAL):
        book.note_typing(ChatTyping(channel, ANN, "Ann"), now=10.0)
    assert [book.add(line(1)), book.add(line(1))] == [True, False]
    assert book.typing(Channel.LOBBY, 10.0) == []
    assert book.typing(Channel.GLOBAL, 10.0) == ["Ann"]
    assert book.typing(Channel.GLOBAL, 10.0 + TYPING_S - 0.01) == ["Ann"]
    assert book.typing(Channel.GLOBAL, 10.0 + TYPING_S) == []


def test_clearing_a_channel_ends_typing_there_and_nowhere_else() -> None:
    book = ChatBook()
    for channel in (Channel.LOBBY, Channel.GLOBAL):
        book.note_typing(ChatTyping(channel, ANN, "Ann"), now=10.0)
    book.clear(Channel.LOBBY)
    assert book.typing(Channel.LOBBY, 10.0) == []
    assert book.typing(Channel.GLOBAL, 10.0) == ["Ann"]


def test_as_many_deliveries_as_lines_are_remembered() -> None:
    book = ChatBook()
    for number in range(KEPT_LINES):
        book.deliver(MessageId(number))
    assert book.is_delivered(MessageId(0))
