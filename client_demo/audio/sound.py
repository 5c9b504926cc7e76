"""Play the sounds of cues: volume by distance from the listener, balance by direction.

Law: without an audio device no sound is played and nothing fails.
"""

import math
from array import array
from collections import OrderedDict
from typing import Final

import pygame

from client_demo.audio.synth import RATE, SOUNDS, samples
from client_demo.views import cues

VOICES: Final = 24
FULL_PX: Final = 200.0
SILENT_PX: Final = 1100.0
OTHERS: Final = 0.75
"""Volume of the actions of other players; the player's own actions have volume 1."""

SoundPlace = tuple[float, float]


class Sounds:
    """All sounds, and the channels on which they are played."""

    def __init__(self, volume: float) -> None:
        """Open the audio device, if there is one; ``volume`` is 0..1."""
        self._volume = volume
        self._made: dict[str, pygame.mixer.Sound] = {}
        self._playing: OrderedDict[int, pygame.mixer.Channel] = OrderedDict()
        try:
            pygame.mixer.quit()
            pygame.mixer.init(RATE, -16, 2, 512)
            pygame.mixer.set_num_channels(VOICES)
            self._made = {
                name: pygame.mixer.Sound(buffer=both_sides(samples(name))) for name in SOUNDS
            }
        except (pygame.error, NotImplementedError):
            # Without a device SDL's error; in a pygame that was built without its mixer each use of
            # the module raises NotImplementedError. Either way the game is played silently.
            self._made = {}

    def set_volume(self, volume: float) -> None:
        """Change the volume, 0..1."""
        self._volume = volume

    def click(self) -> None:
        """Play the sound of a pressed widget."""
        self._start(0, "click", 0.5, 0.5)

    def chime(self, name: str) -> None:
        """Play a sound that has no place on the map; an empty name plays none."""
        if name:
            self._start(0, name, 0.8, 0.8)

    def play(self, cue: cues.Cue, listener: SoundPlace) -> None:
        """Play the sound of a cue as heard at a place on the map; `TakenBack` stops it."""
        if isinstance(cue, cues.TakenBack):
            channel = self._playing.pop(cue.cue_id, None)
            if channel is not None:
                channel.stop()
            return
        name = sound_of(cue)
        if not name:
            return
        left, right = (1.0, 1.0) if isinstance(cue, cues.Banner) else stereo(cue, listener)
        self._start(cue.cue_id, name, left, right)

    def _start(self, cue_id: int, name: str, left: float, right: float) -> None:
        sound = self._made.get(name)
        if sound is None or max(left, right) * self._volume < 0.02:
            return
        channel = pygame.mixer.find_channel()
        if channel is None:
            return  # all channels are busy: one more sound would hardly be heard
        channel.play(sound)
        channel.set_volume(left * self._volume, right * self._volume)
        # The channel is free, so whatever it played before has ended and cannot be taken back.
        self._playing = OrderedDict(
            (known, used) for known, used in self._playing.items() if used.id != channel.id
        )
        self._playing[cue_id] = channel
        while len(self._playing) > VOICES:
            self._playing.popitem(last=False)


def both_sides(mono: bytes) -> bytes:
    """Convert 16-bit mono samples to stereo samples, so that a channel can be panned."""
    left = array("h", mono)
    pairs = array("h", bytes(2 * len(mono)))
    pairs[0::2] = left
    pairs[1::2] = left
    return pairs.tobytes()


def sound_of(cue: cues.Cue) -> str:
    """Return the name of a cue's sound; empty for none."""
    match cue:
        case cues.HitCue():
            return "hurt" if cue.on_me else "hit" if cue.by_me else ""
        case cues.Taken():
            return cue.kind if cue.kind in SOUNDS else "ammo"
        case cues.Banner():
            return cue.sound
        case cues.TakenBack():
            return ""
        case _:
            return _NAMES[type(cue)]


_NAMES: Final = {
    cues.ShotCue: "shot",
    cues.Explosion: "explosion",
    cues.Launch: "launch",
    cues.Dash: "dash",
    cues.Spawn: "spawn",
    cues.DeathCue: "death",
}

Placed = (
    cues.ShotCue | cues.HitCue | cues.Explosion | cues.Launch | cues.Dash | cues.Taken | cues.Spawn
    | cues.DeathCue
)  # fmt: skip


def stereo(cue: Placed, listener: SoundPlace) -> tuple[float, float]:
    """Return the left and right volume of a cue for a listener on the map, each from 0 to 1."""
    dx, dy = cue.x - listener[0], cue.y - listener[1]
    distance = math.hypot(dx, dy)
    near = 1 - max(0.0, min(1.0, (distance - FULL_PX) / (SILENT_PX - FULL_PX)))
    loud = near * near * (1.0 if getattr(cue, "own", False) else OTHERS)
    side = max(-0.7, min(0.7, dx / SILENT_PX * 1.4))
    return loud * min(1.0, 1 - side), loud * min(1.0, 1 + side)
