"""Keep the memory of the process in huge pages.

A tick touches some memory of each player. In pages of 4 KB that is more pages than the processor
remembers the places of (its TLB), and under a hypervisor each place that it must look up costs two
walks through tables. One huge page of 2 MB has the places of 512. Python's allocator does not ask
for them, so a thread asks the kernel, again and again, to move what has grown since
(``MADV_COLLAPSE`` of madvise(2), since Linux 6.1; before, and where that fails, the kernel is told
that it should by itself).

A copy of the process by fork (`background`) shares the memory with it. Meanwhile nothing is moved,
or it would be there twice; what is written to falls back into small pages, and is moved anew when
the copy has ended.

Nothing is done where the machine's operator has switched huge pages off
(``/sys/kernel/mm/transparent_hugepage/enabled`` is ``never``), and on systems other than Linux.
"""

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Final

import attrs
import trio

from gameserver.service.background import copying
from gameserver.service.logging.logs import get_logger

log: Final = get_logger()

HUGE: Final = 2 << 20
"""Bytes of a huge page, on x86-64 and on ARM with pages of 4 KB."""

LOOK_S: Final = 10.0
"""Seconds between two looks at the memory: it costs the kernel about 1 ms for 100 MB."""

PAUSE_S: Final = 0.005
"""Seconds between two moves. Who touches what is moved waits for the move, some ms at most."""

SWITCH: Final = Path("/sys/kernel/mm/transparent_hugepage/enabled")
AREAS: Final = Path("/proc/self/smaps")

MADV_HUGEPAGE: Final = 14
MADV_COLLAPSE: Final = 25

Advise = Callable[[int, int, int], bool]
"""Advises the kernel about bytes from an address on; returns whether it has followed."""


_OWN: Final = " rw-p 00000000 00:00 0 "
"""In the first line of an area with the program's own data: of no file, and for writing."""


@attrs.frozen
class Area:
    """One area of the process's memory.

    Attributes:
        start, end: Its addresses.
        resident: Bytes in use.
        huge: Bytes in huge pages.
    """

    start: int
    end: int
    resident: int
    huge: int

    @property
    def pages(self) -> range:
        """Addresses of the huge pages that fit in."""
        first = -(-self.start // HUGE) * HUGE
        return range(first, self.end - HUGE + 1, HUGE)

    @property
    def state(self) -> tuple[int, int, int, int]:
        """What is the same until there is something to move again."""
        return self.start, self.end, self.huge, self.resident // HUGE

    @property
    def wants(self) -> bool:
        """Whether it is mostly in use, and not in huge pages yet.

        The stack of a thread is an area, too, of which nearly nothing is in use.
        """
        used = 2 * self.resident >= self.end - self.start
        return used and self.huge < len(self.pages) * HUGE


def areas(smaps: str) -> list[Area]:
    """Return the areas with own data that the text of ``smaps`` tells of.

    The text has thousands of lines of which a few count, and no tick runs while a thread reads it.
    """
    found: list[Area] = []
    at = smaps.find(_OWN)
    while at >= 0:
        end = smaps.find("VmFlags:", at)  # the last line of each area
        name, _, told = smaps[at + len(_OWN) : end].partition("\n")
        if name.strip() in ("", "[heap]"):
            first, _, last = smaps[smaps.rfind("\n", 0, at) + 1 : at].partition("-")
            resident, huge = _figure(told, "Rss:"), _figure(told, "AnonHugePages:")
            found.append(Area(int(first, 16), int(last, 16), resident, huge))
        at = smaps.find(_OWN, at + 1)
    return found


def _figure(told: str, name: str) -> int:
    """Return the bytes that a line of this name tells; 0 without one."""
    figure, _, _ = told.partition(name)[2].partition("kB")
    return int(figure or 0) << 10


def _areas_now() -> list[Area]:
    return areas(AREAS.read_text("utf-8", "replace"))


def may_use() -> bool:
    """Tell whether the system has huge pages and they are not switched off."""
    try:
        return "[never]" not in SWITCH.read_text("ascii") and AREAS.exists()
    except OSError:
        return False


def system_advise() -> Advise:
    """Return madvise(2) of this process's C library."""
    library = ctypes.CDLL(None)
    madvise = library.madvise
    madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]

    def advise(address: int, size: int, advice: int) -> bool:
        return bool(madvise(address, size, advice) == 0)

    return advise


class Mover:
    """Moves the memory of this process into huge pages, by threads."""

    def __init__(self, advise: Advise) -> None:
        """Move with this function."""
        self._advise = advise
        self._refused: set[tuple[int, int, int, int]] = set()
        """Areas of which nothing could be moved, as they were then."""

    async def move(self) -> int:
        """Make the huge pages that the memory wants now; return how many were made.

        Raises:
            OSError: The memory cannot be looked at now, such as without a free descriptor.
            ValueError: The system tells of it in another form.
        """
        made, kept = 0, set[tuple[int, int, int, int]]()
        for area in await trio.to_thread.run_sync(_areas_now):
            if copying():
                break  # what both share would be there twice
            if not area.wants:
                continue
            moved = 0 if area.state in self._refused else await self._moved(area)
            made += moved
            if not moved and not copying():
                kept.add(area.state)
        self._refused = kept
        return made

    async def _moved(self, area: Area) -> int:
        """Move an area as far as possible, and return how many pages were not there before."""
        there = 0
        for address in area.pages:
            if copying():
                break
            there += await self._made(address)
        return max(0, there - area.huge // HUGE)

    async def _made(self, address: int) -> bool:
        """Make one huge page, and tell whether it is there now."""
        await trio.sleep(PAUSE_S)
        made = await trio.to_thread.run_sync(self._advise, address, HUGE, MADV_COLLAPSE)
        if not made:
            self._advise(address, HUGE, MADV_HUGEPAGE)  # a mark, no more
        return made


async def keep_in_huge_pages() -> None:
    """Look at the memory again and again until cancelled; return at once where it cannot help."""
    if not may_use():
        return
    mover = Mover(system_advise())
    while True:
        await trio.sleep(LOOK_S)
        try:
            made = await mover.move()
        except (OSError, ValueError) as error:  # speed is all that it costs
            log.debug("memory not looked at", fault=str(error))
            continue
        if made:
            log.debug("memory in huge pages", pages=made)
