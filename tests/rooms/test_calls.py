"""Every call into the hall is noted with what it has led to, so that it can be made again."""

from typing import Any

import attrs
import pytest

from gameserver.errors import Code, RequestError
from gameserver.ids import RequestId
from gameserver.messages.chat import Channel, GetChatHistory, SendChat
from gameserver.messages.wire import PROTOCOL_VERSION, Hello, Refusal, RequestEnvelope
from gameserver.rooms import calls
from gameserver.rooms.calls import Moment
from gameserver.rooms.hall import Welcomed
from tests.rooms.party import Party


@attrs.define
class Noted:
    """Takes what is recorded."""

    calls: list[tuple[Any, ...]] = attrs.field(factory=list)

    def record(self, *noted: Any) -> None:
        self.calls.append(noted)


def test_a_call_is_noted_with_its_moment_tokens_answer_and_effects() -> None:
    party, noted = Party(), Noted()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    moment = Moment(party.now, party.wall_ms, party.entropy(32))
    sign_in = calls.SignIn(Hello(PROTOCOL_VERSION, "test", player_name="Cy"), "192.0.2.1")
    answer = calls.take(party.hall, sign_in, moment, noted)
    assert isinstance(answer, Welcomed)
    ((at, call, tokens, outcome, effects),) = noted.calls
    assert (at, call, outcome) == (moment, sign_in, answer)
    assert len(tokens) == 1
    assert effects == len(party.hall.take_effects())
    for number, text in enumerate(("hello", "there"), 1):
        say = RequestEnvelope(RequestId(number), SendChat(Channel.GLOBAL, text))
        calls.take(party.hall, calls.Ask(ann.player_id, say), moment, noted)
    (*_, tokens, _, first), (*_, second) = noted.calls[1:]
    assert tokens == []
    assert first == second > 0, "those of this call alone"
    assert first + second == len(party.hall.take_effects())
    assert bob.online


def test_a_call_that_is_refused_is_noted_with_its_exception() -> None:
    party, noted = Party(), Noted()
    moment = Moment(party.now, party.wall_ms, party.entropy(32))
    with pytest.raises(RequestError) as refused:
        calls.take(party.hall, calls.Attend(b"unknown", "192.0.2.1"), moment, noted)
    ((*_, outcome, effects),) = noted.calls
    assert outcome is refused.value
    assert effects == len(party.hall.take_effects())


def test_a_large_answer_by_post_is_refused_like_one_by_a_connection() -> None:
    party = Party(answer_burst_bytes=1000, answer_per_s=10.0)
    ann = party.guest("Ann")
    party.take(calls.Answered(ann.player_id, 1500))
    ask = RequestEnvelope(RequestId(5), GetChatHistory(Channel.GLOBAL))
    answer = party.take(calls.Post(ann.player_id, ask))
    assert isinstance(answer, Refusal)
    assert (answer.id, answer.code) == (5, Code.RATE_LIMITED)
