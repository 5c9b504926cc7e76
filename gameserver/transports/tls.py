"""TLS under the WebSocket: the same guards, with encryption below them.

Law: an unusable certificate is reported when the server starts, not when a client connects, and so
is one that clients will refuse: such a server starts, since the certificate may be renewed in its
place and clients may trust it by means of their own. The handshake counts against the time limit of
an opening.

Source: RFC 9325 (recommendations for secure use of TLS): 1.2 and newer only.
"""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Final

import trio

from gameserver.errors import ConfigError, UnreadableFileError
from gameserver.files import read_file

MAX_PEM_BYTES: Final = 1 << 20
"""A chain of certificates has a few thousand bytes; what is larger is another file."""


SOON_S: Final = 14 * 24 * 3600
"""A certificate that ends within this time is told of: what renews it has failed already."""

_ROUNDS: Final = 8
"""Turns that each side takes in a handshake at most; TLS 1.2 needs three."""

_WEAK: Final = MappingProxyType(
    {
        "EE_KEY_TOO_SMALL": "the key is too short",
        "CA_KEY_TOO_SMALL": "a key of its chain is too short",
        "CA_MD_TOO_WEAK": "a signature of its chain is too weak",
    }
)
"""What OpenSSL's security level refuses, by its reason."""


def load_certificate(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return the TLS context of a server.

    Args:
        certificate: PEM, followed by the chain of certificates up to a root.
        key: PEM, without a password.

    Raises:
        ConfigError: A file cannot be read, or certificate and key do not belong together.
    """
    _look_over(certificate, "tls-cert", b"CERTIFICATE-----")
    _look_over(key, "tls-key", b"PRIVATE KEY-----")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError as error:
        reason = error.reason or "no PEM"
        if reason == "KEY_VALUES_MISMATCH":
            raise ConfigError(
                f"tls-cert {certificate} and tls-key {key} do not belong together: the key is of"
                " another certificate"
            ) from None
        if reason in _WEAK:
            raise ConfigError(
                f"tls-cert {certificate}: {_WEAK[reason]}; make one with RSA of 2048 bits or more,"
                " or with an elliptic curve, and SHA-256"
            ) from None
        raise ConfigError(
            f"tls-cert {certificate} and tls-key {key} are no certificate and key: {reason}"
        ) from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"tls-key {key} cannot be used: {error}") from None
    return context


def certificate_problems(
    context: ssl.SSLContext, certificate: Path, names: Sequence[str], unix_s: float
) -> Iterator[str]:
    """Yield why clients that trust the issuer will refuse a certificate, or soon will.

    Args:
        context: What `load_certificate` made of it.
        certificate: Its file.
        names: Under which clients reach the server, as far as they are known.
        unix_s: The time.
    """
    try:
        seen = _shake_hands(context, certificate)
        ends_in_s = ssl.cert_time_to_seconds(str(seen["notAfter"])) - unix_s
        if ends_in_s < SOON_S:
            yield f"it ends in {ends_in_s / 86400:.1f} days"
    except ssl.SSLCertVerificationError as error:
        yield f"clients refuse it: {error.verify_message}"
        return
    except ssl.SSLError as error:
        yield f"no connection comes about with it: {error.reason}"
        return
    for name in names:
        try:
            _shake_hands(context, certificate, name)
        except ssl.SSLCertVerificationError:
            yield f"it is not for {name}"


def _shake_hands(
    context: ssl.SSLContext, certificate: Path, name: str = ""
) -> Mapping[str, object]:
    """Return the certificate as a client sees it that trusts it, and asks for a name.

    Raises:
        ssl.SSLCertVerificationError: The client refuses it.
        ssl.SSLError: No connection comes about.
    """
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname = bool(name)
    trusting.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # the certificate itself is trusted
    trusting.load_verify_locations(certificate)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(to_server, to_client, server_side=True)
    client = trusting.wrap_bio(to_client, to_server, server_hostname=name or None)
    for _ in range(_ROUNDS):
        for end in (client, server):
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()
    return client.getpeercert() or {}


def _look_over(file: Path, setting: str, mark: bytes) -> None:
    """Check a file before the library does, whose errors do not name the file or the reason.

    Raises:
        ConfigError: It cannot be read, or has no certificate or key in PEM form.
    """
    try:
        content = read_file(file, MAX_PEM_BYTES)
    except UnreadableFileError as error:
        raise ConfigError(f"{setting}: {file} {error}") from None
    if mark in content:
        return
    swapped = b"PRIVATE KEY-----" in content or b"CERTIFICATE-----" in content
    hint = "; are tls-cert and tls-key swapped?" if swapped else ""
    if content[:1] == b"\x30":
        hint = "; it is in the binary form (DER), convert it with openssl"
    wanted = "certificate" if setting == "tls-cert" else "private key"
    raise ConfigError(f"{setting}: {file} holds no {wanted} in the text form (PEM){hint}")


def _no_password() -> str:
    raise ValueError(
        "it has a password; a server needs a key without one: openssl pkey -in KEY -out NEW"
    )


def encrypted(transport: trio.abc.Stream, context: ssl.SSLContext | None) -> trio.abc.Stream:
    """Return a TLS stream over ``transport``, or the transport itself without a context.

    The handshake happens at the first receive.
    """
    if context is None:
        return transport
    return trio.SSLStream(transport, context, server_side=True, https_compatible=True)
