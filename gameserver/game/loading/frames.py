"""Find the place in an author's code from which an exception came.

Law: the place shown to an author is in the author's own file, even if the exception was raised in
a library that the author's code called.
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
"""First character of the file name of code without a file, such as methods made by attrs."""


def own_place(error: BaseException) -> tuple[str, int] | None:
    """Return file and line of the deepest frame that is neither in this package nor in a library.

    If there is no such frame, the deepest frame in a library: an installed game is among them.
    """
    frames = traceback.extract_tb(error.__traceback__)
    foreign = [f for f in frames if not f.filename.startswith((*_OURS, *_IN_MEMORY))]
    foreign = [frame for frame in foreign if "importlib" not in Path(frame.filename).parts]
    own = [frame for frame in foreign if not frame.filename.startswith(_LIBRARIES)]
    last = (own or foreign)[-1:]
    return (last[0].filename, last[0].lineno or 0) if last else None
