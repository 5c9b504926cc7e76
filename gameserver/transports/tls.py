"""Certificates for TLS: loading and checking them; `tls_stream` encrypts.

Law: an unusable certificate prevents the start. A certificate that clients will refuse is reported
at the start, but does not prevent it: the file may be renewed later, and clients may have another
way to trust it.

Source: RFC 9325 (recommendations for secure use of TLS): 1.2 and newer only.
"""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Final

from gameserver.errors import ConfigError, UnreadableFileError
from gameserver.files import read_file

MAX_PEM_BYTES: Final = 1 << 20
"""Largest file of a certificate chain or key; usual ones have a few thousand bytes."""


SOON_S: Final = 14 * 24 * 3600
"""Remaining time of a certificate from which it is reported: its automatic renewal has failed."""

_ROUNDS: Final = 8
"""Most turns of each side in a handshake; TLS 1.2 needs three."""

_NO_CHECK_TIME: Final = 0x200000
"""``X509_V_FLAG_NO_CHECK_TIME`` of OpenSSL, which Python has no name for."""

_WEAK: Final = MappingProxyType(
    {
        "EE_KEY_TOO_SMALL": "the key is too short",
        "CA_KEY_TOO_SMALL": "a key of its chain is too short",
        "CA_MD_TOO_WEAK": "a signature of its chain is too weak",
    }
)
"""Sentences for certificates that OpenSSL's security level refuses, by OpenSSL's reason."""


def load_certificate(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return the TLS context of a server.

    Args:
        certificate: File of the certificate in PEM form, followed by its chain up to a root.
        key: File of the private key in PEM form, without a password.

    Raises:
        ConfigError: A file cannot be read, or certificate and key do not belong together.
    """
    _look_over(certificate, "tls-cert", b"CERTIFICATE-----")
    _look_over(key, "tls-key", b"PRIVATE KEY-----")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # A peer that shakes hands again and again would have the server do the dear part (threat 37).
    context.options |= ssl.OP_NO_RENEGOTIATION
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
    """Yield the reasons for which clients refuse a certificate, or soon will, as sentences.

    Args:
        context: The context of `load_certificate`.
        certificate: File of the certificate.
        names: Known names under which clients reach the server.
        unix_s: The present Unix time in seconds.
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


def certificate_end(context: ssl.SSLContext, certificate: Path) -> float | None:
    """Return the Unix time in seconds at which a certificate ends; None if no client can use it."""
    try:
        seen = _shake_hands(context, certificate, at_any_time=True)
    except ssl.SSLError:
        return None
    return float(ssl.cert_time_to_seconds(str(seen["notAfter"])))


def _shake_hands(
    context: ssl.SSLContext, certificate: Path, name: str = "", *, at_any_time: bool = False
) -> Mapping[str, object]:
    """Do a handshake in memory with a client that trusts the certificate; return the client's view.

    With ``name`` the client checks the host name, too; ``at_any_time`` passes over its dates.

    Raises:
        ssl.SSLCertVerificationError: The client refuses the certificate.
        ssl.SSLError: The handshake fails for another reason.
    """
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname = bool(name)
    trusting.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # the certificate itself is trusted
    if at_any_time:
        trusting.verify_flags |= _NO_CHECK_TIME
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
    """Check a file before the library reads it, whose errors name neither file nor reason.

    Raises:
        ConfigError: The file cannot be read, or has no certificate or key in PEM form.
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
