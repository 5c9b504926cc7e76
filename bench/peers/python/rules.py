"""The rules of ``bench/minimal.py``, without this project's classes, for the other servers."""

import os
from typing import Generic, TypeVar

SIDE = 2000 * 16
STEP = 99
FULL_HP = 100
SCORE_EVERY = 64
PERIOD_S = 1 / float(os.environ.get("HZ", "20"))


class Player:
    """One player, with its last input."""

    __slots__ = ("aim", "angle", "dx", "dy", "hp", "number", "score", "seq", "x", "y")

    def __init__(self, number: int) -> None:
        """Place the player by its number, so that players are spread over the field."""
        self.number = number
        self.x = 800 + number * 7919 % (SIDE - 1600)
        self.y = 800 + number * 104729 % (SIDE - 1600)
        self.angle = self.score = self.dx = self.dy = self.aim = self.seq = 0
        self.hp = FULL_HP

    def step(self, tick: int) -> tuple[int, int, int, int, int, int]:
        """Advance by one tick and return the player's row of a state."""
        x, y = self.x + self.dx * STEP, self.y + self.dy * STEP
        self.x, self.y = min(max(x, 0), SIDE), min(max(y, 0), SIDE)
        self.angle = self.aim
        if self.x != x or self.y != y:
            self.hp = self.hp - 1 or FULL_HP
        if (tick + self.number) % SCORE_EVERY == 0:
            self.score += 1
        return (self.number, self.x, self.y, self.angle, self.hp, self.score)


Connection = TypeVar("Connection")


class Room(Generic[Connection]):
    """The players of one room, by connection."""

    def __init__(self) -> None:
        """Start empty."""
        self.players: dict[Connection, Player] = {}
        self.tick = self.numbers = 0

    def join(self, connection: Connection) -> Player:
        """Add a player and return it; the first one has number 1."""
        self.numbers += 1
        player = self.players[connection] = Player(self.numbers)
        return player

    def step(self) -> list[tuple[int, int, int, int, int, int]]:
        """Advance by one tick and return the state: a row for each player."""
        self.tick += 1
        return [player.step(self.tick) for player in self.players.values()]
