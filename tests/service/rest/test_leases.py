"""The place of a polling session among the connections is given back however it ends."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.errors import Code, RequestError
from gameserver.ids import EventNumber
from gameserver.messages.chat import Channel
from gameserver.messages.session import SignOut
from gameserver.messages.wire import PROTOCOL_VERSION, Hello
from gameserver.rooms import calls
from gameserver.service.monitoring.traffic import GOODBYE, SILENT
from gameserver.service.people import People
from gameserver.service.rest.leases import CHECK_S, LEASE_S, TRANSPORT, UNREAD, Lease, Leases
from gameserver.transports import ConnectionLimits
from tests.rooms.party import Guest, Party

ADDRESS = "192.0.2.7"


class Kept:
    """Leases on the rooms of a party, and what is counted of them."""

    def __init__(self, most: int = 5) -> None:
        self.party = Party()
        self.limits = ConnectionLimits(most, most)
        self.counted: list[str] = []
        traffic: Any = SimpleNamespace(began=self.counted.append, ended=self.counted.append)
        people: Any = SimpleNamespace(take=self.take, hall=self.party.hall)
        self.leases = Leases(cast("People", people), self.limits, traffic)

    def take(self, call: calls.Call[Any]) -> Any:
        answer = self.party.take(call)
        self.party.settle()
        return answer

    @property
    def places(self) -> int:
        return self.limits.total

    def sign_in(self) -> Guest:
        welcomed = self.leases.sign_in(Hello(PROTOCOL_VERSION, "test", player_name="Ann"), ADDRESS)
        w = welcomed.welcome
        guest = Guest(self.party, w.player_id, w.player_name, w.token, w.epoch)
        self.party.guests[w.player_id] = guest
        return guest

    def check(self) -> None:
        for lease in list(self.leases._leases.values()):
            self.leases._check(lease)


def test_a_sign_in_that_is_refused_takes_no_place() -> None:
    some = Kept()
    some.party.hall.parts.state.stopping = True
    with pytest.raises(RequestError):
        some.sign_in()
    assert (some.places, len(some.leases)) == (0, 0)


async def test_a_full_server_refuses_who_would_come_back_by_polling(mock_clock: MockClock) -> None:
    del mock_clock
    some = Kept(most=1)
    some.sign_in()
    with pytest.raises(RequestError) as refused:
        some.sign_in()
    assert refused.value.code == Code.SERVER_FULL
    assert refused.value.details == {"retry_after_s": 30.0}
    bob = some.party.guest("Bob")
    bob.lose_connection()
    with pytest.raises(RequestError):
        some.leases.attend(bob.token, ADDRESS)
    session = some.party.hall.parts.state.sessions[bob.player_id]
    assert not session.connected, "it is away as before"
    assert (some.places, len(some.leases)) == (1, 1)


async def test_a_lease_lasts_for_its_time_behind_the_last_request(mock_clock: MockClock) -> None:
    some = Kept()
    ann = some.sign_in()
    session = some.party.hall.parts.state.sessions[ann.player_id]
    mock_clock.jump(LEASE_S)
    some.check()
    connected = [session.connected]
    assert some.leases.attend(ann.token, ADDRESS) is session
    for passed_s in (LEASE_S, 0.1):
        mock_clock.jump(passed_s)
        some.check()
        connected.append(session.connected)
    assert connected == [True, True, False]
    assert (some.places, len(some.leases)) == (0, 0)
    assert some.counted == [TRANSPORT, SILENT]
    some.leases.attend(ann.token, ADDRESS)
    connected.append(session.connected)
    assert connected[-1]
    assert some.counted == [TRANSPORT, SILENT, TRANSPORT]


async def test_a_lease_ends_when_its_session_goes_on_elsewhere_or_is_over(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    some = Kept()
    ann, bob = some.sign_in(), some.sign_in()
    ann.resume()
    bob.ask(SignOut())
    assert some.places == 2
    some.check()
    assert some.counted == [TRANSPORT, TRANSPORT, Code.SESSION_REPLACED, GOODBYE]
    assert (some.places, len(some.leases)) == (0, 0)


async def test_a_second_lease_of_a_session_replaces_the_first(mock_clock: MockClock) -> None:
    del mock_clock
    some = Kept()
    ann = some.sign_in()
    session = some.party.hall.parts.state.sessions[ann.player_id]
    first = some.leases._leases[ann.player_id]
    some.take(calls.Lost(ann.player_id, session.epoch))
    some.leases.attend(ann.token, ADDRESS)
    second = some.leases._leases[ann.player_id]
    assert second is not first
    assert second.epoch == session.epoch
    assert some.counted == [TRANSPORT, Code.SESSION_REPLACED, TRANSPORT]
    assert (some.places, len(some.leases)) == (1, 1)
    some.leases._check(first)
    assert some.places == 1, "the first one is over already"


@pytest.mark.parametrize("reads", [False, True])
async def test_events_wait_for_those_who_ask_and_only_some_for_others(
    mock_clock: MockClock, *, reads: bool
) -> None:
    del mock_clock
    some = Kept()
    ann = some.sign_in()
    ann.deaf = True
    bob = some.party.guest("Bob")
    session = some.party.hall.parts.state.sessions[ann.player_id]
    if reads:
        assert some.leases.events(session, EventNumber(0), 9) == ()
    for number in range(UNREAD + 6):
        some.party.now += 5.0
        bob.say(f"line {number}", Channel.GLOBAL)
    assert session.stream.last == UNREAD + 6
    some.check()
    found = some.leases.events(session, EventNumber(0), 1000)
    assert found[-1].number == UNREAD + 6
    assert len(found) == (UNREAD + 6 if reads else UNREAD)


async def test_a_bug_at_one_lease_does_not_keep_the_others_from_being_checked(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    del autojump_clock
    some = Kept()
    ann, bob = some.sign_in(), some.sign_in()
    real, checked = Leases._check, list[str]()

    def check(leases: Leases, lease: Lease) -> None:
        if lease.player_id == ann.player_id:
            raise ZeroDivisionError("a bug")
        checked.append(lease.player_id)
        real(leases, lease)

    monkeypatch.setattr(Leases, "_check", check)
    with capture_logs() as lines:
        async with trio.open_nursery() as nursery:
            await nursery.start(some.leases.run)
            await trio.sleep(2.5 * CHECK_S)
            nursery.cancel_scope.cancel()
    assert checked == [bob.player_id] * 2
    assert [line["event"] for line in lines] == ["lease failed"] * 2
