"""Split a line into runs of one direction and one font, in visual order.

Source: Unicode Standard Annex 9. The embedding levels come from ``python-bidi``. Rule L2 is applied
here to whole runs, since a font shapes the letters of a run in their logical order.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

import attrs
import regex
from bidi import algorithm as bidi

from client_demo.text.clusters import clusters, is_picture, script_of

_TURNS: Final = regex.compile(r"[\p{bc=R}\p{bc=AL}\p{bc=AN}]")
"""Characters written from right to left. In a line without any of them all levels are 0;
computing the levels takes 20 microseconds a letter."""

FileOf = Callable[[str], Path | None]
"""Returns the font file with which a cluster is drawn; None for pygame's own font."""


@attrs.frozen
class TextRun:
    """Neighbouring clusters with the same direction and font."""

    text: str
    """In logical order."""
    start: int
    """Index of its first character in the line."""
    rtl: bool
    file: Path | None
    script: str = ""
    """Script by whose rules it is shaped; see `script_of`."""


def runs(text: str, file_of: FileOf) -> tuple[TextRun, ...]:
    """Split a line into runs, in visual order from left to right."""
    if text.isascii():
        return (TextRun(text, 0, False, file_of("a")),) if text else ()
    levels, logical = levels_of(text), list[tuple[TextRun, int]]()
    start = 0
    for cluster in clusters(text):
        level = levels[start]
        run = TextRun(cluster, start, level % 2 == 1, file_of(cluster), script_of(cluster))
        before, before_level = logical[-1] if logical else (run, -1)
        if before_level == level and (longer := _joined(before, run)) is not None:
            logical[-1] = (longer, level)
        else:
            logical.append((run, level))
        start += len(cluster)
    return _ordered(logical)


def _joined(run: TextRun, following: TextRun) -> TextRun | None:
    """Return two runs as one run, if one font can shape them together; else None."""
    # A space is joined to any run, so that a line is not split at each space; but in the font of
    # pictures a space is too wide.
    space = following.text == " " and not is_picture(clusters(run.text)[-1])
    if not space and following.file != run.file:
        return None
    if run.script and following.script and run.script != following.script:
        return None
    text, script = run.text + following.text, run.script or following.script
    return attrs.evolve(run, text=text, script=script)


ISOLATE, RIGHTWARD, END = "\u2068", "\u2066", "\u2069"
"""Marks around a text with its own direction; around a text written from left to right."""
_BEGINS = f"{ISOLATE}{RIGHTWARD}"
_ISOLATED = re.compile(f"([{_BEGINS}])([^{_BEGINS}{END}]*){END}")
_NEUTRAL = "\ufffc"

_DEFAULT_TITLES: Final = ("'s lobby", "'s quick play")
"""Endings of the titles that the server makes from a host's name."""


def isolated(words: str) -> str:
    """Return a foreign text, such as a name, between marks that isolate its direction.

    Without them, a number after a Hebrew or Arabic name in a sentence would be drawn before it.
    """
    return words if words.isascii() else f"{ISOLATE}{words}{END}"


def in_english(sentence: str) -> str:
    """Return a sentence of the server, marked to be written from left to right in any case."""
    return sentence if sentence.isascii() else f"{RIGHTWARD}{sentence}{END}"


def lobby_title(title: str) -> str:
    """Return a lobby's title for display; a name in a title made by the server is isolated."""
    for ending in _DEFAULT_TITLES:
        if title.endswith(ending):
            return isolated(title.removesuffix(ending)) + ending
    return title


