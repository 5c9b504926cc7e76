"""Where in an author's code something was raised.

Law: a place that is told to an author lies in the author's own file, also where what was raised
came out of a library that the author called wrongly.
"""

import os
import site
import sysconfig
import traceback
from pathlib import Path
from typing import Final

_OURS: Final = (f"{Path(__file__).parents[2]}{os.sep}",)
_LIBRARIES: Final = tuple(
    f"{path}{os.sep}"
    for path in (
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        *site.getsitepackages(),
    )
)
_IN_MEMORY: Final = ("<",)
"""Code without a file, such as what attrs generates."""


def own_place(error: BaseException) -> tuple[str, int] | None:
    """Return file and line of the deepest frame that is neither ours nor a library's.

    A game that is installed lies among the libraries: without such a frame it is one of theirs.
    """
    frames = traceback.extract_tb(error.__traceback__)
    foreign = [f for f in frames if not f.filename.startswith((*_OURS, *_IN_MEMORY))]
    foreign = [frame for frame in foreign if "importlib" not in Path(frame.filename).parts]
    own = [frame for frame in foreign if not frame.filename.startswith(_LIBRARIES)]
    last = (own or foreign)[-1:]
    return (last[0].filename, last[0].lineno or 0) if last else None
