"""The order in which trio runs tasks that are ready, decided by a seed.

Law: trio shuffles them on purpose, so that nobody relies on their order, from a generator that it
does not let anybody seed. A simulation must go the same way twice; the names used here are private
ones of trio, the same that Hypothesis's own support for trio uses.
"""

from typing import Any

import trio._core._run as scheduler


class Ordered:
    """Seeds the order for as long as the block lasts; runs of trio must begin in it."""

    def __init__(self, seed: int) -> None:
        """Order by this seed."""
        self._seed = seed
        self._before: tuple[bool, Any] | None = None

    def __enter__(self) -> None:
        run: Any = scheduler
        self._before = (run._ALLOW_DETERMINISTIC_SCHEDULING, run._r.getstate())  # noqa: SLF001
        run._ALLOW_DETERMINISTIC_SCHEDULING = True  # noqa: SLF001
        run._r.seed(self._seed)  # noqa: SLF001

    def __exit__(self, *_: object) -> None:
        assert self._before is not None
        run: Any = scheduler
        run._ALLOW_DETERMINISTIC_SCHEDULING, state = self._before  # noqa: SLF001
        run._r.setstate(state)  # noqa: SLF001
