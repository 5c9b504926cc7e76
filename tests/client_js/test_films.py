"""The JavaScript client shows of a film, at any tick, the world that its journal leads to."""

from pathlib import Path

from gameserver.store.film import make_film
from gameserver.store.playback import Playback
from gameserver.store.reading import read_journal
from gameserver.testing.skirmish import Bolt, Runner
from tests.client_js.node import needs_node, script
from tests.store.recorded import GAME, Played
from tests.store.test_film import TICKS, told_of

pytestmark = needs_node


async def test_any_tick_of_a_film_is_the_world_of_the_journal(tmp_path: Path) -> None:
    played = Played()
    played.play(TICKS)
    played.end()
    journal, film = tmp_path / "m1.journal", tmp_path / "m1.film"
    journal.write_bytes(played.file.data)
    make_film(journal, GAME, film)
    playback, every = Playback(read_journal(journal), GAME), GAME.snapshot_every
    ticks = [0, TICKS, TICKS // 2 // every * every, 6 * every, TICKS + 99, 4 * GAME.tick_rate]
    events, happened = [], []
    async with script("films.mjs", str(film), *map(str, ticks)) as node:
        assert await node.line() == {"first": 0, "last": TICKS, "seat": -1, "players": 3}
        for tick in ticks:
            told = await node.line()
            playback.seek(0)
            happened.append(0)
            while playback.tick < min(tick, TICKS):
                playback.step()
                happened[-1] += len(playback.world.events)
            assert told["tick"] == playback.tick
            assert dict(told["entities"]) == told_of(playback.world)
            places = {e.id: [e.x, e.y] for e in playback.world if isinstance(e, Bolt | Runner)}
            assert {entity: [x, y] for entity, x, y in told["places"]} == places
            events.append(told["events"])
        assert await node.line() == 4  # ways to be damaged, each refused in the same way
        await node.end()
    assert events == happened
    assert events[0] == 0 < events[3] < events[1]
