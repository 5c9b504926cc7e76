"""Kill a real server again and again in the middle of matches: ``script/crash --rounds 20``.

Law: players are real clients that bots play, the server is the real program, and it is ended by
SIGKILL at a random moment. What counts is what the players see.
"""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import attrs
import click
import trio
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from gameserver.arena import Arena
from gameserver.arena.entities import Fighter
from gameserver.client.bots import WireBot
from gameserver.client.client import Client
from gameserver.client.opening import open_client
from gameserver.client.play.replica import MatchReplica
from gameserver.client.settings import ClientSettings
from gameserver.errors import ConnectionLostError, RequestError, RequestTimedOutError
from gameserver.game.rng import Rng
from gameserver.messages.chat import Channel, ChatHistory, GetChatHistory, SendChat
from gameserver.messages.forms import GetLobbyForm, LobbyForm
from gameserver.messages.lobby import CreateLobby, InLobby, JoinLobby, SetReady
from gameserver.testing.crashserver import CrashServer

BACK_S: Final = 5.0
"""Longest time from the opening of the port until a player is in the match again."""

LOST_S: Final = 1.0
"""Most time of play that a crash may cost."""

PLAY_S: Final = 6.0
"""Mean time of play before a kill; it is at least half as long, at most half as long again."""

CHAT_S: Final = 4.0
"""Mean time between two lines of one player."""

KEPT_LINES: Final = 12
"""Newest acknowledged lines of a lobby that must be in its history, which keeps 50, those that tell
of lost and returned players among them."""

PATIENCE_S: Final = 60.0

SeatScores = dict[int, int]


@attrs.define(eq=False)
class CrashPlayer:
    """One client, what it saw of its match, and what it was told of its chat."""

    client: Client
    lobby: int
    seen: dict[int, SeatScores] = attrs.field(factory=dict)
    """Scores by seat at each of the newest ticks of this epoch."""
    before: dict[int, SeatScores] = attrs.field(factory=dict)
    """Those of the epoch before."""
    epoch: int = 1
    said: list[tuple[float, str]] = attrs.field(factory=list)
    """Its lines that the server has acknowledged, with the time of it."""

    @property
    def replica(self) -> MatchReplica | None:
        """The player's match, while it moves."""
        replica = self.client.match
        return replica if replica is not None and replica.live else None

    async def look(self) -> None:
        """Write down the scores of every snapshot."""
        while True:
            await trio.sleep(0.01)
            replica = self.replica
            if replica is not None and replica.epoch != self.epoch:
                self.epoch, self.before, self.seen = replica.epoch, self.seen, {}
            # On a busy machine several have come since the last look.
            for each in replica.ring if replica is not None else ():
                if each.tick not in self.seen:
                    fighters = [e for e in each.entities.values() if type(e) is Fighter]
                    self.seen[each.tick] = {int(e.owner): e.score for e in fighters}
            while len(self.seen) > 400:
                del self.seen[next(iter(self.seen))]

    async def chat(self, random: Random) -> None:
        """Say lines, and note those that were acknowledged."""
        number = 0
        while True:
            await trio.sleep(random.uniform(0.5, 2 * CHAT_S))
            number += 1
            text = f"{self.client.player_name} {number}"
            with suppress(RequestError, RequestTimedOutError, ConnectionLostError):
                await self.client.request(SendChat(Channel.LOBBY, text))
                self.said.append((trio.current_time(), text))


@attrs.frozen
class Round:
    """What one kill led to."""

    players: int
    back: int
    """Players who were in their match again within `BACK_S`."""
    slowest_s: float
    matches: int
    """Matches that went on."""
    lost_s: float
    """Most time of play that a match was set back."""
    scores: int
    """Players whose scores are those of the restored tick."""
    lines: int
    """Acknowledged lines that were looked for."""
    missing: int
    desyncs: int
    ready_s: float
    """Time from the start of the process until the port was open."""

    def right(self, matches: int) -> bool:
        """Tell whether nothing was lost."""
        return (
            self.back == self.scores == self.players
            and self.matches == matches
            and self.lost_s <= LOST_S
            and not self.missing
            and not self.desyncs
        )


