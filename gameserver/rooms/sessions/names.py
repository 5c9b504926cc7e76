"""Clean texts that players write: names, titles, chat lines; find names that look the same.

Law: cleaned text has no invisible characters, no changes of writing direction and no stacks of
marks that leave the line; cleaning it again changes nothing. No two sessions have names that look
the same.

Joiners are invisible, yet Persian, Hindi and other languages need them in words, and some emoji are
sequences with joiners. They are kept exactly where Unicode Standard Annex 31 (section 2.3) and the
emoji sequences of Technical Standard 51 allow them, and removed elsewhere. A skeleton has no
joiners, so two names that differ only by a joiner are the same name.

Source: the skeleton is that of Unicode Technical Standard 39, section 4. Its table of ten thousand
pairs is far more than names on a score board need; the table here has the letters of the Cyrillic,
Greek, Armenian and Latin scripts that look like basic Latin ones in common fonts. Wide, bold,
circled and accented letters are folded by Unicode's own decompositions.
"""

# ruff: noqa: RUF001  the table consists of letters that look like others

import heapq
import re
import unicodedata
from typing import Final

import attrs
import regex

from gameserver.errors import Code, RequestError

MARKS_PER_LETTER: Final = 4
"""Most marks (accents) on one letter; Vietnamese and Hebrew need up to three (threat 29)."""

_RAW_MARKS: Final = 2 * MARKS_PER_LETTER
"""Most consecutive marks that are normalised: ordering a run of n marks takes O(n²) (threat 37)."""

_LONG_ROW: Final = re.compile(rb"[^\0]{%d,}" % (_RAW_MARKS + 1))
"""A run of more marks than that, in a text's combining classes as bytes."""

_RAW_PER_SHOWN: Final = 16
"""Characters of a raw name that are processed per character that it may have (threat 37)."""

_LONGEST_LOOK: Final = 64
"""Characters of a name from which its skeleton is made; no name is longer (threat 37)."""

_TRIES: Final = 8
"""Consecutive numbers that are tried behind a name before the number is doubled."""

GUEST: Final = "Guest"
"""Name of a player who gives none."""

