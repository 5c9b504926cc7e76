"""Build the native hot path when the package is built or installed, where there is a C compiler.

Law: nothing breaks without it. If it cannot be built, the package is made without it and says so in
one line; the hot path then runs in Python. With ``GAMESERVER_NATIVE=require`` that is an error,
with ``GAMESERVER_NATIVE=off`` it is not tried.

It is built for the limited API of Python 3.11, so one wheel serves all later versions.
"""

import os
import sys
import sysconfig
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT: Final = Path(__file__).resolve().parent
PACKAGE: Final = Path("gameserver/accel/native")
PAGES: Final = Path("client_web/dist")
"""The built pages of the browser client: ``script/build-web`` makes them."""
VARIABLE: Final = "GAMESERVER_NATIVE"
FLAGS: Final = ("-std=c11", "-O2", "-Wall", "-Wextra", "-Wno-cast-function-type")
SANITIZED: Final = ("-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=address,undefined")


def build(root: Path = ROOT, *, sanitized: bool = False) -> Path:
    """Compile the sources beside them and return the module's path.

    Raises:
        Exception: Of the compiler's kind: there is none, or no headers of Python, or it failed.
    """
    from setuptools import Distribution, Extension  # noqa: PLC0415  only where it is built
    from setuptools.command.build_ext import build_ext  # noqa: PLC0415

    more = SANITIZED if sanitized else ()
    on_windows = sys.platform == "win32"
    extension = Extension(
        ".".join([*PACKAGE.parts, "_core"]),
        sorted(str(path.relative_to(root)) for path in (root / PACKAGE / "src").glob("*.c")),
        depends=[str(path) for path in (root / PACKAGE / "src").glob("*.h")],
        extra_compile_args=["/O2", "/std:c11"] if on_windows else [*FLAGS, *more],
        extra_link_args=list(more),
        py_limited_api=True,
    )
    here = Path.cwd()
    os.chdir(root)  # setuptools knows places from the current folder only
    try:
        command = build_ext(Distribution({"name": "gameserver", "ext_modules": [extension]}))
        command.inplace = True
        command.force = True
        command.ensure_finalized()
        command.run()
        return root / command.get_ext_filename(extension.name)
    finally:
        os.chdir(here)


def wheel_tag() -> str:
    """Return the tag of a wheel with the native part."""
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return f"cp311-abi3-{platform}"


class NativeHook(BuildHookInterface):  # type: ignore[misc, type-arg, unused-ignore]
    """Adds the native hot path to a wheel or an editable checkout, and the pages to a wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build it before the files of the wheel are gathered; add the pages that were built."""
        pages = Path(self.root, PAGES)
        if version != "editable" and (pages / "index.html").is_file():
            build_data["force_include"][str(pages)] = "gameserver/pages"
        wanted = os.environ.get(VARIABLE, "")
        # The limited API does not exist in builds without the global lock.
        if wanted == "off" or sysconfig.get_config_var("Py_GIL_DISABLED"):
            return
        try:
            module = build(Path(self.root))
        except (Exception, SystemExit) as error:
            # Of any kind: setuptools ends with SystemExit for some faults of compilers.
            if wanted == "require":
                raise
            self.app.display_warning(
                f"the native hot path is not built ({error}); the one in Python runs instead"
            )
            return
        build_data["artifacts"].append(str(module.relative_to(self.root)))
        if version != "editable":
            build_data["pure_python"] = False
            build_data["tag"] = wheel_tag()


if __name__ == "__main__":
    print(build(sanitized="--sanitized" in sys.argv[1:]))  # noqa: T201  what was asked for
