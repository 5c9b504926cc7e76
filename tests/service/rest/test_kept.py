"""Answers that are kept: until when, how many, and under which headers they are given."""

import gzip

import pytest

from gameserver.service.rest.gzipping import LEAST_BYTES
from gameserver.service.rest.kept import MOST, PRIVATE, Kept, Shelf
from gameserver.service.rest.replies import Body

LARGE = b"x" * LEAST_BYTES


def kept(data: bytes = b"short", until: float = 10.0, for_s: float = 1.0) -> Kept:
    return Kept(Body.of(data), until, for_s)


def test_an_answer_is_good_until_its_time() -> None:
    shelf, one = Shelf(), kept(until=10.0)
    shelf.put("one", one)
    assert shelf.find("one", 9.99) is one
    assert shelf.find("one", 10.0) is None
    assert shelf.find("two", 0.0) is None


def test_of_too_many_answers_the_one_that_was_put_first_is_dropped() -> None:
    shelf = Shelf()
    for number in range(MOST):
        shelf.put(number, kept())
    shelf.put(0, kept())
    assert all(shelf.find(number, 0.0) for number in range(MOST)), "so many fit"
    shelf.put("more", kept())
    assert [number for number in range(MOST) if not shelf.find(number, 0.0)] == [1]
    assert shelf.find("more", 0.0)


@pytest.mark.parametrize(
    ("for_s", "control"), [(1.0, "public, max-age=1"), (60.0, "public, max-age=60"), (0.0, PRIVATE)]
)
def test_others_may_keep_an_answer_unless_it_is_for_one_session(for_s: float, control: str) -> None:
    one = kept(for_s=for_s)
    response = one.response("")
    headers = dict(response.headers)
    assert (response.status, response.body) == (200, b"short")
    assert (headers["ETag"], headers["Cache-Control"]) == (one.body.tag, control)
    assert headers["Vary"] == "Authorization"
    again = one.response(one.body.tag)
    assert (again.status, again.body, dict(again.headers)) == (304, b"", headers)
    assert one.response('"another"').status == 200


@pytest.mark.parametrize(
    ("data", "for_s", "codings", "packs"),
    [
        (LARGE, 1.0, "gzip", True),
        (LARGE[1:], 1.0, "gzip", False),
        (LARGE, 0.0, "gzip", False),
        (LARGE, 1.0, "br", False),
    ],
)
def test_a_large_answer_for_everybody_is_compressed_under_a_weak_tag(
    data: bytes, for_s: float, codings: str, *, packs: bool
) -> None:
    one = kept(data, for_s=for_s)
    assert one.packs(codings) is packs
    response = one.response("", codings)
    headers = dict(response.headers)
    assert headers["ETag"] == (f"W/{one.body.tag}" if packs else one.body.tag)
    assert headers.get("Content-Encoding") == ("gzip" if packs else None)
    assert (gzip.decompress(response.body) if packs else response.body) == data
    varies = len(data) >= LEAST_BYTES and for_s > 0
    assert ("Accept-Encoding" in headers["Vary"]) is varies
    assert one.response(one.body.tag, codings).status == 304
