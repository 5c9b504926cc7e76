"""Matches are charged to those who started them: who piles them up is in nobody else's way."""

import pytest

from gameserver.errors import Code, RequestError
from gameserver.game.entity import Outcome
from gameserver.ids import MatchId
from gameserver.messages.lobby import StartMatch
from gameserver.messages.match import MatchEnded, MatchStarted
from gameserver.rooms import calls
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.state import effects
from gameserver.rooms.state.hosting import Hosting
from gameserver.rooms.state.session import Session
from tests.rooms.party import Guest, Party

CROWDED = "192.0.2.1"
ELSEWHERE = "198.51.100.9"


def farm(
    matches: int, *, bots: int = 7, share: float = 0.0, **rules: float
) -> tuple[Party, list[Guest]]:
    """Return the hosts of one address, of whose matches ``matches`` run and take ``share`` each."""
    party = Party(countdown_s=0.0, creates_burst=1000, **rules)
    hosts = [party.guest(f"Host {number}", CROWDED) for number in range(matches + 1)]
    for host in hosts:
        host.create(size=8, bots=bots)
    for host in hosts[:matches]:
        begin(party, host)
        measure(party, party.last_match(), share)
    return party, hosts


def begin(party: Party, host: Guest) -> None:
    host.ask(StartMatch())
    party.advance(0.1)
    assert host.of(MatchStarted)


def measure(party: Party, match_id: MatchId, share: float) -> None:
    for _ in range(50):
        party.take(calls.Measured(((match_id, share),)))


def refused(party: Party, host: Guest) -> RequestError:
    with pytest.raises(RequestError) as caught:
        begin(party, host)
    assert caught.value.code is Code.RATE_LIMITED
    assert caught.value.details["retry_after_s"]
    return caught.value


def test_the_bots_of_one_address_are_bounded_whoever_hosts_them() -> None:
    party, hosts = farm(4, bots=7, bots_per_address=30)
    assert "30 of the server's bots" in refused(party, hosts[4]).sentence
    party.end_match(party.last_match())
    begin(party, hosts[4])


def test_an_address_whose_matches_use_much_of_a_busy_server_starts_no_more() -> None:
    party, hosts = farm(5, share=0.09)
    assert "as much of the server as they may" in refused(party, hosts[5]).sentence


def test_an_address_may_use_more_while_the_server_is_not_busy() -> None:
    party, hosts = farm(5, share=0.05)
    begin(party, hosts[5])


def test_an_honest_host_can_start_however_many_matches_others_run() -> None:
    party, _ = farm(6, share=0.06, spare_share=0.4)
    for match in list(party.of(effects.BeginMatch)):
        measure(party, match.match_id, 0.15)  # the whole processor
    other = party.guest("Honest", ELSEWHERE)
    other.create(size=8, bots=7)
    begin(party, other)


def test_a_fully_loaded_server_refuses_only_the_addresses_that_load_it() -> None:
    party, hosts = farm(3, share=0.18)
    party.take(calls.RefuseMatches(5.0))
    with pytest.raises(RequestError) as caught:
        hosts[3].ask(StartMatch())
    assert caught.value.code is Code.SERVER_BUSY
    other = party.guest("Honest", ELSEWHERE)
    other.create(size=8, bots=7)
    begin(party, other)
    assert party.hall.spares_match(party.last_match())


def test_a_server_loaded_by_everybody_refuses_everybody() -> None:
    party = Party(countdown_s=0.0)
    for number in range(8):
        host = party.guest(f"Host {number}", f"192.0.2.{number}")
        host.create(size=8, bots=7)
        begin(party, host)
        measure(party, party.last_match(), 0.12)
    party.take(calls.RefuseMatches(5.0))
    other = party.guest("Late", ELSEWHERE)
    other.create(size=8, bots=7)
    with pytest.raises(RequestError) as caught:
        other.ask(StartMatch())
    assert caught.value.code is Code.SERVER_BUSY


def test_a_countdown_that_ends_above_the_share_of_its_address_gives_the_reason() -> None:
    party, hosts = farm(1, bots=7, bots_per_address=10)
    party.on_start = lambda order: _start(party, order)
    hosts[1].ready()
    party.advance(0.1)
    assert not hosts[1].of(MatchStarted)
    (ended,) = hosts[1].of(MatchEnded)
    assert ended.result.reason == Code.RATE_LIMITED
    assert "the server's bots" in ended.result.message


def test_hosts_behind_loopback_are_charged_one_by_one() -> None:
    party = Party(bots_per_address=7, countdown_s=0.0)
    for name in ("Ann", "Bob"):
        host = party.guest(name, "")
        host.create(size=8, bots=7)
        begin(party, host)


