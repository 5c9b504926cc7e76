"""The attacker's process: one attack, which begins when it reads a line.

It prints a line when it is ready and one with what it counted; see `bench.attacks.run`.
"""

import sys

import trio

from bench.attacks.registry import attacks
from bench.attacks.scene import scene
from bench.attacks.wire import Target


async def main(*arguments: str) -> None:
    """Run one attack: its name, host, port, seconds, listeners."""
    name, host, port, seconds, listeners = arguments
    target = Target(host, int(port))
    async with scene(target, float(seconds), int(listeners)) as made:
        await attacks()[name].strike(made)
        made.say(
            sent=made.counted()[0],
            received=made.counted()[1],
            half=made.half,
            connections=len(made.attackers),
            listeners=sum(peer.open for peer in made.crowd),
            listeners_lost=sum(not peer.open for peer in made.crowd),
            refused=made.refused,
            notes=made.notes,
        )


if __name__ == "__main__":
    trio.run(main, *sys.argv[1:])
