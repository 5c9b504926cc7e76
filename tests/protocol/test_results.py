"""A large result is encoded once, for all clients that ask for it."""

import attrs
import pytest

from gameserver.ids import EventNumber, PlayerId, RequestId
from gameserver.messages.chat import Channel, ChatHistory, ChatLine, GetChatHistory
from gameserver.messages.wire import ResultEnvelope
from gameserver.protocol import codec
from gameserver.protocol.codec import decode_server
from gameserver.protocol.server_codec import RESULTS, ServerCodec


def history(lines: int) -> ChatHistory:
    line = ChatLine(1, Channel.GLOBAL, PlayerId("p"), "Ann", "x" * 300, 0)
    return ChatHistory(tuple(attrs.evolve(line, message_id=n) for n in range(lines)))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return the objects that are turned into plain values, as they come."""
    seen: list[object] = []
    plain = codec._plain

    def counted(value: object) -> object:
        seen.append(value)
        return plain(value)

    monkeypatch.setattr(codec, "_plain", counted)
    return seen


def test_a_large_shared_result_is_packed_once_with_an_id_for_each_receiver(
    made: list[object],
) -> None:
    server, result = ServerCodec(), history(50)
    for number in range(1, 20):
        after = EventNumber(number * 1000) if number % 2 else None
        envelope = ResultEnvelope(RequestId(number), result, after)
        (back,) = decode_server(server.encode(envelope), lambda _: GetChatHistory)
        assert back == envelope
    assert made == [result]


def test_a_bounded_number_of_large_results_is_remembered(made: list[object]) -> None:
    server = ServerCodec()
    for number in range(1, 50):
        server.encode(ResultEnvelope(RequestId(number), history(10)))
    assert len(server.results) == RESULTS
    small = history(1)
    made.clear()
    for number in range(1, 4):
        server.encode(ResultEnvelope(RequestId(number), small))
    assert made == [small] * 3
