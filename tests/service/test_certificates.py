"""A server reports a certificate that clients will refuse, and takes a renewed one as it runs."""

import ssl
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
import trio
import trustme
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.service.certificate import Certificate
from gameserver.service.config.settings import Settings
from gameserver.service.runtime import Runtime, wall_ms
from gameserver.service.server import Server
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Skirmish
from tests.e2e.program import PATIENCE_S


async def test_an_expired_certificate_is_logged(tmp_path: Path) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    issued = trustme.CA().issue_cert("localhost", not_after=yesterday)
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    field = map_from_rows(*["." * 16] * 16)
    with capture_logs() as lines:
        Server(
            Settings(tls_cert=str(certificate), tls_key=str(key)), Skirmish(), {field.name: field}
        )
    assert lines == [
        {
            "event": "certificate problem",
            "log_level": "warning",
            "file": str(certificate),
            "problem": "clients refuse it: certificate has expired",
        }
    ]


@attrs.frozen
class Files:
    """Certificate and key of a server, which can be replaced."""

    folder: Path

    @property
    def certificate(self) -> Path:
        return self.folder / "cert.pem"

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"

    def renew(self, authority: trustme.CA, days: float = 90) -> None:
        until = datetime.now(UTC) + timedelta(days=days)
        issued = authority.issue_cert("localhost", "127.0.0.1", not_after=until)
        issued.private_key_pem.write_to_path(self.key)
        issued.cert_chain_pems[0].write_to_path(self.certificate)


async def connected(port: int, authority: trustme.CA) -> trio.SSLStream[trio.SocketStream]:
    """Connect as a client that trusts this authority alone."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    stream = await trio.open_ssl_over_tcp_stream("localhost", port, ssl_context=context)
    try:
        await stream.do_handshake()
    except BaseException:
        await trio.aclose_forcefully(stream)
        raise
    return stream


async def asked(stream: trio.SSLStream[trio.SocketStream]) -> bytes:
    """Ask for the server's health over an open connection."""
    await stream.send_all(b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return bytes(await stream.receive_some())


async def told(lines: Sequence[Mapping[str, Any]], event: str) -> Mapping[str, Any]:
    """Wait for a line of the log."""
    with trio.fail_after(PATIENCE_S):
        while True:
            for line in lines:
                if line["event"] == event:
                    return line
            await trio.sleep(0.01)


async def test_new_connections_get_a_renewed_certificate_and_a_broken_one_changes_nothing(
    tmp_path: Path,
) -> None:
    old, new = trustme.CA(), trustme.CA()
    files = Files(tmp_path)
    files.renew(old, days=3)
    settings = Settings(port=0, tls_cert=str(files.certificate), tls_key=str(files.key))
    field = map_from_rows(*["." * 16] * 16)
    with capture_logs() as lines:
        server = Server(settings, Skirmish(), {field.name: field})
        async with trio.open_nursery() as nursery:
            port = int((await nursery.start(server.run)).rpartition(":")[2])
            before = await connected(port, old)
            assert b"200" in await asked(before)
            assert server.metrics.read(trio.current_time()).certificate_left_s == pytest.approx(
                3 * 86400, abs=600
            )

            files.renew(new)
            server.reload_certificate()
            assert (await told(lines, "certificate reloaded"))["days"] == pytest.approx(90, abs=0.1)
            assert b"200" in await asked(before), "a running connection keeps its certificate"
            async with await connected(port, new) as after:
                assert b"200" in await asked(after)
            with pytest.raises(trio.BrokenResourceError):
                await connected(port, old)

            files.key.write_text("no key")
            server.reload_certificate()
            fault = (await told(lines, "certificate not reloaded"))["fault"]
            assert f"tls-key: {files.key} holds no private key" in fault
            async with await connected(port, new) as after:
                assert b"200" in await asked(after)
            await before.aclose()
            server.stop()
    assert [line["problem"] for line in lines if line["event"] == "certificate problem"] == [
        "it ends in 3.0 days"
    ]


def test_an_expired_certificate_has_a_negative_time_left(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.renew(trustme.CA(), days=-2)
    settings = Settings(tls_cert=str(files.certificate), tls_key=str(files.key))
    left_s = Certificate(settings, Runtime()).left_s
    assert left_s == pytest.approx(-2 * 86400, abs=600)


async def test_a_coming_end_is_warned_of_while_the_server_runs(
    tmp_path: Path,
    autojump_clock: MockClock,  # noqa: ARG001  passes the time
) -> None:
    files = Files(tmp_path)
    files.renew(trustme.CA(), days=90)
    began_ms = wall_ms()
    days_later = [0.0]
    runtime = Runtime(wall_ms=lambda: began_ms + int(days_later[0] * 86_400_000))
    settings = Settings(tls_cert=str(files.certificate), tls_key=str(files.key))
    with capture_logs() as lines:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(Certificate(settings, runtime).run, lambda _: None)
            await trio.sleep(86_400)
            assert lines == []
            days_later[0] = 80.0
            await trio.sleep(86_400)
            nursery.cancel_scope.cancel()
    assert {line["problem"] for line in lines} == {"it ends in 10.0 days"}


async def test_the_consoles_own_port_is_given_the_renewed_certificate_too() -> None:
    ports = Settings(port=0, console_secret="correct-horse-battery", console_port=7778)
    server = Server(ports, Skirmish(), {})
    renewed: list[object] = []
    guard: Any = SimpleNamespace(renew=renewed.append)
    server._guard = guard
    assert server.console is not None
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server._renew(tls)
    assert renewed == [tls], "the console does not listen yet"
    server.console._guard = guard
    server._renew(tls)
    assert renewed == [tls] * 3
