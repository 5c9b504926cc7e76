"""An application on the server under test that tells what its process holds."""

import gc
import json
import os
from collections import Counter
from typing import Any

import trio


async def app(scope: dict[str, Any], _receive: Any, send: Any) -> None:
    """Answer any request with the numbers of tasks, descriptors of each kind and resident bytes."""
    if scope["type"] != "http":
        return
    gc.collect()
    statistics = trio.lowlevel.current_statistics()
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: ASYNC230, PTH123  no disk
        pages = int(file.read().split()[1])
    kinds = _open()
    held = {
        "tasks": statistics.tasks_living,
        "descriptors": kinds.total(),
        "memory": pages * os.sysconf("SC_PAGE_SIZE"),
        **{f"descriptors: {kind}": count for kind, count in kinds.items()},
    }
    start = {"type": "http.response.start", "status": 200, "headers": []}
    await send({**start, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(held).encode()})


def _open() -> Counter[str]:
    """Count the open descriptors by what they are, such as ``socket``, or a file's path."""
    kinds: Counter[str] = Counter()
    for number in os.listdir("/proc/self/fd"):  # noqa: PTH208  no disk
        try:
            target = os.readlink(f"/proc/self/fd/{number}")  # noqa: PTH115  no disk
        except FileNotFoundError:
            continue  # that of the listing itself
        # A socket or a pipe has its number in brackets, but "anon_inode:[eventpoll]" its kind.
        is_kind = target.startswith("anon_inode:")
        kinds[target if is_kind else target.partition(":[")[0]] += 1
    return kinds
