"""Parameters, tokens and bodies of one request, at their bounds."""

from typing import Any

import attrs
import pytest

from gameserver.errors import Code, ProtocolError, RequestError
from gameserver.service.rest.asking import ApiCall, Parameter

NUMBER = Parameter("most", "How many.", 5, most=20)
FLAG = Parameter("whole", "All of it?", False)
TEXT = Parameter("code", "A code.", "", most=8)


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        (NUMBER, "0", 0),
        (NUMBER, "20", 20),
        (NUMBER, "007", 7),
        (NUMBER, "0" * 15 + "9", 9),
        (FLAG, "true", True),
        (FLAG, "1", True),
        (FLAG, "false", False),
        (FLAG, "0", False),
        (TEXT, "", ""),
        (TEXT, "x" * 8, "x" * 8),
    ],
)
def test_a_parameter_has_the_type_of_its_default(
    parameter: Parameter, text: str, value: object
) -> None:
    found = parameter.read(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("parameter", "text", "words"),
    [
        (NUMBER, "21", "most must be at most 20"),
        (NUMBER, "-1", "most must be a whole number"),
        (NUMBER, "", "most must be a whole number"),
        (NUMBER, "1.5", "most must be a whole number"),
        (NUMBER, "²", "most must be a whole number"),
        (NUMBER, "٣", "most must be a whole number"),
        (NUMBER, "0" * 16 + "9", "most must be a whole number"),
        (FLAG, "yes", "whole must be true or false"),
        (FLAG, "True", "whole must be true or false"),
        (TEXT, "x" * 9, "code must be at most 8 characters"),
    ],
)
def test_another_value_is_refused_with_the_parameters_name(
    parameter: Parameter, text: str, words: str
) -> None:
    with pytest.raises(RequestError) as refused:
        parameter.read(text)
    assert (refused.value.code, refused.value.sentence) == (Code.BAD_PARAMS, words)


CALL = ApiCall({}, {"most": 5, "code": "x"}, "", b"", "192.0.2.1", "localhost", True)


def test_values_are_read_by_their_names() -> None:
    assert (CALL.number("most"), CALL.text("code")) == (5, "x")


@pytest.mark.parametrize(
    ("body", "fields"),
    [(b"", {}), (b" \r\n", {}), (b"{}", {}), (b' {"a": [1, null]} ', {"a": [1, None]})],
)
def test_a_body_is_an_object_and_an_empty_one_an_empty_object(
    body: bytes, fields: dict[str, Any]
) -> None:
    assert attrs.evolve(CALL, body=body).fields() == fields


@pytest.mark.parametrize("body", [b"[]", b"5", b"null", b'"x"', b"{", b"\xff", b"{'a': 1}"])
def test_another_body_is_refused(body: bytes) -> None:
    with pytest.raises((RequestError, ProtocolError)):
        attrs.evolve(CALL, body=body).fields()
