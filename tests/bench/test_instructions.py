import pytest

from bench.commands.instructions import Counted, parse_counts
from bench.errors import BenchError
from bench.stacks import own

FILE = """\
# callgrind format
events: Ir
fn=(7) take
16 5
cfn=(9) os_write
calls=3 0
16 300
fn=(9)
20 210
cfn=(11) os_read
calls=50 0
20 70
fn=(12) put
cfn=(9)
calls=2 0
30 200
totals: 4000
"""


def test_instructions_are_divided_by_the_messages_that_were_sent() -> None:
    assert parse_counts(FILE.splitlines()) == Counted(4000, 5)
    assert Counted(4000, 5).per_message == 800


def test_messages_that_the_native_hot_path_sends_are_counted_too() -> None:
    sent = FILE.replace("totals", "cfn=(20) send\ncalls=7 0\n30 9\ntotals")
    assert parse_counts(sent.splitlines()) == Counted(4000, 12)


def test_a_function_may_be_named_where_it_is_not_called() -> None:
    unnamed = FILE.replace("cfn=(9) os_write", "cfn=(9)")
    moved = unnamed.replace("fn=(7) take", "fn=(9) os_write\n1 1\nfn=(7) take")
    assert parse_counts(moved.splitlines()) == Counted(4000, 5)


def test_a_file_without_a_total_is_refused() -> None:
    with pytest.raises(BenchError, match="counted nothing"):
        parse_counts(["events: Ir"])


def test_only_this_server_is_counted() -> None:
    assert [stack.key for stack in own(())] == ["gameserver"]
    assert [stack.key for stack in own(("ws", "gameserver-arena"))] == ["gameserver-arena"]
    with pytest.raises(BenchError, match="only this server can be measured so"):
        own(("ws",))
