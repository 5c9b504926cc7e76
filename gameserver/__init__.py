"""A real-time multiplayer game server on trio.

Law: importing the package costs nothing. Its version is looked up when it is asked for: reading the
metadata of packages takes longer than many a command.
"""


def __getattr__(name: str) -> str:
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  see the module

    try:
        return version("gameserver")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0"
