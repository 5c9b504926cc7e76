"""Real rooms and matches, with connections that only record the calls."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

from gameserver.game.game import Game
from gameserver.ids import PlayerId, RequestId
from gameserver.messages.base import Request
from gameserver.messages.lobby import CreateLobby, InLobby, JoinLobby, LobbyConfig, SetReady
from gameserver.messages.wire import (
    PROTOCOL_VERSION,
    EventEnvelope,
    Hello,
    RequestEnvelope,
    ResultEnvelope,
)
from gameserver.protocol.codec import decode_server
from gameserver.protocol.server_codec import ServerCodec
from gameserver.rooms.hall import Hall
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.state import effects
from gameserver.service.connections import Connections, PlayerLink
from gameserver.service.effects import Effects
from gameserver.service.gate import Gate
from gameserver.service.matches import Matches
from gameserver.service.people import People
from gameserver.service.runtime import Runtime
from gameserver.service.saving import Saving
from gameserver.service.ticker import Ticker
from gameserver.testing.skirmish import Skirmish
from gameserver.transports import Drain
from tests.rooms.party import Entropy
from tests.service.peers import MAP

Tape = list[tuple[str, Any]]
"""What was done to whom, in the order of doing: over all connections."""


class Recorder:
    """A link that writes down what is done with it."""

    def __init__(self, name: str, tape: Tape, *, broken: bool = False) -> None:
        self.name = name
        self.tape = tape
        self.peer = "192.0.2.1"
        self.codec = ServerCodec()
        self.broken = broken

    def queue_newest(self, _key: object, data: bytes) -> bool:
        return self.queue(data, reliable=False)

    def queue(self, data: bytes, *, reliable: bool) -> bool:
        del reliable
        if self.broken:
            raise ZeroDivisionError("a bug in this connection")
        for item in decode_server(data, lambda _id: None):
            self.tape.append((self.name, item))
        return True

    def post(self, message: object) -> bool:
        return self.queue(self.codec.encode(message), reliable=True)

    def flush(self) -> None:
        pass

    def close_soon(self, reason: str = "") -> None:
        del reason
        self.tape.append((self.name, "closed"))

    def abort(self) -> None:
        self.tape.append((self.name, "aborted"))


class Stage:
    """Real rooms and matches around a performer; only the connections are written down."""

    def __init__(self, game: Game | None = None, *, most: int = 8) -> None:
        self.tape: Tape = []
        self.clock = Runtime(entropy=Entropy())
        maps = {MAP.name: MAP}
        game = game or Skirmish()
        self.hall = Hall(game, maps, RoomRules(), Entropy())
        self.connections = Connections()
        self.matches = Matches(
            game, maps, Ticker(perf_counter), most=most, seeds=lambda: 1, drain=Drain
        )
        effects = Effects(self.hall, self.connections, self.matches)
        saving = Saving(Gate(), self.clock, self.connections.flush)
        self.people = People(self.hall, effects, self.clock, saving)

    def guest(self, name: str, *, broken: bool = False) -> PlayerId:
        now = self.clock.now()
        welcome = self.hall.sign_in(
            Hello(PROTOCOL_VERSION, "test", player_name=name), "192.0.2.1", now
        ).welcome
        connection = Recorder(name, self.tape, broken=broken)
        self.connections.attach(
            welcome.player_id, PlayerLink(connection, welcome.epoch, lambda _count: None)
        )
        return welcome.player_id

    def ask(self, player_id: PlayerId, number: int, request: Request) -> Any:
        """Have the rooms decide on a request; nothing is performed yet."""
        envelope = RequestEnvelope(RequestId(number), request)
        answer = self.hall.handle(player_id, envelope, self.clock.now(), 0)
        assert isinstance(answer, ResultEnvelope), answer
        return answer.result

    def decide(self, *decided: effects.Effect) -> None:
        """Have these done, behind what was decided already."""
        for effect in decided:
            self.hall._state.perform(effect)

    def perform(self) -> None:
        """Have performed what was decided so far."""
        with self.people.turn:
            pass

    def counted_down(self) -> tuple[PlayerId, PlayerId]:
        """Bring two people of one lobby to where the rooms have decided on a match."""
        ann, bob = self.guest("Ann"), self.guest("Bob")
        config = LobbyConfig(title="Den", map=MAP.name, size=4)
        created = self.ask(ann, 1, CreateLobby(config))
        assert isinstance(created, InLobby)
        self.ask(bob, 1, JoinLobby(lobby_id=created.lobby.lobby_id))
        self.ask(ann, 2, SetReady(ready=True))
        self.ask(bob, 2, SetReady(ready=True))
        self.perform()
        self.tape.clear()
        due = self.clock.now() + RoomRules().countdown_s
        while self.hall.expire_next(due, 0):
            pass
        return ann, bob

    def playing(self) -> tuple[PlayerId, PlayerId]:
        """Bring two people into a running match."""
        both = self.counted_down()
        self.perform()
        self.tape.clear()
        return both

    def events(self, name: str, kind: type) -> list[Any]:
        """Return the events of a kind that somebody heard."""
        envelopes = [each for who, each in self.tape if who == name]
        heard = [each.event for each in envelopes if isinstance(each, EventEnvelope)]
        return [event for event in heard if isinstance(event, kind)]

    def position(self, name: str, wanted: Callable[[Any], bool]) -> int:
        """Return where on the tape somebody got the first message that is wanted."""
        found = [at for at, (who, item) in enumerate(self.tape) if who == name and wanted(item)]
        assert found, self.tape
        return found[0]
