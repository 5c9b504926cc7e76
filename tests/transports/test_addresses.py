"""Listening: any number of addresses on one port, and what to do where it cannot be."""

import errno
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address

import pytest
import trio

from gameserver.errors import CannotListenError, ConfigError, GameserverError
from gameserver.transports import ListenSettings
from gameserver.transports.addresses import PORT_ATTEMPTS, open_listeners, own_address, port_of
from tests.transports.harness import answer_to, serving

HAS_V6 = os.path.exists("/proc/net/if_inet6")  # noqa: PTH110  a file of the kernel
LOOPBACKS = ("127.0.0.1", "::1") if HAS_V6 else ("127.0.0.1", "127.0.0.2")


@asynccontextmanager
async def opened(*hosts: str, port: int = 0) -> AsyncIterator[list[trio.SocketListener]]:
    listeners = await open_listeners(hosts, port)
    try:
        yield listeners
    finally:
        for listener in listeners:
            await listener.aclose()


def addresses(listeners: list[trio.SocketListener]) -> list[str]:
    return [listener.socket.getsockname()[0] for listener in listeners]


async def reaches(host: str, port: int) -> bool:
    try:
        await (await trio.open_tcp_stream(host, port)).aclose()
    except OSError:
        return False
    return True


async def test_several_addresses_share_one_port_even_if_the_kernel_picks_it() -> None:
    async with opened(*LOOPBACKS) as listeners:
        assert addresses(listeners) == list(LOOPBACKS)
        assert {each.socket.getsockname()[1] for each in listeners} == {port_of(listeners)}
        for host in LOOPBACKS:
            assert await reaches(host, port_of(listeners))


async def test_the_wildcard_of_ipv6_accepts_both_families() -> None:
    hosts = ("::",) if HAS_V6 else ("0.0.0.0",)
    async with opened(*hosts) as listeners:
        for host in LOOPBACKS:
            assert await reaches(host, port_of(listeners))


async def test_an_address_given_twice_or_covered_by_a_wildcard_is_opened_once() -> None:
    async with opened("127.0.0.1", "127.0.0.1", "localhost") as listeners:
        assert addresses(listeners).count("127.0.0.1") == 1
    async with opened("127.0.0.1", "0.0.0.0", "127.0.0.2") as listeners:
        assert addresses(listeners) == ["0.0.0.0"]


