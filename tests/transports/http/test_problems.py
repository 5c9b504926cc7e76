"""Refusals over plain HTTP: one form, with a code and the time to wait."""

import json

import pytest

from gameserver.errors import Code
from gameserver.transports.http.problems import CODES, WAIT_S, refusal


def test_a_refusal_is_one_line_of_json_with_its_code() -> None:
    found = refusal(404, "there is no größer", details={"name": "größer"}, headers=(("A", "b"),))
    assert (found.status, found.kind) == (404, "application/problem+json")
    assert found.headers == (("A", "b"),)
    assert found.body.endswith(b"}\n")
    assert "größer".encode() in found.body
    assert json.loads(found.body) == {
        "type": "/api/v1/docs#errors",
        "title": "Not Found",
        "status": 404,
        "detail": "there is no größer",
        "code": "unknown_request",
        "details": {"name": "größer"},
    }


@pytest.mark.parametrize("status", [*CODES, 500])
def test_the_code_is_that_of_the_status_unless_one_is_given(status: int) -> None:
    usual = CODES.get(status, Code.INTERNAL)
    assert json.loads(refusal(status, "no").body)["code"] == usual
    assert json.loads(refusal(status, "no", "lobby_full").body)["code"] == "lobby_full"


@pytest.mark.parametrize(
    ("status", "details", "wait"),
    [
        (429, {"retry_after_s": 2.6}, "3"),
        (429, {"retry_after_s": 2}, "2"),
        (429, {"retry_after_s": 0.2}, "1"),
        (503, {"retry_after_s": 9}, "9"),
        (503, {}, str(WAIT_S)),
        (429, {}, None),
        (429, {"retry_after_s": "soon"}, None),
    ],
)
def test_the_time_to_wait_is_a_header_too(
    status: int, details: dict[str, object], wait: str | None
) -> None:
    assert dict(refusal(status, "no", details=details).headers).get("Retry-After") == wait


def test_a_time_to_wait_that_is_given_stays_the_only_one() -> None:
    given = (("Retry-After", "7"),)
    assert refusal(503, "no", headers=given).headers == given
    assert refusal(503, "no", headers=(("A", "b"),)).headers[1:] == (("Retry-After", str(WAIT_S)),)


def test_what_is_no_text_is_replaced() -> None:
    assert b"a?b" in refusal(400, "a\ud800b").body
