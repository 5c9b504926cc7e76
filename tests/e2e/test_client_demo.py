import subprocess
import sys
from pathlib import Path

import pygame
import trio

from tests.e2e.program import PATIENCE_S, ROOT, environment, program


async def autoplay(
    url: str, pictures: Path, seconds: float
) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "client_demo", "--url", url, "--name", "Bea", "--headless"]
    command += ["--autoplay", "--seconds", str(seconds), "--screenshot", str(pictures)]
    with trio.fail_after(PATIENCE_S):
        return await trio.run_process(
            command, cwd=ROOT, env=environment(), capture_stdout=True, capture_stderr=True
        )


def colours_of(picture: Path) -> int:
    surface = pygame.image.load(picture)
    width, height = surface.get_size()
    places = ((x, y) for x in range(0, width, 7) for y in range(0, height, 7))
    return len({tuple(surface.get_at(place)) for place in places})


async def test_the_client_goes_through_every_screen_into_a_match(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    async with program(tmp_path) as server:
        done = await autoplay(server.url, pictures, 30)
        server.assert_same_process_without_faults()
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    seen = {picture.stem[3:] for picture in pictures.iterdir()}
    wanted = {
        "connect",
        "settings",
        "browser",
        "create",
        "room",
        "countdown",
        "match",
        "scoreboard",
    }
    assert wanted <= seen
    assert all(colours_of(picture) > 20 for picture in pictures.iterdir())
