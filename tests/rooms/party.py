"""Model clients around one hall: the smallest possible service.

Law: everything a client learns, it learns from the answer, the replay and the effects. After each
call every invariant of the hall is asserted.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import ClassVar, TypeVar

import attrs
import msgpack
import pytest

from gameserver.errors import Code, RequestError
from gameserver.game.command import Command
from gameserver.game.entity import Outcome, Standing
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.options import option
from gameserver.ids import EventNumber, MatchId, PlayerId, RequestId
from gameserver.messages import chat, lobby
from gameserver.messages.base import Notice, ReliableEvent, Request, Result
from gameserver.messages.lobby import Phase
from gameserver.messages.match import MatchStarted
from gameserver.messages.wire import (
    PROTOCOL_VERSION,
    Ack,
    EventEnvelope,
    Hello,
    Refusal,
    RequestEnvelope,
    ResultEnvelope,
)
from gameserver.rooms import calls
from gameserver.rooms.dump import dump, restore
from gameserver.rooms.hall import Hall
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.state import effects

EventT = TypeVar("EventT", bound=ReliableEvent)
AnswerT = TypeVar("AnswerT")
EffectT = TypeVar("EffectT")


@attrs.frozen
class TagOptions:
    mode: str = option("solo", "Mode", choices={"solo": "Everybody", "team": "Teams"})
    time_limit_s: int = option(60, "Time", lo=10, hi=600, unit="s")


class Tag(Game):
    name = "tag"
    title = "Tag"
    entities = ()
    command = Command
    options = TagOptions
    mode_option = "mode"
    seats = (2, 8)
    bot_levels: ClassVar[tuple[str, ...]] = ("easy", "normal", "hard")

    def teams(self, options: TagOptions) -> int:
        return 2 if options.mode == "team" else 0

    def map_fits(self, options: TagOptions, modes: tuple[str, ...]) -> bool:
        return options.mode in modes


class Chess(Tag):
    """The same without bots."""

    name = "chess"
    bot_levels = ()


def make_map(name: str, modes: tuple[str, ...], fewest: int = 2, most: int = 8) -> TileMap:
    area = bytes(64)
    return TileMap(
        name=name,
        title=name.title(),
        width=8,
        height=8,
        solid=area,
        ground=area,
        decor=area,
        modes=modes,
        min_players=fewest,
        max_players=most,
    )


MAPS = {
    "attic": make_map("attic", ("solo", "team")),
    "barn": make_map("barn", ("solo",), most=4),
    "court": make_map("court", ("team",), fewest=4),
}


class Entropy:
    """Bytes that look random and are the same every time."""

    def __init__(self, seed: int = 0) -> None:
        self._state = seed.to_bytes(8, "big")

    def __call__(self, size: int) -> bytes:
        self._state = blake2b(self._state, digest_size=32).digest()
        return self._state[:size]


@attrs.frozen
class Facts:
    game: str = "tag"
    tick_rate: int = 30
    snapshot_every: int = 1
    map: str = "attic"
    map_digest: str = "00"
    options: Mapping[str, int | bool | str] = {}
    salt: int = 7
    schema: Mapping[str, object] = {}


@attrs.define(eq=False)
class Guest:
    """One client: asks, hears, and can tell what it knows."""

    party: "Party"
    player_id: PlayerId
    name: str
    token: bytes
    epoch: int
    online: bool = True
    deaf: bool = False
    """Whether what is sent is lost on the way, though nobody knows yet."""
    goodbye: str = ""
    is_new: bool = False
    """Whether it holds a token and remembers nothing else, like a page that was reloaded."""
    applied: int = 0
    events: list[ReliableEvent] = attrs.field(factory=list)
    notices: list[Notice] = attrs.field(factory=list)
    last_request: int = 0

    def ask(self, request: Request) -> Result:
        """Ask and return the result; a refusal raises as it would on the client."""
        self.last_request += 1
        return self.party.ask(self, self.last_request, request)

    def say(self, text: str, channel: chat.Channel = chat.Channel.LOBBY) -> chat.ChatSent:
        result = self.ask(chat.SendChat(channel, text))
        assert isinstance(result, chat.ChatSent)
        return result

    def whisper(self, other: "Guest", text: str) -> chat.ChatSent:
        result = self.ask(chat.SendChat(chat.Channel.WHISPER, text, other.player_id))
        assert isinstance(result, chat.ChatSent)
        return result

    def create(self, password: str = "", **chosen: object) -> lobby.LobbyState:
        config = lobby.LobbyConfig(**{"title": "Den", "map": "attic", "size": 4, **chosen})
        return self._state_in(self.ask(lobby.CreateLobby(config, password)))

    def join(self, host: "Guest", **how: object) -> lobby.LobbyState:
        ask = lobby.JoinLobby(lobby_id=host.room.lobby_id, **how)
        return self._state_in(self.ask(ask))

    def quick_play(self, mode: str = "", map_name: str = "") -> lobby.LobbyState:
        return self._state_in(self.ask(lobby.QuickPlay(mode, map_name)))

    def ready(self, *, ready: bool = True) -> None:
        self.ask(lobby.SetReady(ready))

    def _state_in(self, result: Result) -> lobby.LobbyState:
        assert isinstance(result, lobby.InLobby)
        return result.lobby

    def hear(self, envelope: EventEnvelope) -> None:
        """Apply an event exactly once, in order, as the SDK does."""
        if self.deaf:
            return
        if self.is_new:
            self.is_new, self.applied = False, envelope.number - 1
        assert envelope.number == self.applied + 1, "events come in order without holes"
        self.applied = envelope.number
        self.events.append(envelope.event)

    def ack(self) -> None:
        ack = Ack(EventNumber(self.applied), RequestId(self.last_request))
        self.party.take(calls.Acked(self.player_id, ack, self.epoch))
        self.party.settle()

    def lose_connection(self) -> None:
        self.online = False
        self.party.take(calls.Lost(self.player_id, self.epoch))
        self.party.settle()

    def resume(self) -> None:
        self.party.resume(self)

    def forget_everything(self) -> None:
        self.is_new, self.applied = True, 0
        self.events.clear()

    def of(self, kind: type[EventT]) -> list[EventT]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def room(self) -> lobby.LobbyState:
        return self.of(lobby.LobbyChanged)[-1].lobby

    @property
    def me(self) -> lobby.Member:
        return next(m for m in self.room.members if m.player_id == self.player_id)

    @property
    def heard(self) -> list[str]:
        """What people said, without the server's own lines."""
        return [e.line.text for e in self.of(chat.ChatSaid) if e.line.sender]


