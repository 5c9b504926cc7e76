"""Run many real clients that bots play: for load tests, as opponents, and to measure a connection.

Law: a wire bot is an ordinary client. It reads only its own replica and sends only messages that a
player's client could send. All figures are measured at the client's end of the connection.
"""

import difflib
from collections.abc import Callable
from typing import Final

import attrs
import trio

from gameserver.client.client import Client
from gameserver.client.opening import open_client
from gameserver.client.play.replica import MatchReplica
from gameserver.client.play.telemetry import Telemetry, percentile
from gameserver.client.settings import ClientSettings
from gameserver.client.status import EventReceived
from gameserver.errors import (
    Code,
    ConfigError,
    ConnectionLostError,
    GameMismatchError,
    GameserverError,
    RequestError,
    RequestTimedOutError,
)
from gameserver.game.game import Bot, Game, middle_level
from gameserver.game.rng import Rng
from gameserver.ids import NO_SEAT, MatchId
from gameserver.messages.lobby import Phase, QuickPlay, Rematch
from gameserver.messages.match import GetMatchStats, MatchEnded, MatchStats
from gameserver.plain import printable

ARRIVE_OVER_S: Final = 2.0
"""Sign-ins are spread over this time, so that they do not distort the measurement of play."""

ASK_AGAIN_S: Final = 1.0
"""Time between two attempts to join a lobby, and between two `GetMatchStats` requests."""

SOUND_ENDS: Final = frozenset(
    ("finished", "abandoned", "stopped", Code.SERVER_BUSY, Code.SERVER_FULL)
)
"""Reasons in `MatchResult.reason` that are not a fault of the game."""


@attrs.frozen
class SampleSpread:
    """Median and 99th percentile of many samples."""

    p50: float
    p99: float

    @classmethod
    def of(cls, samples: list[float]) -> "SampleSpread":
        """Summarise samples; both figures are 0 without samples."""
        return cls(round(percentile(samples, 0.5), 3), round(percentile(samples, 0.99), 3))


@attrs.frozen
class BotReport:
    """What a run of wire bots measured.

    Attributes:
        matches: Matches entered, summed over the players.
        late_inputs: Inputs that reached the server after their tick, as the server counts them.
        missed_inputs: Ticks for which the server had no input of the bot.
        correction_px: Distance between predicted and true position of the bots' own entities: one
            sample per snapshot of a predicted tick, 0 where the prediction was right.
        divergences: Snapshots that differed from the prediction in at least one field.
        divergences_by_input: Divergences that a late or lost input explains.
        faults: Matches that ended early because the game raised an error or was too slow.
        fault: The server's message about the last of these matches.
    """

    players: int
    seconds: float
    matches: int
    snapshots: int
    inputs: int
    late_inputs: int
    missed_inputs: int
    keyframes: int
    desyncs: int
    reconnects: int
    divergences: int
    divergences_by_input: int
    faults: int
    fault: str
    bytes_in_per_player_s: float
    bytes_out_per_player_s: float
    rtt_ms: SampleSpread
    correction_px: SampleSpread

    def to_json(self) -> dict[str, object]:
        """Return the report as one object of plain values."""
        return attrs.asdict(self)


@attrs.define(eq=False)
class _Record:
    """The measurements of one bot; they are kept after the bot has ended."""

    replicas: list[Telemetry] = attrs.field(factory=list)
    inputs: dict[str, MatchStats] = attrs.field(factory=dict)
    rtts_s: list[float] = attrs.field(factory=list)
    faults: dict[MatchId, str] = attrs.field(factory=dict)
    reconnects: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    seconds: float = 0.0


