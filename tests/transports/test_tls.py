"""TLS: the same conversation, encrypted; wrong certificates are found before anybody connects."""

import re
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trio
import trio.testing
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gameserver.errors import ConfigError
from gameserver.transports import (
    Drain,
    Guard,
    Link,
    ListenSettings,
    certificate_end,
    certificate_problems,
    load_certificate,
)
from tests.transports.harness import Bytes, echo, serving
from tests.transports.peers import masked, request_head

WANTED = b"\x98\x01"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def files(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    issued = authority.issue_cert("localhost")
    issued.private_key_pem.write_to_path(key)
    for number, blob in enumerate(issued.cert_chain_pems):
        blob.write_to_path(certificate, append=number > 0)
    return certificate, key


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_messages_snapshots_and_the_lane_work_over_tls(
    files: tuple[Path, Path], trusting: ssl.SSLContext
) -> None:
    taken: list[bytes] = []
    drain = Drain()

    async def play(link: Link) -> None:
        link.open_lane([WANTED], taken.append, drain)
        while True:
            message = await link.receive()
            assert link.offer(b"state of " + message)

    async def tick() -> None:
        while True:
            drain.drain()
            await trio.sleep(0.001)

    settings = ListenSettings(tls=load_certificate(*files))
    async with serving(play, settings) as port, trio.open_nursery() as nursery:
        nursery.start_soon(tick)
        stream = await trio.open_ssl_over_tcp_stream("localhost", port, ssl_context=trusting)
        async with stream:
            await stream.send_all(request_head())
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += await stream.receive_some()
            assert answer.startswith(b"HTTP/1.1 101")
            for number in range(20):
                await stream.send_all(masked(WANTED + bytes([number])) + masked(b"%02d" % number))
                frame = b"\x82\x0bstate of %02d" % number
                got = b""
                while len(got) < len(frame):
                    got += await stream.receive_some()
                assert got == frame
        nursery.cancel_scope.cancel()
    assert taken == [WANTED + bytes([number]) for number in range(20)]


async def test_a_peer_without_tls_is_disconnected_and_others_are_served(
    files: tuple[Path, Path], trusting: ssl.SSLContext
) -> None:
    settings = ListenSettings(tls=load_certificate(*files))
    async with serving(settings=settings) as port:
        async with await trio.open_tcp_stream("localhost", port) as plain:
            await plain.send_all(request_head())
            assert b"101" not in b"".join([data async for data in plain])
        stream = await trio.open_ssl_over_tcp_stream("localhost", port, ssl_context=trusting)
        async with stream:
            await stream.send_all(b"GET / HTTP/1.1\r\nHost: here:1\r\n\r\n")
            assert b"wss://here:1" in await stream.receive_some()


def test_a_peer_cannot_shake_hands_again(files: tuple[Path, Path]) -> None:
    context = load_certificate(*files)
    assert context.options & ssl.OP_NO_RENEGOTIATION
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_an_unusable_certificate_is_reported_in_one_sentence(
    authority: trustme.CA, files: tuple[Path, Path], tmp_path: Path
) -> None:
    certificate, key = files
    plain = serialization.load_pem_private_key(key.read_bytes(), None)
    other = authority.issue_cert("other.example").private_key_pem.bytes()
    made = {
        "locked": plain.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"x"),
        ),
        "der": plain.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        "other": other,
        "empty": b"",
        "torn": key.read_bytes()[:120],
        "text": b"hello",
    }
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
    none, locked, der = tmp_path / "none", tmp_path / "locked", tmp_path / "der"
    for one, two, words in (
        (certificate, none, f"tls-key: {none} is not there"),
        (none, key, f"tls-cert: {none} is not there"),
        (tmp_path, key, f"tls-cert: {tmp_path} is a folder"),
        (key, certificate, "are tls-cert and tls-key swapped"),
        (certificate, certificate, "are tls-cert and tls-key swapped"),
        (certificate, locked, f"tls-key {locked} cannot be used: it has a password"),
        (certificate, tmp_path / "other", "do not belong together"),
        (certificate, der, f"tls-key: {der} holds no private key in the text form"),
        (certificate, der, "convert it with openssl"),
        (tmp_path / "empty", key, "holds no certificate"),
        (certificate, tmp_path / "text", "holds no private key"),
        (certificate, tmp_path / "torn", "are no certificate and key"),
    ):
        with pytest.raises(ConfigError, match=re.escape(words)) as refused:
            load_certificate(one, two)
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("begins", "ends", "names", "problems"),
    [
        (-30, 300, (), []),
        (-30, 300, ("localhost",), []),
        (-30, -1, ("localhost",), ["clients refuse it: certificate has expired"]),
        (1, 300, (), ["clients refuse it: certificate is not yet valid"]),
        (-30, 300, ("play.example",), ["it is not for play.example"]),
        (-30, 3.05, (), ["it ends in 3.0 days"]),
    ],
)
def test_a_certificate_that_clients_refuse_or_soon_will_is_reported_at_the_start(
    authority: trustme.CA,
    tmp_path: Path,
    begins: float,
    ends: float,
    names: tuple[str, ...],
    problems: list[str],
) -> None:
    now = datetime.now(UTC)
    issued = authority.issue_cert(
        "localhost",
        not_before=now + timedelta(days=begins),
        not_after=now + timedelta(days=ends),
    )
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    context = load_certificate(certificate, key)
    assert list(certificate_problems(context, certificate, names, now.timestamp())) == problems


