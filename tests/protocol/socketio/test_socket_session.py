"""Namespaces and acks of one Socket.IO connection, with time as an argument."""

import contextlib
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.errors import Code, PacketError
from gameserver.protocol.socketio.acks import AckBounds
from gameserver.protocol.socketio.packets import SocketKind, SocketPacket, encode_packet
from gameserver.protocol.socketio.socket_session import (
    ClientEvent,
    EventAcked,
    JoinRequest,
    NamespaceLeft,
    SocketSession,
)
from tests.protocol.socketio.packets_of import packets

CONNECT, DISCONNECT = SocketKind.CONNECT, SocketKind.DISCONNECT
EVENT, ACK = SocketKind.EVENT, SocketKind.ACK


def fresh(bounds: AckBounds | None = None) -> SocketSession[str]:
    return SocketSession({"/", "/custom"}, 1.0, 100.0, bounds)


def joined(*namespaces: str, bounds: AckBounds | None = None) -> SocketSession[str]:
    session = fresh(bounds)
    for namespace in namespaces or ("/",):
        session.receive(SocketPacket(CONNECT, namespace), 100)
        session.accept(namespace, "sid")
    return session


def refused(session: SocketSession[str], packet: SocketPacket) -> PacketError:
    with pytest.raises(PacketError) as caught:
        session.receive(packet, 100)
    return caught.value


def text(packet: SocketPacket | None) -> str:
    assert packet is not None
    return encode_packet(packet)[0]


# --- namespaces --------------------------------------------------------------------------------


def test_client_joins_a_namespace_when_it_is_accepted() -> None:
    session = fresh()
    asked = session.receive(SocketPacket(CONNECT, "/custom", {"token": "123"}), 100)
    assert asked == JoinRequest("/custom", {"token": "123"})
    assert not session.joined
    assert text(session.accept("/custom", "a1")) == '0/custom,{"sid":"a1"}'
    assert list(session.joined) == ["/custom"]


def test_auth_is_empty_if_the_client_sends_none() -> None:
    assert fresh().receive(SocketPacket(CONNECT), 100) == JoinRequest("/", {})


def test_client_that_is_refused_may_ask_again() -> None:
    session = fresh()
    session.receive(SocketPacket(CONNECT), 100)
    assert text(session.refuse("/", "Not authorized")) == '4{"message":"Not authorized"}'
    assert session.receive(SocketPacket(CONNECT), 100) == JoinRequest("/", {})
    refusal = session.refuse("/", "full", {"retry": 5})
    assert text(refusal) == '4{"message":"full","data":{"retry":5}}'
    assert not session.joined


def test_unknown_namespace_is_answered_and_the_connection_goes_on() -> None:
    session = fresh()
    answer = session.receive(SocketPacket(CONNECT, "/random"), 100)
    assert isinstance(answer, SocketPacket)
    assert text(answer) == '4/random,{"message":"Invalid namespace"}'
    assert session.receive(SocketPacket(CONNECT), 100) == JoinRequest("/", {})


@pytest.mark.parametrize(
    "packet",
    [
        SocketPacket(EVENT, "/", ["a"]),
        SocketPacket(ACK, "/", [], 0),
        SocketPacket(DISCONNECT),
        SocketPacket(SocketKind.CONNECT_ERROR, "/", {}),
    ],
)
def test_first_packet_must_be_a_connect(packet: SocketPacket) -> None:
    assert refused(fresh(), packet).code == Code.HELLO_EXPECTED
    waiting = fresh()
    waiting.receive(SocketPacket(CONNECT), 100)
    assert refused(waiting, packet).code == Code.BAD_MESSAGE
    assert refused(joined("/custom"), packet).code == Code.BAD_MESSAGE


def test_namespace_is_joined_once() -> None:
    session = fresh()
    session.receive(SocketPacket(CONNECT), 100)
    assert refused(session, SocketPacket(CONNECT)).code == Code.BAD_MESSAGE
    assert refused(joined(), SocketPacket(CONNECT)).code == Code.BAD_MESSAGE


