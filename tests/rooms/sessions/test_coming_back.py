"""Coming back is limited for whoever does it again and again, and free for all who do it once."""

import pytest

from gameserver.errors import Code, RequestError
from gameserver.ids import EventNumber
from gameserver.messages.chat import Channel
from gameserver.messages.lobby import JoinLobby, LobbyChanged
from gameserver.messages.wire import PROTOCOL_VERSION, Hello
from gameserver.rooms import calls
from gameserver.rooms.hall import Welcomed
from gameserver.rooms.state.effects import Deliver, Disconnect
from tests.rooms.party import Guest, Party

CAMPUS = "198.51.100.1"


def come(
    party: Party, token: bytes = b"", last_event: int = 0, address: str = CAMPUS
) -> Welcomed | RequestError:
    hello = Hello(
        PROTOCOL_VERSION, "t", player_name="Kim", token=token, last_event=EventNumber(last_event)
    )
    try:
        return party.take(calls.SignIn(hello, address))
    except RequestError as error:
        return error


def refusal(come: Welcomed | RequestError) -> Code | None:
    return come.code if isinstance(come, RequestError) else None


def test_two_hundred_sessions_of_one_address_return_at_once_after_a_restart() -> None:
    party = Party()
    for number in range(200):
        unknown = number.to_bytes(16, "big")
        assert refusal(come(party, unknown)) is Code.TOKEN_UNKNOWN
        assert refusal(come(party)) is None


def test_unknown_tokens_do_not_count_as_attempts_at_invite_codes() -> None:
    party = Party()
    ann = party.guest("Ann", CAMPUS)
    for number in range(400):
        come(party, number.to_bytes(16, "big"))
    with pytest.raises(RequestError) as refused:
        ann.ask(JoinLobby(code="WRONG1"))
    assert refused.value.code == Code.LOBBY_UNKNOWN


def test_very_many_unknown_tokens_are_refused_and_accepted_after_the_promised_time() -> None:
    party = Party()
    answers = [come(party, number.to_bytes(16, "big")) for number in range(1000)]
    known = [refusal(each) for each in answers]
    assert known.count(Code.TOKEN_UNKNOWN) == party.rules.returns_burst
    last = answers[-1]
    assert isinstance(last, RequestError)
    assert last.code == Code.RATE_LIMITED
    wait = last.details["retry_after_s"]
    assert isinstance(wait, float)
    assert 0.0 < wait <= 15.0
    party.advance(wait)
    assert refusal(come(party, b"x" * 16)) is Code.TOKEN_UNKNOWN


def test_signing_in_again_and_again_is_refused_by_address() -> None:
    party = Party(sign_ins_burst=5)
    answers = [refusal(come(party)) for _ in range(20)]
    assert answers.count(None) == 5
    assert refusal(come(party, address="203.0.113.5")) is None
    party.advance(1.0)
    assert refusal(come(party)) is None


def test_of_many_resumes_with_one_token_only_a_few_are_carried_out() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    before = len(party.of(Deliver))
    answers = [come(party, ann.token) for _ in range(1000)]
    taken = [each for each in answers if isinstance(each, Welcomed)]
    party.hall.take_effects()
    assert len(taken) == party.rules.resumes_burst
    assert {refusal(each) for each in answers} == {None, Code.RATE_LIMITED}
    assert len(party.of(Deliver)) == before
    party.advance(2.1)
    assert refusal(come(party, taken[-1].welcome.token)) is None, "the token is as good as before"
    assert bob.online


def test_resumes_of_many_sessions_are_limited_by_address_and_no_other_address_is() -> None:
    party = Party(address_resumes_burst=5)
    guests = [party.guest(f"P{number}", CAMPUS) for number in range(8)]
    answers = [refusal(come(party, guest.token)) for guest in guests]
    assert answers == [None] * 5 + [Code.RATE_LIMITED] * 3
    ann = party.guest("Ann", "203.0.113.5")
    assert refusal(come(party, ann.token, address="203.0.113.5")) is None
    party.advance(1.0)
    assert refusal(come(party, guests[7].token)) is None, "a refusal leaves the token valid"


def test_a_refused_resume_leaves_the_present_connection() -> None:
    party = Party(resumes_burst=1)
    ann = party.guest("Ann")
    ann.resume()
    party.settle()
    gone = len(party.of(Disconnect))
    assert refusal(come(party, ann.token)) is Code.RATE_LIMITED
    party.settle()
    assert len(party.of(Disconnect)) == gone
    ann.say("still here", channel=Channel.GLOBAL)


def test_a_resume_without_a_change_sends_nothing_to_the_lobby() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    before = len(bob.of(LobbyChanged))
    ann.resume()
    assert len(bob.of(LobbyChanged)) == before
    ann.forget_everything()
    begins_anew(ann)
    assert len(bob.of(LobbyChanged)) == before
    assert ann.room.lobby_id == bob.room.lobby_id, "who remembers nothing is told where it is"


def begins_anew(guest: Guest) -> None:
    """Resume as a page does that was loaded again and has only its token."""
    welcomed = come(guest.party, guest.token)
    assert isinstance(welcomed, Welcomed)
    guest.token, guest.epoch = welcomed.welcome.token, welcomed.welcome.epoch
    for envelope in welcomed.replay:
        guest.hear(envelope)
    guest.party.settle()


def test_a_client_that_changes_networks_every_few_seconds_is_always_resumed() -> None:
    party = Party()
    ann, _bob = party.group("Ann", "Bob")
    for _ in range(60):
        ann.lose_connection()
        party.advance(3.0)
        ann.resume()
        ann.ack()


@pytest.mark.parametrize(("kept", "ends"), [(2, False), (1, True)])
def test_a_resume_with_more_unsent_events_than_are_kept_ends_the_session(
    kept: int, ends: bool
) -> None:
    party = Party(wide=2, events_waiting=kept)
    guests = party.group("Ann", "Bob", "Carl", size=4)
    for guest in guests:
        guest.ready()
    while party.hall.spreads:
        party.take(calls.HandOut(1000))
        party.settle()
    party.advance(party.rules.countdown_s)  # the match and its lobby's phase wait for Carl
    carl = guests[2]
    answer = come(party, carl.token, carl.applied)
    party.settle()
    assert refusal(answer) is (Code.TOKEN_UNKNOWN if ends else None)
    assert (carl.player_id in party.hall.parts.state.sessions) is not ends
