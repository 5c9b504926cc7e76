"""Sessions of Engine.IO: what requests and packets do to them, with time as an argument."""

import json
from collections import deque
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.errors import Code, PacketError
from gameserver.protocol.socketio.engine import EngineKind, EnginePacket, encode_frame
from gameserver.protocol.socketio.engine_session import MOST_ANSWERED, EngineSession, PollingVerdict
from gameserver.protocol.socketio.handshake import Handshake, Transport

POLLING, WEBSOCKET = Transport.POLLING, Transport.WEBSOCKET
GO, REFUSE, CLOSE = PollingVerdict.GO, PollingVerdict.REFUSE, PollingVerdict.CLOSE

PING = EnginePacket(EngineKind.PING)
PONG = EnginePacket(EngineKind.PONG)
NOOP = EnginePacket(EngineKind.NOOP)
GOODBYE = EnginePacket(EngineKind.CLOSE)
UPGRADE = EnginePacket(EngineKind.UPGRADE)
PROBE = EnginePacket(EngineKind.PING, "probe")
HELLO = EnginePacket(EngineKind.MESSAGE, "hello")
BINARY = EnginePacket(EngineKind.MESSAGE, b"\1\2")

HANDSHAKE = Handshake("lv_VI97HAXpY6yYWAAAC", (WEBSOCKET,), 0.3, 0.2, 1_000_000)


def polling(now: float = 0) -> EngineSession:
    return EngineSession(HANDSHAKE, POLLING, now, upgrade_timeout_s=1)


def upgraded() -> EngineSession:
    session = polling()
    assert session.begin_upgrade(0)
    session.receive_probe(PROBE, 0)
    session.receive_probe(UPGRADE, 0)
    return session


def lingers(session: EngineSession) -> bool:
    return session.lingers


def upgrading(session: EngineSession) -> bool:
    return session.upgrading


def transport_of(session: EngineSession) -> Transport:
    return session.transport


# --- handshake ---------------------------------------------------------------------------------


def test_the_first_packet_tells_times_in_milliseconds() -> None:
    text = encode_frame(HANDSHAKE.packet())
    assert text == (
        '0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],'
        '"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}'
    )


def test_a_session_that_begins_with_a_websocket_has_no_upgrades() -> None:
    handshake = Handshake("sid", (), 25, 20, 5)
    data = handshake.packet().data
    assert json.loads(data)["upgrades"] == []
    assert not EngineSession(handshake, WEBSOCKET, 0).begin_upgrade(0)
    assert not EngineSession(handshake, POLLING, 0).begin_upgrade(0)


# --- heartbeat ---------------------------------------------------------------------------------


def test_session_pings_and_is_closed_by_a_late_pong() -> None:
    session = polling()
    assert session.beat(0.29) is None
    assert session.beat(session.next_beat_s) == PING
    assert session.beat(0.4) is None
    assert session.receive(PONG, 0.4) is None
    assert session.beat(0.7) == PING
    assert session.beat(session.next_beat_s) is None
    assert session.closed
    assert session.next_beat_s == inf
    assert session.begin_poll() is REFUSE
    assert session.begin_post() is REFUSE
    assert session.beat(99) is None


# --- packets -----------------------------------------------------------------------------------


@pytest.mark.parametrize("session", [polling(), upgraded()])
def test_messages_give_their_data_and_noops_nothing(session: EngineSession) -> None:
    assert session.receive(HELLO, 0) == "hello"
    assert session.receive(BINARY, 0) == b"\1\2"
    assert session.receive(NOOP, 0) is None
    assert not session.closed


@pytest.mark.parametrize("packet", [PING, PROBE, UPGRADE, EnginePacket(EngineKind.OPEN, "{}")])
@pytest.mark.parametrize("transport", Transport)
def test_what_only_servers_and_upgrades_send_closes_the_session(
    packet: EnginePacket, transport: Transport
) -> None:
    session = EngineSession(HANDSHAKE, transport, 0)
    with pytest.raises(PacketError) as caught:
        session.receive(packet, 0)
    assert caught.value.code == Code.BAD_MESSAGE
    assert session.closed
    assert session.receive(HELLO, 0) is None


# --- polling -----------------------------------------------------------------------------------


def test_poll_waits_for_packets_and_takes_all_that_are_queued() -> None:
    session = polling()
    assert session.begin_poll() is GO
    assert session.poll_answer(deque()) is None
    queue = deque([HELLO, BINARY])
    assert session.poll_answer(queue) == [HELLO, BINARY]
    assert not queue
    session.end_poll()
    assert session.begin_poll() is GO


