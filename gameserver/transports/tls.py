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
    for file in (certificate, key):
        if not file.is_file():
            raise ConfigError(f"there is no file {file}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError as error:
        reason = error.reason or "no PEM"
        raise ConfigError(f"{certificate} and {key} are no certificate and key: {reason}") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{certificate} or {key} cannot be used: {error}") from None
    return context


def _no_password() -> str:
    raise ValueError("the key has a password; a server needs one without")


def encrypted(transport: trio.abc.Stream, context: ssl.SSLContext | None) -> trio.abc.Stream:
    """Return a stream that speaks TLS over ``transport``; the transport itself without a context.

    The handshake is done when something is received for the first time.
    """
    if context is None:
        return transport
    return trio.SSLStream(transport, context, server_side=True, https_compatible=True)
