"""Find out what is wrong with a game's classes before a match does.

Law: every fault is found in one go, and each is one sentence that names class and field. Nothing
here plays: what only a match can show is found by :mod:`gameserver.testing.trial`.
"""

from gameserver.game.checking.definition import definition_faults, require_sound

__all__ = ["definition_faults", "require_sound"]
