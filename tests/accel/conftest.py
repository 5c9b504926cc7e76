"""The implementations of the hot path: each test that asks for `hot` runs for both."""

import shutil
import sysconfig
from pathlib import Path

import pytest

from gameserver.accel import HotPath, implementation


def built(name: str) -> HotPath:
    """Return an implementation; skip the test only where the native one cannot be built at all.

    Where a compiler is, its absence is a fault: the build of the package goes on without it.
    """
    try:
        return implementation(name)
    except ImportError:
        headers = Path(sysconfig.get_path("include"), "Python.h")
        if any(map(shutil.which, ("cc", "gcc", "clang"))) and headers.exists():
            raise
        pytest.skip("no C compiler with the headers of Python: apt-get install gcc python3-dev")


@pytest.fixture(params=["pure", "native"], scope="session")
def hot(request: pytest.FixtureRequest) -> HotPath:
    """Return the implementation that the test judges."""
    judged = built(request.param)
    assert judged.name == request.param
    return judged


@pytest.fixture(scope="session")
def native() -> HotPath:
    """Return the native implementation, to be compared with the one in Python."""
    return built("native")
