"""How a server of Socket.IO v5 must behave, tried on the echoes, over both transports.

Source: the protocol's document and what its official test suite asks for.
"""

import json
from typing import Any

import pytest
import trio
from trio_websocket import ConnectionClosed

from gameserver.protocol.socketio.engine import SEPARATOR
from gameserver.roads.socketio.echo import APART_S, CONNECT_TIMEOUT_S
from tests.roads.socketio.echoes import SOCKET, Echoes, echoes, seconds_to_close

__all__ = ["echoes"]

B123, B4 = b"\1\2\3", b"\4"
TWO = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'

JOINS = [("40", "", {}), ('40{"token":"123"}', "", {"token": "123"}),
         ("40/custom,", "/custom,", {}), ("40/custom", "/custom,", {}),
         ('40/custom,{"token":"abc"}', "/custom,", {"token": "abc"})]  # fmt: skip

EXCHANGES: list[tuple[list[Any], list[Any]]] = [
    (['42["message",1,"2",{"3":[true]}]'], ['42["message-back",1,"2",{"3":[true]}]']),
    (['42456["message-with-ack",1,"2",{"3":[false]}]'], ['43456[1,"2",{"3":[false]}]']),
    ([f'452-["message",{TWO}]', B123, B4], [f'452-["message-back",{TWO}]', B123, B4]),
    ([f'452-789["message-with-ack",{TWO}]', B123, B4], [f"462-789[{TWO}]", B123, B4]),
]  # fmt: skip

WRONG = ["4abc", "4", "42{}", "42[]", "42", '42abc["message-with-ack",1]', '42["message"', "49",
         "44", "43[1]", '42/custom,["message"]', "41/custom", '451-["message"]',
         '451-["message",{"_placeholder":true,"num":1}]']  # fmt: skip


# --- connect --------------------------------------------------------------------------------------


def assert_joined(answer: str, event: str, namespace: str, auth: dict[str, str]) -> None:
    assert answer.startswith(f"40{namespace}")
    welcome = json.loads(answer.removeprefix(f"40{namespace}"))
    assert list(welcome) == ["sid"]
    assert isinstance(welcome["sid"], str)
    assert json.loads(event.removeprefix(f"42{namespace}")) == ["auth", auth]


@pytest.mark.parametrize(("packet", "namespace", "auth"), JOINS)
async def test_a_namespace_is_joined_and_the_auth_arrives(
    echoes: Echoes, packet: str, namespace: str, auth: dict[str, str]
) -> None:
    async with echoes.begun(SOCKET) as websocket:
        await websocket.send_message(packet)
        answer = await websocket.get_message()
        assert_joined(answer, await websocket.get_message(), namespace, auth)


@pytest.mark.parametrize(("packet", "namespace", "auth"), JOINS)
async def test_a_namespace_is_joined_by_polling(
    echoes: Echoes, packet: str, namespace: str, auth: dict[str, str]
) -> None:
    target = await echoes.opened(SOCKET)
    assert await echoes.http("POST", target, packet) == (200, "ok")
    _, found = await echoes.http("GET", target)
    answer, _, event = found.partition(SEPARATOR)
    assert_joined(answer, event or (await echoes.http("GET", target))[1], namespace, auth)


async def test_the_event_behind_a_connect_comes_apart(echoes: Echoes) -> None:
    async with echoes.begun(SOCKET) as websocket:
        await websocket.send_message("40")
        await websocket.get_message()
        began = trio.current_time()
        await websocket.get_message()
        assert trio.current_time() - began == pytest.approx(APART_S)


async def test_an_unknown_namespace_is_refused_and_another_may_be_joined(echoes: Echoes) -> None:
    async with echoes.begun(SOCKET) as websocket:
        await websocket.send_message("40/random")
        assert await websocket.get_message() == '44/random,{"message":"Invalid namespace"}'
        await websocket.send_message("40/custom")
        assert (await websocket.get_message()).startswith("40/custom,")
    target = await echoes.opened(SOCKET)
    assert await echoes.http("POST", target, "40/random") == (200, "ok")
    refused = '44/random,{"message":"Invalid namespace"}'
    assert await echoes.http("GET", target) == (200, refused)


@pytest.mark.parametrize("first", ["4abc", '42["message"]', "41", '430["x"]', b"\1"])
async def test_a_client_joins_before_anything_else(echoes: Echoes, first: str | bytes) -> None:
    async with echoes.begun(SOCKET) as websocket:
        await websocket.send_message(first)
        assert await seconds_to_close(websocket) < 0.1


async def test_a_client_that_answers_pings_but_joins_nothing_is_disconnected(
    echoes: Echoes,
) -> None:
    async with echoes.begun(SOCKET) as websocket:
        seconds = await seconds_to_close(websocket, answering=True)
        assert seconds == pytest.approx(CONNECT_TIMEOUT_S, abs=0.05)
    target = await echoes.opened(SOCKET)
    for _ in range(3):
        assert await echoes.http("GET", target) == (200, "2")
        assert await echoes.http("POST", target, "3") == (200, "ok")
    assert await echoes.http("GET", target) == (200, "1")
    assert (await echoes.http("GET", target))[0] == 400