def _start(party: Party, order: effects.BeginMatch) -> None:
    """Start a match as the service does."""
    try:
        party.hall.check_match(order.match_id)
    except RequestError as error:
        ended = (order.match_id, error.code.value, Outcome(()), 0, error.sentence, party.now)
        party.hall.match_ended(*ended)
    else:
        party.start_match(order)


def test_two_matches_of_one_address_are_enough_to_be_piled_up() -> None:
    party, hosts = farm(2, share=0.3)
    party.take(calls.RefuseMatches(5.0))
    with pytest.raises(RequestError) as caught:
        hosts[2].ask(StartMatch())
    assert caught.value.code is Code.SERVER_BUSY
    other = party.guest("Honest", ELSEWHERE)
    other.create(size=8, bots=7)
    begin(party, other)


def test_one_match_however_large_is_not_piled_up() -> None:
    party, _ = farm(1, share=0.9)
    party.take(calls.RefuseMatches(5.0))
    other = party.guest("Honest", ELSEWHERE)
    other.create(size=8, bots=7)
    with pytest.raises(RequestError) as caught:
        other.ask(StartMatch())
    assert caught.value.code is Code.SERVER_BUSY


# --- the bounds -----------------------------------------------------------------------------------


class Host:
    """What is charged to."""

    def __init__(self, address: str, player_id: str = "p") -> None:
        self.address, self.player_id = address, player_id


def hosting(*runs: tuple[str, int, int], **rules: float) -> Hosting:
    """Charge matches of these addresses: seats of a quarter of a processor, and bots."""
    made = Hosting(RoomRules(seat_share=0.25, **rules))
    for number, (address, seats, bots) in enumerate(runs):
        made.begin(MatchId(f"{number}"), host_at(address), seats, bots)
    return made


def host_at(address: str) -> Session:
    return Host(address)  # type: ignore[return-value]


def may(made: Hosting, seats: int = 1, bots: int = 0) -> bool:
    try:
        made.check(host_at("a"), seats, bots)
    except RequestError:
        return False
    return True


@pytest.mark.parametrize(
    ("own", "other", "allowed"),
    [
        (1, 0, True),  # 0.5 of 0.5 for itself, and of 0.75 together
        (1, 4, True),
        (2, 0, True),  # 0.75 for itself, of 0.75 together
        (2, 1, False),
        (0, 9, True),  # the first of its owner
    ],
)
def test_exactly_the_share_may_be_used(own: int, other: int, allowed: bool) -> None:
    runs = [(name, seats, 0) for name, seats in (("a", own), ("b", other)) if seats]
    assert may(hosting(*runs, host_share=0.5, spare_share=0.75)) is allowed


@pytest.mark.parametrize(("bots", "allowed"), [(0, True), (1, True), (3, True), (4, False)])
def test_exactly_the_number_of_bots_may_be_used(bots: int, allowed: bool) -> None:
    made = hosting(("a", 1, 4), ("a", 1, 3), ("b", 1, 99), bots_per_address=10, host_share=9.0)
    assert may(made, bots=bots) is allowed
    assert may(hosting(("a", 1, 11), bots_per_address=10, host_share=9.0)), (
        "without bots of its own"
    )


def test_matches_of_others_are_spared_by_one_that_piles_up_above_the_share() -> None:
    def spares(*runs: tuple[str, int, int]) -> bool:
        return hosting(*runs, host_share=0.5).spares(host_at("a"))

    assert not spares()
    assert not spares(("b", 9, 0)), "one match is no pile"
    assert not spares(("b", 1, 0), ("b", 1, 0)), "exactly the share"
    assert spares(("b", 1, 0), ("b", 2, 0))
    assert not spares(("b", 1, 0), ("b", 2, 0), ("a", 1, 0)), "it has a match already"
    piled = hosting(("b", 1, 0), ("b", 2, 0), ("a", 1, 0), host_share=0.5)
    assert [piled.spares_match(MatchId(each)) for each in ("0", "2", "unknown")] == [
        False, True, False,
    ]  # fmt: skip


def test_measures_move_the_average_by_a_fifth_and_the_end_forgets_the_match() -> None:
    made = hosting(("a", 4, 0), host_share=0.5, spare_share=0.0)
    assert not may(made, seats=0)
    made.measured(MatchId("0"), 0.0)
    made.measured(MatchId("0"), 0.0)
    assert not may(made, seats=0), "0.64"
    made.measured(MatchId("0"), 0.0)
    assert not may(made, seats=0), "0.512"
    made.measured(MatchId("0"), 0.45)
    assert may(made, seats=0), "0.4996"
    made.measured(MatchId("unknown"), 9.0)
    assert len(made) == 1
    made.end(MatchId("0"))
    made.end(MatchId("0"))
    assert len(made) == 0
