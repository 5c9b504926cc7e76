"""What readers of events are told of a world, and words of other roads, are as was recorded.

Where something else is meant, ``python -m tests.roads.test_recorded`` writes the new rows.

Rows: what was told, how many pieces of which kind, and the digest of all.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from gameserver.ids import MatchId, Seat
from gameserver.roads import spoken
from gameserver.roads.events.topics import Changes
from gameserver.roads.events.worldview import WorldTopic, WorldView
from gameserver.testing.skirmish import Bolt, Runner, Skirmish, Spark
from tests.recorded import Recorded, drawn
from tests.roads.events.test_worldview import new_world, pass_time

MESSAGES = json.loads((Path(__file__).parents[1] / "vectors" / "messages.json").read_text("utf-8"))[
    "messages"
]


def of_worlds(random: Random) -> Iterator[Any]:
    for number in range(6):
        game = Skirmish()
        world = new_world(game)
        view = WorldView("world:l", game)
        topics = [WorldTopic(view, Changes(), rate) for rate in (1, 2, 5)]
        view.begin(MatchId("m"), None if number == 0 else world)
        for _ in range(120):
            entities = list(world)
            match random.randrange(5):
                case 0:
                    made = random.choice((Spark(), Bolt(x=number), Runner(name="Ann")))
                    world.spawn(made, Seat(random.randrange(3)))
                case 1 if entities:
                    world.despawn(random.choice(entities))
                case 2 if entities:
                    random.choice(entities).owner = Seat(random.randrange(3))
                case _ if entities:
                    chosen = random.choice(entities)
                    if isinstance(chosen, Bolt | Runner):
                        chosen.x += random.randrange(9)
            pass_time(world, random.choice((0, 1, 1, 2, 40)))
            yield f"{view.look(world)}"
            topic = random.choice(topics)
            topic.show()
            since = view.number - random.randrange(-1, 70)
            found = topic.since(topic.last - random.randrange(4))
            yield [view.changes(since), topic.last, None if found is None else list(found)]
            if random.random() < 0.1:
                yield [view.whole(), topic.state()]
        view.begin(MatchId("n"), world)
        yield view.whole()


def of_words(random: Random) -> Iterator[Any]:
    for message in MESSAGES:
        if message["from"] == "server":
            found = spoken.Translator().spoken(bytes.fromhex(message["hex"]))
            yield from (type(each).__name__ for each in found)
            yield found
    for number in range(200):
        token = random.randbytes(random.choice((16, 32)))
        auth = random.choice(
            (
                {"name": "Ann"},
                {"token": spoken.encode_token(token)},
                {},
                {"name": "A", "last_event": 7},
            )
        )
        yield [spoken.hello(auth, "test"), spoken.decode_token(spoken.encode_token(token))]
        yield [spoken.request(number, "lobby.list", {"a": number}), spoken.pong(number)]
        yield [spoken.ack(number, random.randrange(9))]


KINDS = {"worlds": of_worlds, "words": of_words}


RECORDED = Recorded(__file__, KINDS, drawn(KINDS))


@RECORDED.each
def test_worlds_and_words_are_told_as_it_was_recorded(row: list[Any]) -> None:
    RECORDED.compare(row)


if __name__ == "__main__":
    RECORDED.write()
