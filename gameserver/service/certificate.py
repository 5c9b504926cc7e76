"""The certificate of the settings, for TLS."""

import ssl
from pathlib import Path
from typing import Final

from gameserver.errors import ConfigError
from gameserver.service.config.settings import Settings
from gameserver.service.logging.logs import get_logger
from gameserver.transports import certificate_problems, load_certificate

log: Final = get_logger()


def certificate(settings: Settings, now_s: float) -> ssl.SSLContext | None:
    """Load the certificate, and log what is wrong with it; None if the settings name none.

    Args:
        settings: The operator's settings.
        now_s: Unix time in seconds.

    Raises:
        ConfigError: The certificate cannot be used.
    """
    chain, key = settings.tls_cert, settings.tls_key
    if bool(chain) != bool(key):
        given, missing = ("tls-cert", "tls-key") if chain else ("tls-key", "tls-cert")
        raise ConfigError(f"{given} is set without {missing}: they belong together")
    if not chain:
        return None
    context = load_certificate(Path(chain), Path(key))
    for problem in certificate_problems(context, Path(chain), settings.domain, now_s):
        log.warning("certificate problem", file=chain, problem=problem)
    return context
