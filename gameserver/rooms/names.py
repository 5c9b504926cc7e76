"""Make what people write fit to be shown: names, titles, chat lines.

Law: cleaned text holds nothing that is invisible, turns the line around, or climbs out of it, and
cleaning it again changes nothing. Two people in the hall never have names that look the same.

Source: the idea of a skeleton is from Unicode Technical Standard 39, section 4. Its table of ten
thousand pairs is far more than names on a score board need; the one here holds the letters of
the Cyrillic, Greek, Armenian and Latin scripts that stand for basic Latin ones in common fonts.
What is wide, bold, circled or accented is folded by Unicode's own decompositions.
"""

# ruff: noqa: RUF001  the table is made of letters that are taken for others

import unicodedata
from typing import Final

import attrs

from gameserver.errors import Code, RequestError

MARKS_PER_LETTER: Final = 4
"""Accents on one letter; Vietnamese and Hebrew need up to three (threat 29)."""

GUEST: Final = "Guest"
"""Name of who gives none."""

_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters, marks and symbols by category that nevertheless show nothing."""

_LINE_SPACES: Final = frozenset("\t\n\r\v\f\x85")

_CAPITALS: Final = str.maketrans("ΒΖΗΜΝΥ", "bzhmny")
"""Capitals whose small letters look like something else, or nothing Latin."""

_LOOKALIKES: Final = str.maketrans(
    {
        **dict.fromkeys("i1|!ıіιӏɩɪǀا", "l"),
        **dict.fromkeys("0оοօσ०٥", "o"),
        **dict.fromkeys("аαɑ@", "a"),
        **dict.fromkeys("вβʙ", "b"),
        **dict.fromkeys("сϲᴄⅽ", "c"),
        **dict.fromkeys("ԁɗ", "d"),
        **dict.fromkeys("еєҽεɛ", "e"),
        **dict.fromkeys("ɡց", "g"),
        **dict.fromkeys("нһհʜ", "h"),
        **dict.fromkeys("јϳȷ", "j"),
        **dict.fromkeys("кκᴋ", "k"),
        **dict.fromkeys("мᴍ", "m"),
        **dict.fromkeys("пոռη", "n"),
        **dict.fromkeys("рρ", "p"),
        **dict.fromkeys("ԛզ", "q"),
        **dict.fromkeys("гᴦ", "r"),
        **dict.fromkeys("ѕꜱ$", "s"),
        **dict.fromkeys("тτᴛ", "t"),
        **dict.fromkeys("υսᴜ", "u"),
        **dict.fromkeys("νѵᴠ", "v"),
        **dict.fromkeys("ѡԝωɯᴡ", "w"),
        **dict.fromkeys("хχ×", "x"),
        **dict.fromkeys("уγүყ", "y"),
        **dict.fromkeys("ᴢʐ", "z"),
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
    }
)


def clean_text(raw: str) -> str:
    """Return one line of visible text: NFC, no controls or bidi marks, single spaces.

    What breaks lines becomes a space. Of the marks on one letter the first four stay.
    """
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", raw):
        category = unicodedata.category(char)
        if category[0] == "Z" or char in _LINE_SPACES:
            kept.append(" ")
        elif category[0] == "C" or char in _INVISIBLE:
            continue
        elif category[0] == "M":
            marks += 1
            if marks <= MARKS_PER_LETTER and kept and kept[-1] != " ":
                kept.append(char)
            continue
        else:
            kept.append(char)
        marks = 0
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def cut(text: str, limit: int) -> str:
    """Return the first ``limit`` characters, never leaving a space behind."""
    return text[:limit].rstrip()


def clean_name(raw: str, limit: int) -> str:
    """Return a name fit to be shown; none at all becomes `GUEST`.

    Raises:
        RequestError: ``session.name_refused``: nothing readable remains.
    """
    if not raw:
        return GUEST
    name = cut(clean_text(raw), limit)
    if not any(unicodedata.category(char)[0] in "LN" for char in name):
        sentence = "A name needs at least one letter or digit; please choose another."
        raise RequestError(Code.NAME_REFUSED, sentence)
    return name


def skeleton(name: str) -> str:
    """Return what a name looks like: names of one skeleton can be taken for each other."""
    folded = unicodedata.normalize("NFKD", name).translate(_CAPITALS).casefold()
    plain = unicodedata.normalize("NFKD", folded).translate(_LOOKALIKES)
    shown = "".join(char for char in plain if unicodedata.category(char)[0] in "LN")
    return shown.replace("rn", "m").replace("vv", "w") or name


@attrs.define
class NameBook:
    """The names in use, by skeleton."""

    limit: int
    """Longest name, suffix included."""
    _taken: set[str] = attrs.field(factory=set, init=False)
    _next: dict[str, int] = attrs.field(factory=dict, init=False)
    """Where to look for a free suffix of a skeleton: thousands may want the same name."""

    def __len__(self) -> int:
        """Count the names in use."""
        return len(self._taken)

    def take(self, name: str) -> str:
        """Take a cleaned name, with a number behind it where it clashes; return it as taken."""
        base = skeleton(name)
        if base not in self._taken:
            self._taken.add(base)
            return name
        number = self._next.get(base, 2)
        while True:
            suffix = f" ({number})"
            candidate = cut(name, self.limit - len(suffix)) + suffix
            number += 1
            if skeleton(candidate) not in self._taken:
                break
        self._next[base] = number
        self._taken.add(skeleton(candidate))
        return candidate

    def give_back(self, name: str) -> None:
        """Make a taken name free again."""
        gone = skeleton(name)
        self._taken.discard(gone)
        self._next.pop(gone, None)
        if not self._taken:
            self._next.clear()
