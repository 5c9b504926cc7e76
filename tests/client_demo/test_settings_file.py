import json
from pathlib import Path

import attrs
import pygame
import pytest

from client_demo.settings_file import DEFAULT_KEYS, Settings, bound, load_settings, save_settings


def test_settings_come_back_as_they_were_saved(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "client.json"
    saved = attrs.evolve(Settings(), name="Ann", volume=30, shake=False)
    save_settings(path, saved)
    assert load_settings(path) == attrs.evolve(saved, places=dict(DEFAULT_KEYS))


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff\xfe", b"null", b"[" * 100_000])
def test_a_damaged_file_gives_the_defaults(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "client.json"
    path.write_bytes(damage)
    assert load_settings(path) == Settings()


def test_damaged_values_cost_only_themselves(tmp_path: Path) -> None:
    path = tmp_path / "client.json"
    path.write_text(
        '{"name": 5, "volume": 900, "shake": false, "places": {"up": "w", "fly": 3, "dash": 900}}'
    )
    assert load_settings(path) == attrs.evolve(
        Settings(), volume=100, shake=False, places=dict(DEFAULT_KEYS)
    )


def test_a_key_that_is_taken_changes_places() -> None:
    keys = bound(Settings(), "dash", DEFAULT_KEYS["rocket"]).places
    assert keys["dash"] == DEFAULT_KEYS["rocket"]
    assert keys["rocket"] == DEFAULT_KEYS["dash"]


def test_keys_saved_by_what_they_print_are_bound_to_their_places(tmp_path: Path) -> None:
    path = tmp_path / "client.json"
    old = {"up": ord("e"), "rocket": pygame.K_RETURN, "dash": pygame.K_LCTRL, "down": ord("é")}
    path.write_text(json.dumps({"keys": old}))
    assert load_settings(path).places == {
        **DEFAULT_KEYS,
        "up": pygame.KSCAN_E,
        "rocket": pygame.KSCAN_RETURN,
        "dash": pygame.KSCAN_LCTRL,
    }
