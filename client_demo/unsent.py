"""Sent chat lines that the server may still refuse.

Law: a refused line is given back once, to the text field from which it was sent, as soon as that
field is empty. Lines are compared by identity, since the same text may be sent twice.
"""

from collections import deque
from collections.abc import Collection, Sequence
from typing import Final

import attrs

from gameserver.messages.chat import Channel, SendChat

KEPT: Final = 16
"""Most lines kept of each kind; the server's limit on chat is reached long before."""


@attrs.define(eq=False)
class UnsentLines:
    """The sent and the refused lines of one text field."""

    _said: deque[SendChat] = attrs.field(factory=lambda: deque[SendChat](maxlen=KEPT))
    _refused: deque[SendChat] = attrs.field(factory=lambda: deque[SendChat](maxlen=KEPT))

    def say(self, line: SendChat) -> None:
        """Record a line that was sent from this field."""
        self._said.append(line)

    def learn(self, refused: Sequence[SendChat]) -> None:
        """Record refused lines; those of other fields are ignored."""
        for line in refused:
            for index, said in enumerate(self._said):
                if said is line:
                    del self._said[index]
                    self._refused.append(line)
                    break

    def take(self, channels: Collection[Channel] = tuple(Channel)) -> SendChat | None:
        """Remove and return the oldest refused line of these channels; None without one."""
        for index, line in enumerate(self._refused):
            if line.channel in channels:
                del self._refused[index]
                return line
        return None
