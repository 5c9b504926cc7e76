"""Hypothesis strategies for any game: commands within their declared bounds.

Law: commands are drawn from the game's declarations, so a new field needs no new strategy.
"""

from hypothesis import strategies as st

from gameserver.game.command import Command
from gameserver.game.game import Game
from gameserver.game.schema.history import REWIND_MS, VIEW_UNITS


def rows(game: Game) -> st.SearchStrategy[tuple[int, ...]]:
    """Draw the wire values of a command that a match accepts."""
    return st.tuples(*(st.integers(field.lo, field.hi) for field in game.command.fields()))


def commands(game: Game) -> st.SearchStrategy[Command]:
    """Draw commands as `Game.step` may receive them, views included."""
    oldest = game.tick_rate * REWIND_MS // 1000 * VIEW_UNITS
    return st.builds(game.command.from_row, rows(game), st.integers(0, oldest))
