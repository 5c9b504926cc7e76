"""TLS under the WebSocket: the same guards, with encryption below them.

Law: an unusable certificate is reported when the server starts, not when a client connects. The
handshake counts against the time limit of an opening.

Source: RFC 9325 (recommendations for secure use of TLS): 1.2 and newer only.
"""

import ssl
from pathlib import Path
from typing import Final

import trio

from gameserver.errors import ConfigError, UnreadableFileError
from gameserver.files import read_file

MAX_PEM_BYTES: Final = 1 << 20
"""A chain of certificates has a few thousand bytes; what is larger is another file."""


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
        raise ConfigError(
            f"tls-cert {certificate} and tls-key {key} are no certificate and key: {reason}"
        ) from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"tls-key {key} cannot be used: {error}") from None
    return context


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
    raise ValueError("it has a password; a server needs a key without one")


def encrypted(transport: trio.abc.Stream, context: ssl.SSLContext | None) -> trio.abc.Stream:
    """Return a TLS stream over ``transport``, or the transport itself without a context.

    The handshake happens at the first receive.
    """
    if context is None:
        return transport
    return trio.SSLStream(transport, context, server_side=True, https_compatible=True)
