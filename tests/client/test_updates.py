"""The queue between client and application."""

import gc
import weakref

import trio

from gameserver.client.conversation import ClientConversation
from gameserver.client.settings import ClientSettings
from gameserver.client.status import Connecting, Online, StatusChanged, UpdatesMissed
from gameserver.client.updates import Updates


def changed(attempt: int) -> StatusChanged:
    return StatusChanged(Connecting(attempt))


def test_a_full_queue_drops_the_oldest_and_reports_how_many() -> None:
    updates = Updates(size=3)
    for attempt in range(5):
        updates.put_nowait(changed(attempt))
    assert updates.drain() == [UpdatesMissed(2), changed(2), changed(3), changed(4)]
    assert updates.drain() == []


async def test_a_waiting_reader_is_told_of_missed_updates_first() -> None:
    updates = Updates(size=1)
    updates.put_nowait(changed(1))
    updates.put_nowait(changed(2))
    updates.end()
    assert [update async for update in updates] == [UpdatesMissed(1), changed(2)]


async def test_a_reader_waits_for_updates_and_ends_with_the_client(
    autojump_clock: trio.testing.MockClock,
) -> None:
    del autojump_clock
    updates = Updates()

    async def tell() -> None:
        await trio.sleep(1)
        updates.put_nowait(StatusChanged(Online(resumed=False)))
        await trio.sleep(1)
        updates.end()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(tell)
        heard = [update async for update in updates]
    assert heard == [StatusChanged(Online(resumed=False))]


async def test_a_reader_made_after_the_end_ends_at_once_and_unused_readers_are_freed() -> None:
    talk = ClientConversation("Ann", ClientSettings())
    held, forgotten = talk.new_reader(), talk.new_reader()
    gone = weakref.ref(forgotten)
    del forgotten
    gc.collect()
    assert gone() is None
    talk.tell(changed(1))
    talk.end()
    assert [update async for update in held] == [changed(1)]
    with trio.fail_after(5):
        assert [update async for update in talk.new_reader()] == []


async def test_a_reader_of_an_open_client_waits_for_what_comes(
    autojump_clock: trio.testing.MockClock,
) -> None:
    del autojump_clock
    reader = ClientConversation("Ann", ClientSettings()).new_reader()
    with trio.move_on_after(60) as waited:
        async for _ in reader:
            pass
    assert waited.cancelled_caught


async def test_a_reader_is_told_once_of_missed_updates_and_may_drain_or_iterate() -> None:
    updates = Updates(size=2)
    for attempt in range(3):
        updates.put_nowait(changed(attempt))
    assert await anext(updates) == UpdatesMissed(1)
    assert await anext(updates) == changed(1)
    assert updates.drain() == [changed(2)]
    updates.end()
    assert [update async for update in updates] == []
