"""The name that was probably meant, found without comparing with all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.messages.base import REQUESTS
from gameserver.protocol.nearest import Nearest

NEAR = Nearest(["lobby.create", "lobby.list", "chat.send", "session.sign_out"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("lobby.creat", "lobby.create"),
        ("loby.create", "lobby.create"),
        ("lobby.craete", "lobby.create"),
        ("lobby.creates", "lobby.create"),
        ("Lobby.Create", "lobby.create"),
        ("lobby.lisp", "lobby.list"),
        ("chat.snd", "chat.send"),
        ("session.signout", "session.sign_out"),
        ("session.signOut", "session.sign_out"),
    ],
)
def test_a_typing_error_finds_the_nearest_name(typed: str, meant: str) -> None:
    assert NEAR.find(typed) == meant


@pytest.mark.parametrize("typed", ["", "x", "lobby", "qwertzuiop", "lobby.create" * 20])
def test_a_text_that_resembles_no_name_finds_nothing(typed: str) -> None:
    assert NEAR.find(typed) is None


@pytest.mark.parametrize(("typed", "meant"), [("a--b", "ab"), ("a---b", None)])
def test_a_text_more_than_two_letters_longer_than_all_names_is_not_looked_for(
    typed: str, meant: str | None
) -> None:
    assert Nearest(["ab", "c"]).find(typed) == meant
    assert Nearest([]).find("") is None


class Counting(dict[str, str]):
    """Counts how often it is looked into."""

    looks = 0

    def __contains__(self, key: object) -> bool:
        self.looks += 1
        return super().__contains__(key)


@given(st.text(max_size=64))
def test_any_name_is_looked_up_a_bounded_number_of_times(typed: str) -> None:
    near = Nearest(REQUESTS)
    counting = Counting(near._by_rest)
    object.__setattr__(near, "_by_rest", counting)
    near.find(typed)
    assert counting.looks <= near.longest * 3


def test_every_name_is_found_for_itself_with_a_letter_missing() -> None:
    near = Nearest(REQUESTS)
    for name in REQUESTS:
        assert near.find(name[:-1]) is not None


def test_a_name_in_other_case_is_found_before_a_longer_name_that_lost_a_letter() -> None:
    near = Nearest(["aab", "ab"])
    assert near.find("AB") == "ab"
