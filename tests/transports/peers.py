"""Peers of a listener, made of raw bytes: requests and frames, right or wrong."""

import base64
from typing import Any

KEY = base64.b64encode(bytes(range(16)))
MASK = b"mask"


def masked(payload: bytes, *, opcode: int = 2, final: bool = True) -> bytes:
    """Return a client's frame, with the length in its shortest form."""
    length = len(payload)
    head = bytes(((0x80 if final else 0) | opcode,))
    if length < 126:
        head += bytes((0x80 | length,))
    elif length < 65_536:
        head += bytes((0x80 | 126,)) + length.to_bytes(2, "big")
    else:
        head += bytes((0x80 | 127,)) + length.to_bytes(8, "big")
    return head + MASK + bytes(b ^ MASK[i % 4] for i, b in enumerate(payload))


def request_head(
    *,
    method: str = "GET",
    target: str = "/",
    extra: dict[str, Any] | None = None,
    **changed: Any,
) -> bytes:
    """Return a proper opening request, with headers changed, or left out where None."""
    headers = {
        "Host": "127.0.0.1",
        "Upgrade": "websocket",
        "Connection": "keep-alive, Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": KEY.decode(),
        "Sec-WebSocket-Protocol": "gameserver.v1",
        **changed,
        **(extra or {}),
    }
    lines = [f"{method} {target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
