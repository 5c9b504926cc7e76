"""Clients and server agree on the state, wherever the connection was cut.

Law: real client conversations talk to a real hall through queues of whole messages. Each message
is carried by a step of its own, so a cut may fall between any two; once all queues are empty, each
client's picture (lobby, seat, name, match, list of lobbies, mutes) is the server's.
"""

from collections import deque
from collections.abc import Callable
from typing import Any, cast

import attrs
import trio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from gameserver.client.conversation import ClientConversation
from gameserver.client.link.line import Line
from gameserver.client.settings import ClientSettings
from gameserver.errors import RequestError
from gameserver.game.entity import Outcome
from gameserver.ids import LobbyId, PlayerId, RequestId, Seat
from gameserver.messages import chat, lobby, session
from gameserver.messages.base import Request
from gameserver.messages.match import MatchStarted
from gameserver.messages.wire import (
    Ack,
    Goodbye,
    Hello,
    NoticeEnvelope,
    Refusal,
    RequestEnvelope,
)
from gameserver.protocol.codec import decode_client, encode
from gameserver.rooms.hall import Hall
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.state import effects
from gameserver.testing.picture import differences
from tests.rooms.party import MAPS, Entropy, Facts, Tag

RULES = RoomRules(
    requests_burst=1000, creates_burst=1000, address_attempts_burst=1000, crowd=2, countdown_s=1.0
)
ADDRESS = "192.0.2.1"


class Phone:
    """One client, and the two queues of messages between it and the server."""

    def __init__(self, world: "World", name: str) -> None:
        self.world = world
        self.talk = ClientConversation(name, ClientSettings(play=False))
        self.up: deque[bytes] = deque()
        self.down: deque[bytes] = deque()
        self.player_id = PlayerId("")
        self.epoch = 0
        self.started: MatchStarted | None = None
        self.asked: list[RequestId] = []

    @property
    def line(self) -> Line:
        return cast(Line, self)

    # What a `Line` does for a conversation.
    def post(self, message: bytes) -> None:
        self.up.append(message)

    def abort(self) -> None:
        self.cut()

    def connect(self) -> None:
        if self.talk._lines.present is None:
            self.talk._lines.present = self.line
            self.talk._farewell = None
            self.talk._post(self.talk.session.hello())

    def cut(self) -> None:
        """Lose the connection with all that is on its way; the server learns of it."""
        self.up.clear()
        self.down.clear()
        self.talk._lines.present = None
        self.talk._online = False
        self.talk.matches.disconnected()
        if self.epoch:
            self.world.hall.disconnected(self.player_id, self.epoch, self.world.now)
            self.epoch = 0
            self.world.settle()

    def ask(self, request: Request) -> None:
        self.asked.append(self.talk.ask(request, lambda _answer: None))

    def give_up_waiting(self) -> None:
        """Let the application stop waiting for what it asked last."""
        if self.asked:
            self.talk.session.abandon(self.asked.pop())

    def carry_up(self) -> None:
        if not self.up:
            return
        for item in decode_client(self.up.popleft()):
            self.world.hear(self, item)

    def carry_down(self) -> None:
        if self.down:
            self.talk._receive(self.line, self.down.popleft())

    def ack(self) -> None:
        if self.talk._online:
            self.talk._ack(trio.current_time())


