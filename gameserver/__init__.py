"""A real-time multiplayer game server on trio."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("gameserver")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0"
