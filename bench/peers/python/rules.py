"""The rules of ``bench/minimal.py`` for servers that know nothing of this project's classes."""

import os
from typing import Generic, TypeVar

SIDE = 2000 * 16
STEP = 99
FULL_HP = 100
SCORE_EVERY = 64
PERIOD_S = 1 / float(os.environ.get("HZ", "20"))


class Player:
    """One player, with the input it holds."""

    __slots__ = ("aim", "angle", "dx", "dy", "hp", "number", "score", "seq", "x", "y")

    def __init__(self, number: int) -> None:
        """Place the player of this number."""
        self.number = number
        self.x = 800 + number * 7919 % (SIDE - 1600)
        self.y = 800 + number * 104729 % (SIDE - 1600)
        self.angle = self.score = self.dx = self.dy = self.aim = self.seq = 0
        self.hp = FULL_HP

    def step(self, tick: int) -> tuple[int, int, int, int, int, int]:
        """Move on by one tick and return the row of a state."""
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
    """Who plays together."""

    def __init__(self) -> None:
        """Start empty."""
        self.players: dict[Connection, Player] = {}
        self.tick = self.numbers = 0

    def join(self, connection: Connection) -> Player:
        """Let somebody in."""
        self.numbers += 1
        player = self.players[connection] = Player(self.numbers)
        return player

    def step(self) -> list[tuple[int, int, int, int, int, int]]:
        """Move everybody and return the rows."""
        self.tick += 1
        return [player.step(self.tick) for player in self.players.values()]
