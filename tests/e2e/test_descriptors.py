"""The real program with few descriptors: players play on, newcomers are refused."""

import resource
import socket
from pathlib import Path

import trio

from gameserver.client import open_client
from gameserver.service.descriptors import ENOUGH
from tests.e2e.program import Running, gather, program, start

FEW = 64
"""Descriptors that the program may open."""


async def crowd(running: Running, sockets: list[socket.socket]) -> None:
    """Take every connection there is, again and again: those that say nothing are hung up on."""
    while True:
        for old in sockets[:-FEW]:
            old.close()
        del sockets[:-FEW]
        for _ in range(FEW):
            sockets.append(socket.create_connection(("127.0.0.1", running.port)))
            await trio.lowlevel.checkpoint()
        await trio.sleep(0.5)


async def test_a_player_enters_a_match_while_others_take_every_connection(tmp_path: Path) -> None:
    limited = ("sh", "-c", f'ulimit -n {FEW}; exec "$@"', "sh")
    sockets: list[socket.socket] = []
    async with program(tmp_path, wrapper=limited) as running:
        async with open_client(running.url, "Ann") as ann, trio.open_nursery() as nursery:
            nursery.start_soon(crowd, running, sockets)
            await gather(ann, bots=1)
            await start(ann)
            nursery.cancel_scope.cancel()
        running.assert_same_process_without_faults()
        said = await running.logged("connections limited")
        assert said.count("connections limited") == 1
        assert "accept" not in said  # no connection was left waiting for a descriptor
    for each in sockets:
        each.close()


async def test_the_server_raises_its_own_soft_limit_of_descriptors(tmp_path: Path) -> None:
    limited = ("sh", "-c", f'ulimit -Sn {FEW}; exec "$@"', "sh")
    async with program(tmp_path, wrapper=limited) as running:
        soft, hard = resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE)
        assert soft == (ENOUGH if hard == resource.RLIM_INFINITY else hard)
        assert soft > FEW
