"""The implementations of the hot path: each test that asks for `hot` runs for both."""

import pytest

from gameserver.accel import HotPath, implementation

MISSING = "the native hot path is not built; script/build-native builds it"


@pytest.fixture(params=["pure", "native"], scope="session")
def hot(request: pytest.FixtureRequest) -> HotPath:
    """Return the implementation that the test judges."""
    try:
        judged = implementation(request.param)
    except ImportError:
        pytest.skip(MISSING)
    assert judged.name == request.param
    return judged


@pytest.fixture(scope="session")
def native() -> HotPath:
    """Return the native implementation, to be compared with the one in Python."""
    try:
        return implementation("native")
    except ImportError:
        pytest.skip(MISSING)
