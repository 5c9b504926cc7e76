"""The game that is shipped: a top-down arena shooter with three modes and bots."""

from gameserver.arena.arena import Arena

__all__ = ["Arena"]
