"""What SIGHUP has a running server read again: its certificate, and the operator's secret.

Law: what cannot be used leaves the old one, with a warning. A secret is read again only where it
came from the settings file, since a process's own environment and flags do not change.
"""

from collections.abc import Callable
from typing import Final

from gameserver.errors import ConfigError
from gameserver.service.config.settings import Settings
from gameserver.service.config.sources import held_by_file
from gameserver.service.logging.logs import get_logger
from gameserver.service.server import Server

log: Final = get_logger()


def reloading(settings: Settings, server: Server, config: str) -> Callable[[], None] | None:
    """Return what is to be called at SIGHUP; None if nothing can be read again.

    Args:
        settings: Those of the server.
        server: It runs, or is about to.
        config: The settings file that a flag names; "" without one.
    """
    secret_in_file = _is_in_file(settings.console_secret, config)
    if not (settings.tls_cert or secret_in_file):
        return None

    def reload() -> None:
        if settings.tls_cert:
            server.reload_certificate()
        if secret_in_file:
            _change_secret(server, config)

    return reload


def _is_in_file(secret: str, config: str) -> bool:
    try:
        return bool(secret) and held_by_file(config).get("console_secret") == secret
    except ConfigError:  # it has changed since the start, a moment ago
        return False


def _change_secret(server: Server, config: str) -> None:
    assert server.console is not None  # it began with a secret
    try:
        secret = held_by_file(config).get("console_secret", "")
    except ConfigError as error:
        log.warning("console secret not changed", fault=str(error))
        return
    if secret:
        server.console.change_secret(secret)
    else:
        fault = "the settings file has no console-secret any more"
        log.warning("console secret not changed", fault=fault)
