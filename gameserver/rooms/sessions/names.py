"""Make what people write fit to be shown: names, titles, chat lines.

Law: cleaned text holds nothing that is invisible, turns the line around, or climbs out of it, and
cleaning it again changes nothing. Two people in the hall never have names that look the same.

Joiners print nothing, yet Persian, Hindi and others spell with them, and families of emoji are
made with them: they stay exactly where Unicode Standard Annex 31 (section 2.3) and the emoji
sequences of Technical Standard 51 allow, and go everywhere else. A skeleton never holds one, so two
names that differ by a joiner alone are the same name.

Source: the idea of a skeleton is from Unicode Technical Standard 39, section 4. Its table of ten
thousand pairs is far more than names on a score board need; the one here holds the letters of
the Cyrillic, Greek, Armenian and Latin scripts that stand for basic Latin ones in common fonts.
What is wide, bold, circled or accented is folded by Unicode's own decompositions.
"""

# ruff: noqa: RUF001  the table is made of letters that are taken for others

import heapq
import re
import unicodedata
from typing import Final

import attrs
import regex

from gameserver.errors import Code, RequestError

MARKS_PER_LETTER: Final = 4
"""Accents on one letter; Vietnamese and Hebrew need up to three (threat 29)."""

_RAW_MARKS: Final = 2 * MARKS_PER_LETTER
"""Marks in a row that are looked at: putting a longer row into its normal order takes time by its
square (threat 37)."""

_LONG_ROW: Final = re.compile(rb"[^\0]{%d,}" % (_RAW_MARKS + 1))

_RAW_PER_SHOWN: Final = 16
"""Characters that are looked at for each that can be shown (threat 37)."""

_LONGEST_LOOK: Final = 64
"""Characters of a name that make its skeleton; no name is longer (threat 37)."""

_TRIES: Final = 8
"""Numbers behind a name that are tried one after the other."""

GUEST: Final = "Guest"
"""Name of who gives none."""

