"""The label of a key is the one on the user's keyboard layout."""

import pygame
import pytest

from client_demo.controls import keynames
from client_demo.settings_file import DEFAULT_KEYS


@pytest.fixture(autouse=True)
def _fresh() -> None:
    pygame.init()
    keynames.forget()


def test_every_bound_key_has_a_name() -> None:
    names = [keynames.key_name(place) for place in DEFAULT_KEYS.values()]
    assert names[:4] == ["W", "A", "S", "D"]
    assert "" not in names


def test_without_names_from_sdl_a_press_gives_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keynames, "_asker", lambda: None)
    assert keynames.key_name(pygame.KSCAN_W) == "W"
    keynames.learn(pygame.Event(pygame.KEYDOWN, key=ord("z"), scancode=pygame.KSCAN_W, mod=0))
    assert keynames.key_name(pygame.KSCAN_W) == "Z"
    keynames.forget()
    assert keynames.key_name(pygame.KSCAN_W) == "W"


@pytest.mark.parametrize(("code", "name"), [("ц", "Ц"), ("ς", "Σ"), ("ש", "ש"), ("é", "É")])
def test_letters_of_every_layout_are_named(
    code: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keynames, "_asker", lambda: lambda _scancode: ord(code))
    assert keynames.key_name(pygame.KSCAN_W) == name