def test_answer_has_no_more_packets_than_every_client_takes() -> None:
    session = polling()
    session.begin_poll()
    sent = [EnginePacket(EngineKind.MESSAGE, str(number)) for number in range(20)]
    queue = deque(sent)
    assert session.poll_answer(queue) == sent[:MOST_ANSWERED]
    assert list(queue) == sent[MOST_ANSWERED:]


def test_second_poll_at_once_closes_the_session_and_the_first_is_told() -> None:
    session = polling()
    assert session.begin_poll() is GO
    assert session.begin_poll() is CLOSE
    assert session.poll_answer(deque()) == [GOODBYE]
    session.end_poll()
    assert session.begin_poll() is REFUSE


def test_second_post_at_once_closes_the_session() -> None:
    session = polling()
    assert session.begin_post() is GO
    assert session.begin_post() is CLOSE
    session.end_post()
    assert session.begin_post() is REFUSE


def test_posts_follow_one_another_beside_a_poll() -> None:
    session = polling()
    assert session.begin_poll() is GO
    for _ in range(3):
        assert session.begin_post() is GO
        session.end_post()
    assert not session.closed


def test_poll_whose_connection_is_lost_closes_the_session() -> None:
    session = polling()
    session.begin_poll()
    session.end_poll(lost=True)
    assert session.begin_poll() is REFUSE


def test_connection_that_is_lost_after_the_answer_closes_nothing() -> None:
    session = polling()
    session.begin_poll()
    session.end_poll()
    session.end_poll(lost=True)
    assert not session.closed
    session.close(linger=True)
    session.end_poll(lost=True)
    assert lingers(session)


def test_close_of_the_client_ends_its_poll_with_a_noop() -> None:
    session = polling()
    session.begin_poll()
    assert session.receive(GOODBYE, 0) is None
    assert session.receive(HELLO, 0) is None
    assert session.poll_answer(deque([HELLO])) == [NOOP]
    session.end_poll()
    assert session.begin_poll() is REFUSE


def test_poll_that_comes_behind_the_close_of_the_client_is_answered_once() -> None:
    session = polling()
    session.receive(GOODBYE, 0)
    assert session.begin_post() is REFUSE
    assert session.begin_poll() is GO
    assert session.poll_answer(deque()) == [NOOP]
    session.end_poll()
    assert session.begin_poll() is REFUSE


def test_server_that_closes_and_lingers_gives_the_queue_to_one_more_poll() -> None:
    session = polling()
    session.close(linger=True)
    assert session.begin_post() is REFUSE
    assert session.begin_poll() is GO
    assert session.poll_answer(deque([HELLO])) == [HELLO, GOODBYE]
    session.end_poll()
    assert not lingers(session)
    assert session.begin_poll() is REFUSE


def test_polls_go_on_until_the_queue_of_a_server_that_lingers_is_empty() -> None:
    session = polling()
    session.close(linger=True)
    queue = deque([HELLO] * MOST_ANSWERED)
    session.begin_poll()
    assert session.poll_answer(queue) == [HELLO] * MOST_ANSWERED
    session.end_poll()
    assert lingers(session)
    assert session.begin_poll() is GO
    assert session.poll_answer(queue) == [GOODBYE]
    session.end_poll()
    assert session.begin_poll() is REFUSE


def test_server_that_lingers_waits_no_longer_for_a_client_whose_poll_is_lost() -> None:
    session = polling()
    session.begin_poll()
    session.close(linger=True)
    session.end_poll(lost=True)
    assert not lingers(session)


def test_poll_that_waits_takes_the_last_packets_of_a_server_that_closes() -> None:
    session = polling()
    session.begin_poll()
    session.close(linger=True)
    assert session.poll_answer(deque()) == [GOODBYE]
    session.end_poll()
    assert session.begin_poll() is REFUSE


def test_websockets_do_not_linger() -> None:
    session = EngineSession(HANDSHAKE, WEBSOCKET, 0)
    session.close(linger=True)
    assert not lingers(session)
    session = polling()
    session.close()
    session.close(linger=True)
    assert not lingers(session)


# --- upgrade -----------------------------------------------------------------------------------


def test_probe_and_upgrade_make_the_websocket_the_transport() -> None:
    session = polling()
    assert session.begin_upgrade(0)
    assert upgrading(session)
    assert session.begin_poll() is GO
    assert session.poll_answer(deque()) is None
    assert session.receive_probe(PROBE, 0) == EnginePacket(EngineKind.PONG, "probe")
    assert session.poll_answer(deque([HELLO])) == [HELLO]
    assert session.poll_answer(deque()) == [NOOP]
    session.end_poll()
    assert session.begin_poll() is GO
    assert session.poll_answer(deque()) == [NOOP]
    assert transport_of(session) is POLLING
    assert session.receive_probe(UPGRADE, 0) is None
    assert transport_of(session) is WEBSOCKET
    queue = deque([HELLO])
    assert session.poll_answer(queue) == [NOOP]
    assert list(queue) == [HELLO]
    session.end_poll(lost=True)
    assert not session.closed
    assert not upgrading(session)
    assert session.receive(HELLO, 0) == "hello"