def test_a_context_without_a_certificate_is_reported_and_has_no_end(
    files: tuple[Path, Path],
) -> None:
    certificate, _ = files
    bare = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (problem,) = certificate_problems(bare, certificate, ("localhost",), 0.0)
    assert problem.startswith("no connection comes about with it: ")
    assert certificate_end(bare, certificate) is None


@pytest.mark.parametrize("ends", [-1, 30])
def test_the_end_of_a_certificate_is_known_also_once_it_has_passed(
    authority: trustme.CA, tmp_path: Path, ends: int
) -> None:
    end = (datetime.now(UTC) + timedelta(days=ends)).replace(microsecond=0)
    issued = authority.issue_cert("localhost", not_before=end - timedelta(days=99), not_after=end)
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    assert certificate_end(load_certificate(certificate, key), certificate) == end.timestamp()


async def test_new_connections_get_the_certificate_that_was_renewed(
    authority: trustme.CA, files: tuple[Path, Path], tmp_path: Path, trusting: ssl.SSLContext
) -> None:
    renewed = authority.issue_cert("renewed.example")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    renewed.cert_chain_pems[0].write_to_path(certificate)
    renewed.private_key_pem.write_to_path(key)
    guard = Guard(ListenSettings(tls=load_certificate(*files)), echo, Bytes())

    async def names() -> list[str]:
        ours, theirs = trio.testing.memory_stream_pair()
        trusting.check_hostname = False
        async with trio.open_nursery() as nursery:
            nursery.start_soon(guard.serve, theirs, "192.0.2.1")
            client = trio.SSLStream(ours, trusting)
            await client.do_handshake()
            found = client.getpeercert()
            nursery.cancel_scope.cancel()
        assert found is not None
        return [str(name) for _, name in found["subjectAltName"]]

    assert await names() == ["localhost"]
    guard.renew(load_certificate(certificate, key))
    assert await names() == ["renewed.example"]


def test_a_too_short_key_is_reported_with_the_required_size(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 1024)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 7)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    form = serialization.PrivateFormat.TraditionalOpenSSL
    (tmp_path / "cert.pem").write_bytes(made.public_bytes(encoding))
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(encoding, form, serialization.NoEncryption())
    )
    with pytest.raises(ConfigError, match="the key is too short; make one with RSA of 2048 bits"):
        load_certificate(tmp_path / "cert.pem", tmp_path / "key.pem")
