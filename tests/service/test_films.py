"""Films are made one at a time and once, by a process of its own; what cannot be shown is told."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trio

from gameserver.errors import RequestError
from gameserver.service import films as module
from gameserver.service.films import (
    AGAIN_S,
    FOLDER,
    LONGEST_S,
    MOST_FILES,
    MOST_TOO_LONG,
    MOST_WAITING,
    Films,
)
from gameserver.service.journals import Journals
from gameserver.service.runtime import Runtime
from gameserver.store.replayfile import ReplayFile
from tests.service.test_journals import GAME, settings

pytestmark = pytest.mark.usefixtures("autojump_clock", "process")

ANN = "192.0.2.1"


def journal(folder: Path, number: int = 1) -> ReplayFile:
    path = folder / "matches" / f"m{number}.journal.zst"
    path.parent.mkdir(exist_ok=True)
    path.touch()
    return ReplayFile(path, 0, f"{number:064x}", frozenset())


def write(path: Path) -> None:
    path.write_bytes(b"a film")


class Process:
    """Stands for the process that makes films."""

    def __init__(self) -> None:
        self.made: list[Path] = []
        self.returns = 0
        self.takes_s = 2.0
        self.given: dict[str, Any] = {}
        self.goes_on = trio.Event()
        """Unset while the process stands still: time passes while threads look at files."""
        self.goes_on.set()

    async def run(self, command: list[str], **given: Any) -> "subprocess.CompletedProcess[bytes]":
        self.given = given
        await self.goes_on.wait()
        await trio.sleep(self.takes_s)
        path = Path(command[command.index("--to") + 1])
        if not self.returns:
            write(path)
        self.made.append(path)
        return subprocess.CompletedProcess(command, self.returns, b"", b"Error: other code")


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Process:
    process = Process()
    monkeypatch.setattr(trio, "run_process", process.run)
    return process


async def with_films(folder: Path, use: Callable[[Films], Any]) -> None:
    runtime = Runtime(threads=False)  # in virtual time they would come too late
    films = Films(Journals(settings(folder), GAME, runtime), runtime)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(films.run)
        await use(films)
        nursery.cancel_scope.cancel()


async def test_a_film_is_made_once_and_kept_also_by_the_next_server(
    tmp_path: Path, process: Process
) -> None:
    match = journal(tmp_path)

    async def use(films: Films) -> None:
        assert await films.of(match, ANN) is None
        assert await films.of(match, ANN) is None
        await trio.sleep(3)
        film = await films.of(match, ANN)
        assert film is not None
        assert film.path.parent == tmp_path / FOLDER
        assert (film.page(0), film.size) == (b"a film", 6)

    await with_films(tmp_path, use)
    await with_films(tmp_path, lambda films: films.of(match, ANN))
    assert len(process.made) == 1


async def test_what_cannot_be_shown_is_told_and_not_tried_again(
    tmp_path: Path, process: Process
) -> None:
    process.returns = 1

    async def use(films: Films) -> None:
        assert await films.of(journal(tmp_path), ANN) is None
        await trio.sleep(3)
        for _ in range(2):
            with pytest.raises(RequestError, match="cannot be shown") as caught:
                await films.of(journal(tmp_path), ANN)
            assert caught.value.code == "match.not_kept"

    await with_films(tmp_path, use)
    assert len(process.made) == 1


@pytest.mark.parametrize("fault", ["killed", "no memory"])
async def test_what_failed_for_want_of_memory_is_tried_again_later(
    tmp_path: Path, process: Process, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    async def use(films: Films) -> None:
        assert await films.of(journal(tmp_path), ANN) is None
        await trio.sleep(3)
        with pytest.raises(RequestError, match="could not be prepared") as caught:
            await films.of(journal(tmp_path), ANN)
        assert caught.value.code == "rate_limited"
        process.returns = 0
        monkeypatch.setattr(trio, "run_process", process.run)
        await trio.sleep(AGAIN_S)
        assert await films.of(journal(tmp_path), ANN) is None
        await trio.sleep(3)
        assert await films.of(journal(tmp_path), ANN) is not None

    if fault == "killed":
        process.returns = -9
    else:
        monkeypatch.setattr(trio, "run_process", fails)
    await with_films(tmp_path, use)


async def test_an_address_has_one_film_made_at_a_time(tmp_path: Path, process: Process) -> None:
    process.goes_on = trio.Event()

    async def use(films: Films) -> None:
        assert await films.of(journal(tmp_path, 1), ANN) is None
        with pytest.raises(RequestError, match="too many replays"):
            await films.of(journal(tmp_path, 2), ANN)
        assert await films.of(journal(tmp_path, 1), "192.0.2.2") is None, "the same one"
        assert await films.of(journal(tmp_path, 2), "192.0.2.2") is None
        process.goes_on.set()
        await trio.sleep(6)
        assert await films.of(journal(tmp_path, 2), ANN) is not None

    await with_films(tmp_path, use)


async def test_what_else_is_in_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / FOLDER / "lost+found").mkdir(parents=True)

    async def use(films: Films) -> None:
        await films.of(journal(tmp_path), ANN)
        await trio.sleep(3)
        assert await films.of(journal(tmp_path), ANN) is not None

    await with_films(tmp_path, use)
    assert (tmp_path / FOLDER / "lost+found").is_dir()


async def test_those_who_ask_for_many_wait_and_old_films_give_way(
    tmp_path: Path, process: Process
) -> None:
    process.goes_on = trio.Event()
    for number in range(MOST_FILES + 1):
        match = journal(tmp_path, number)
        (tmp_path / FOLDER).mkdir(exist_ok=True)
        (tmp_path / FOLDER / f"{match.path.name}-{number:08x}.film").touch()
    (tmp_path / FOLDER / "gone.journal.zst-00000000.film").touch()

    async def use(films: Films) -> None:
        for number in range(MOST_WAITING):
            assert await films.of(journal(tmp_path, 100 + number), f"192.0.3.{number}") is None
        with pytest.raises(RequestError, match="too many"):
            await films.of(journal(tmp_path, 200), "192.0.2.2")
        process.goes_on.set()
        await trio.sleep(2 * MOST_WAITING + 1)
        assert await films.of(journal(tmp_path, 300), "192.0.2.2") is None
        await trio.sleep(3)

    await with_films(tmp_path, use)
    kept = [path.name for path in (tmp_path / FOLDER).iterdir()]
    assert len(kept) == MOST_FILES
    assert "gone.journal.zst-00000000.film" not in kept


async def test_a_known_film_is_not_looked_at_again(tmp_path: Path) -> None:
    async def use(films: Films) -> None:
        match = journal(tmp_path)
        await films.of(match, ANN)
        await trio.sleep(3)
        first = await films.of(match, ANN)
        assert first is not None
        first.path.unlink()
        assert await films.of(match, ANN) is first
        films.forget(first)
        assert await films.of(match, ANN) is None, "it is made anew"

    await with_films(tmp_path, use)


async def test_an_address_is_charged_the_time_that_its_films_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ADDRESS_S", 3.0)
    monkeypatch.setattr(module, "ADDRESS_PER_S", 1e-6)

    async def use(films: Films) -> None:
        await trio.sleep(100)
        for number in (1, 2):
            assert await films.of(journal(tmp_path, number), ANN) is None
            await trio.sleep(3)
        with pytest.raises(RequestError, match="too many replays"):
            await films.of(journal(tmp_path, 3), ANN)

    await with_films(tmp_path, use)


async def test_the_process_is_quiet_finds_the_game_and_has_a_folder_of_the_servers_own(
    tmp_path: Path, process: Process
) -> None:
    async def use(films: Films) -> None:
        await films.of(journal(tmp_path), ANN)
        await trio.sleep(3)

    await with_films(tmp_path, use)
    env = process.given.pop("env")
    assert process.given == {"capture_stdout": True, "capture_stderr": True, "check": False}
    assert env["PYTHONPATH"].split(os.pathsep) == sys.path
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700


async def test_a_film_that_takes_too_long_is_given_up(tmp_path: Path, process: Process) -> None:
    process.takes_s = LONGEST_S + 1

    async def use(films: Films) -> None:
        assert await films.of(journal(tmp_path), ANN) is None
        await trio.sleep(LONGEST_S + 0.5)
        with pytest.raises(RequestError, match="could not be prepared") as caught:
            await films.of(journal(tmp_path), "192.0.2.2")
        assert caught.value.details == {"retry_after_s": pytest.approx(AGAIN_S, abs=1)}

    await with_films(tmp_path, use)
    assert process.made == []


async def test_a_film_that_always_takes_too_long_is_tried_a_few_times_and_then_no_more(
    tmp_path: Path, process: Process
) -> None:
    process.takes_s = LONGEST_S + 1
    waits = []

    async def use(films: Films) -> None:
        for _ in range(MOST_TOO_LONG):
            assert await films.of(journal(tmp_path), ANN) is None
            await trio.sleep(LONGEST_S + 0.5)
            with pytest.raises(RequestError) as caught:
                await films.of(journal(tmp_path), "192.0.2.2")
            if caught.value.code == "rate_limited":
                waits.append(caught.value.details["retry_after_s"])
            await trio.sleep(4000)  # the address has budget again
        process.takes_s = 1.0
        with pytest.raises(RequestError, match="it took longer than 180 s") as caught:
            await films.of(journal(tmp_path), ANN)
        assert caught.value.code == "match.not_kept"
        assert caught.value.details == {"reason": "too_slow"}
        assert await films.of(journal(tmp_path, 2), ANN) is None  # others are made
        await trio.sleep(2)

    await with_films(tmp_path, use)
    assert waits == [pytest.approx(AGAIN_S, abs=1), pytest.approx(2 * AGAIN_S, abs=1)]
    assert len(process.made) == 1


async def test_the_folder_is_tidied_up_in_a_thread(
    tmp_path: Path, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = Runtime(threads=True)
    films = Films(Journals(settings(tmp_path), GAME, runtime), runtime)
    threads, make_room = [], films._make_room

    def noted() -> None:
        threads.append(threading.get_ident())
        make_room()

    monkeypatch.setattr(films, "_make_room", noted)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(films.run)
        while not process.made:
            with suppress(RequestError):
                await films.of(journal(tmp_path), ANN)
            await trio.sleep(0.1)
        nursery.cancel_scope.cancel()
    assert threads
    assert threading.get_ident() not in threads


async def test_films_of_journals_that_are_gone_and_those_above_the_bytes_are_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 12)
    folder = tmp_path / FOLDER
    folder.mkdir()
    for number in range(40):
        write(folder / f"gone{number}.journal.zst-00000000.film")
    (folder / "m1.journal.zst-00000000.part").touch()
    for number in (1, 2, 3):
        write(folder / f"{journal(tmp_path, number).path.name}-00000000.film")
        os.utime(folder / f"m{number}.journal.zst-00000000.film", (number, number))

    async def use(films: Films) -> None:
        await films.of(journal(tmp_path, 4), ANN)
        await trio.sleep(3)

    await with_films(tmp_path, use)
    kept = sorted(path.name.partition(".")[0] for path in folder.iterdir())
    assert kept == ["m2", "m3", "m4"], "12 bytes are allowed, and the new one comes then"