class WireBot:
    """Plays one client by means of the game's own bot."""

    def __init__(self, client: Client, level: str, rng: Rng) -> None:
        """Use a client that is online; an empty ``level`` is the game's middle one."""
        self._client = client
        self._level = level
        self._rng = rng
        self._bot: Bot | None = None
        self._replica: MatchReplica | None = None
        self._seat = NO_SEAT
        self.record: _Record = _Record()

    async def play(self) -> None:
        """Get into matches and play them until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._seek)
            nursery.start_soon(self._ask_about_inputs)
            nursery.start_soon(self._watch_for_faults)
            await self.drive()

    async def drive(self) -> None:
        """Play the matches that the client is in, until cancelled."""
        await self._drive(self._client.game)

    async def _drive(self, game: Game | None) -> None:
        if game is None or not game.bot_levels:
            raise GameMismatchError("the server's game has no bots")
        check_level(game, self._level)
        period = 1 / game.tick_rate
        due = trio.current_time()
        while True:
            due = max(due + period, trio.current_time())
            await trio.sleep_until(due)
            replica = self._client.match
            if replica is not None and replica.live:
                self._play_tick(game, replica)

    def _play_tick(self, game: Game, replica: MatchReplica) -> None:
        if replica is not self._replica or replica.seat != self._seat:
            self._begin(game, replica)
        if self._bot is not None:
            replica.hold(self._bot.command(replica.world))
        replica.advance(self._client.now())
        replica.take_events()

    def _begin(self, game: Game, replica: MatchReplica) -> None:
        if replica is not self._replica:
            self.record.replicas.append(replica.telemetry)
        self._replica, self._seat = replica, replica.seat
        level = self._level or middle_level(game.bot_levels)
        rng = self._rng.fork(len(self.record.replicas))
        self._bot = game.bot(replica.seat, level, rng) if replica.seat != NO_SEAT else None

    async def _seek(self) -> None:
        """Join a lobby by quick play, and request a rematch after each match."""
        while True:
            lobby = self._client.lobby
            try:
                if lobby is None:
                    await self._client.request(QuickPlay())
                elif lobby.phase is Phase.RESULTS:
                    await self._client.request(Rematch())
            except (RequestError, RequestTimedOutError, ConnectionLostError):
                pass  # refused or disconnected: decide again at the next attempt
            await trio.sleep(ASK_AGAIN_S)

    async def _ask_about_inputs(self) -> None:
        while True:
            await trio.sleep(ASK_AGAIN_S)
            replica = self._client.match
            if replica is None:
                continue
            match_id = replica.started.match_id
            try:
                self.record.inputs[match_id] = await self._client.request(GetMatchStats(match_id))
            except (RequestError, RequestTimedOutError, ConnectionLostError):
                continue  # the match has ended meanwhile; keep the last answer

    async def _watch_for_faults(self) -> None:
        async for update in self._client.updates():
            if isinstance(update, EventReceived) and isinstance(update.event, MatchEnded):
                result = update.event.result
                if result.reason not in SOUND_ENDS:
                    self.record.faults[result.match_id] = result.message or result.reason

    def close_record(self, began: float) -> None:
        """Copy the client's own counters into the record; ``began`` is the time of sign-in."""
        record, client = self.record, self._client
        record.rtts_s = client.rtt_history_s
        record.reconnects = client.reconnects
        record.bytes_in, record.bytes_out = client.bytes_in, client.bytes_out
        record.seconds = trio.current_time() - began