class Crash:
    """Players in matches, and the rounds that they go through."""

    def __init__(self, folder: Path, players: int, matches: int, seed: int, play_s: float) -> None:
        """Prepare a server in a folder; ``play_s`` is the mean time of play before a kill."""
        self._server = CrashServer(folder)
        self._count, self._matches = players, matches
        self._seed, self._play_s = seed, play_s
        self._random = Random(f"crash {seed}")  # noqa: S311  it must be repeatable
        self._players: list[CrashPlayer] = []

    @asynccontextmanager
    async def playing(self) -> AsyncIterator[None]:
        """Bring all players into their matches; they play within the block."""
        try:
            await self._server.start()
            async with trio.open_nursery() as nursery:
                arrived: list[trio.Event] = []
                for number in range(self._count):
                    arrived.append(trio.Event())
                    nursery.start_soon(self._play, number, arrived[-1])
                    await trio.sleep(0.02)
                with trio.fail_after(PATIENCE_S):
                    for event in arrived:
                        await event.wait()
                    await self._gather()
                    await _until(lambda: all(each.replica for each in self._players))
                yield
                nursery.cancel_scope.cancel()
        finally:
            self._server.close()

    async def _play(self, number: int, arrived: trio.Event) -> None:
        settings = ClientSettings(game=Arena(), seed=number)
        async with open_client(self._server.url, f"P{number}", settings) as client:
            player = CrashPlayer(client, number % self._matches)
            self._players.append(player)
            arrived.set()
            bot = WireBot(client, "", Rng.seeded(self._seed * 1000 + number))
            async with trio.open_nursery() as nursery:
                nursery.start_soon(player.look)
                nursery.start_soon(player.chat, Random(f"{self._seed} {number}"))  # noqa: S311
                nursery.start_soon(bot.drive)

    async def _gather(self) -> None:
        for lobby in range(self._matches):
            host, *others = [each.client for each in self._players if each.lobby == lobby]
            form: LobbyForm = await host.request(GetLobbyForm())
            options = {**form.default.options, "time_limit_s": 0, "score_limit": 0}
            size = max(form.default.size, 1 + len(others))
            mode = form.default.options.get(form.mode)
            fits = [
                each.name
                for each in form.maps
                if each.max_players >= size and (not each.modes or mode in each.modes)
            ]
            if not fits:
                raise click.ClickException(f"no map takes {size} players; choose more matches")
            config = attrs.evolve(form.default, map=fits[0], options=options, bots=0, size=size)
            created: InLobby = await host.request(CreateLobby(config))
            for other in others:
                await other.request(JoinLobby(lobby_id=created.lobby.lobby_id))
            for client in (host, *others):
                await client.request(SetReady(ready=True))

    async def round(self, epoch: int) -> Round:
        """Play for a while, kill the server, start it again, and look what is left.

        Args:
            epoch: Number of the process that goes on.
        """
        await trio.sleep(self._random.uniform(0.5, 1.5) * self._play_s)
        await self._server.kill()
        said = [list(each.said) for each in self._players]
        ready_s = await self._server.start()
        opened = trio.current_time()
        took = await self._wait_back(epoch, opened)
        restored = self._server.restored()
        lost, right = 0.0, 0
        for player in self._players:
            replica, seen = player.client.match, player.before
            tick = restored.get(str(replica.started.match_id)) if replica else None
            if replica is None or tick is None:
                continue
            lost = max(lost, (max(seen) - tick) / replica.started.tick_rate)
            first = player.seen[min(player.seen)] if player.seen else None
            right += first == seen.get(tick, seen[max(seen)])
        lines, missing = await self._look_for(said)
        return Round(
            players=len(self._players),
            back=sum(each <= BACK_S for each in took),
            slowest_s=max(took),
            matches=len(restored),
            lost_s=lost,
            scores=right,
            lines=lines,
            missing=missing,
            desyncs=sum(each.replica.telemetry.desyncs for each in self._players if each.replica),
            ready_s=ready_s,
        )

    async def _wait_back(self, epoch: int, opened: float) -> list[float]:
        """Return for each player the time from the opening of the port until the match moved."""
        took = [float("inf")] * len(self._players)
        with trio.move_on_after(PATIENCE_S):
            while float("inf") in took:
                await trio.sleep(0.02)
                for number, player in enumerate(self._players):
                    replica = player.replica
                    if took[number] == float("inf") and replica and replica.epoch == epoch:
                        took[number] = trio.current_time() - opened
        await trio.sleep(0.2)  # so that the first snapshot of the last player was looked at
        return took

    async def _look_for(self, said: list[list[tuple[float, str]]]) -> tuple[int, int]:
        """Return how many acknowledged lines were looked for, and how many are gone."""
        looked = missing = 0
        for lobby in range(self._matches):
            members = [n for n, each in enumerate(self._players) if each.lobby == lobby]
            texts = await self._chat_of(self._players[members[0]].client)
            newest = sorted(line for n in members for line in said[n])[-KEPT_LINES:]
            wanted = [text for _, text in newest]
            looked += len(wanted)
            missing += len(set(wanted) - set(texts))
        return looked, missing

    async def _chat_of(self, client: Client) -> list[str]:
        """Return the lines of a player's lobby; none if the lobby is gone, too."""
        try:
            history: ChatHistory = await client.request(GetChatHistory(Channel.LOBBY))
        except RequestError as error:
            click.echo(f"A player cannot read its chat: {error}", err=True)
            return []
        return [line.text for line in history.lines if line.sender]


