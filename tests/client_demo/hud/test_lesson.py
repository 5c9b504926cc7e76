from pathlib import Path

import attrs

from client_demo.hud.lesson import TEXTS, from_saved, key_words
from client_demo.intents import Hold
from client_demo.settings_file import DEFAULT_KEYS, PlayerSettings, load_settings, save_settings

STILL = Hold(aim=100)


def test_a_control_is_shown_until_it_was_used() -> None:
    lessons = from_saved("")
    assert lessons.left() == list(TEXTS)
    assert not lessons.use(STILL, scores=False, chat=False)
    assert lessons.use(attrs.evolve(STILL, move=3, dash=True), scores=False, chat=False)
    assert lessons.left() == ["fire", "rocket", "scores", "chat"]
    assert lessons.use(attrs.evolve(STILL, fire=True, rocket=True), scores=True, chat=True)
    assert lessons.left() == []


def test_using_a_known_control_changes_nothing_to_save() -> None:
    lessons = from_saved("move")
    assert not lessons.use(attrs.evolve(STILL, move=3), scores=False, chat=False)


def test_used_controls_are_stored_in_the_settings(tmp_path: Path) -> None:
    lessons = from_saved("")
    lessons.use(attrs.evolve(STILL, move=3, rocket=True), scores=False, chat=False)
    path = tmp_path / "client.json"
    save_settings(path, attrs.evolve(PlayerSettings(), learned=lessons.saved()))
    assert from_saved(load_settings(path).learned).left() == ["fire", "dash", "scores", "chat"]


def test_only_existing_controls_are_read_from_the_settings() -> None:
    assert from_saved("fly \x00 dash dash").saved() == "dash"


def test_every_control_has_words_and_a_key() -> None:
    for by_pad in (False, True):
        words = key_words(DEFAULT_KEYS, str, by_pad=by_pad)
        assert set(words) == set(TEXTS)
        assert all(words.values())
    assert words["move"] == "Left stick"
