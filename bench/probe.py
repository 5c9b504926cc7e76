"""An application on the server under test that tells what its process holds."""

import gc
import json
import os
from typing import Any

import trio


async def app(scope: dict[str, Any], _receive: Any, send: Any) -> None:
    """Answer any request with the numbers of tasks, descriptors and resident bytes."""
    if scope["type"] != "http":
        return
    gc.collect()
    statistics = trio.lowlevel.current_statistics()
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: ASYNC230, PTH123  no disk
        pages = int(file.read().split()[1])
    held = {
        "tasks": statistics.tasks_living,
        "descriptors": len(os.listdir("/proc/self/fd")),  # noqa: PTH208  no disk
        "memory": pages * os.sysconf("SC_PAGE_SIZE"),
    }
    start = {"type": "http.response.start", "status": 200, "headers": []}
    await send({**start, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(held).encode()})