_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Invisible characters whose category is letter, mark or symbol."""

_JOINERS: Final = frozenset("\u200c\u200d")
"""Zero-width non-joiner and zero-width joiner."""

_TAGS: Final = range(0xE0020, 0xE0080)
"""Tag characters: behind a black flag they spell the region of an emoji flag."""

_MAY_JOIN: Final = regex.compile(
    r"""
    # A1: between two letters that would join, in scripts such as Arabic.
      (?<=[\p{jt=L}\p{jt=D}]\p{jt=T}{0,4}) \u200c (?=\p{jt=T}{0,4}[\p{jt=R}\p{jt=D}])
    # A2: behind a virama, before a letter, in scripts such as Devanagari.
    | (?<=\p{L}\p{M}{0,4}\p{ccc=Virama}\p{M}{0,2}) \u200c (?=\p{L})
    # B: behind a virama.
    | (?<=\p{L}\p{M}{0,4}\p{ccc=Virama}\p{M}{0,2}) \u200d
    # Emoji: between two pictures; the first may have a skin tone or variation selector.
    | (?<=\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]{0,2}) \u200d
      (?=\p{Extended_Pictographic})
    # Flags of regions: a black flag, up to six tags, and the tag that ends them.
    | (?<=\U0001f3f4) [\U000e0030-\U000e007a]{1,6} \U000e007f
    """,
    regex.VERBOSE,
)
"""Joiners and tags at places where they have a meaning."""

_LINE_SPACES: Final = frozenset("\t\n\r\v\f\x85")

_CAPITALS: Final = str.maketrans("ΒΖΗΜΝΥ", "bzhmny")
"""Greek capitals that look Latin although their small letters do not."""

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

    Line breaks become spaces. Of the marks on one letter the first `MARKS_PER_LETTER` are kept.
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
    # Again: a removed mark may have been the reason for keeping a joiner.
    shown = _without_idle_joiners("".join(kept))
    return unicodedata.normalize("NFC", " ".join(shown.split()))


def _visible(text: str) -> str:
    """Return a text with plain spaces and without invisible characters."""
    kept = []
    for char in text:
        category = unicodedata.category(char)[0]
        if category == "Z" or char in _LINE_SPACES:
            kept.append(" ")
        elif char in _JOINERS or ord(char) in _TAGS or (category != "C" and char not in _INVISIBLE):
            kept.append(char)
    return _without_idle_joiners("".join(kept))


def _without_idle_joiners(text: str) -> str:
    """Return a text without the joiners and tags that have no meaning at their place."""
    if not any(char in _JOINERS or ord(char) in _TAGS for char in text):
        return text
    meant = {at for found in _MAY_JOIN.finditer(text) for at in range(*found.span())}
    return "".join(
        char
        for at, char in enumerate(text)
        if at in meant or not (char in _JOINERS or ord(char) in _TAGS)
    )


def _few_marks(raw: str) -> str:
    """Return a text with at most `_RAW_MARKS` consecutive marks; call it before normalising."""
    classes = bytes(map(unicodedata.combining, raw))
    kept, begin = "", 0
    for row in _LONG_ROW.finditer(classes):
        kept += raw[begin : row.start() + _RAW_MARKS]
        begin = row.end()
    return kept + raw[begin:]


def cut(text: str, limit: int) -> str:
    """Return the first ``limit`` characters, without a space or joiner at their end."""
    # A removed joiner may have kept marks from their order.
    return unicodedata.normalize("NFC", _without_idle_joiners(text[:limit])).rstrip()


def clean_name(raw: str, limit: int) -> str:
    """Return a cleaned name of at most ``limit`` characters; the empty name becomes `GUEST`.

    Raises:
        RequestError: ``session.name_refused``: no letter or digit remains.
    """
    if not raw:
        return GUEST
    name = cut(clean_text(raw[: _RAW_PER_SHOWN * limit]), limit)
    if not any(unicodedata.category(char)[0] in "LN" for char in name):
        raise unreadable()
    return name


def unreadable() -> RequestError:
    """Return the refusal of a name without letters and digits."""
    sentence = "A name needs at least one letter or digit; please choose another."
    return RequestError(Code.NAME_REFUSED, sentence)


def skeleton(name: str) -> str:
    """Return the skeleton of a name: names with equal skeletons can be mistaken for each other."""
    name = name[:_LONGEST_LOOK]
    folded = unicodedata.normalize("NFKD", name).translate(_CAPITALS).casefold()
    plain = unicodedata.normalize("NFKD", folded).translate(_LOOKALIKES)
    shown = "".join(char for char in plain if unicodedata.category(char)[0] in "LN")
    return shown.replace("rn", "m").replace("vv", "w") or name


@attrs.define
class _Family:
    """The numbers behind the names of one base skeleton, such as ``Ann``, ``Ann (2)``."""

    next: int = 2
    """The smallest number that was never given; all from here on are free."""
    members: int = 0
    """Names in use that have a number."""
    free: list[int] = attrs.field(factory=list)
    """Heap of returned numbers, each smaller than ``next``."""


@attrs.define
class NameBook:
    """The names in use, by skeleton.

    A clash takes the same time for any number of names: the next number is kept by base. If a
    player has chosen a name with that number, at most `_TRIES` consecutive numbers are tried before
    the number is doubled.
    """

    limit: int
    """Longest name, suffix included."""
    _taken: dict[str, tuple[str, int] | None] = attrs.field(factory=dict, init=False)
    """By skeleton: base and number of a name with a suffix; None for a name without one."""
    _families: dict[str, _Family] = attrs.field(factory=dict, init=False)

    def __len__(self) -> int:
        """Return the number of names in use."""
        return len(self._taken)

    def take(self, name: str) -> str:
        """Reserve a cleaned name and return it, with a number behind it if it clashes."""
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
        """Release a reserved name."""
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