def check_level(game: Game, level: str) -> None:
    """Check that a game has a bot level; the empty name stands for the middle level.

    Raises:
        ConfigError: The game has no level of this name.
    """
    if level and level not in game.bot_levels:
        near = difflib.get_close_matches(level.lower(), game.bot_levels, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        levels = ", ".join(game.bot_levels)
        raise ConfigError(f"--level must be one of {levels}, not '{printable(level)[:60]}'{hint}")


async def run_bots(
    url: str,
    players: int,
    seconds: float,
    *,
    settings: ClientSettings | None = None,
    level: str = "",
    seed: int = 1,
    progress: Callable[[float], None] = lambda _: None,
    signed_in: Callable[[], None] = lambda: None,
) -> BotReport:
    """Play with several bots for a time and report their measurements.

    Args:
        url: Address of the server.
        players: Number of clients; each has its own connection, session and seat.
        seconds: How long to play after the last bot has signed in.
        settings: Settings of every client; each bot gets another seed for its line conditions.
        level: One of the game's bot levels; empty for the middle one.
        seed: Seed of the bots' random numbers.
        progress: Called about once a second with the seconds passed.
        signed_in: Called for each bot that the server has welcomed.

    Raises:
        ConfigError: ``url`` is not a valid address, or the game has no such level.
        GameMismatchError: The server's game is not available here, or has no bots.
        ConnectionLostError: The server cannot be reached.
        ServerClosedError: The server refused.
    """
    chosen = settings or ClientSettings()
    records: list[_Record] = []
    rng = Rng.seeded(seed)

    async def play_one(number: int) -> None:
        await trio.sleep(ARRIVE_OVER_S * number / players)
        lane_seed = chosen.conditions.seed + number + 1
        conditions = attrs.evolve(chosen.conditions, seed=lane_seed)
        own = attrs.evolve(chosen, conditions=conditions)
        async with open_client(url, f"Bot {number + 1}", own) as client:
            signed_in()
            began = trio.current_time()
            bot = WireBot(client, level, rng.fork(number))
            records.append(bot.record)
            try:
                with trio.CancelScope(deadline=end):
                    await bot.play()
            finally:
                bot.close_record(began)

    end = trio.current_time() + ARRIVE_OVER_S + seconds
    try:
        async with trio.open_nursery() as nursery:
            for number in range(players):
                nursery.start_soon(play_one, number)
            start = trio.current_time()
            while (now := trio.current_time()) < end:
                progress(now - start)
                await trio.sleep(min(1.0, end - now))
    except BaseExceptionGroup as group:
        raise _first_known(group) or group from None
    return _report(players, seconds, records)


def _first_known(group: "BaseExceptionGroup[BaseException]") -> GameserverError | None:
    """Return the first exception if all are `GameserverError`: they have the same cause.

    None if other exceptions are among them: these are bugs, and the whole group must be raised.
    """
    ours, others = group.split(GameserverError)
    while isinstance(ours, BaseExceptionGroup) and others is None:
        first = ours.exceptions[0]
        if isinstance(first, GameserverError):
            return first
        ours = first
    return None


def _report(players: int, seconds: float, records: list[_Record]) -> BotReport:
    replicas = [replica for record in records for replica in record.replicas]
    answers = [answer for record in records for answer in record.inputs.values()]
    played_s = sum(record.seconds for record in records) or 1.0
    faults = {at: words for record in records for at, words in record.faults.items()}
    return BotReport(
        players=players,
        seconds=seconds,
        matches=len(replicas),
        snapshots=sum(replica.snapshots for replica in replicas),
        inputs=sum(replica.inputs for replica in replicas),
        late_inputs=sum(answer.late for answer in answers),
        missed_inputs=sum(answer.missed for answer in answers),
        keyframes=sum(replica.keyframes for replica in replicas),
        desyncs=sum(replica.desyncs for replica in replicas),
        reconnects=sum(record.reconnects for record in records),
        divergences=sum(replica.divergence_count for replica in replicas),
        divergences_by_input=sum(replica.divergences_by_input for replica in replicas),
        faults=len(faults),
        fault=next(reversed(faults.values()), ""),
        bytes_in_per_player_s=round(sum(record.bytes_in for record in records) / played_s, 1),
        bytes_out_per_player_s=round(sum(record.bytes_out for record in records) / played_s, 1),
        rtt_ms=SampleSpread.of([rtt * 1000 for record in records for rtt in record.rtts_s]),
        correction_px=SampleSpread.of(
            [px for replica in replicas for px in replica.corrections_px]
        ),
    )
