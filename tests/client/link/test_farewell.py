"""What a goodbye means: its cause, its sentence, and whether the client comes back."""

import pytest

from gameserver.client import OfflineCause
from gameserver.client.link.farewell import (
    LOST,
    OTHER_VERSION,
    Farewell,
    farewell_of,
    known_code,
    plain_sentence,
)
from gameserver.errors import Code
from gameserver.messages.wire import Goodbye


@pytest.mark.parametrize(
    ("code", "retry_after_s", "cause", "final"),
    [
        (Code.SERVER_STOPPING, None, OfflineCause.STOPPING, False),
        (Code.SERVER_FULL, None, OfflineCause.FULL, False),
        (Code.RATE_LIMITED, None, OfflineCause.FULL, False),
        (Code.HELLO_EXPECTED, None, OfflineCause.REFUSED, False),
        (Code.SERVER_BUSY, None, OfflineCause.FULL, True),
        (Code.SERVER_BUSY, 2.0, OfflineCause.FULL, False),
        (Code.FORBIDDEN, None, OfflineCause.REFUSED, True),
        (Code.FORBIDDEN, 0.0, OfflineCause.REFUSED, False),
        (Code.SESSION_REPLACED, None, OfflineCause.REFUSED, True),
    ],
)
def test_a_goodbye_has_a_cause_and_tells_whether_to_come_back(
    code: Code, retry_after_s: float | None, cause: OfflineCause, final: bool
) -> None:
    farewell = farewell_of(Goodbye(code, "the reason", retry_after_s))
    assert farewell == Farewell("the reason", code, cause, retry_after_s, final=final)
    assert not farewell.at_once


def test_an_unknown_code_is_an_internal_one_and_final() -> None:
    farewell = farewell_of(Goodbye("from.the.future", "x"))
    assert (farewell.code, farewell.final) == (Code.INTERNAL, True)
    assert known_code("from.the.future") is Code.INTERNAL
    assert known_code("forbidden") is Code.FORBIDDEN


@pytest.mark.parametrize("end", ["", ".", "..."])
def test_another_version_is_explained_before_the_servers_words(end: str) -> None:
    farewell = farewell_of(Goodbye(Code.VERSION_UNSUPPORTED, f"this is version 2{end}"))
    assert farewell.sentence == f"{OTHER_VERSION} (this is version 2)."
    assert farewell.final


def test_a_connection_that_ends_without_a_word_is_lost_and_followed_by_another() -> None:
    assert Farewell() == Farewell(LOST, None, OfflineCause.LOST, None, final=False, at_once=False)
    assert Farewell("a\x1bb").sentence.isprintable()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("it broke", "It broke."),
        ("It broke.", "It broke."),
        ("really?", "Really?"),
        (" gone! ", "Gone!"),
        ("", "The connection was lost."),
        ("  ", "The connection was lost."),
        ("x", "X."),
    ],
)
def test_a_reason_becomes_a_whole_sentence(text: str, sentence: str) -> None:
    assert plain_sentence(text) == sentence
