"""Every frame of a seeded match is the recorded one, byte for byte.

A change of the publisher that is meant to leave the wire alone must leave these digests alone. A
change of the wire, of the skirmish's rules or of its bots changes them on purpose: the failed
assertion shows the new values.
"""

import hashlib

import attrs
import pytest

from gameserver.game.entity import Player
from gameserver.game.game import Game
from gameserver.ids import NO_SEAT, MatchId, PlayerId, Seat
from gameserver.match import Match
from gameserver.testing.skirmish import Skirmish
from tests.match.play import MAP
from tests.match.test_cells import Tight, Wide

SEATS = 10
TICKS = 400
ENTERS = {PlayerId("own"): 0, PlayerId("late"): 37, PlayerId("slow"): 5, PlayerId("full"): 8}
"""Ticks at which the viewers enter, in the order of their seats."""
WATCHES = PlayerId("watches")


@attrs.define
class Recorder:
    """An outlet that digests what it takes."""

    frames: int = 0
    size: int = 0
    takes: bool = True
    digest: "hashlib._Hash" = attrs.field(factory=hashlib.sha256)

    def offer(self, message: bytes) -> bool:
        if self.takes:
            self.frames += 1
            self.size += len(message)
            self.digest.update(len(message).to_bytes(4, "big") + message)
        return self.takes


class NoInputs:
    def drain(self) -> list[tuple[PlayerId, bytes]]:
        return []


def played(game: Game) -> dict[PlayerId, Recorder]:
    """Play a match of bots, watched by viewers of all conditions; return what each was sent."""
    match = Match(
        match_id=MatchId("frames"),
        game=game,
        map=MAP,
        options=game.options(),
        seed=7,
        players=[Player(Seat(i), f"Bot {i}", i % 2 + 1, bot=True) for i in range(SEATS)],
        inlet=NoInputs(),
        announce=lambda _: None,
    )
    outlets = {player_id: Recorder() for player_id in (*ENTERS, WATCHES)}
    match.add_viewer(WATCHES, NO_SEAT, outlets[WATCHES])
    for tick in range(TICKS):
        for seat, (player_id, enters) in enumerate(ENTERS.items()):
            if tick == enters:
                match.add_viewer(player_id, Seat(seat), outlets[player_id])
        # It refuses for some ticks, so it needs keyframes.
        outlets[PlayerId("full")].takes = not 100 <= tick % 150 < 100 + tick // 50
        match.tick()
        for player_id in outlets:
            viewer = match.viewer(player_id)
            # The slow viewer acknowledges nothing for 5 s, so sending pauses.
            if viewer is not None and (player_id != "slow" or not 50 <= tick < 200):
                viewer.saw(match.tick_number, viewer.last_sent)
    return outlets


@pytest.mark.parametrize(
    ("game", "recorded"),
    [
        pytest.param(Skirmish(), "a50a39e49e8f070bbed3d503289fa4b7", id="whole world"),
        pytest.param(Wide(), "f837a76cc48bd0ef90f9e4bcc25bfa8c", id="cells"),
        pytest.param(Tight(), "376663ec861e356bd480fdf4777444b9", id="cells and few bytes"),
    ],
)
def test_all_frames_of_a_seeded_match_are_the_recorded_ones(game: Game, recorded: str) -> None:
    outlets = played(game)
    whole = hashlib.sha256(b"".join(outlet.digest.digest() for outlet in outlets.values()))
    sizes = [(outlet.frames, outlet.size) for outlet in outlets.values()]
    assert whole.hexdigest()[:32] == recorded, sizes
