"""What this installation is called by: texts that tell people what to type name what they have."""

from functools import cache
from pathlib import Path

from gameserver import __file__ as _here


@cache
def _is_checkout() -> bool:
    return (Path(_here).parent.parent / "script" / "client").is_file()


def client_command() -> str:
    """Return the command that starts the pygame client."""
    return "script/client" if _is_checkout() else "gameserver-client"