class Party:
    """A hall, its clock, and the guests."""

    def __init__(
        self,
        game: Game | None = None,
        maps: Mapping[str, TileMap] = MAPS,
        *,
        seed: int = 0,
        **rules: object,
    ) -> None:
        self.now = 100.0
        self.rules = RoomRules(**rules)
        self.entropy = Entropy(seed)
        self.hall = Hall(game or Tag(), maps, self.rules)
        self.trace: list[tuple[calls.Call[object], calls.Moment]] = []
        self.guests: dict[PlayerId, Guest] = {}
        self.effects: list[effects.Effect] = []
        self.answers: Counter[tuple[PlayerId, int]] = Counter()
        self.on_start: Callable[[effects.BeginMatch], None] = self.start_match

    @property
    def wall_ms(self) -> int:
        return 1_700_000_000_000 + round(self.now * 1000)

    def take(self, call: calls.Call[AnswerT]) -> AnswerT:
        """Make a call now, and keep it."""
        moment = calls.Moment(self.now, self.wall_ms, self.entropy(32))
        self.trace.append((call, moment))
        return calls.take(self.hall, call, moment)

    def carry_over(self) -> None:
        """Go on with a hall that was restored from a dump of this one, by way of bytes."""
        dumped = msgpack.unpackb(msgpack.packb(dump(self.hall)), strict_map_key=False)
        given = self.hall.parts.state
        self.hall = Hall(given.game, given.maps, self.rules)
        restore(self.hall, dumped)
        self.hall.check()

    # --- people ---------------------------------------------------------------------------------

    def guest(self, name: str = "Ann", address: str = "192.0.2.1") -> Guest:
        hello = Hello(PROTOCOL_VERSION, "test", player_name=name)
        welcomed = self.take(calls.SignIn(hello, address))
        w = welcomed.welcome
        guest = Guest(self, w.player_id, w.player_name, w.token, w.epoch)
        self.guests[w.player_id] = guest
        self.settle()
        return guest

    def group(self, *names: str, **chosen: object) -> list[Guest]:
        """Return guests of whom the first has opened a lobby that the others are in."""
        host, *others = (self.guest(name) for name in names)
        host.create(**chosen)
        for other in others:
            other.join(host)
        return [host, *others]

    def resume(self, guest: Guest, token: bytes | None = None) -> None:
        hello = Hello(
            PROTOCOL_VERSION,
            "test",
            token=token or guest.token,
            last_event=EventNumber(guest.applied),
        )
        welcomed = self.take(calls.SignIn(hello, "192.0.2.1"))
        assert welcomed.welcome.resumed
        guest.token, guest.epoch = welcomed.welcome.token, welcomed.welcome.epoch
        guest.online, guest.deaf = True, False
        for envelope in welcomed.replay:
            guest.hear(envelope)
        self.settle()

    def ask(self, guest: Guest, request_id: int, request: Request) -> Result:
        envelope = RequestEnvelope(RequestId(request_id), request)
        answer = self.take(calls.Ask(guest.player_id, envelope))
        assert answer.id == request_id
        self.answers[guest.player_id, request_id] += 1
        self.settle()
        if isinstance(answer, Refusal):
            raise RequestError(answer.code, answer.sentence, answer.details)
        assert isinstance(answer, ResultEnvelope)
        assert isinstance(answer.result, Result)
        return answer.result

    # --- time and matches -------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        """Let time pass, stopping at every deadline on the way as the service does."""
        end = self.now + seconds
        while (due := self.hall.next_deadline()) is not None and due <= end:
            self.now = max(self.now, due)
            while self.take(calls.Expire()):
                self.settle()
            after = self.hall.next_deadline()
            assert after is None or after > self.now, "a deadline that does not move is a busy loop"
        self.now = end

    def start_match(self, order: effects.BeginMatch) -> None:
        self.take(calls.MatchRuns(order.match_id, Facts(map=order.config.map)))

    def end_match(self, match_id: MatchId, reason: str = "finished", **more: object) -> None:
        order = next(e for e in self.of(effects.BeginMatch) if e.match_id == match_id)
        lines = tuple(Standing(p.seat, p.name, p.team, score=9 - p.seat) for p in order.players)
        outcome = Outcome(lines, winner=order.players[0].name)
        message = str(more.get("message", ""))
        self.take(calls.MatchIsOver(match_id, reason, outcome, 900, message))
        self.settle()

    def in_match(self, *names: str, **chosen: object) -> list[Guest]:
        """Return guests of one lobby whose match has just begun."""
        guests = self.group(*names, **chosen)
        for guest in guests:
            guest.ready()
        self.advance(self.rules.countdown_s)
        assert guests[0].room.phase is lobby.Phase.IN_MATCH
        return guests

    # --- effects ----------------------------------------------------------------------------------

    def settle(self) -> None:
        """Carry out all effects in order, as the service does, and check the hall."""
        self.hall.check()
        while taken := self.hall.take_effects():
            self.effects += taken
            for effect in taken:
                self._perform(effect)
            self.hall.check()

    def _perform(self, effect: effects.Effect) -> None:
        match effect:
            case effects.Deliver():
                self.guests[effect.player_id].hear(effect.envelope)
            case effects.Tell():
                for player_id in effect.player_ids:
                    self.guests[player_id].notices.append(effect.notice)
            case effects.Disconnect():
                guest = self.guests[effect.player_id]
                if guest.epoch == effect.epoch:
                    guest.online, guest.goodbye = False, effect.code
            case effects.BeginMatch():
                self.on_start(effect)
            case _:
                pass

    def of(self, kind: type[EffectT]) -> list[EffectT]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def last_match(self) -> MatchId:
        return self.of(effects.BeginMatch)[-1].match_id


def started(guest: Guest) -> MatchStarted:
    """Return the last match that a guest was told of."""
    return guest.of(MatchStarted)[-1]


def phase(guest: Guest) -> Phase:
    """Return the phase of the lobby that somebody is in."""
    return guest.room.phase


def refused_with(code: Code, guest: Guest, request: Request) -> RequestError:
    """Ask for what is to be refused, and return the refusal."""
    with pytest.raises(RequestError) as refused:
        guest.ask(request)
    assert refused.value.code == code
    return refused.value
