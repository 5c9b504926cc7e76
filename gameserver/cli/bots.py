"""``gameserver bots``: real clients, driven by the game's own bots, for load and for company."""

import click
import trio
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from gameserver.cli.output import err
