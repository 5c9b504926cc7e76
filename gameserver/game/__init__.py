"""The interface for authors of games: game class, field declarations, world, integer geometry."""

from gameserver.game.command import Command, edge, level
from gameserver.game.entity import Entity, Event, Outcome, Player, Standing
from gameserver.game.fields import grouped, networked, private
from gameserver.game.game import Bot, Game
from gameserver.game.hints import Hint, Look
from gameserver.game.interest import Interest
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.options import option
from gameserver.game.rng import Rng
from gameserver.game.world import World

__all__ = [
    "Bot",
    "Command",
    "Entity",
    "Event",
    "Game",
    "Hint",
    "Interest",
    "Look",
    "Outcome",
    "Player",
    "Rng",
    "Standing",
    "TileMap",
    "World",
    "edge",
    "grouped",
    "level",
    "networked",
    "option",
    "private",
]
