"""The certificate of the settings, for TLS: loaded at the start, again at a signal, and watched.

Law: new connections get the newest certificate that can be used; files that cannot be used leave
the old one, with a warning. Running connections keep theirs.
"""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final

import trio

from gameserver.errors import ConfigError
from gameserver.service.config.settings import Settings
from gameserver.service.logging.logs import get_logger
from gameserver.service.runtime import Runtime
from gameserver.transports import certificate_end, certificate_problems, load_certificate

log: Final = get_logger()

LOOK_S: Final = 12 * 3600.0
"""Time between two looks at a certificate, whose coming end is warned of."""


class Certificate:
    """The certificate in use; without one in the settings, nothing of it does anything."""

    def __init__(self, settings: Settings, runtime: Runtime) -> None:
        """Load the certificate, and log what is wrong with it.

        Raises:
            ConfigError: It cannot be used.
        """
        self._settings = settings
        self._runtime = runtime
        self._asked = trio.Event()
        self.context: ssl.SSLContext | None = self._load()
        """For new connections; None without TLS."""
        self._ends_s = self._end()

    @property
    def left_s(self) -> float | None:
        """Seconds until the certificate ends, negative if it has; None without TLS."""
        return None if self._ends_s is None else self._ends_s - self._now_s()

    def reload(self) -> None:
        """Have `run` read the files again."""
        self._asked.set()

    async def run(self, use: Callable[[ssl.SSLContext], None]) -> None:
        """Give each reloaded certificate to ``use``, and warn of one that ends soon."""
        if self.context is None:
            return
        while True:
            with trio.move_on_after(LOOK_S) as pause:
                await self._asked.wait()
            if pause.cancelled_caught:
                self._warn(self.context)
                continue
            self._asked = trio.Event()
            try:
                fresh = self._load()
            except ConfigError as error:
                log.warning("certificate not reloaded", fault=str(error))
                continue
            assert fresh is not None  # the settings name one
            self.context = fresh
            self._ends_s = self._end()
            use(fresh)
            days = round((self.left_s or 0.0) / 86400, 1)
            log.info("certificate reloaded", file=self._settings.tls_cert, days=days)

    def _load(self) -> ssl.SSLContext | None:
        chain, key = self._settings.tls_cert, self._settings.tls_key
        if bool(chain) != bool(key):
            given, missing = ("tls-cert", "tls-key") if chain else ("tls-key", "tls-cert")
            raise ConfigError(f"{given} is set without {missing}: they belong together")
        if not chain:
            return None
        context = load_certificate(Path(chain), Path(key))
        self._warn(context)
        return context

    def _warn(self, context: ssl.SSLContext) -> None:
        settings = self._settings
        chain, names = settings.tls_cert, settings.domain
        for problem in certificate_problems(context, Path(chain), names, self._now_s()):
            log.warning("certificate problem", file=chain, problem=problem)

    def _end(self) -> float | None:
        if self.context is None:
            return None
        return certificate_end(self.context, Path(self._settings.tls_cert))

    def _now_s(self) -> float:
        return self._runtime.wall_ms() / 1000
