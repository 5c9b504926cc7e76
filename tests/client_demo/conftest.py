"""Fixtures of the pygame client's tests."""

from collections.abc import Iterator

import pytest

from client_demo import fonts
from client_demo.window import GameWindow


@pytest.fixture(scope="module")
def window() -> Iterator[GameWindow]:
    """Open a window that no screen shows; the environment is afterwards as it was."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SDL_VIDEODRIVER", "dummy")
        environment.setenv("SDL_AUDIODRIVER", "dummy")
        made = GameWindow(fullscreen=False)
        yield made
        made.close()
        fonts.forget()  # pygame's font module has ended, and its fonts with it
