"""The life of a WebSocket of Engine.IO: pings, the close packet, a hasty upgrade.

Source: the protocol's document and what its official test suite asks for.
"""

import pytest
from trio_websocket import ConnectionClosed

from tests.roads.socketio.test_behaviours import ENGINE, WEBSOCKET, House, house

__all__ = ["house"]


async def test_a_websocket_that_answers_its_pings_lives_on(house: House) -> None:
    async with house.websocket(ENGINE + WEBSOCKET) as websocket:
        await websocket.get_message()
        for _ in range(3):
            assert await websocket.get_message() == "2"
            await websocket.send_message("3")
        await websocket.send_message("4hello")
        assert await websocket.get_message() == "4hello"


async def test_a_websocket_is_closed_by_its_clients_close_packet(house: House) -> None:
    async with house.websocket(ENGINE + WEBSOCKET) as websocket:
        await websocket.get_message()
        await websocket.send_message("1")
        with pytest.raises(ConnectionClosed):  # and not after the ping that would come next
            await websocket.get_message()


async def test_an_upgrade_whose_client_does_not_wait_for_the_answer_to_its_probe(
    house: House,
) -> None:
    target = await house.opened()
    async with house.websocket(target.replace("polling", "websocket")) as websocket:
        await websocket.send_message("2probe")
        await websocket.send_message("5")
        assert await websocket.get_message() == "3probe"
        await websocket.send_message("4hello")
        assert await websocket.get_message() == "4hello"
        assert (await house.http("GET", target))[0] == 400
