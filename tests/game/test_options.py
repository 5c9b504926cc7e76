"""Every declared option can be shown in a form and sent."""

import attrs
import pytest

from gameserver.errors import Code, GameDefinitionError, RequestError
from gameserver.game.options import (
    TEXT_LIMIT,
    FieldKind,
    FormField,
    build_options,
    form_of,
    option,
)

HALF = "Zo\ud800"
"""Half an emoji: no text that can be sent."""


@pytest.mark.parametrize("text", [HALF, "two\nlines", "\x1b[2J"])
@pytest.mark.parametrize("place", ["label", "help", "unit", "choice", "choice label", "default"])
def test_an_undisplayable_text_is_reported_with_class_and_field(place: str, text: str) -> None:
    declared = {
        "label": option(default=True, label=text),
        "help": option(default=True, label="Rain", help=text),
        "unit": option(3, "Length", lo=1, hi=9, unit=text),
        "choice": option("a", "Mode", choices={"a": "All", text: "Teams"}),
        "choice label": option("a", "Mode", choices={"a": text}),
        "default": option(text, "Greeting"),
    }
    spoilt = attrs.make_class("Spoilt", {"rain": declared[place]}, frozen=True)
    with pytest.raises(GameDefinitionError, match=r"Spoilt\.rain"):
        form_of(spoilt)


@attrs.frozen
class Options:
    rain: bool = option(default=True, label="Rain", help="Whether it rains.")
    length: int = option(60, "Length", lo=10, hi=600, step=10, unit="s")
    mode: str = option("dm", "Mode", choices={"dm": "Deathmatch", "tdm": "Teams"})
    greeting: str = option("hello", "Greeting")


def test_the_form_shows_every_field_as_it_was_declared() -> None:
    assert form_of(Options) == (
        FormField("rain", FieldKind.BOOL, "Rain", default=True, help="Whether it rains."),
        FormField("length", FieldKind.INT, "Length", 60, lo=10, hi=600, step=10, unit="s"),
        FormField(
            "mode",
            FieldKind.CHOICE,
            "Mode",
            "dm",
            choices=("dm", "tdm"),
            choice_labels=("Deathmatch", "Teams"),
        ),
        FormField("greeting", FieldKind.TEXT, "Greeting", "hello"),
    )


def test_options_without_a_value_take_their_default() -> None:
    assert build_options(Options, {}) == Options()
    assert build_options(Options, {"length": 90, "rain": False}) == Options(False, 90)


@pytest.mark.parametrize(
    ("name", "good"),
    [("rain", [True, False]), ("length", [10, 11, 600]), ("mode", ["dm", "tdm"]),
     ("greeting", ["", "x" * TEXT_LIMIT])],
)  # fmt: skip
def test_every_value_within_its_bounds_is_accepted(name: str, good: list[object]) -> None:
    for value in good:
        assert getattr(build_options(Options, {name: value}), name) == value


@pytest.mark.parametrize(
    ("name", "fault", "bad"),
    [
        ("rain", "must be true or false", [0, 1, "true", None]),
        ("length", "must be from 10 to 600", [9, 601, -(10**9)]),
        ("length", "must be a whole number", [True, 60.0, "60", None]),
        ("mode", "must be one of dm, tdm", ["", "ctf", 1]),
        (
            "greeting",
            f"must be text of at most {TEXT_LIMIT} characters",
            [1, "x" * (TEXT_LIMIT + 1)],
        ),
        ("wind", "is no option of this game", [1]),
    ],
)
def test_every_other_value_is_refused_with_the_valid_values(
    name: str, fault: str, bad: list[object]
) -> None:
    for value in bad:
        with pytest.raises(RequestError) as refused:
            build_options(Options, {name: value})
        assert refused.value.code == Code.LOBBY_BAD_OPTIONS
        assert refused.value.details == {"fields": {name: fault}}


def test_all_faults_are_reported_at_once() -> None:
    with pytest.raises(RequestError) as refused:
        build_options(Options, {"rain": 1, "length": 1, "mode": "dm"})
    assert refused.value.details == {
        "fields": {"rain": "must be true or false", "length": "must be from 10 to 600"}
    }


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (attrs.field(default=1), "must be declared with option"),
        (option(default=True, label=" "), "needs a label"),
        (option(1, "Length"), "needs lo and hi"),
        (option(1, "Length", lo=1), "needs lo and hi"),
        (option(1, "Length", hi=1), "needs lo and hi"),
        (option(1, "Length", lo=2, hi=1), "lo 2 is above hi 1"),
        (option(0, "Length", lo=1, hi=9), "the default 0 is not from 1 to 9"),
        (option(10, "Length", lo=1, hi=9), "the default 10 is not from 1 to 9"),
        (option(1, "Length", lo=1, hi=9, step=0), "step from 1"),
        (option(1, "Length", lo=0.5, hi=9), "must be whole numbers"),
        (option(1, "Length", lo=False, hi=9), "must be whole numbers"),
        (option("ctf", "Mode", choices={"dm": "Deathmatch"}), "not one of the choices"),
        (option("dm", "Mode", choices=["dm"]), "must map each value to its label"),
        (option("x" * (TEXT_LIMIT + 1), "Greeting"), f"{TEXT_LIMIT + 1} characters, more than"),
        (option(1.5, "Length"), "must be bool, int or str"),
    ],
)
def test_a_wrong_declaration_is_reported_with_class_and_field(field: object, words: str) -> None:
    spoilt = attrs.make_class("Spoilt", {"rain": field}, frozen=True)
    with pytest.raises(GameDefinitionError, match=rf"^Spoilt\.rain.*{words}"):
        form_of(spoilt)


@pytest.mark.parametrize(
    "field",
    [
        option(5, "Length", lo=5, hi=5),
        option(1, "Length", lo=1, hi=9, step=1),
        option("x" * TEXT_LIMIT, "Greeting"),
        option("", "Greeting"),
    ],
)
def test_the_bounds_themselves_may_be_declared(field: object) -> None:
    assert len(form_of(attrs.make_class("Fine", {"rain": field}, frozen=True))) == 1
