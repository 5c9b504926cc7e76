"""Clients send and know what they sent and knew when it was recorded, wherever they were cut.

Where something else is meant, ``python -m tests.client.test_recorded`` writes the new rows.

Rows: the seed, how many messages of which kind the clients sent and how many answers they got, and
digests of all messages, answers and updates, and of what each client knows at the end.
"""

from collections import Counter
from random import Random
from typing import Any

import attrs
import trio
from trio.testing import MockClock

from gameserver.messages.chat import Channel
from gameserver.messages.wire import Hello
from gameserver.protocol.codec import decode_client
from tests.client.test_picture import PHONES, REQUESTS, World, _act
from tests.recorded import Recorded, digest

STEPS = 400


def step_of(random: Random) -> tuple[Any, ...]:
    kind = random.choice(["ask"] * 3 + ["up"] * 5 + ["down"] * 5 + ["ack", "cut", "connect"] * 1
                         + ["connect", "give up", "time"])  # fmt: skip
    if kind == "ask":
        return kind, random.randrange(len(REQUESTS)), random.randrange(PHONES + 1)
    return (kind, random.choice((0.5, 1.0, 40.0))) if kind == "time" else (kind,)


def without_version(item: object) -> object:
    return attrs.evolve(item, client="") if isinstance(item, Hello) else item


def told(seed: int) -> tuple[dict[str, int], list[str]]:
    """Play, and return what is recorded of it."""
    random, posted, answers = Random(seed), list[list[Any]](), list[Any]()
    knows, updates = list[Any](), list[Any]()

    async def main() -> None:
        world = World(PHONES)
        for number, phone in enumerate(world.phones):
            ask, post = phone.talk.ask, phone.post

            def asks(request: Any, answer: Any, ask: Any = ask) -> Any:
                def answered(value: Any) -> None:
                    answers.append([type(value).__name__, value])
                    answer(value)

                return ask(request, answered)

            def posts(message: bytes, number: int = number, post: Any = post) -> None:
                items = [without_version(each) for each in decode_client(message)]
                posted.append([number, round(trio.current_time(), 3), items])
                post(message)

            talk: Any = phone.talk
            talk._readers.tell, talk.ask = updates.append, asks
            phone.post = posts  # type: ignore[method-assign]
        world.run_dry()
        for _ in range(STEPS):
            _act(world, random.randrange(PHONES), step_of(random))
            await trio.sleep(random.choice((0.0, 0.1, 1.0)))
        world.run_dry()
        world.check()
        for phone in world.phones:
            state = phone.talk.state
            lines = [state.chat.lines(channel) for channel in Channel]
            talk = phone.talk
            knows.append([state.player_name, state.lobby, state.lobby_list, lines, talk.rtt_s])
            knows.append([talk.welcome, talk.rtt_history_s, talk.silent_s])

    trio.run(main, clock=MockClock(autojump_threshold=0))
    counts = Counter(type(item).__name__ for *_, items in posted for item in items)
    counts["answers"] = len(answers)
    counts.update(f"told {type(each).__name__}" for each in updates)
    wholes = [digest(each) for each in (posted, answers, updates, knows)]
    return dict(sorted(counts.items())), wholes


RECORDED = Recorded(__file__, range(1, 7), told)


@RECORDED.each
def test_clients_send_and_know_as_it_was_recorded(row: list[Any]) -> None:
    RECORDED.compare(row)


if __name__ == "__main__":
    RECORDED.write()
