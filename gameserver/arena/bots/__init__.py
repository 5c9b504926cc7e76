"""Bots that are fun to play against: they see what a player sees, and err like one."""

from gameserver.arena.bots.bot import ArenaBot
from gameserver.arena.bots.levels import LEVELS, BotLevel

__all__ = ["LEVELS", "ArenaBot", "BotLevel"]
