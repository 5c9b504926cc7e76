"""The operator's log: one note for each change that a person made, with who and where."""

from gameserver.errors import Code
from gameserver.messages import lobby as asks
from gameserver.messages.chat import ChatSaid
from gameserver.messages.session import Rename, SignOut
from gameserver.rooms.state.effects import Note
from tests.rooms.party import Guest, Party, refused_with


def notes(party: Party) -> list[tuple[str, dict[str, object]]]:
    found = [(note.event, dict(note.fields)) for note in party.of(Note)]
    party.effects.clear()
    return found


def test_a_lobby_is_noted_from_its_opening_to_its_close() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    notes(party)
    ann.create()
    where = ann.room.lobby_id
    assert notes(party) == [
        (
            "lobby opened",
            {
                "lobby": where,
                "player": ann.player_id,
                "map": "attic",
                "visibility": asks.Visibility.PUBLIC,
                "quick": False,
            },
        ),
        ("joined", {"lobby": where, "player": ann.player_id, "watches": False}),
    ]
    bob.join(ann, spectate=True)
    assert notes(party) == [("joined", {"lobby": where, "player": bob.player_id, "watches": True})]
    ann.ask(asks.LeaveLobby())
    assert notes(party) == [
        ("left", {"lobby": where, "player": ann.player_id, "reason": "left"}),
        ("host changed", {"lobby": where, "player": bob.player_id}),
    ]
    bob.ask(SignOut())
    assert notes(party) == [
        ("session ended", {"player": bob.player_id, "name": "Bob", "reason": "signed out"}),
        ("left", {"lobby": where, "player": bob.player_id, "reason": "left"}),
        ("lobby closed", {"lobby": where}),
    ]


def test_a_quick_lobby_is_noted_as_such() -> None:
    party = Party()
    party.guest("Ann").quick_play()
    ((_, opened),) = [note for note in notes(party) if note[0] == "lobby opened"]
    assert opened["quick"] is True


def test_what_a_host_does_to_others_is_noted_with_both() -> None:
    party = Party()
    ann, bob, carl = party.group("Ann", "Bob", "Carl")
    where = ann.room.lobby_id

    def about(other: Guest) -> dict[str, object]:
        return {"lobby": where, "player": other.player_id, "name": other.name, "by": ann.player_id}

    notes(party)
    for muted in (True, True, False, False):
        ann.ask(asks.MutePlayer(bob.player_id, muted))
    assert notes(party) == [("muted", about(bob)), ("unmuted", about(bob))]
    told = [event.line.text for event in carl.of(ChatSaid) if not event.line.sender]
    assert told[-2:] == ["Bob was muted.", "Bob was unmuted."]
    by = {"lobby": where, "by": ann.player_id}
    for locked, noted in (
        (False, []),
        (True, [("locked", by)]),
        (True, []),
        (False, [("unlocked", by)]),
    ):
        ann.ask(asks.LockLobby(locked))
        assert notes(party) == noted
    ann.ask(asks.KickPlayer(bob.player_id))
    ann.ask(asks.BanPlayer(carl.player_id))
    ann.ask(asks.UnbanPlayer("CARL"))
    assert notes(party) == [
        ("kicked", about(bob)),
        ("banned", about(carl)),
        ("unbanned", {"lobby": where, "name": "CARL", "by": ann.player_id}),
    ]


def test_a_new_name_is_noted_with_the_old_one() -> None:
    party = Party()
    ann = party.guest("Ann")
    notes(party)
    ann.ask(Rename("Anna"))
    renamed = {"player": ann.player_id, "name": "Anna", "before": "Ann"}
    assert notes(party) == [("renamed", renamed)]


def test_a_name_that_is_changed_too_often_stays_as_it_is() -> None:
    party = Party(renames_burst=1, renames_per_s=0.1)
    ann = party.guest("Ann")
    ann.ask(Rename("Anna"))
    notes(party)
    refused = refused_with(Code.RATE_LIMITED, ann, Rename("Anne"))
    assert refused.sentence == "Your name was changed often; try again in 10 s."
    assert notes(party) == []
    party.now += 10.1
    ann.ask(Rename("Anne"))


def test_who_was_away_too_long_is_noted_with_the_reason() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    where = ann.room.lobby_id
    bob.lose_connection()
    notes(party)
    party.advance(party.rules.lobby_grace_s)
    assert notes(party) == [
        ("left", {"lobby": where, "player": bob.player_id, "reason": "expired"})
    ]
