"""Chat lines that were said and may yet be refused.

Law: a line that the server did not take is given back once, where it was written, as soon as
nothing else is being written there. Lines are told apart by identity: the same words may be said
twice.
"""

from collections import deque
from collections.abc import Collection, Sequence
from typing import Final

import attrs

from gameserver.messages.chat import Channel, SendChat

KEPT: Final = 16
"""Lines that wait for an answer, or to be given back; the server refuses a flood long before."""


@attrs.define(eq=False)
class Unsent:
    """What was said in one place, as long as it may come back."""

    _said: deque[SendChat] = attrs.field(factory=lambda: deque[SendChat](maxlen=KEPT))
    _refused: deque[SendChat] = attrs.field(factory=lambda: deque[SendChat](maxlen=KEPT))

    def say(self, line: SendChat) -> None:
        """Remember a line that was said here."""
        self._said.append(line)

    def learn(self, refused: Sequence[SendChat]) -> None:
        """Note which lines the server did not take; those that were said elsewhere are passed."""
        for line in refused:
            for index, said in enumerate(self._said):
                if said is line:
                    del self._said[index]
                    self._refused.append(line)
                    break

    def take(self, channels: Collection[Channel] = tuple(Channel)) -> SendChat | None:
        """Return the oldest refused line of these channels and forget it; None without one."""
        for index, line in enumerate(self._refused):
            if line.channel in channels:
                del self._refused[index]
                return line
        return None
