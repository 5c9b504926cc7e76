"""What this installation is called by: texts that tell people what to type name what they have."""

import shlex
import shutil
import sys
import sysconfig
from functools import cache
from pathlib import Path

from gameserver import __file__ as _here


@cache
def _is_checkout() -> bool:
    return (Path(_here).parent.parent / "script" / "client").is_file()


def client_command() -> str:
    """Return the command that starts the pygame client."""
    return "script/client" if _is_checkout() else "gameserver-client"


def server_command() -> str:
    """Return what starts the program ``gameserver`` of this Python in the folder where one is.

    That is its name where the shell finds it, else the path to it: an environment that a script has
    made need not be activated.
    """
    program = Path(sysconfig.get_path("scripts")) / "gameserver"
    found = shutil.which("gameserver")
    if found and program.exists() and Path(found).samefile(program):
        return "gameserver"
    if not program.exists():
        return f"{shlex.quote(sys.executable)} -m gameserver"
    here = Path.cwd()
    return shlex.quote(str(program.relative_to(here) if here in program.parents else program))
