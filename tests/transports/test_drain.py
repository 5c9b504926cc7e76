"""Where no selector can be had, members read for themselves; nobody is cut for want of one."""

import errno
import os
import select

import pytest

from gameserver.transports.drain import Drain


class Member:
    def __init__(self) -> None:
        self.came: list[bytes] = []

    def received_nowait(self, data: bytes) -> None:
        self.came.append(data)


def test_without_a_descriptor_for_the_selector_the_member_is_told_to_read_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none_left() -> select.epoll:
        raise OSError(errno.EMFILE, "Too many open files")

    drain, member = Drain(), Member()
    reader, writer = os.pipe()
    with monkeypatch.context() as patch:
        patch.setattr(select, "epoll", none_left)
        assert not drain.add(reader, member)
        assert len(drain) == 0
        drain.remove(reader)
        drain.drain()
    assert drain.add(reader, member)  # there is one again
    os.write(writer, b"input")
    drain.drain()
    assert member.came == [b"input"]
    drain.remove(reader)
    drain.close()
    os.close(reader)
    os.close(writer)
