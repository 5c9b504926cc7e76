import pytest

from gameserver.transports.connection_limits import ConnectionLimits, subscriber


def test_one_address_can_use_only_its_own_share() -> None:
    limits = ConnectionLimits(10, 2)
    with limits.admit("10.0.0.1") as first, limits.admit("10.0.0.1") as second:
        assert first == second == ""
        with limits.admit("10.0.0.1") as third, limits.admit("10.0.0.2") as other:
            assert "your address" in third
            assert other == ""
        assert limits.total == 2
    with limits.admit("10.0.0.1") as again:
        assert again == ""
    assert limits.total == 0


def test_the_share_of_an_address_is_the_same_after_any_number_of_connections() -> None:
    limits = ConnectionLimits(10, 2)
    for _ in range(5):
        assert limits.enter("10.0.0.1") == ""
        limits.leave("10.0.0.1")
    assert [bool(limits.enter("10.0.0.1")) for _ in range(3)] == [False, False, True]
    assert limits.total == 2


def test_the_total_counts_connections_of_all_addresses() -> None:
    limits = ConnectionLimits(2, 2)
    with limits.admit("127.0.0.1"), limits.admit("10.0.0.2"), limits.admit("10.0.0.3") as refusal:
        assert "full" in refusal
    assert limits.total == 0


def test_loopback_addresses_have_no_limit_of_their_own() -> None:
    limits = ConnectionLimits(10, 1)
    with limits.admit("127.0.0.1"), limits.admit("127.0.0.1") as second, limits.admit("::1") as six:
        assert second == six == ""


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::99", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::99", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.1", ""),
        ("::ffff:127.0.0.1", ""),
        ("127.8.8.8", "127.8.8.8"),  # taken on purpose, to play another address
        ("::1", ""),
        ("", ""),
    ],
)
def test_connections_are_counted_by_ipv4_address_or_ipv6_network(
    address: str, counted_as: str
) -> None:
    assert subscriber(address) == counted_as