class World:
    """A hall whose service is this test."""

    def __init__(self, phones: int) -> None:
        self.now = 100.0
        self.hall = Hall(Tag(), MAPS, RULES, Entropy(0))
        self.phones = [Phone(self, f"P{n}") for n in range(phones)]
        self.match_ids: list[Any] = []

    def hear(self, phone: Phone, item: object) -> None:
        match item:
            case Hello():
                self._welcome(phone, item)
            case RequestEnvelope():
                wall = round(self.now * 1000)
                answer = self.hall.handle(phone.player_id, item, self.now, wall, phone.epoch)
                phone.down.append(encode(answer))
            case Ack():
                self.hall.acked(phone.player_id, item, self.now, phone.epoch)
            case _:
                pass
        self.settle()

    def _welcome(self, phone: Phone, hello: Hello) -> None:
        try:
            welcomed = self.hall.sign_in(hello, ADDRESS, self.now)
        except RequestError as error:
            phone.down.append(encode(Refusal(RequestId(0), error.code, error.sentence)))
            return
        phone.player_id, phone.epoch = welcomed.welcome.player_id, welcomed.welcome.epoch
        batch = [welcomed.welcome, *welcomed.replay]
        phone.down += [encode(message) for message in batch]

    def settle(self) -> None:
        self.hall.check()
        while taken := self.hall.take_effects():
            for effect in taken:
                self._perform(effect)
            self.hall.check()

    def _perform(self, effect: effects.Effect) -> None:
        by_id = {phone.player_id: phone for phone in self.phones if phone.epoch}
        match effect:
            case effects.Deliver() if phone := by_id.get(effect.player_id):
                phone.down.append(encode(effect.envelope))
            case effects.Tell():
                for player_id in effect.player_ids:
                    if phone := by_id.get(player_id):
                        phone.down.append(encode(NoticeEnvelope(effect.notice)))
            case effects.Disconnect() if phone := by_id.get(effect.player_id):
                if phone.epoch == effect.epoch:
                    phone.down.append(encode(Goodbye(effect.code, effect.sentence, 1.0)))
            case effects.BeginMatch():
                self.match_ids.append(effect.match_id)
                self.hall.match_started(effect.match_id, Facts(map=effect.config.map), self.now)
            case effects.StopMatch():
                self.hall.match_ended(effect.match_id, effect.reason, Outcome(()), 9, "", self.now)
            case _:
                pass

    def advance(self, seconds: float) -> None:
        end = self.now + seconds
        while (due := self.hall.next_deadline()) is not None and due <= end:
            self.now = max(self.now, due)
            while self.hall.expire_next(self.now, round(self.now * 1000)):
                pass
            self.settle()
        self.now = end

    def run_dry(self) -> None:
        """Bring everybody back and carry all there is."""
        for _ in range(3):
            for phone in self.phones:
                phone.connect()
            while any(phone.up or phone.down for phone in self.phones):
                for phone in self.phones:
                    phone.carry_up()
                    phone.carry_down()
            self.advance(1.0)

    def check(self) -> None:
        for phone in self.phones:
            assert list(differences(self.hall, phone.talk, self.now)) == []


def _some_lobby(world: World, index: int) -> LobbyId:
    lobbies = list(world.hall._state.lobbies)
    return lobbies[index % len(lobbies)] if lobbies else LobbyId("none")


REQUESTS: list[Callable[[World, int], Request]] = [
    lambda _world, n: lobby.CreateLobby(lobby.LobbyConfig(f"Den {n}", "attic", 4, bots=1)),
    lambda world, n: lobby.JoinLobby(_some_lobby(world, n)),
    lambda world, n: lobby.JoinLobby(_some_lobby(world, n), spectate=True),
    lambda _world, _n: lobby.QuickPlay(),
    lambda _world, _n: lobby.LeaveLobby(),
    lambda _world, n: session.Rename(f"Name {n}"),
    lambda _world, n: lobby.TakeSeat(Seat(n - 1)),
    lambda _world, n: lobby.SetReady(n > 0),
    lambda world, n: lobby.KickPlayer(world.phones[n % len(world.phones)].player_id),
    lambda _world, n: lobby.WatchLobbies(n > 0),
    lambda _world, _n: lobby.ListLobbies(),
    lambda _world, _n: lobby.LeaveMatch(),
    lambda _world, _n: chat.SendChat(chat.Channel.GLOBAL, "hi"),
]

PHONES = 3
numbers = st.integers(0, PHONES)
steps = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from(range(len(REQUESTS))), numbers),
    st.tuples(st.sampled_from(["up", "up", "down", "down", "ack", "cut", "connect", "give up"])),
    st.tuples(st.just("time"), st.sampled_from([0.5, 1.0, 40.0, 70.0])),
)
CREATE, JOIN, QUICK, SIT, READY, RENAME, KICK, WATCH, LEAVE_MATCH = 0, 1, 3, 6, 7, 5, 8, 9, 11
OPEN_DEN = [(0, ("ask", CREATE, 1)), *[(0, ("up",))], *[(0, ("down",))] * 3]
"""Steps after which P0 hosts a lobby."""
RENAMES = [(1, ("ask", RENAME, 1)), (1, ("ask", RENAME, 2))]
BOTH_WAYS = [(who, (way,)) for way in ("up", "down") * 6 for who in (0, 1)]
IN_MATCH = [
    *OPEN_DEN,
    (1, ("ask", JOIN, 0)),
    *BOTH_WAYS,
    (0, ("ask", READY, 1)),
    (1, ("ask", READY, 1)),
    *BOTH_WAYS,
    (0, ("time", 1.0)),
    *BOTH_WAYS,
]
"""Steps after which P0 and P1 play."""
AWAY = [(1, ("up",)), (1, ("cut",)), (0, ("time", 40.0)), (1, ("connect",))]
"""P1's request is carried out, its answer is lost, and its seat expires."""


def _act(world: World, who: int, step: tuple[Any, ...]) -> None:
    phone = world.phones[who]
    match step:
        case ("ask", which, number):
            phone.ask(REQUESTS[which](world, number))
        case ("up",):
            phone.carry_up()
        case ("down",):
            phone.carry_down()
        case ("ack",):
            phone.ack()
        case ("cut",):
            phone.cut()
        case ("connect",):
            phone.connect()
        case ("give up",):
            phone.give_up_waiting()
        case ("time", seconds):
            world.advance(seconds)