def closed(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a wrapped text; a part that spans lines is isolated in each of them."""
    begin = ""
    for line in lines:
        whole = begin + line
        at = max(whole.rfind(char) for char in _BEGINS)
        begin = whole[at] if at > whole.rfind(END) else ""
        yield whole + (END if begin else "")


@lru_cache(maxsize=2048)
def levels_of(text: str) -> tuple[int, ...]:
    """Return the embedding level of each character; even levels are written from left to right.

    An isolated text counts as one neutral character outside, and has its own direction inside.
    """
    if not (parts := list(_ISOLATED.finditer(text))):
        return _levels_of(text)
    around = iter(_levels_of(_ISOLATED.sub(_NEUTRAL, text)))
    levels: list[int] = []
    for part in parts:
        levels += [next(around) for _ in range(part.start() - len(levels))]
        outer = next(around)
        base = 0 if part[1] == RIGHTWARD else None
        inside = (level + outer + outer % 2 for level in _levels_of(part[2], base))
        levels += (outer, *inside, outer)
    return (*levels, *around)


def _levels_of(text: str, base: int | None = None) -> tuple[int, ...]:
    if _TURNS.search(text) is None:
        return (0,) * len(text)
    if base is None:
        base = bidi.get_base_level(text)
    storage = bidi.get_empty_storage()
    storage["base_level"], storage["base_dir"] = base, "LR"[base]
    # Joiners and other characters without a direction are left out here: they get the level of
    # the character before them.
    counted = [char for char in text if _counts(char)]
    bidi.get_embedding_levels("".join(counted), storage)
    for char in storage["chars"]:
        if not char["type"]:  # unknown to this Python's Unicode tables, most likely a new emoji
            char["type"] = char["orig"] = "ON"
    bidi.explicit_embed_and_overrides(storage)
    bidi.resolve_weak_types(storage, False)
    _resolve_brackets(storage["chars"], "LR"[base])
    bidi.resolve_neutral_types(storage, False)
    bidi.resolve_implicit_levels(storage, False)
    known = iter([char["level"] for char in storage["chars"]])
    levels: list[int] = []
    for char in text:
        levels.append(next(known) if _counts(char) else (levels[-1] if levels else base))
    return tuple(levels)


def _resolve_brackets(chars: list[dict[str, str]], base: str) -> None:
    """Give both brackets of a pair the direction of the text between them (rule N0)."""
    for first, last in _pairs(chars):
        strong = {_strong(char) for char in chars[first + 1 : last]} - {""}
        if base in strong:
            direction = base
        elif strong:
            before = [kind for char in chars[:first] if (kind := _strong(char))]
            direction = before[-1] if before else base
            # The text between has the opposite direction: the brackets get the direction of the
            # strong character before them.
        else:
            continue
        chars[first]["type"] = chars[last]["type"] = direction


def _pairs(chars: list[dict[str, str]]) -> list[tuple[int, int]]:
    """Return the indexes of matching brackets, ordered by the opening one."""
    waiting: list[tuple[str, int]] = []
    found = []
    for at, char in enumerate(chars):
        if char["ch"] in _CLOSED_BY:
            waiting.append((_CLOSED_BY[char["ch"]], at))
        for depth in range(len(waiting) - 1, -1, -1):
            if waiting[depth][0] == char["ch"]:
                found.append((waiting[depth][1], at))
                del waiting[depth:]
                break
    return sorted(found)


def _strong(char: dict[str, str]) -> str:
    return {"L": "L", "R": "R", "AL": "R", "EN": "R", "AN": "R"}.get(char["type"], "")


_CLOSED_BY = {"(": ")", "[": "]", "{": "}"}
_WITHOUT = frozenset(("BN", "LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))


def _counts(char: str) -> bool:
    return bidi.bidirectional(char) not in _WITHOUT


def _ordered(logical: list[tuple[TextRun, int]]) -> tuple[TextRun, ...]:
    """Reverse runs from the highest level down to the lowest odd one (rule L2)."""
    ordered = list(logical)
    for lowest in range(max((level for _, level in logical), default=0), 0, -1):
        at = 0
        while at < len(ordered):
            if ordered[at][1] < lowest:
                at += 1
                continue
            end = at
            while end < len(ordered) and ordered[end][1] >= lowest:
                end += 1
            ordered[at:end] = reversed(ordered[at:end])
            at = end
    return tuple(run for run, _ in ordered)
