"""The settings with which ``gameserver serve`` would start."""

from gameserver.service.config.settings import Settings


class Served:
    """Stands where the server would start; keeps what it would have started with."""

    def __init__(self) -> None:
        self.settings = Settings()

    def __call__(self, settings: Settings) -> None:
        self.settings = settings
