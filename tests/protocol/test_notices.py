"""Which notices a later one replaces: those about the same."""

from gameserver.ids import PlayerId
from gameserver.messages.base import Notice
from gameserver.messages.chat import Channel, ChatTyping
from gameserver.messages.lobby import LobbiesListed
from gameserver.messages.namespaces import EmittedLatest
from gameserver.messages.session import Presence, ServerMessage

ANN, BOB = PlayerId("ann"), PlayerId("bob")


def test_notices_about_different_people_or_things_stand_beside_each_other() -> None:
    apart: list[Notice] = [
        LobbiesListed((), 0),
        ServerMessage("soon"),
        Presence(ANN, True),
        Presence(BOB, True),
        ChatTyping(Channel.LOBBY, ANN, "Ann"),
        ChatTyping(Channel.GLOBAL, ANN, "Ann"),
        ChatTyping(Channel.LOBBY, BOB, "Bob"),
        EmittedLatest("/club", "moved"),
        EmittedLatest("/club", "said"),
        EmittedLatest("/other", "moved"),
    ]
    assert len({each.about for each in apart}) == len(apart)


def test_a_later_notice_about_the_same_replaces_an_earlier_one() -> None:
    assert LobbiesListed((), 0).about == LobbiesListed((), 3).about
    assert ServerMessage("soon").about == ServerMessage("now").about
    assert Presence(ANN, True).about == Presence(ANN, False, stalled=True).about
    assert (
        ChatTyping(Channel.LOBBY, ANN, "Ann").about == ChatTyping(Channel.LOBBY, ANN, "Ida").about
    )
    assert EmittedLatest("/club", "moved", (1,)).about == EmittedLatest("/club", "moved").about
