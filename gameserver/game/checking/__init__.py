"""Check a game's classes before a match is played.

Law: all faults are found in one run, and each is one sentence that names class and field. No match
is played here: faults that only a match shows are found by :mod:`gameserver.testing.trial`.
"""

from gameserver.game.checking.definition import definition_faults, require_sound

__all__ = ["definition_faults", "require_sound"]
