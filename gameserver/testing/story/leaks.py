"""What a server holds once all players have left: nothing may be left over."""

from collections import Counter
from collections.abc import Iterator, Sized
from typing import Final

import trio

from gameserver.testing.whole import WholeServer

LONGEST_S: Final = 150
"""Longest time for which a server may hold a session whose player is gone, with some seconds."""


def task_names() -> Counter[str]:
    """Return the names of all tasks of the present run, with their numbers."""
    found: Counter[str] = Counter()
    root = trio.lowlevel.current_root_task()
    waiting = [root] if root is not None else []
    while waiting:
        task = waiting.pop()
        found[task.name] += 1
        waiting += [child for nursery in task.child_nurseries for child in nursery.child_tasks]
    return found


def held(whole: WholeServer, tasks: Counter[str], files: int) -> Iterator[str]:
    """Yield what a server still holds of its players; see `wait_empty`."""
    server = whole.server
    state = server.hall.parts.state
    for what, number in (
        ("sessions", len(state.sessions)),
        ("lobbies", len(state.lobbies)),
        ("matches", len(server.matches)),
        ("players with a connection", len(server.connections)),
        ("links", sum(1 for _ in server._transports())),  # noqa: SLF001  all roads
        ("open streams", sum(not link.server.closed for link in whole.net.links)),
        ("streams in a drain", whole.net.drained()),
        ("open files", files),
    ):
        if number:
            yield f"{number} {what}"
    for name, number in (task_names() - tasks).items():
        yield f"{number} tasks {name}"


async def wait_empty(whole: WholeServer, tasks: Counter[str], files: Sized = ()) -> list[str]:
    """Wait until a server holds nothing of its players; return what it does not let go.

    Args:
        whole: The server; its players are gone.
        tasks: What `task_names` returned before the first of them came.
        files: The server's open files.
    """
    left = list(held(whole, tasks, len(files)))
    for _ in range(LONGEST_S):
        if not left:
            break
        await trio.sleep(1.0)
        left = list(held(whole, tasks, len(files)))
    return left
