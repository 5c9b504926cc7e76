"""What an operator reads and writes down, and how long a ban is said to last."""

import attrs
import pytest

from gameserver.errors import Code, RequestError
from gameserver.ids import NO_SEAT, LobbyId, MatchId
from gameserver.messages.chat import Channel, SendChat
from gameserver.messages.lobby import LobbyLeft
from gameserver.messages.match import MatchStarted
from gameserver.rooms.chat.around import lobby_lines
from gameserver.rooms.state import orders
from gameserver.rooms.state.late import starts
from gameserver.rooms.state.sanctions import (
    WIDEST,
    Sanction,
    SanctionedBy,
    SanctionKind,
    banned,
    checked_network,
)
from tests.rooms.party import Party
from tests.rooms.test_oversight import order


def test_the_lines_of_all_teams_of_a_lobby_are_read_in_the_order_of_sending() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    for guest, text in ((ann, "one"), (bob, "two"), (ann, "three")):
        guest.ask(SendChat(Channel.LOBBY, text))
    lobby = party.hall.parts.state.lobbies[ann.room.lobby_id]
    lines = lobby_lines(lobby)
    assert [line.text for line in lines if line.sender] == ["one", "two", "three"]
    assert [line.message_id for line in lines] == sorted(line.message_id for line in lines)


def test_an_act_of_the_process_is_written_down_with_its_details() -> None:
    entry = order(Party(), orders.NoteAct("drain", "for an update"), "update")
    assert (entry.act, entry.details, entry.reason) == ("drain", "for an update", "update")


@pytest.mark.parametrize("version", WIDEST)
def test_a_network_may_be_as_wide_as_the_limit_and_no_wider(version: int) -> None:
    start = {4: "10.0.0.0", 6: "2000::"}[version]
    assert checked_network(f"{start}/{WIDEST[version]}") == f"{start}/{WIDEST[version]}"
    with pytest.raises(RequestError, match=f"may be at most /{WIDEST[version]}") as refused:
        checked_network(f"{start}/{WIDEST[version] - 1}")
    assert refused.value.code is Code.BAD_PARAMS


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "1 s"), (61, "61 s"), (3599, "1 h"), (3601, "1 h 1 min"), (172_801, "2 d 1 h"),
    ],
)  # fmt: skip
def test_a_banned_player_is_told_for_how_long_rounded_up(seconds: float, said: str) -> None:
    until_ms = round(seconds * 1000)
    ban = Sanction(
        1, SanctionKind.BAN, SanctionedBy.SESSION, "p1", "Ann", until_ms + 5000, "", "root", 0
    )
    refused = banned(ban, 5000)
    assert refused.sentence == f"The server's operator has banned you for {said}."
    assert refused.details == {"until_ms": until_ms + 5000}
    by_name = attrs.evolve(ban, known_by=SanctionedBy.NAME, value="ann")
    assert f"has banned the name Ann for {said}." in banned(by_name, 5000).sentence


def test_only_the_begin_of_the_very_match_is_its_begin() -> None:
    begun = MatchStarted(MatchId("m1"), "game", NO_SEAT, (), 30, 1, "den", "", {}, 7, {})
    assert starts(begun, MatchId("m1"))
    assert not starts(begun, MatchId("m2"))
    assert not starts(LobbyLeft(LobbyId("den"), "left"), MatchId("m1"))
