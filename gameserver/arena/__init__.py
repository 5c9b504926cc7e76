"""Arena, the shipped game: a top-down shooter with three modes and bots."""

from gameserver.arena.arena import Arena

__all__ = ["Arena"]
