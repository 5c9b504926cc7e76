import random

from bench.commands import compression as command
from gameserver.messages.chat import ChatSaid
from gameserver.messages.wire import EventEnvelope
from gameserver.protocol.codec import decode_server


def test_a_message_comes_back_from_either_level() -> None:
    message = random.Random(1).randbytes(300) + bytes(3000)
    for level in command.LEVELS:
        squeezed = command.deflated(message, level)
        assert len(squeezed) < 400
        assert command.inflated(squeezed) == message


def test_the_measured_messages_are_those_of_the_protocol() -> None:
    drawn = random.Random(1)
    said = command.event(command.line(drawn, 3))
    (envelope,) = decode_server(said, lambda _id: None)
    assert isinstance(envelope, EventEnvelope)
    assert isinstance(envelope.event, ChatSaid)
    assert envelope.event.line.text.replace(" ", "").isalpha()
    row = command.row(command.Sample("x", [said]), "msgpack", [said], 0.001)
    assert row["bytes"] == len(said)
    assert row["deflate1_us"] > 0
