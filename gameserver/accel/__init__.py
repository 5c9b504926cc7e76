"""The hot path, in the implementation that this process uses.

Law: this is the only place that names an implementation; all other code calls `hot`, and nothing
that it returns tells which one runs.
"""

from typing import Final

from gameserver.accel import pure
from gameserver.accel.port import (
    BufferRules,
    HotPath,
    InputBuffer,
    InputCounts,
    InputRow,
    InputTable,
    LinkMeasure,
    LinkRules,
    Outlet,
    ReadInput,
    State,
    TakenIn,
    Track,
)

hot: Final[HotPath] = pure

__all__ = [
    "BufferRules",
    "HotPath",
    "InputBuffer",
    "InputCounts",
    "InputRow",
    "InputTable",
    "LinkMeasure",
    "LinkRules",
    "Outlet",
    "ReadInput",
    "State",
    "TakenIn",
    "Track",
    "hot",
]