def test_connect_errors_come_from_servers_only() -> None:
    packet = SocketPacket(SocketKind.CONNECT_ERROR, "/", {"message": "no"})
    assert "connect error" in refused(joined(), packet).sentence


def test_namespaces_are_apart_from_one_another() -> None:
    session = joined("/", "/custom")
    assert session.receive(SocketPacket(DISCONNECT, "/custom"), 100) == NamespaceLeft("/custom", ())
    event = session.receive(SocketPacket(EVENT, "/", ["message", "main"]), 100)
    assert event == ClientEvent("/", "message", ["main"], None)
    assert (
        "not in this namespace" in refused(session, SocketPacket(EVENT, "/custom", ["a"])).sentence
    )


def test_packets_that_cross_with_the_server_s_leave_are_passed_over() -> None:
    session = joined("/", "/custom")
    packet, left = session.leave("/custom", 100)
    assert text(packet) == "1/custom,"
    assert left == NamespaceLeft("/custom", ())
    assert session.receive(SocketPacket(EVENT, "/custom", ["a"], 5), 100) is None
    assert session.receive(SocketPacket(ACK, "/custom", [], 5), 100) is None
    assert session.receive(SocketPacket(DISCONNECT, "/custom"), 100) is None
    assert "not in this" in refused(session, SocketPacket(DISCONNECT, "/custom")).sentence


def test_client_may_come_back_into_a_namespace() -> None:
    session = joined()
    session.leave("/", 100)
    assert session.receive(SocketPacket(CONNECT), 100) == JoinRequest("/", {})
    assert "not in this" in refused(session, SocketPacket(EVENT, "/", ["a"])).sentence
    session.accept("/", "sid")
    assert session.receive(SocketPacket(EVENT, "/", ["a"]), 100) == ClientEvent("/", "a", [], None)


def test_connection_without_a_namespace_is_late_at_the_timeout() -> None:
    session = fresh()
    assert session.late_s == 101
    session.receive(SocketPacket(CONNECT, "/random"), 100.5)
    assert session.late_s == 101
    session.receive(SocketPacket(CONNECT), 100.5)
    assert session.late_s == inf
    session.refuse("/", "no")
    assert session.late_s == 101
    session.receive(SocketPacket(CONNECT), 100.5)
    session.accept("/", "sid")
    assert session.late_s == inf
    session.receive(SocketPacket(DISCONNECT), 200)
    assert session.late_s == 201


# --- acks --------------------------------------------------------------------------------------


def test_event_with_an_id_is_answered_once() -> None:
    session = joined()
    event = session.receive(SocketPacket(EVENT, "/", ["ask", 1, "2"], 456), 100)
    assert event == ClientEvent("/", "ask", [1, "2"], 456)
    assert text(session.answer("/", 456, 1, "2")) == '3456[1,"2"]'
    assert session.answer("/", 456) is None
    assert session.receive(SocketPacket(EVENT, "/", ["ask"], 456), 100) is not None
    session.leave("/", 100)
    assert session.answer("/", 456) is None


def test_id_of_an_event_that_waits_is_not_used_again() -> None:
    session = joined()
    session.receive(SocketPacket(EVENT, "/", ["ask"], 1), 100)
    assert refused(session, SocketPacket(EVENT, "/", ["ask"], 1)).code == Code.BAD_MESSAGE


def test_one_event_too_many_that_waits_for_its_ack_is_refused() -> None:
    session = joined("/", "/custom", bounds=AckBounds(owed=2))
    for ack_id in range(2):
        session.receive(SocketPacket(EVENT, "/", ["ask"], ack_id), 100)
    assert refused(session, SocketPacket(EVENT, "/", ["ask"], 2)).code == Code.TOO_LARGE
    session.receive(SocketPacket(EVENT, "/custom", ["ask"], 2), 100)
    session.answer("/", 0)
    session.receive(SocketPacket(EVENT, "/", ["ask"], 2), 100)


