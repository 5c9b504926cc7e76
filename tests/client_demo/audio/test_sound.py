import subprocess
import sys
from array import array

import pygame
import pytest

from client_demo.audio.sound import Sounds, both_sides, sound_of, stereo
from client_demo.audio.synth import PEAK, SOUNDS, samples
from client_demo.views import cues
from tests.house.checkout import ROOT


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_can_be_heard_and_does_not_clip(name: str) -> None:
    values = array("h", samples(name))
    assert 1000 < max(abs(value) for value in values) <= PEAK
    assert values[-1] == 0


def test_near_sounds_are_louder_and_have_a_side() -> None:
    near, far = cues.Explosion(1, 100, 0), cues.Explosion(1, 900, 0)
    assert sum(stereo(near, (0, 0))) > sum(stereo(far, (0, 0))) > 0
    left, right = stereo(far, (0, 0))
    assert right > left
    assert stereo(cues.Explosion(1, 2000, 0), (0, 0)) == (0.0, 0.0)


def test_a_hit_sounds_only_for_shooter_and_victim() -> None:
    assert sound_of(cues.HitCue(1, 0, 0, 5)) == ""
    assert sound_of(cues.HitCue(1, 0, 0, 5, by_me=True)) == "hit"
    assert sound_of(cues.HitCue(1, 0, 0, 5, on_me=True)) == "hurt"


def test_every_sound_named_by_a_cue_exists() -> None:
    for cue in (
        cues.ShotCue(1, 0, 0, 1, 1, 0, 0),
        cues.Launch(1, 0, 0, 0),
        cues.Dash(1, 0, 0, 0, 0, 0),
        cues.Spawn(1, 0, 0, 0, 0),
        cues.DeathCue(1, 0, 0, 0, 0),
        cues.Taken(1, 0, 0, "haste"),
        cues.Taken(1, 0, 0, "something new"),
        cues.Banner(1, "", sound="flag"),
    ):
        assert sound_of(cue) in SOUNDS


def test_stereo_samples_hold_each_value_twice() -> None:
    mono = array("h", [1, -2, 3]).tobytes()
    assert array("h", both_sides(mono)).tolist() == [1, 1, -2, -2, 3, 3]


def test_without_a_device_everything_is_silent_and_nothing_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "no such driver")
    sounds = Sounds(1.0)
    sounds.click()
    sounds.play(cues.Explosion(1, 0, 0), (0, 0))
    sounds.play(cues.TakenBack(1), (0, 0))


WITHOUT_MIXER = """
import sys
sys.modules["pygame.mixer"] = None  # as in a pygame that was built without it
from client_demo.audio.sound import Sounds
Sounds(1.0).click()
print("silent")
"""


def test_a_pygame_without_its_mixer_is_silent_and_nothing_fails() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT_MIXER], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.stdout.endswith("silent\n"), ended.stderr


def test_taking_back_a_finished_sound_does_not_stop_the_next_on_its_channel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    sounds = Sounds(1.0)
    channel = pygame.mixer.Channel(0)
    monkeypatch.setattr(pygame.mixer, "find_channel", lambda: channel)
    sounds.play(cues.Explosion(7, 0, 0), (0, 0))
    sounds.play(cues.Explosion(8, 0, 0), (0, 0))
    sounds.play(cues.TakenBack(7), (0, 0))
    assert channel.get_busy()
    sounds.play(cues.TakenBack(8), (0, 0))
    assert not channel.get_busy()