def test_requests_and_websockets_after_the_upgrade_are_refused_and_change_nothing() -> None:
    session = upgraded()
    assert session.begin_poll() is REFUSE
    assert session.begin_post() is REFUSE
    assert not session.begin_upgrade(0)
    assert not session.closed
    assert session.receive(HELLO, 0) == "hello"


def test_second_websocket_during_an_upgrade_is_refused_and_the_first_goes_on() -> None:
    session = polling()
    assert session.begin_upgrade(0)
    assert not session.begin_upgrade(0)
    session.receive_probe(PROBE, 0)
    session.receive_probe(UPGRADE, 0)
    assert transport_of(session) is WEBSOCKET


@pytest.mark.parametrize(
    "packets",
    [[UPGRADE], [PING], [HELLO], [PONG], [PROBE, HELLO], [PROBE, PING], [PROBE, NOOP]],
)
def test_upgrade_that_goes_another_way_fails_and_polling_goes_on(
    packets: list[EnginePacket],
) -> None:
    session = polling()
    session.begin_upgrade(0)
    for packet in packets[:-1]:
        session.receive_probe(packet, 0)
    with pytest.raises(PacketError):
        session.receive_probe(packets[-1], 0)
    assert not upgrading(session)
    assert session.begin_poll() is GO
    assert session.poll_answer(deque()) is None
    with pytest.raises(PacketError):
        session.receive_probe(UPGRADE, 0)
    assert transport_of(session) is POLLING
    assert session.begin_upgrade(0)


def test_upgrade_that_takes_too_long_is_given_up() -> None:
    session = EngineSession(Handshake("sid", (WEBSOCKET,), 25, 20, 5), POLLING, 0, 1)
    session.begin_upgrade(3)
    session.receive_probe(PROBE, 3)
    assert session.next_beat_s == 4
    assert session.beat(3.9) is None
    assert upgrading(session)
    assert session.beat(4) is None
    assert not upgrading(session)
    with pytest.raises(PacketError):
        session.receive_probe(PROBE, 4)


@pytest.mark.parametrize("packets", [[PROBE], [PROBE, UPGRADE]])
def test_client_that_upgrades_lives(packets: list[EnginePacket]) -> None:
    session = polling()
    session.begin_upgrade(0)
    session.receive_probe(PROBE, 0)
    assert session.beat(0.3) == PING
    session.receive_probe(packets[-1], 0.45)
    session.beat(0.6)
    assert not session.closed
    session.beat(0.65)
    assert session.closed


def test_closed_session_is_not_upgraded() -> None:
    session = polling()
    session.begin_upgrade(0)
    session.receive_probe(PROBE, 0)
    session.close()
    assert not session.begin_upgrade(0)
    with pytest.raises(PacketError):
        session.receive_probe(UPGRADE, 0)
    assert transport_of(session) is POLLING


# --- chance ------------------------------------------------------------------------------------

packets = st.builds(EnginePacket, st.sampled_from(EngineKind), st.sampled_from(["", "probe"]))
steps = st.one_of(
    st.tuples(st.sampled_from(["receive", "receive_probe"]), packets),
    st.tuples(
        st.sampled_from(
            ["beat", "begin_poll", "end_poll", "begin_post", "end_post", "begin_upgrade", "close"]
        ),
        st.none(),
    ),
)


@given(st.sampled_from(Transport), st.lists(st.tuples(st.floats(0, 0.3), steps), max_size=30))
def test_no_order_of_calls_opens_a_closed_session_or_leaves_the_websocket(
    transport: Transport, calls: list[tuple[float, tuple[str, EnginePacket | None]]]
) -> None:
    session = EngineSession(HANDSHAKE, transport, 0, 0.5)
    now = 0.0
    for passed, (name, packet) in calls:
        now += passed
        before = session.closed, session.transport
        try:
            if packet is not None:
                getattr(session, name)(packet, now)
            elif name in {"beat", "begin_upgrade"}:
                getattr(session, name)(now)
            else:
                getattr(session, name)()
        except PacketError:
            assert name.startswith("receive")
        assert session.closed >= before[0]
        assert session.transport is WEBSOCKET or before[1] is POLLING
        assert not (session.closed and session.upgrading)
        if session.closed:
            assert session.next_beat_s == inf
            assert session.poll_answer(deque()) is not None