def test_ack_returns_its_waiter_once() -> None:
    session = joined()
    assert text(session.emit("/", "hello", 1)) == '2["hello",1]'
    assert text(session.emit("/", "ask", waiter="Ann")) == '20["ask"]'
    assert text(session.emit("/", "ask", waiter="Bea")) == '21["ask"]'
    assert session.receive(SocketPacket(ACK, "/", ["yes"], 1), 100) == EventAcked(
        "/", "Bea", ["yes"]
    )
    assert session.receive(SocketPacket(ACK, "/", ["yes"], 1), 100) is None
    assert session.receive(SocketPacket(ACK, "/", [], 0), 100) == EventAcked("/", "Ann", [])


def test_ack_with_an_id_that_no_event_had_is_refused() -> None:
    session = joined("/", "/custom")
    session.emit("/", "ask", waiter="Ann")
    assert refused(session, SocketPacket(ACK, "/", [], 1)).code == Code.BAD_MESSAGE
    assert refused(session, SocketPacket(ACK, "/custom", [], 0)).code == Code.BAD_MESSAGE


def test_ack_after_its_waiter_was_forgotten_is_passed_over() -> None:
    session = joined()
    session.emit("/", "ask", waiter="Ann")
    assert session.forget("/", 0) == "Ann"
    assert session.forget("/", 0) is None
    assert session.forget("/custom", 0) is None
    assert session.receive(SocketPacket(ACK, "/", [], 0), 100) is None


def test_client_that_answers_nothing_is_refused_one_more_event_with_an_ack() -> None:
    session = joined(bounds=AckBounds(out=2))
    for name in ("Ann", "Bea"):
        session.emit("/", "ask", waiter=name)
    with pytest.raises(PacketError) as caught:
        session.emit("/", "ask", waiter="Cid")
    assert caught.value.code == Code.TOO_LARGE
    session.emit("/", "tell")
    session.receive(SocketPacket(ACK, "/", [], 0), 100)
    assert session.emit("/", "ask", waiter="Cid").ack_id == 2


def test_waiters_are_given_back_whichever_side_leaves() -> None:
    session = joined("/", "/custom")
    session.emit("/", "ask", waiter="Ann")
    session.emit("/custom", "ask", waiter="Bea")
    assert session.receive(SocketPacket(DISCONNECT), 100) == NamespaceLeft("/", ("Ann",))
    assert session.leave("/custom", 100)[1] == NamespaceLeft("/custom", ("Bea",))

    session = joined("/", "/custom")
    session.emit("/custom", "ask", waiter="Bea")
    assert session.end(100) == [NamespaceLeft("/", ()), NamespaceLeft("/custom", ("Bea",))]
    assert not session.joined


def test_session_whose_connection_is_gone_lets_nobody_in() -> None:
    session = fresh()
    session.receive(SocketPacket(CONNECT), 100)
    assert session.end(100) == []
    with pytest.raises(KeyError):
        session.accept("/", "sid")


# --- chance ------------------------------------------------------------------------------------


@given(st.lists(packets | st.just(SocketPacket(CONNECT)), max_size=20), st.booleans())
def test_any_packets_are_carried_out_or_refused_with_one_exception_type(
    sent: list[SocketPacket], accepts: bool
) -> None:
    session = SocketSession[str]({"/", "/custom"}, 1, 0)
    with contextlib.suppress(PacketError):
        for packet in sent:
            result = session.receive(packet, 0)
            if isinstance(result, JoinRequest):
                if accepts:
                    session.accept(result.namespace, "sid")
                    session.emit(result.namespace, "ask", waiter="w")
                else:
                    session.refuse(result.namespace, "no")
            elif isinstance(result, SocketPacket):
                encode_packet(result)
            elif isinstance(result, ClientEvent) and result.ack_id is not None:
                assert session.answer(result.namespace, result.ack_id) is not None
    session.end(0)
    assert session.late_s == 1
