"""The hot path, in the implementation that this process uses.

Law: this is the only place that names an implementation; all other code calls `hot`, and nothing
that it returns tells which one runs.

The native one is used where it was built. The environment variable ``GAMESERVER_HOT_PATH`` chooses
one by name, and then it is an error if that one does not run.
"""

import os
from importlib import import_module
from typing import Final, cast

from gameserver.accel import pure
from gameserver.accel.bodies import BodyWriter, State, Track
from gameserver.accel.port import (
    Bounds,
    BufferRules,
    CommandSource,
    HotPath,
    InputBuffer,
    InputCounts,
    InputQueue,
    InputRow,
    InputTable,
    LinkMeasure,
    LinkRules,
    ReadInput,
    SendBatch,
    TakenIn,
)
from gameserver.accel.sockets import DrainMember, FrameTap, Outlet, Sender, Take

VARIABLE: Final = "GAMESERVER_HOT_PATH"


def implementation(wanted: str = "") -> HotPath:
    """Return an implementation by name: ``pure`` or ``native``; the fastest one for an empty name.

    Raises:
        ImportError: The native one was not built for this Python.
        ValueError: There is no implementation of this name.
    """
    if wanted not in ("", "pure", "native"):
        raise ValueError(f"{VARIABLE} must be 'pure' or 'native', not {wanted!r}")
    if wanted == "pure":
        return pure
    try:
        return cast("HotPath", import_module("gameserver.accel.native"))
    except ImportError:
        if wanted:
            raise
        return pure


hot: Final[HotPath] = implementation(os.environ.get(VARIABLE, ""))

__all__ = [
    "VARIABLE",
    "BodyWriter",
    "Bounds",
    "BufferRules",
    "CommandSource",
    "DrainMember",
    "FrameTap",
    "HotPath",
    "InputBuffer",
    "InputCounts",
    "InputQueue",
    "InputRow",
    "InputTable",
    "LinkMeasure",
    "LinkRules",
    "Outlet",
    "ReadInput",
    "SendBatch",
    "Sender",
    "State",
    "Take",
    "TakenIn",
    "Track",
    "hot",
    "implementation",
]
