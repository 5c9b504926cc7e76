"""The numbers of WebSocket frames that the hot path and the transports share.

::

    short frame of a client   0x82  0x80 | length(7)   mask (4)   payload (2 to 125, XOR mask)
    frame of the server       0x82  length(7)   2 bytes if 126, 8 if 127   payload

Source: RFC 6455, section 5.2.
"""

from typing import Final

BINARY: Final = 0x82
"""First byte of a final binary frame without extensions."""
MASKED: Final = 0x80
"""Bit of the second byte: the payload is masked."""
HEADER_BYTES: Final = 6
"""Bytes of the header of a short masked frame."""
LEAST_BYTES: Final = 2
"""Bytes of payload that decide what a message is; shorter ones are not looked into."""
LONGEST_BYTES: Final = 125
"""Longest payload whose length stands in the second byte."""
LENGTH_16: Final = 126
"""Length in the second byte that says: the length follows, in 16 bits."""
LENGTH_64: Final = 127
"""Length in the second byte that says: the length follows, in 64 bits."""
