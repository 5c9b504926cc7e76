"""TLS under the WebSocket: the same guards, with encryption below them.

Law: a certificate that cannot be used is found when the server starts, not when somebody connects;
the handshake counts against the time that an opening may take.

Source: RFC 9325 (recommendations for secure use of TLS): 1.2 and newer only.
"""

import ssl
from pathlib import Path

import trio

from gameserver.errors import ConfigError


def load_certificate(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return what a server needs to speak TLS.

    Args:
        certificate: PEM, with the chain up to a root behind it.
        key: PEM, without a password.

    Raises:
        ConfigError: A file cannot be read, or the two do not fit.
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
    """Refuse a file in which the library would only find that something is wrong.

    Raises:
        ConfigError: It cannot be read, or is not in the form that is wanted.
    """
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"{setting}: there is no file {file}") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"{setting}: {file} cannot be read: {reason}") from None
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
    """Return a stream that speaks TLS over ``transport``; the transport itself without a context.

    The handshake is done when something is received for the first time.
    """
    if context is None:
        return transport
    return trio.SSLStream(transport, context, server_side=True, https_compatible=True)
