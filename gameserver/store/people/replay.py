"""Bring a hall to the state that a store has: the dump, then the calls behind it.

Law: nothing is replayed wrongly. Each call's outcome must be the recorded one; at the first that is
not, such as after a change of the code, the replay ends, and the hall has the state before it.
"""

from collections.abc import Callable, Iterator
from typing import Final

from gameserver.rooms.calls import take
from gameserver.rooms.dump import restore
from gameserver.rooms.hall import Hall
from gameserver.store.people.database import PeopleFile, Stored
from gameserver.store.people.records import Recorded, check_of, unpack_call

AT_ONCE: Final = 200
"""Calls that are replayed between two moments at which something else may be done."""


class CallReplay:
    """One replay of a store.

    Attributes:
        hall: The hall, in the state behind call ``number``.
        number: The last call that it has taken.
        done: Number of calls that were replayed.
        calls: Number of calls to replay.
        fault: Why the calls behind ``number`` are left out; empty if none are.
    """

    def __init__(self, make: Callable[[], Hall], file: PeopleFile, stored: Stored) -> None:
        """Restore the dump.

        Args:
            make: Makes a hall without state, as the one that was recorded.
            file: Holds the calls.
            stored: The dump and the number of calls, as read from the file.

        Raises:
            ValueError: Another version has written the dump, and this one cannot read it.
        """
        self._make = make
        self._file = file
        self._stored = stored
        self.number: int = stored.number
        self.done: int = 0
        self.calls: int = stored.calls
        self.fault: str = ""
        self.hall: Hall = self._restored()

    def _restored(self) -> Hall:
        hall = self._make()
        if self._stored.dump is not None:
            restore(hall, self._stored.dump)
        return hall

    def run(self, last: int | None = None) -> Iterator[None]:
        """CallReplay the calls, and yield behind each `AT_ONCE` of them.

        Args:
            last: Number of the last call to replay; None for all.

        Raises:
            sqlite3.Error: The file cannot be read.
        """
        yield from self._replay(last)
        if self.fault:
            # The call that led to something else has changed the hall: once more, without it.
            last, self.number, self.done = self.number, self._stored.number, 0
            self.hall = self._restored()
            yield from self._replay(last)

    def _replay(self, last: int | None) -> Iterator[None]:
        try:
            classes = self._file.classes()
        except ValueError as error:
            self.fault = str(error)
            return
        for found, record in self._file.calls(self.number, last):
            if found != self.number + 1:
                self.fault = f"call {self.number + 1} is missing"
                return
            try:
                _take(self.hall, unpack_call(record, classes))
            except ValueError as error:
                self.fault = f"call {found}: {error}"
                return
            self.number, self.done = found, self.done + 1
            if self.done % AT_ONCE == 0:
                yield


def _take(hall: Hall, recorded: Recorded) -> None:
    """Make a recorded call again and drop its effects, which were performed when it was made.

    Raises:
        ValueError: It has led to something else than before.
    """
    outcome: object
    try:
        outcome = take(hall, recorded.call, recorded.moment)
    except Exception as error:  # also a bug of ours, if it was recorded
        outcome = error
    if check_of(outcome, len(hall.take_effects())) != recorded.check:
        kind = type(recorded.call).__name__
        raise ValueError(f"{kind} leads to another outcome; the code has changed since")