async def _until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110  what is waited for tells nobody
        await trio.sleep(0.02)


def table_of(rounds: list[Round], matches: int) -> Table:
    """Return the rounds as a table."""
    table = Table(
        title="kill -9 in the middle of matches", box=SIMPLE, padding=(0, 1), pad_edge=False
    )
    columns = ("", "matches", "back", "slowest", "start", "lost", "scores", "chat", "desyncs", "")
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    for number, each in enumerate(rounds, 1):
        table.add_row(
            str(number),
            f"{each.matches}/{matches}",
            f"{each.back}/{each.players}",
            f"{each.slowest_s:.2f} s",
            f"{each.ready_s:.2f} s",
            f"{each.lost_s:.2f} s",
            f"{each.scores}/{each.players}",
            f"{each.lines - each.missing}/{each.lines}",
            str(each.desyncs),
            "[green]✓[/]" if each.right(matches) else "[red]✗[/]",
        )
    return table


def _bars(console: Console) -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    return Progress(*columns, console=console, transient=True)


@click.command()
@click.option("--rounds", default=20, show_default=True, help="How often the server is killed.")
@click.option("--players", default=40, show_default=True, help="Players, each a real client.")
@click.option("--matches", default=4, show_default=True, help="Matches that they share.")
@click.option("--play", default=PLAY_S, show_default=True, help="Mean seconds before a kill.")
@click.option("--seed", default=1, show_default=True, help="Seed of moments, chat and bots.")
@click.option("--keep", type=click.Path(path_type=Path), help="Folder for logs and data.")
def main(
    rounds: int, players: int, matches: int, play: float, seed: int, keep: Path | None
) -> None:
    """Kill a server in the middle of matches, start it again, and compare what players see.

    Ends with exit code 1 if anything was lost.
    """
    console = Console()
    with TemporaryDirectory(prefix="crash-") as folder:
        place = keep or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        done = trio.run(_run, Crash(place, players, matches, seed, play), rounds, console)
    console.print(table_of(done, matches))
    wrong = sum(not each.right(matches) for each in done)
    console.print(f"{len(done) - wrong} of {len(done)} rounds lost nothing")
    sys.exit(1 if wrong else 0)


async def _run(crash: Crash, rounds: int, console: Console) -> list[Round]:
    done: list[Round] = []
    with _bars(console) as progress:
        task = progress.add_task("killing", total=rounds)
        async with crash.playing():
            for number in range(rounds):
                done.append(await crash.round(number + 2))
                progress.advance(task)
    return done


if __name__ == "__main__":
    main()
