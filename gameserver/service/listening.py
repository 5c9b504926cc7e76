"""What the listener is told: the operator's settings, as far as the system allows them."""

import ssl
from collections.abc import Mapping
from typing import Final

from gameserver.service.config.settings import Compression, Conformance, Settings
from gameserver.service.descriptors import Allowance, allowance
from gameserver.service.logging.logs import get_logger
from gameserver.service.runtime import Runtime
from gameserver.transports import ListenSettings, Page

log: Final = get_logger()


def listen_settings(
    settings: Settings, runtime: Runtime, tls: ssl.SSLContext | None, pages: Mapping[str, Page]
) -> ListenSettings:
    """Return the listener's settings.

    Args:
        settings: The operator's.
        runtime: Tells the limit on open files.
        tls: The certificate; None listens without TLS.
        pages: Pages that are answered on the port.

    Raises:
        ConfigError: There is no descriptor for a single connection.
    """
    if settings.conformance is not Conformance.OFF:
        log.warning("conformance mode", opens=settings.conformance)
    allowed = _allowance(settings, runtime)
    return ListenSettings(
        hosts=tuple(settings.host),
        port=settings.port,
        tls=tls,
        max_connections=allowed.connections,
        max_refusals=allowed.refusals,
        max_per_address=settings.max_per_address,
        allowed_origins=tuple(settings.allow_origin),
        names=tuple(settings.domain),
        trusted_proxies=settings.trusted_proxies,
        deflate=settings.compression is Compression.LARGE,
        pages=pages,
    )


def _allowance(settings: Settings, runtime: Runtime) -> Allowance:
    """Return the allowed numbers of connections; log if they are less than the settings."""
    asked = settings.max_connections
    most, used = runtime.descriptors()
    refusals = ListenSettings().max_refusals
    allowed = allowance(asked, settings.max_matches, refusals, most=most, used=used)
    if allowed.connections < asked:
        log.warning(
            "connections limited", asked=asked, allowed=allowed.connections, open_files=most
        )
    return allowed
