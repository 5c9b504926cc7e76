"""The chat that all hear: what is lost, doubled or told in two ways is a fault."""

from gameserver.testing.story.chats import GlobalChat


def chat_with_faults() -> tuple[GlobalChat, list[str]]:
    faults: list[str] = []
    return GlobalChat(faults.append), faults


def test_lines_that_all_hear_in_order_are_right() -> None:
    chat, faults = chat_with_faults()
    for name in ("Ann", "Bob"):
        listener = chat.listener(name)
        for number in (3, 5, 9):
            listener.heard(number, f"line {number}")
    chat.acked(5, "line 5")
    assert (faults, list(chat.wrong())) == ([], [])
    assert chat.lines == {3: "line 3", 5: "line 5", 9: "line 9"}


def test_a_line_that_comes_again_or_too_late_is_a_fault() -> None:
    for second in (4, 3):
        chat, faults = chat_with_faults()
        listener = chat.listener("Ann")
        listener.heard(4, "x" if second == 4 else "y")
        listener.heard(second, "x")
        assert faults == [f"Ann heard line {second} after 4"]


def test_a_line_that_is_told_in_two_ways_is_a_fault() -> None:
    chat, faults = chat_with_faults()
    chat.listener("Ann").heard(1, "one")
    chat.listener("Bob").heard(1, "two")
    assert faults == ["line 1 is 'two' and 'one'"]


def test_an_acknowledged_line_is_heard_as_it_was_said_and_acknowledged_once() -> None:
    chat, faults = chat_with_faults()
    chat.acked(1, "one")
    assert list(chat.wrong()) == ["nobody heard 'one'"]
    chat.told(1, "one")
    assert list(chat.wrong()) == []
    chat.acked(1, "another")
    assert faults == ["line 1 was acknowledged as 'another' and as another"]
    assert list(chat.wrong()) == ["nobody heard 'another'"]


def test_who_misses_lines_between_his_first_and_the_last_has_lost_them() -> None:
    chat, _ = chat_with_faults()
    ann, bob, cid, deaf, silent = (
        chat.listener(name) for name in ("Ann", "Bob", "Cid", "Deaf", "Silent")
    )
    for number in (1, 2, 3, 4, 5):
        ann.heard(number, "x")
    bob.heard(2, "x")
    bob.heard(5, "x")
    cid.heard(2, "x")
    cid.heard(3, "x")
    deaf.heard(1, "x")
    deaf.deaf = True
    assert silent.heard_ids == []
    assert list(chat.wrong()) == ["Bob lost 2 lines", "Cid lost 2 lines"]
    cid.leave()
    assert list(chat.wrong()) == ["Bob lost 2 lines"], "later lines are not for who has left"
