import pytest

from gameserver.errors import Code, RequestError
from gameserver.ids import EventNumber, RequestId
from gameserver.messages import lobby, session
from gameserver.messages.wire import PROTOCOL_VERSION, Ack, Hello
from gameserver.rooms import calls, server_calls
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.state import effects
from tests.rooms.party import Party


def code_of(refused: pytest.ExceptionInfo[RequestError]) -> str:
    return refused.value.code


def resume_with(party: Party, token: bytes, last_event: int = 0) -> None:
    party.take(
        calls.SignIn(
            Hello(PROTOCOL_VERSION, "test", token=token, last_event=EventNumber(last_event)),
            "192.0.2.1",
        )
    )
    party.settle()


# --- sign-in ------------------------------------------------------------------------------------


def test_a_guest_is_welcomed_with_a_clean_name_a_token_and_the_limits() -> None:
    party = Party()
    welcome = party.take(
        calls.SignIn(Hello(PROTOCOL_VERSION, "test", player_name=" \u202eAnn "), "192.0.2.1")
    ).welcome
    assert welcome.player_name == "Ann"
    assert len(welcome.token) == 16
    assert not welcome.resumed
    assert welcome.epoch == 1
    assert welcome.limits.chat_chars == party.rules.chat_chars
    assert welcome.resume_grace_s == party.rules.match_grace_s


def test_guests_whose_names_look_the_same_get_numbers() -> None:
    party = Party()
    assert [party.guest(name).name for name in ("Ann", "ANN", "\u0410nn")] == [
        "Ann",
        "ANN (2)",
        "\u0410nn (3)",
    ]


def test_another_version_is_refused_with_the_versions_that_work() -> None:
    with pytest.raises(RequestError) as refused:
        Party().take(calls.SignIn(Hello(PROTOCOL_VERSION + 1, "test"), ""))
    assert code_of(refused) == Code.VERSION_UNSUPPORTED
    assert refused.value.details == {"versions": [PROTOCOL_VERSION]}


def test_a_full_server_refuses_until_a_session_ends() -> None:
    party = Party(sessions=2)
    ann, _ = party.guest("Ann"), party.guest("Bob")
    with pytest.raises(RequestError) as refused:
        party.guest("Carl")
    assert code_of(refused) == Code.SERVER_FULL
    ann.ask(session.SignOut())
    party.guest("Carl")


def test_one_address_cannot_take_all_sessions() -> None:
    party = Party(sessions_per_address=2)
    party.guest("A", "192.0.2.1")
    party.guest("B", "192.0.2.1")
    with pytest.raises(RequestError) as refused:
        party.guest("C", "192.0.2.1")
    assert code_of(refused) == Code.SERVER_FULL
    party.guest("C", "192.0.2.2")


# --- resume -------------------------------------------------------------------------------------


def test_a_resumed_session_gets_missed_events_in_order_and_once() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    bob.deaf = True
    ann.say("one")
    bob.lose_connection()
    ann.say("two")
    bob.resume()
    assert bob.heard == ["one", "two"]
    assert bob.player_id in {member.player_id for member in ann.room.members}
    bob.deaf = True
    ann.say("three")
    bob.resume()
    assert bob.heard == ["one", "two", "three"]


def test_a_lost_welcome_locks_nobody_out() -> None:
    party = Party()
    ann = party.guest("Ann")
    resume_with(party, ann.token)
    resume_with(party, ann.token)
    ann.resume()
    assert ann.epoch == 4


def test_a_stolen_token_is_worthless_once_the_next_one_is_confirmed() -> None:
    party = Party()
    ann = party.guest("Ann")
    stolen = ann.token
    ann.resume()
    ann.ack()
    with pytest.raises(RequestError) as refused:
        resume_with(party, stolen)
    assert code_of(refused) == Code.TOKEN_UNKNOWN


def test_an_ack_over_an_older_connection_confirms_nothing() -> None:
    party = Party()
    ann = party.guest("Ann")
    before = ann.token
    resume_with(party, before)
    party.take(calls.Acked(ann.player_id, Ack(EventNumber(0), RequestId(0)), epoch=1))
    resume_with(party, before)