_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters, marks and symbols by category that nevertheless show nothing."""

_JOINERS: Final = frozenset("\u200c\u200d")
_TAGS: Final = range(0xE0020, 0xE0080)
"""They spell the region of an emoji flag behind a black flag."""

_MAY_JOIN: Final = regex.compile(
    r"""
    # A1: between two letters that would join, in scripts such as Arabic.
      (?<=[\p{jt=L}\p{jt=D}]\p{jt=T}{0,4}) \u200c (?=\p{jt=T}{0,4}[\p{jt=R}\p{jt=D}])
    # A2: behind a virama, before a letter, in scripts such as Devanagari.
    | (?<=\p{L}\p{M}{0,4}\p{ccc=Virama}\p{M}{0,2}) \u200c (?=\p{L})
    # B: behind a virama.
    | (?<=\p{L}\p{M}{0,4}\p{ccc=Virama}\p{M}{0,2}) \u200d
    # Emoji: between two pictures, the first with its colour of skin or form of show.
    | (?<=\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]{0,2}) \u200d
      (?=\p{Extended_Pictographic})
    # Flags of regions: a black flag, up to six tags, and the tag that ends them.
    | (?<=\U0001f3f4) [\U000e0030-\U000e007a]{1,6} \U000e007f
    """,
    regex.VERBOSE,
)
"""Joiners and tags that mean something where they stand."""

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
    if raw.isascii() and raw.isprintable():
        return " ".join(raw.split())
    kept: list[str] = []
    marks = 0
    for char in _visible(unicodedata.normalize("NFC", _few_marks(raw))):
        if char in _JOINERS or ord(char) in _TAGS:
            kept.append(char)
            continue
        if unicodedata.category(char)[0] == "M":
            marks += 1
            if marks <= MARKS_PER_LETTER and kept and kept[-1] != " ":
                kept.append(char)
            continue
        kept.append(char)
        marks = 0
    # Once more: a mark that went may have been what a joiner stood for.
    shown = _without_idle_joiners("".join(kept))
    return unicodedata.normalize("NFC", " ".join(shown.split()))


def _visible(text: str) -> str:
    """Return a text with plain spaces and without what shows nothing."""
    kept = []
    for char in text:
        category = unicodedata.category(char)[0]
        if category == "Z" or char in _LINE_SPACES:
            kept.append(" ")
        elif char in _JOINERS or ord(char) in _TAGS or (category != "C" and char not in _INVISIBLE):
            kept.append(char)
    return _without_idle_joiners("".join(kept))


def _without_idle_joiners(text: str) -> str:
    """Return a text without the joiners and tags that do nothing where they stand."""
    if not any(char in _JOINERS or ord(char) in _TAGS for char in text):
        return text
    meant = {at for found in _MAY_JOIN.finditer(text) for at in range(*found.span())}
    return "".join(
        char
        for at, char in enumerate(text)
        if at in meant or not (char in _JOINERS or ord(char) in _TAGS)
    )


def _few_marks(raw: str) -> str:
    """Return a text without the marks that nobody would see, before anything sorts them."""
    classes = bytes(map(unicodedata.combining, raw))
    kept, begin = "", 0
    for row in _LONG_ROW.finditer(classes):
        kept += raw[begin : row.start() + _RAW_MARKS]
        begin = row.end()
    return kept + raw[begin:]


def cut(text: str, limit: int) -> str:
    """Return the first ``limit`` characters; no space and no joiner is left at their end."""
    return _without_idle_joiners(text[:limit]).rstrip()


def clean_name(raw: str, limit: int) -> str:
    """Return a name fit to be shown; none at all becomes `GUEST`.

    Raises:
        RequestError: ``session.name_refused``: nothing readable remains.
    """
    if not raw:
        return GUEST
    name = cut(clean_text(raw[: _RAW_PER_SHOWN * limit]), limit)
    if not any(unicodedata.category(char)[0] in "LN" for char in name):
        raise unreadable()
    return name


def unreadable() -> RequestError:
    """Return the refusal of a name of which nothing can be read."""
    sentence = "A name needs at least one letter or digit; please choose another."
    return RequestError(Code.NAME_REFUSED, sentence)


def skeleton(name: str) -> str:
    """Return what a name looks like: names of one skeleton can be taken for each other."""
    name = name[:_LONGEST_LOOK]
    folded = unicodedata.normalize("NFKD", name).translate(_CAPITALS).casefold()
    plain = unicodedata.normalize("NFKD", folded).translate(_LOOKALIKES)
    shown = "".join(char for char in plain if unicodedata.category(char)[0] in "LN")
    return shown.replace("rn", "m").replace("vv", "w") or name


@attrs.define
class _Family:
    """The names that want to look like one base: it and those with a number behind it."""

    next: int = 2
    """No number from here on was given."""
    members: int = 0
    """Names in use that have a number."""
    free: list[int] = attrs.field(factory=list)
    """Heap of numbers given back, each smaller than ``next``."""


@attrs.define
class NameBook:
    """The names in use, by skeleton.

    A clash costs the same however many names there are: numbers that were given are remembered by
    base, and where names chosen by hand stand in the way, at most `_TRIES` are looked at one by
    one before the number is doubled.
    """

    limit: int
    """Longest name, suffix included."""
    _taken: dict[str, tuple[str, int] | None] = attrs.field(factory=dict, init=False)
    """By skeleton: the base and number it was given, or None for a name as it was wished."""
    _families: dict[str, _Family] = attrs.field(factory=dict, init=False)

    def __len__(self) -> int:
        """Count the names in use."""
        return len(self._taken)

    def take(self, name: str) -> str:
        """Take a cleaned name, with a number behind it where it clashes; return it as taken."""
        base = skeleton(name)
        if base not in self._taken:
            self._taken[base] = None
            return name
        family = self._families.setdefault(base, _Family())
        tries = 0
        while True:
            number = self._next_number(family, tries)
            suffix = f" ({number})"
            candidate = cut(name, self.limit - len(suffix)) + suffix
            shown = skeleton(candidate)
            if shown not in self._taken:
                break
            tries += 1
        family.members += 1
        self._taken[shown] = (base, number)
        return candidate

    @staticmethod
    def _next_number(family: _Family, tries: int) -> int:
        if family.free and tries < _TRIES:
            return heapq.heappop(family.free)
        number = family.next
        family.next = number + 1 if tries < _TRIES else 2 * number
        return number

    def give_back(self, name: str) -> None:
        """Make a taken name free again."""
        given = self._taken.pop(skeleton(name), None)
        if given is None:
            return
        base, number = given
        family = self._families[base]
        family.members -= 1
        if family.members:
            heapq.heappush(family.free, number)
        else:
            del self._families[base]
