"""Bots that see what a player sees, with reaction times and errors like a player's."""

from gameserver.arena.bots.bot import ArenaBot
from gameserver.arena.bots.levels import LEVELS, BotLevel

__all__ = ["LEVELS", "ArenaBot", "BotLevel"]
