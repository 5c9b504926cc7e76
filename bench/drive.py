"""Drive one server with the load generator.

Law: the generator is a process of its own on its own core, and never outlives the call.
"""

import json
import subprocess
import threading
from collections.abc import Callable, Mapping
from typing import IO, Final

import attrs

from bench.cache import CACHE, built
from bench.errors import BenchError
from bench.figures import Figures, parse_result
from bench.processes import Cores, Running, end, environment, pinned

SLACK_S: Final = 15.0
"""Time added to that of the phases, after which a hanging generator is ended."""


@attrs.frozen
class Load:
    """The load on a server.

    Attributes:
        config: Parameters of ``lobby.create`` as hexadecimal msgpack, for this server.
        subprotocol: Offered by dialect `plain`, which offers none by default.
        lead: Ticks that inputs are ahead of the newest snapshot; 0 addresses "the next one".
        idle: Whether all clients sign in and then do nothing.
        stall: Clients that stop reading when measuring begins, and go on sending.
        resume: Those of them that read again after ``resume_s``.
        probe: Whether each room's first player measures how long inputs take to be seen.
        arrive_s: Seconds in which all come, as ``bench/load/crowd.c`` has it; 0 for one after the
            other as fast as they are let in.
        early: Whether that crowd enters a match that runs.
        environment: Variables of the generator's process beside those of this one.
        slowness: By how much the generator's clock is slowed down by them.
    """

    dialect: str
    clients: int
    room_size: int
    hz: float = 20.0
    game: str = "minimal"
    config: str = ""
    subprotocol: str = ""
    lead: int = 2
    probe: bool = False
    idle: bool = False
    stall: int = 0
    resume: int = 0
    resume_s: float = 0.0
    arrive_s: float = 0.0
    early: bool = False
    join_s: float = 30.0
    warm_s: float = 2.0
    measure_s: float = 5.0
    environment: Mapping[str, str] = attrs.field(factory=dict)
    slowness: int = 1

    @property
    def longest_s(self) -> float:
        """Return how long a run may take in all."""
        return (self.join_s + self.warm_s + self.measure_s + SLACK_S) * self.slowness

    def arguments(self) -> list[str]:
        """Return the generator's arguments but for the server."""
        values = {**attrs.asdict(self), "probe": int(self.probe), "idle": int(self.idle)}
        values["early"] = int(self.early)
        del values["environment"], values["slowness"]
        return [word for key, value in values.items() for word in (f"--{dashed(key)}", str(value))]


def dashed(name: str) -> str:
    """Return an attribute's name as an option of the generator's command line."""
    return name.replace("_", "-")


def drive(
    load: Load, server: Running, cores: Cores, heard: Callable[[str, int], None] | None = None
) -> Figures:
    """Play and return what was measured.

    Args:
        load: What to play.
        server: Against whom.
        cores: The load's core is used.
        heard: Called with each phase's name and how many play then.

    Raises:
        BenchError: The generator failed.
    """
    where = ["--port", str(server.port), "--pid", str(server.pid)]
    command = pinned([str(built("load")), *load.arguments(), *where], cores.load)
    process = subprocess.Popen(
        command,
        cwd=CACHE,
        env=environment(load.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    watchdog = threading.Timer(load.longest_s, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        with process.stdout:
            line = _last_line(process.stdout, heard)
    finally:
        watchdog.cancel()
        end(process)
    return parse_result(line, load.hz)


def _last_line(output: IO[str], heard: Callable[[str, int], None] | None) -> str:
    line = ""
    for line in output:
        if heard and line.startswith('{"phase"'):
            said = json.loads(line)
            heard(said["phase"], said["playing"])
    if not line.startswith('{"result"'):
        raise BenchError(f"the load generator ended early: {line.strip()[:200]}")
    return line
