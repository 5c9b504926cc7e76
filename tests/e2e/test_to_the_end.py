"""From lobby to results and a rematch on the real program."""

from pathlib import Path

from gameserver.arena import Arena
from gameserver.client import ClientSettings, open_client
from gameserver.messages.chat import Channel, SendChat
from gameserver.messages.lobby import Phase, Rematch
from tests.e2e.faulty import Faulty
from tests.e2e.program import gather, phase, plays, program, start, until
from tests.e2e.test_playing import texts

CUTS = 5
"""How often the connection is cut in one match."""

STOP_S = 5
"""The longest orderly stop that is promised."""

ARENA = ClientSettings(game=Arena(), seed=1)
FAULTY = ClientSettings(game=Faulty(), seed=1)
WITHOUT_END = {"time_limit_s": 0, "score_limit": 0}


async def test_two_people_chat_play_to_the_end_and_play_again(tmp_path: Path) -> None:
    async with (
        program(tmp_path) as running,
        open_client(running.url, "Ann", ARENA) as ann,
        open_client(running.url, "Bob", ARENA) as bob,
    ):
        heard = ann.updates()
        await gather(ann, bob, bots=6, bot_level="hard", time_limit_s=30, score_limit=1)
        await ann.request(SendChat(Channel.LOBBY, "a fine day for it"))
        await bob.request(SendChat(Channel.LOBBY, "that it is"))
        await start(ann, bob)
        first = ann.lobby.match_id if ann.lobby else None
        await until(lambda: (plays(ann), plays(bob), phase(ann) is Phase.RESULTS)[-1])
        assert ann.lobby is not None
        assert ann.lobby.result is not None
        assert ann.lobby.result.reason == "finished"
        assert {"Ann", "Bob"} <= {line.name for line in ann.lobby.result.lines}
        assert texts(heard) == ["a fine day for it", "that it is"]

        for client in (ann, bob):
            await client.request(Rematch())
        await until(lambda: plays(ann) and plays(bob))
        assert ann.lobby.match_id != first
        running.assert_same_process_without_faults()
