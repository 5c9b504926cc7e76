"""Newcomers are refused before connected clients lack descriptors."""

import resource

import pytest

from gameserver.errors import ConfigError
from gameserver.service.descriptors import (
    ENOUGH,
    Allowance,
    allowance,
    in_use,
    limit,
    raise_limit,
)

ASKED = {"connections": 4096, "matches": 512, "refusals": 64}


def test_with_enough_descriptors_all_limits_are_as_configured() -> None:
    assert allowance(**ASKED, most=65536, used=20) == Allowance(4096, 64)


@pytest.mark.parametrize("most", [40, 64, 128, 256, 1024, 4096])
def test_connections_matches_and_refusals_never_use_all_descriptors(most: int) -> None:
    allowed = allowance(**ASKED, most=most, used=16)
    assert 1 <= allowed.connections < 4096
    matches = min(512, allowed.connections)
    assert 16 + allowed.connections + matches + allowed.refusals < most


def test_a_lower_limit_of_matches_leaves_more_descriptors_for_connections() -> None:
    assert allowance(4096, 10, 64, most=1024, used=16).connections == 1024 - 16 - 126 - 10


@pytest.mark.parametrize("most", [10, 16, 24])
def test_too_few_descriptors_are_reported_with_the_limit_to_raise(most: int) -> None:
    with pytest.raises(ConfigError, match=f"the limit on open files is {most}, .*ulimit -n"):
        allowance(**ASKED, most=most, used=16)


def test_the_soft_limit_is_raised_to_the_hard_one_and_never_lowered() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowered = min(256, before[0])
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowered, before[1]))
        assert limit() == lowered
        raise_limit()
        assert limit() == (ENOUGH if before[1] == resource.RLIM_INFINITY else before[1])
        raise_limit()
        assert limit() == (ENOUGH if before[1] == resource.RLIM_INFINITY else before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_open_descriptors_are_counted() -> None:
    before = in_use()
    with open("/dev/null", "rb"), open("/dev/null", "rb"):  # noqa: PTH123
        assert in_use() == before + 2