async def test_a_server_on_several_addresses_serves_on_all_of_them() -> None:
    async with serving(settings=ListenSettings(hosts=LOOPBACKS)) as port:
        assert (await answer_to(port, b"HEAD / HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.1 200")
        assert await reaches(LOOPBACKS[1], port)


async def test_a_port_in_use_on_the_second_address_leaves_nothing_open() -> None:
    with socket.create_server(("127.0.0.2", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            CannotListenError, match=rf"^cannot listen on 127\.0\.0\.2:{port}: port"
        ):
            await open_listeners(("127.0.0.1", "127.0.0.2"), port)
        assert not await reaches("127.0.0.1", port)


@pytest.mark.parametrize(
    ("port", "taken", "attempts", "opens"),
    [(0, 3, 4, True), (0, PORT_ATTEMPTS - 1, PORT_ATTEMPTS, True), (0, 99, PORT_ATTEMPTS, False),
     (700, 99, 1, False)],
)  # fmt: skip
async def test_if_the_kernels_port_is_in_use_on_another_address_the_next_one_is_tried(
    monkeypatch: pytest.MonkeyPatch, port: int, taken: int, attempts: int, opens: bool
) -> None:
    asked: list[tuple[str, int]] = []
    listen = trio.open_tcp_listeners

    async def refuse(wanted: int, *, host: str) -> list[trio.SocketListener]:
        asked.append((host, wanted))
        if host == "127.0.0.2":
            if len(asked) <= 2 * taken:
                raise OSError(errno.EADDRINUSE, "Address already in use")
            return []
        return await listen(0, host=host)

    monkeypatch.setattr(trio, "open_tcp_listeners", refuse)
    hosts = ("127.0.0.1", "127.0.0.2")
    if opens:
        (listener,) = await open_listeners(hosts, port)
        assert asked[-1] == ("127.0.0.2", port_of([listener]))
        await listener.aclose()
    else:
        with pytest.raises(CannotListenError, match=rf"on 127\.0\.0\.2:{port}: port {port} is"):
            await open_listeners(hosts, port)
    assert len(asked) == 2 * attempts
    assert {wanted for host, wanted in asked if host == "127.0.0.1"} == {port}


@pytest.mark.parametrize(
    ("number", "passes", "words"),
    [
        (errno.EADDRINUSE, True, "port 700 is in use; stop the program that has it, or choose"),
        (errno.EACCES, False, "choose one from 1024 on with --port, or grant CAP_NET_BIND_SERVICE"),
        (errno.EADDRNOTAVAIL, True, "this machine has no such address; --host 0.0.0.0 listens on"),
        (errno.EAFNOSUPPORT, False, "this machine has none of that family; --host 0.0.0.0"),
        (errno.EMFILE, True, "Too many open files"),
    ],
)
async def test_the_cause_of_a_failed_listen_is_explained_and_classified_as_temporary_or_not(
    monkeypatch: pytest.MonkeyPatch, number: int, passes: bool, words: str
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(trio, "open_tcp_listeners", refuse)
    with pytest.raises(GameserverError) as refused:
        await open_listeners(("127.0.0.1",), 700)
    assert isinstance(refused.value, ConfigError) is not passes
    assert str(refused.value).startswith("cannot listen on 127.0.0.1:700: ")
    assert words in str(refused.value)


async def test_an_address_of_another_machine_and_an_unknown_name_have_different_errors() -> None:
    with pytest.raises(CannotListenError, match="this machine has no such address"):
        await open_listeners(("192.0.2.7",), 0)
    with pytest.raises(ConfigError, match="the name is not known here"):
        await open_listeners(("no-such-host.invalid",), 0)


async def test_a_failed_lookup_of_a_name_is_a_temporary_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(trio.socket, "getaddrinfo", refuse)
    with pytest.raises(CannotListenError, match="the name is not known here"):
        await open_listeners(("play.example",), 0)


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("224.0.0.1", "it is a multicast address"),
        ("239.255.0.1", "it is a multicast address"),
        ("ff02::1", "it is a multicast address"),
        ("255.255.255.255", "it is a broadcast address"),
        ("127.255.255.255", "it is a broadcast address"),
        (
            "fe80::1",
            "it is a link-local address, which every network has; write the network's name",
        ),
    ],
)
async def test_an_address_that_cannot_be_connected_to_is_refused_with_the_reason(
    host: str, words: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        await open_listeners((host,), 0)
    assert words in str(refused.value)


async def test_a_link_local_address_keeps_its_zone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    async def listen(_port: int, *, host: str) -> list[trio.SocketListener]:
        asked.append(host)
        return []

    name = socket.if_nameindex()[0][1]
    monkeypatch.setattr(trio, "open_tcp_listeners", listen)
    await open_listeners((f"fe80::1%{name}",), 700)
    assert asked == [f"fe80::1%{name}"]


def test_the_own_address_is_reachable_for_others() -> None:
    for version in (4, 6):
        address = own_address(version)
        assert not address or not ip_address(address).is_loopback


@pytest.mark.parametrize(
    ("version", "ours", "told"),
    [
        (4, "192.0.2.7", "192.0.2.7"),
        (4, "127.0.0.1", ""),
        (4, "169.254.3.4", ""),
        (6, "2001:db8::7", "2001:db8::7"),
        (6, "::1", ""),
        (6, "fe80::7", ""),
    ],
)
def test_only_an_address_reachable_for_other_machines_is_the_own_address(
    monkeypatch: pytest.MonkeyPatch, version: int, ours: str, told: str
) -> None:
    class Asking:
        """A datagram socket of a machine with this address on its way out."""

        def __init__(self, family: int, kind: int) -> None:
            assert kind == socket.SOCK_DGRAM, "nothing is sent"
            assert family == (socket.AF_INET if version == 4 else socket.AF_INET6)

        def __enter__(self) -> "Asking":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def connect(self, place: tuple[str, int]) -> None:
            assert ip_address(place[0]).version == version

        def getsockname(self) -> tuple[str, int]:
            return ours, 1

    monkeypatch.setattr(socket, "socket", Asking)
    assert own_address(version) == told


@pytest.mark.parametrize(
    ("number", "ends"),
    [(errno.EAFNOSUPPORT, False), (errno.EADDRNOTAVAIL, False), (errno.EMFILE, True)],
)
async def test_listening_on_all_of_ipv6_works_without_ipv4(
    monkeypatch: pytest.MonkeyPatch, number: int, ends: bool
) -> None:
    made: list[str] = []
    listen = trio.open_tcp_listeners

    async def refuse(_port: int, *, host: str) -> list[trio.SocketListener]:
        made.append(host)
        if host == "0.0.0.0":
            raise OSError(number, os.strerror(number))
        return await listen(0, host="127.0.0.1")

    monkeypatch.setattr(trio, "open_tcp_listeners", refuse)
    if ends:
        with pytest.raises(CannotListenError, match=os.strerror(number)):
            await open_listeners(("::",), 700)
    else:
        (listener,) = await open_listeners(("::",), 700)
        await listener.aclose()
    assert made == ["::", "0.0.0.0"]


def test_without_a_route_to_other_machines_the_own_address_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(socket, "socket", refuse)
    assert own_address(4) == ""
