from client_demo.unsent import KEPT, UnsentLines
from gameserver.messages.chat import Channel, SendChat


def test_unsent_lines_with_the_same_text_are_told_apart() -> None:
    unsent, first, second = UnsentLines(), *(SendChat(Channel.LOBBY, "hi") for _ in range(2))
    unsent.say(first)
    unsent.learn((second,))
    assert unsent.take() is None
    unsent.learn((first,))
    unsent.learn((first,))
    assert unsent.take() is first
    assert unsent.take() is None


def test_an_unsent_line_is_kept_until_its_channel_is_offered() -> None:
    unsent, line = UnsentLines(), SendChat(Channel.TEAM, "north")
    unsent.say(line)
    unsent.learn((line,))
    assert unsent.take((Channel.LOBBY,)) is None
    assert unsent.take((Channel.LOBBY, Channel.TEAM)) is line


def test_when_full_the_oldest_unsent_line_is_forgotten() -> None:
    unsent, lines = UnsentLines(), [SendChat(Channel.LOBBY, str(n)) for n in range(KEPT + 1)]
    for line in lines:
        unsent.say(line)
    unsent.learn(lines)
    assert unsent.take() is lines[1]