@example([*OPEN_DEN, (1, ("ask", JOIN, 0)), *AWAY])
@example([(1, ("ask", CREATE, 0)), *AWAY])
@example([(1, ("ask", QUICK, 0)), *AWAY])
@example([*RENAMES, (1, ("up",)), (1, ("up",)), (1, ("give up",)), (1, ("cut",))])
@example([*IN_MATCH, (0, ("ask", LEAVE_MATCH, 0)), (0, ("ask", SIT, 1)), *[(0, ("up",))] * 4,
          (0, ("cut",))])  # fmt: skip
@example([(1, ("ask", WATCH, 1)), (1, ("up",)), (1, ("cut",)), *OPEN_DEN, (0, ("time", 1.0))])
@example([(1, ("ask", RENAME, 1)), (1, ("up",)), (1, ("give up",))])
@example([*OPEN_DEN, (1, ("ask", JOIN, 0)), (1, ("up",)), (0, ("ask", KICK, 1)), (0, ("up",))])
@given(st.lists(st.tuples(st.integers(0, PHONES - 1), steps), max_size=50))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_after_cuts_at_any_place_the_clients_state_is_the_servers(
    plan: list[tuple[int, tuple[Any, ...]]],
) -> None:
    async def main() -> None:
        world = World(PHONES)
        world.run_dry()
        for who, step in plan:
            _act(world, who, step)
        world.run_dry()
        world.check()
        await trio.lowlevel.checkpoint()

    trio.run(main, clock=MockClock())


def test_an_answer_that_arrives_before_its_event_is_applied_after_it() -> None:
    async def main() -> None:
        world = World(2)
        world.run_dry()
        phone = world.phones[0]
        answers: list[Any] = []
        phone.talk.ask(lobby.QuickPlay(), answers.append)
        phone.carry_up()
        phone.carry_down()
        assert not answers, "the answer was first on the wire, and waits for its event"
        phone.carry_down()
        assert len(answers) == 1
        world.check()
        await trio.lowlevel.checkpoint()

    trio.run(main, clock=MockClock())


def test_a_restarted_client_with_a_token_gets_answers_at_once() -> None:
    async def main() -> None:
        world = World(1)
        world.run_dry()
        phone = world.phones[0]
        phone.ask(session.Rename("Ann"))
        world.run_dry()
        phone.ack()
        world.run_dry()
        token = phone.talk.session.token
        phone.cut()
        phone.talk = ClientConversation("", ClientSettings(play=False, token=token))
        world.run_dry()
        answers: list[Any] = []
        phone.talk.ask(lobby.ListLobbies(), answers.append)
        world.run_dry()
        assert len(answers) == 1
        world.check()
        await trio.lowlevel.checkpoint()

    trio.run(main, clock=MockClock())


def test_a_player_who_leaves_the_lobby_during_a_match_is_in_no_match() -> None:
    async def main() -> None:
        world = World(2)
        world.run_dry()
        phone = world.phones[0]
        phone.ask(lobby.CreateLobby(lobby.LobbyConfig("Den", "attic", 4, bots=1)))
        phone.ask(lobby.SetReady(True))
        world.run_dry()
        phone.ask(lobby.LeaveLobby())
        world.run_dry()
        assert phone.talk.matches.match_id is None
        await trio.lowlevel.checkpoint()

    trio.run(main, clock=MockClock())


def test_a_wrong_state_of_a_client_is_reported_field_by_field() -> None:
    async def main() -> None:
        world = World(2)
        world.run_dry()
        for who, step in OPEN_DEN:
            _act(world, who, step)
        world.run_dry()
        host, guest = (phone.talk for phone in world.phones)
        assert guest.state.lobby is None
        guest.state.lobby, guest.state.player_name = host.state.lobby, "Nobody"
        assert host.state.lobby is not None
        true = host.state.lobby.revision
        host.state.lobby = attrs.evolve(host.state.lobby, revision=77)
        told = [
            *differences(world.hall, guest, world.now),
            *differences(world.hall, host, world.now),
        ]
        assert [sentence.partition(",")[0] for sentence in told[:2]] == [
            "its name is 'P1'", "its lobby is None",
        ]  # fmt: skip
        assert told[2:] == [f"revision of its lobby is {true}, it believes 77"]
        guest.session.player_id = PlayerId("stranger")
        (only,) = differences(world.hall, guest, world.now)
        assert only == "the server has no session 'stranger'"
        await trio.lowlevel.checkpoint()

    trio.run(main, clock=MockClock())
