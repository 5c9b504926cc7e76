import json
import os
from pathlib import Path

import attrs
import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client_demo.settings_file import (
    DEFAULT_KEYS,
    PLACES,
    PlayerSettings,
    bound,
    load_settings,
    save_settings,
    settings_from,
    settings_path,
)


def test_settings_come_back_as_they_were_saved(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "client.json"
    saved = attrs.evolve(PlayerSettings(), name="Ann", volume=30, shake=False)
    save_settings(path, saved)
    assert load_settings(path) == attrs.evolve(saved, places=dict(DEFAULT_KEYS))


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff\xfe", b"null", b"[" * 100_000])
def test_a_damaged_file_gives_the_defaults(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "client.json"
    path.write_bytes(damage)
    assert load_settings(path) == PlayerSettings()


def test_only_damaged_values_are_replaced_by_defaults(tmp_path: Path) -> None:
    path = tmp_path / "client.json"
    path.write_text(
        '{"name": 5, "volume": 900, "shake": false, "places": {"up": "w", "fly": 3, "dash": 900}}'
    )
    assert load_settings(path) == attrs.evolve(
        PlayerSettings(), volume=100, shake=False, places=dict(DEFAULT_KEYS)
    )


def test_binding_a_used_key_swaps_the_two_controls() -> None:
    keys = bound(PlayerSettings(), "dash", DEFAULT_KEYS["rocket"]).places
    assert keys["dash"] == DEFAULT_KEYS["rocket"]
    assert keys["rocket"] == DEFAULT_KEYS["dash"]


def test_keys_saved_by_their_character_are_bound_to_their_position(tmp_path: Path) -> None:
    path = tmp_path / "client.json"
    old = {"up": ord("e"), "rocket": pygame.K_RETURN, "dash": pygame.K_LCTRL, "down": ord("é")}
    path.write_text(json.dumps({"keys": old}))
    assert load_settings(path).places == {
        **DEFAULT_KEYS,
        "up": pygame.KSCAN_E,
        "rocket": pygame.KSCAN_RETURN,
        "dash": pygame.KSCAN_LCTRL,
    }


def test_without_a_home_folder_there_is_no_settings_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(Path, "home", homeless)
    assert settings_path() is None
    assert load_settings(None) == PlayerSettings()


def test_a_folder_or_a_pipe_in_the_files_place_gives_the_defaults(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert load_settings(pipe) == load_settings(tmp_path) == PlayerSettings()


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from([1 << 30, -(1 << 30), "\ud83d", "\x00"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*DEFAULT_KEYS, "x"]), inner),
    max_leaves=8,
)
NAMES = st.sampled_from([*(f.name for f in attrs.fields(PlayerSettings)), "keys", "other"])


@given(st.dictionaries(NAMES, VALUES) | VALUES)
def test_any_content_of_the_file_gives_usable_settings(found: object) -> None:
    settings = settings_from(found)
    assert settings.name.encode().decode() == settings.name
    assert settings.url.isprintable()
    assert 0 <= settings.volume <= 100
    assert all(0 < place < PLACES for place in settings.places.values())
