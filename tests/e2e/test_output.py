"""The real program while nobody reads its output: players are not affected."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO

import trio

from gameserver.client import ClientSettings, open_client
from gameserver.messages.session import GetServerInfo, ServerInfo
from tests.e2e.faulty import Chatty
from tests.e2e.program import (
    PATIENCE_S,
    ROOT,
    environment,
    gather,
    plays,
    ready_address,
    start,
    until,
)

SMALL_PIPE: int = getattr(fcntl, "F_SETPIPE_SZ", 0)
"""Linux: sets how much a pipe takes."""

COMMAND = [sys.executable, "-m", "gameserver", "serve", "--port", "0"]


@asynccontextmanager
async def serving(
    stderr: int | IO[bytes], *args: str, wrapper: tuple[str, ...] = ()
) -> AsyncIterator[tuple[trio.Process, str]]:
    """Run the program with its standard error going there."""
    with trio.fail_after(PATIENCE_S):
        process = await trio.lowlevel.open_process(
            [*wrapper, *COMMAND, *args],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=stderr,
        )
        assert process.stdout is not None
        try:
            address = await ready_address(process.stdout)
            await process.stdout.aclose()  # nobody reads what is said there from now on
            yield process, address
        finally:
            if process.poll() is None:
                process.kill()
            with trio.CancelScope(shield=True):
                await process.wait()


async def play(url: str, guests: int) -> None:
    """Sign in and ask something, one guest after the other: each writes lines to the log."""
    for _ in range(guests):
        async with open_client(url, "Ann") as client:
            assert isinstance(await client.request(GetServerInfo()), ServerInfo)


async def stopped(process: trio.Process) -> int:
    """Stop it as a service manager does and return its exit code."""
    process.send_signal(signal.SIGTERM)
    return await process.wait()


async def test_a_log_on_a_full_disk_does_not_end_the_server() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    async with serving(full) as (process, url):
        os.close(full)
        await play(url, 3)
        assert await stopped(process) == 0


async def test_a_log_whose_reader_has_ended_does_not_end_the_server() -> None:
    async with serving(subprocess.STDOUT) as (process, url):
        await play(url, 3)
        assert await stopped(process) == 0


async def test_closed_standard_streams_do_not_end_the_server() -> None:
    closed = ("sh", "-c", 'exec "$@" 2>&- <&-', "sh")
    async with serving(subprocess.DEVNULL, wrapper=closed) as (process, url):
        await play(url, 3)
        assert await stopped(process) == 0


async def test_a_log_that_is_not_read_delays_nobody() -> None:
    pipe_bytes = 4096
    reader, writer = os.pipe()
    fcntl.fcntl(writer, SMALL_PIPE, pipe_bytes)
    with os.fdopen(writer, "wb") as stderr, os.fdopen(reader, "rb") as unread:
        async with serving(stderr) as (process, url):
            stderr.close()
            await play(url, 40)  # far more lines than the pipe takes
            assert await stopped(process) == 0
            assert len(unread.read()) <= pipe_bytes


async def test_unread_output_of_a_game_does_not_end_its_match() -> None:
    settings = ClientSettings(game=Chatty())
    async with serving(subprocess.STDOUT, "--game", "tests.e2e.faulty:Chatty") as (process, url):
        async with open_client(url, "Ann", settings) as ann:
            await gather(ann, bots=3)
            await start(ann)
            await until(lambda: plays(ann) and ann.match and ann.match.telemetry.snapshots > 60)
        assert await stopped(process) == 0
