"""The hot path in pure Python: runs everywhere, and says what every other implementation must do.

It implements `gameserver.accel.port.HotPath`; the docstrings of the port hold here.
"""

from typing import Final

from gameserver.accel.pure.bounds import bounds, first_unfit
from gameserver.accel.pure.chains import body_writer
from gameserver.accel.pure.draining import drain, tap
from gameserver.accel.pure.frames import binary_frame, unmasked
from gameserver.accel.pure.inputs import input_buffer, input_reader
from gameserver.accel.pure.intake import collect, commands, input_queue, take_in
from gameserver.accel.pure.links import link_measure
from gameserver.accel.pure.residuals import advance, track
from gameserver.accel.pure.sending import send_batch, sender

name: Final = "pure"

__all__ = [
    "advance",
    "binary_frame",
    "body_writer",
    "bounds",
    "collect",
    "commands",
    "drain",
    "first_unfit",
    "input_buffer",
    "input_queue",
    "input_reader",
    "link_measure",
    "name",
    "send_batch",
    "sender",
    "take_in",
    "tap",
    "track",
    "unmasked",
]