@pytest.mark.parametrize("packet", ["40", "40/custom"])
async def test_a_client_that_joins_twice_is_disconnected(echoes: Echoes, packet: str) -> None:
    async with echoes.joined(packet) as websocket:
        await websocket.send_message(packet)
        assert await seconds_to_close(websocket, answering=True) < 0.1


# --- disconnect -----------------------------------------------------------------------------------


async def test_a_client_that_leaves_its_last_namespace_may_join_again_for_a_while(
    echoes: Echoes,
) -> None:
    async with echoes.joined("40") as websocket:
        await websocket.send_message("41")
        assert await websocket.get_message() == "2"
        await websocket.send_message("3")
        await websocket.send_message("40")
        assert (await websocket.get_message()).startswith("40")
        await websocket.get_message()
        await websocket.send_message("41")
        seconds = await seconds_to_close(websocket, answering=True)
        assert seconds == pytest.approx(CONNECT_TIMEOUT_S, abs=0.05)


async def test_leaving_one_namespace_leaves_the_other(echoes: Echoes) -> None:
    async with echoes.joined("40", "40/custom") as websocket:
        await websocket.send_message("41/custom")
        await websocket.send_message('42["message","to main"]')
        assert await websocket.get_message() == '42["message-back","to main"]'
        await websocket.send_message('42/custom,["message","to nobody"]')
        with pytest.raises(ConnectionClosed):
            await websocket.get_message()


# --- message --------------------------------------------------------------------------------------


def in_namespace(packet: Any, namespace: str) -> Any:
    """Return a packet of the main namespace as one of another; attachments stay as they are."""
    if isinstance(packet, bytes) or not namespace:
        return packet
    kind = 4 if packet[1] in "56" else 2  # behind the number of attachments, if there is one
    return f"{packet[:kind]}{namespace}{packet[kind:]}"


@pytest.mark.parametrize(("sent", "back"), EXCHANGES)
async def test_events_acks_and_attachments_come_back(
    echoes: Echoes, sent: list[Any], back: list[Any]
) -> None:
    async with echoes.joined("40", "40/custom") as websocket:
        for namespace in ("", "/custom,"):
            for each in sent:
                await websocket.send_message(in_namespace(each, namespace))
            expected = [in_namespace(each, namespace) for each in back]
            assert [await websocket.get_message() for _ in back] == expected


async def joined_by_polling(echoes: Echoes) -> str:
    """Open a session by polling and join; the answers are read. Return the target of requests."""
    target = await echoes.opened(SOCKET)
    await echoes.http("POST", target, "40")
    joined = ""
    while "auth" not in joined:
        _, joined = await echoes.http("GET", target)
    return target


BASE64 = {B123: "bAQID", B4: "bBA=="}


@pytest.mark.parametrize(("sent", "back"), EXCHANGES)
async def test_events_acks_and_attachments_come_back_by_polling(
    echoes: Echoes, sent: list[Any], back: list[Any]
) -> None:
    target = await joined_by_polling(echoes)
    payload = SEPARATOR.join(BASE64.get(each, each) for each in sent)
    assert await echoes.http("POST", target, payload) == (200, "ok")
    expected = SEPARATOR.join(BASE64.get(each, each) for each in back)
    assert await echoes.http("GET", target) == (200, expected)


async def test_a_namespace_joined_by_polling_goes_on_over_a_websocket(echoes: Echoes) -> None:
    target = await joined_by_polling(echoes)
    async with echoes.websocket(target.replace("polling", "websocket")) as websocket:
        await websocket.send_message("2probe")
        assert await websocket.get_message() == "3probe"
        await echoes.http("POST", target, '42["message","by polling"]')
        await websocket.send_message("5")
        await websocket.send_message('42["message","by websocket"]')
        assert await websocket.get_message() == '42["message-back","by polling"]'
        assert await websocket.get_message() == '42["message-back","by websocket"]'


@pytest.mark.parametrize("wrong", [*WRONG, b"\1"])
async def test_a_wrong_packet_ends_the_connection(echoes: Echoes, wrong: str | bytes) -> None:
    async with echoes.joined("40") as websocket:
        await websocket.send_message(wrong)
        if wrong == '451-["message"]':
            await websocket.send_message(b"\1")
        assert await seconds_to_close(websocket, answering=True) < 0.1


async def test_text_in_the_place_of_an_attachment_ends_the_connection(echoes: Echoes) -> None:
    async with echoes.joined("40") as websocket:
        await websocket.send_message(f'452-["message",{TWO}]')
        await websocket.send_message(b"\1")
        await websocket.send_message('42["message"]')
        assert await seconds_to_close(websocket, answering=True) < 0.1


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_wrong_packet_ends_a_session_of_polling(echoes: Echoes, wrong: str) -> None:
    target = await echoes.opened(SOCKET)
    await echoes.http("POST", target, "40")
    payload = wrong if not wrong.startswith("451") else f"{wrong}{SEPARATOR}bAQ=="
    assert (await echoes.http("POST", target, payload))[0] == 400
    assert (await echoes.http("GET", target))[0] == 400
