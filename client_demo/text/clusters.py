"""Grapheme clusters: the parts of a text that a reader sees as single letters.

Source: Unicode Standard Annex 29, as implemented by ``regex``.
"""

from functools import lru_cache
from typing import Final

import regex

_CLUSTER: Final = regex.compile(r"\X")
_PICTURE: Final = regex.compile(
    r"\p{Emoji_Presentation}|\p{Extended_Pictographic}.*[\u200d\ufe0f]|.\ufe0f|\p{RI}", regex.DOTALL
)

_SHAPED: Final = (
    "Arab", "Syrc", "Thaa", "Nkoo", "Hebr", "Deva", "Beng", "Guru", "Gujr", "Orya", "Taml",
    "Telu", "Knda", "Mlym", "Sinh", "Thai", "Laoo", "Tibt", "Mymr", "Khmr", "Mong", "Hang",
)  # fmt: skip
"""ISO 15924 codes of scripts in which the form of a letter depends on its neighbours."""
_SCRIPT: Final = regex.compile("|".join(rf"(?P<{code}>\p{{Script={code}}})" for code in _SHAPED))


def script_of(cluster: str) -> str:
    """Return the code of the script by whose rules a cluster is shaped; empty for all others."""
    found = None if cluster.isascii() else _SCRIPT.match(cluster)
    return str(found.lastgroup) if found else ""


@lru_cache(maxsize=4096)
def clusters(text: str) -> tuple[str, ...]:
    """Split a text into grapheme clusters."""
    if text.isascii():
        return tuple(text)
    return tuple(_CLUSTER.findall(text))


def is_picture(cluster: str) -> bool:
    """Tell whether a cluster is an emoji that is drawn as a picture."""
    return not cluster.isascii() and _PICTURE.match(cluster) is not None


@lru_cache(maxsize=1024)
def stops(text: str) -> tuple[int, ...]:
    """Return the indexes at which a caret may stand, from 0 to the text's length."""
    found = [0]
    for cluster in clusters(text):
        found.append(found[-1] + len(cluster))
    return tuple(found)


def stop_before(text: str, at: int) -> int:
    """Return the last stop of a caret before an index."""
    return max((stop for stop in stops(text) if stop < at), default=0)


def stop_after(text: str, at: int) -> int:
    """Return the first stop of a caret after an index."""
    return min((stop for stop in stops(text) if stop > at), default=len(text))


def shortened(text: str, limit: int) -> str:
    """Return the longest start of a text of whole clusters, with at most ``limit`` characters."""
    return text[: max(stop for stop in stops(text) if stop <= max(0, limit))]