def test_of_many_connections_that_resume_one_session_the_newest_owns_it() -> None:
    party = Party(resumes_burst=1000, address_resumes_burst=1000)
    ann = party.guest("Ann")
    for _ in range(1000):
        resume_with(party, ann.token)
    closed = [e for e in party.of(effects.Disconnect) if e.code == Code.SESSION_REPLACED]
    assert [e.epoch for e in closed] == list(range(1, 1001))
    party.take(calls.Lost(ann.player_id, 1000))
    assert party.hall.counts().connected == 1, "the end of an older one changes nothing"
    party.take(calls.Lost(ann.player_id, 1001))
    assert party.hall.counts().connected == 0


def test_guessing_tokens_is_limited_by_address_without_affecting_others() -> None:
    party = Party(returns_burst=3)
    ann = party.guest("Ann", "192.0.2.9")
    for n in range(3):
        with pytest.raises(RequestError) as refused:
            party.take(
                calls.SignIn(Hello(PROTOCOL_VERSION, "t", token=bytes([n]) * 16), "198.51.100.1")
            )
        assert code_of(refused) == Code.TOKEN_UNKNOWN
    with pytest.raises(RequestError) as refused:
        party.take(
            calls.SignIn(Hello(PROTOCOL_VERSION, "t", token=bytes([9]) * 16), "198.51.100.1")
        )
    assert code_of(refused) == Code.RATE_LIMITED
    assert refused.value.details["retry_after_s"]
    welcomed = party.take(
        calls.SignIn(Hello(PROTOCOL_VERSION, "t", token=ann.token), "198.51.100.1")
    )
    assert welcomed.welcome.resumed, "a right token is no guess, wherever it comes from"


def test_a_disconnected_session_is_forgotten_after_its_time() -> None:
    party = Party()
    ann = party.guest("Ann")
    ann.lose_connection()
    party.advance(party.rules.session_ttl_s - 0.01)
    assert party.hall.counts().sessions == 1
    party.advance(0.01)
    assert party.hall.counts().sessions == 0
    with pytest.raises(RequestError) as refused:
        ann.resume()
    assert code_of(refused) == Code.TOKEN_UNKNOWN
    assert party.guest("Ann").name == "Ann", "its name is free again"


def test_signing_out_leaves_the_lobby_and_forgets_the_token() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ask(session.SignOut())
    assert bob.room.host == bob.player_id
    assert ann.goodbye
    with pytest.raises(RequestError) as refused:
        ann.resume()
    assert code_of(refused) == Code.TOKEN_UNKNOWN
    with pytest.raises(RequestError) as refused:
        ann.ask(lobby.ListLobbies())
    assert code_of(refused) == Code.TOKEN_UNKNOWN


def test_the_settings_require_that_a_session_outlives_its_held_seats() -> None:
    with pytest.raises(ValueError, match="session_ttl_s"):
        RoomRules(session_ttl_s=59.0)


def test_a_stopping_hall_accepts_no_sessions() -> None:
    party = Party()
    ann = party.guest("Ann")
    party.take(server_calls.Stop())
    with pytest.raises(RequestError) as refused:
        party.guest("Bob")
    assert code_of(refused) == Code.SERVER_STOPPING
    with pytest.raises(RequestError) as refused:
        ann.create()
    assert code_of(refused) == Code.SERVER_STOPPING


# --- names --------------------------------------------------------------------------------------


def test_a_new_name_shows_in_the_lobby_and_frees_the_old_one() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    renamed = ann.ask(session.Rename("Bob"))
    assert renamed == session.Renamed("Bob (2)")
    assert [member.name for member in bob.room.members] == ["Bob (2)", "Bob"]
    assert party.guest("Ann").name == "Ann"


@pytest.mark.parametrize("wanted", ["!!", "", "  "])
def test_a_refused_name_changes_nothing(wanted: str) -> None:
    party = Party()
    ann = party.guest("Ann")
    with pytest.raises(RequestError) as refused:
        ann.ask(session.Rename(wanted))
    assert code_of(refused) == Code.NAME_REFUSED
    assert party.guest("Ann").name == "Ann (2)"
