"""What tells of a decision waits for its commit, in order, and nothing else waits."""

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from gameserver.service.gate import Gate


class Told:
    """What has passed."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.said: list[str] = []

    def say(self, word: str) -> None:
        """Say a word, as the connections do."""
        if self.gate.holds:
            self.gate.hold(lambda: self.said.append(word))
        else:
            self.said.append(word)


def test_without_a_store_everything_passes() -> None:
    gate = Gate()
    gate.decide(7)
    assert not gate.holds


def test_words_wait_for_the_decision_that_they_tell_of() -> None:
    gate = Gate()
    told = Told(gate)
    gate.close(0)
    told.say("hello")
    gate.decide(1)
    told.say("one")
    gate.decide(2)
    told.say("two")
    told.say("and more of it")
    assert told.said == ["hello"]
    gate.committed(1)
    assert told.said == ["hello", "one"]
    told.say("late")  # behind those that wait
    gate.committed(2)
    assert told.said == ["hello", "one", "two", "and more of it", "late"]
    told.say("now")
    assert told.said[-1] == "now"


def test_a_gate_that_opens_lets_all_out_and_holds_nothing_until_it_closes() -> None:
    gate = Gate()
    told = Told(gate)
    gate.close(0)
    gate.decide(1)
    told.say("one")
    gate.open()
    gate.decide(2)
    told.say("two")
    assert told.said == ["one", "two"]
    gate.close(1)
    told.say("three")
    assert told.said == ["one", "two"]
    gate.committed(2)
    assert told.said == ["one", "two", "three"]


def test_a_word_that_cannot_be_said_does_not_hold_up_the_next() -> None:
    failures: list[Exception] = []
    gate = Gate(failures.append)
    told = Told(gate)
    gate.close(0)
    gate.decide(1)

    def fails() -> None:
        raise KeyError("a bug")

    gate.hold(fails)
    told.say("next")
    gate.committed(1)
    assert told.said == ["next"]
    assert [str(each) for each in failures] == ["'a bug'"]


async def test_waiting_ends_with_the_commit_of_what_was_decided_before(
    autojump_clock: MockClock,
) -> None:
    del autojump_clock
    gate = Gate()
    gate.close(0)
    gate.decide(2)
    passed: list[str] = []

    async def waits() -> None:
        await gate.wait()
        passed.append("passed")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(waits)
        await wait_all_tasks_blocked()
        gate.decide(5)
        gate.committed(1)
        await wait_all_tasks_blocked()
        assert not passed
        gate.committed(2)
        await wait_all_tasks_blocked()
        assert passed


@pytest.mark.parametrize("open_again", [True, False])
async def test_nobody_waits_at_an_open_gate(*, open_again: bool) -> None:
    gate = Gate()
    if open_again:
        gate.close(0)
        gate.decide(1)
        gate.open()
    with trio.fail_after(1):
        await gate.wait()
