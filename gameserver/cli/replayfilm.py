"""``gameserver replay film``: a journal as snapshots, for clients that cannot run the game."""

import os
from pathlib import Path

import click

from gameserver.cli.output import outside
from gameserver.errors import UnreadableFileError
from gameserver.game.game import Game
from gameserver.store.film import make_film

GENTLE = 19
"""Niceness: a server on the same machine is not to be slowed down."""


def check_folder(to: Path) -> None:
    """Check that the folder of a file to be written is there, before the work is done.

    Raises:
        click.UsageError: It is not.
    """
    if not to.parent.is_dir():
        wrong = f"{outside(str(to))} cannot be written: {outside(str(to.parent))} is no folder"
        raise click.UsageError(f"--to: {wrong}")


def film(path: Path, game: Game, to: Path) -> int:
    """Make the film and return its bytes.

    Raises:
        JournalError: It cannot be replayed, or is too long.
        UnreadableFileError: A file cannot be read or written.
    """
    if hasattr(os, "nice"):
        os.nice(GENTLE)
    try:
        return make_film(path, game, to)
    except OSError as error:
        raise UnreadableFileError(f"{to} cannot be written: {error.strerror}") from None
