"""Topics without a session, on a whole server: who may follow what, and what comes."""

import os
from contextlib import AsyncExitStack

import attrs
import trio
from trio.testing import MockClock

from gameserver.ids import LobbyId
from gameserver.messages.chat import Channel, SendChat
from gameserver.messages.lobby import (
    ConfigureLobby,
    JoinLobby,
    LeaveLobby,
    LobbyConfig,
    LockLobby,
    Visibility,
)
from gameserver.roads.draws import RoadDraws
from gameserver.roads.events.road import (
    BEAT_S,
    OPENINGS,
    REST_S,
    STREAMS_PER_ADDRESS,
    WOKEN,
    TopicStreams,
)
from gameserver.transports.http.headers import HeaderFields
from gameserver.transports.http.requests import HttpRequest
from tests.roads.events.watcher import ALONE, hosting, opened, refused, started, watching
from tests.service.peers import MAP, assert_serves, serving


def say(text: str, channel: Channel = Channel.GLOBAL) -> SendChat:
    return SendChat(channel, text)


class Reader:
    """Writes down when it is woken."""

    def __init__(self) -> None:
        self.woken: list[float] = []

    def wake(self) -> None:
        self.woken.append(trio.current_time())


async def test_readers_are_woken_a_few_at_a_time(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        readers = [Reader() for _ in range(3 * WOKEN)]
        topic = house.server.feeds.topic("chat:global", 1)
        topic.readers.update(dict.fromkeys(readers))
        ann = await house.guest("Ann")
        await ann.ask(1, SendChat(Channel.GLOBAL, "hello"))
        await trio.sleep(1)
        times = [at for reader in readers for at in reader.woken]
        assert len(times) == len(readers)
        assert [round((at - times[0]) / REST_S) for at in times] == [0] * WOKEN + [1] * WOKEN + [
            2
        ] * WOKEN


async def test_a_stream_begins_with_the_state_of_each_topic_and_goes_on_with_changes(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        ann = await house.guest("Ann")
        await ann.ask(50, say("before"))
        async with watching(house, "lobbies,chat:global,notices") as watcher:
            assert watcher.status == 200
            assert "x-accel-buffering: no" in watcher.head.lower()
            assert (await watcher.wait("state", "lobbies"))["state"] == {"lobbies": [], "total": 0}
            lines = (await watcher.wait("state", "chat:global"))["state"]["lines"]
            assert [line["text"] for line in lines] == ["before"]
            assert await watcher.wait("state", "notices")
            await ann.ask(51, say("after"))
            assert (await watcher.wait("chat.said"))["line"]["text"] == "after"
            lobby_id = await opened(ann)
            changed = await watcher.wait("lobbies.changed")
            assert [lobby["lobby_id"] for lobby in changed["lobbies"]] == [lobby_id]
            await ann.ask(52, LeaveLobby())
            assert (await watcher.wait("lobbies.changed"))["removed"] == [lobby_id]


async def test_a_match_is_followed_from_its_beginning_to_its_result(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        ann = await house.guest("Ann")
        lobby_id = await opened(ann, attrs.evolve(ALONE, options={"ticks": 600}))
        topics = f"match:{lobby_id},scores:{lobby_id},world:{lobby_id}"
        async with watching(house, topics) as watcher:
            assert (await watcher.wait("state", f"match:{lobby_id}"))["state"]["match_id"] == ""
            begun = await started(ann)
            said = await watcher.wait("match.started", f"match:{lobby_id}")
            assert said["match_id"] == begun.match_id
            assert said["players"][0]["name"] == "Ann"
            struck = await watcher.wait("match.event")
            assert struck["event"] == "Struck"
            assert set(struck["fields"]) == {"by", "whom", "label"}
            scored = await watcher.wait("match.scores")
            assert scored["scores"][0]["score"] > 0
            bob = await house.guest("Bob")
            await bob.ask(1, JoinLobby(LobbyId(lobby_id)))
            seated = (await watcher.wait("match.players"))["players"]
            assert [player["name"] for player in seated if not player["bot"]] == ["Ann", "Bob"]
            both = f"match:{lobby_id},match:{begun.match_id}"
            async with watching(house, both) as second:
                state = (await second.next()).data["state"]
                assert state["players"] == seated
                assert "." not in second.last_id  # one topic under two names
                assert state["lobby"]["players"] == 2
            ended = await watcher.wait("match.ended", f"scores:{lobby_id}")
            assert ended["result"]["match_id"] == begun.match_id
            after = await watcher.wait("state", f"world:{lobby_id}")
            assert after["state"] == {"match_id": "", "tick": 0, "entities": []}


async def test_what_is_not_for_everybody_is_refused_with_a_code(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        assert await refused(house, "") == (400, "bad_params")
        assert await refused(house, "nonsense") == (404, "unknown_request")
        assert await refused(house, "lobbies,match:") == (404, "unknown_request")
        assert await refused(house, "chat:lobby") == (403, "chat.no_channel")
        assert await refused(house, "chat:whisper") == (403, "chat.no_channel")
        assert await refused(house, "scores:lnone") == (404, "lobby.unknown")
        assert await refused(house, "lobbies", more="&rate=0") == (400, "bad_params")
        assert await refused(house, "lobbies", more="&rate=11") == (400, "bad_params")
        for unreadable in ("&a=%ff", "&a=1" * 9):
            assert await refused(house, "lobbies", more=unreadable) == (400, "bad_params")
        assert await refused(house, "lobbies", method="POST") == (405, "unknown_request")
        ann = await house.guest("Ann")
        hidden = LobbyConfig(
            title="Den", map=MAP.name, size=4, visibility=Visibility.UNLISTED, bots=1
        )
        locked = attrs.evolve(hidden, visibility=Visibility.PASSWORD)
        alone = attrs.evolve(ALONE, spectators=False)
        for number, (config, password, status, code) in enumerate([
            (hidden, "", 404, "lobby.unknown"),
            (locked, "secret", 403, "lobby.wrong_password"),
            (alone, "", 403, "lobby.full"),
        ]):  # fmt: skip
            lobby_id = await opened(ann, config, number=10 + number, password=password)
            for kind in ("match", "scores", "world"):
                assert await refused(house, f"lobbies,{kind}:{lobby_id}") == (status, code)
        await ann.ask(20, LeaveLobby())
        await assert_serves(ann)


async def test_streams_that_are_opened_without_end_have_to_wait(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        per_s, at_once = OPENINGS
        for _ in range(at_once):
            assert await refused(house, "nonsense") == (404, "unknown_request")
        async with watching(house, "nonsense") as watcher:
            assert watcher.status == 429
            assert "retry-after: 10" in watcher.head.lower()
            said = await watcher.body()
            assert said["code"] == "rate_limited"
            assert "come again in 0." in said["detail"]
        await trio.sleep(2 / per_s)
        assert await refused(house, "nonsense") == (404, "unknown_request")


async def test_a_stream_that_is_cut_goes_on_behind_its_last_id_and_misses_nothing(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        ann = await house.guest("Ann")
        topics = "chat:global,lobbies"
        async with watching(house, topics) as watcher:
            await watcher.wait("state", "lobbies")
            await ann.ask(1, say("one"))
            assert (await watcher.wait("chat.said"))["line"]["text"] == "one"
        await ann.ask(2, say("two"))
        lobby_id = await opened(ann, number=3)
        again = f"Last-Event-ID: {watcher.last_id}"
        async with watching(house, topics, again) as second:
            assert (said := await second.next()).name == "chat.said"
            assert said.data["line"]["text"] == "two"
            assert (listed := await second.next()).name == "lobbies.changed"
            assert listed.data["lobbies"][0]["lobby_id"] == lobby_id
            await ann.ask(4, say("three"))
            assert (await second.next()).data["line"]["text"] == "three"
        asked = f"&last_event_id={watcher.last_id}"
        async with watching(house, "chat:global", more=asked) as other:
            assert (await other.next()).name == "gap"  # the id of other topics
            assert len((await other.next()).data["state"]["lines"]) == 3


async def test_a_lobby_that_may_not_be_seen_any_more_ends_its_topics_and_then_the_stream(
    autojump_clock: MockClock,
) -> None:
    async with hosting(autojump_clock) as (house, ann, lobby_id):
        async with watching(house, "lobbies") as first:
            listed = await first.next()
            assert [each["lobby_id"] for each in listed.data["state"]["lobbies"]] == [lobby_id]
        names = {f"{kind}:{lobby_id}" for kind in ("match", "scores", "world")}
        async with watching(house, ",".join(names)) as watcher:
            await ann.ask(2, LockLobby(locked=True))
            assert await refused(house, f"match:{lobby_id}") == (403, "lobby.locked")
            hidden = attrs.evolve(ALONE, visibility=Visibility.UNLISTED)
            await ann.ask(3, ConfigureLobby(hidden))
            came = await watcher.ended()
            assert [said.name for said in came] == ["state"] * 3 + ["end"] * 3
            assert {said.data["topic"] for said in came[3:]} == names
        assert await refused(house, f"match:{lobby_id}") == (404, "lobby.unknown")


async def test_a_quiet_stream_is_kept_by_comments_and_ends_at_once_when_the_server_stops(
    autojump_clock: MockClock,
) -> None:
    async with (
        serving(autojump_clock) as house,
        watching(house, "notices") as watcher,
        watching(house, "chat:global") as other,
    ):
        await watcher.wait("state")
        await other.wait("state")
        with trio.move_on_after(BEAT_S[1] * 10):
            await watcher.next()
        assert 10 <= len(watcher.comments) <= 10 * BEAT_S[1] / BEAT_S[0]
        began = trio.current_time()
        house.server.stop()
        (said,) = await watcher.ended()
        assert said.name == "server.message"
        assert said.data["text"] == "the server stops"
        assert not await other.ended()
        assert trio.current_time() < began + 0.1
        assert await refused(house, "notices") == (503, "server_stopping")


async def test_http_1_0_gets_a_stream_that_ends_with_its_connection(
    autojump_clock: MockClock,
) -> None:
    async with (
        serving(autojump_clock) as house,
        watching(house, "chat:global", version="1.0") as watcher,
    ):
        assert watcher.status == 200
        assert not watcher.chunked
        assert (await watcher.next()).name == "state"
    async with (
        serving(autojump_clock) as house,
        watching(house, "chat:global", method="HEAD") as watcher,
    ):
        assert watcher.status == 200
        assert not watcher.rest


async def test_streams_are_counted_and_bounded_in_all_and_for_each_address(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house, AsyncExitStack() as stack:
        roads = house.server._roads
        for _ in range(STREAMS_PER_ADDRESS):
            watcher = await stack.enter_async_context(watching(house, "notices"))
            await watcher.wait("state")
        assert len(roads.topics) == STREAMS_PER_ADDRESS
        assert house.server.metrics.read(0.0).transports["events"] == STREAMS_PER_ADDRESS
        assert await refused(house, "notices") == (429, "rate_limited")
        async with watching(house, "notices", address="192.0.2.10") as other:
            assert other.status == 200
        full = TopicStreams(
            house.server.feeds, house.server.feeds.changes, RoadDraws(os.urandom), most=0
        )
        fields = HeaderFields([])
        answer = await full.answer(
            HttpRequest("GET", "/events", "topics=notices", fields, b"", "192.0.2.11")
        )
        assert (answer.status, dict(answer.headers)) == (503, {"Retry-After": "10"})
    async with serving(autojump_clock) as house:
        async with watching(house, "notices") as watcher:
            await watcher.wait("state")
        await trio.sleep(0.1)
        traffic = house.server.metrics.traffic
        assert (traffic.opened["events"], traffic.closed["lost"]) == (1, 1)
        assert len(house.server._roads.topics) == 0
        assert not house.server.feeds.topic("notices", 1).readers


async def test_a_reader_that_takes_nothing_is_ended_and_holds_nobody(
    autojump_clock: MockClock,
) -> None:
    async with hosting(autojump_clock) as (house, ann, lobby_id):
        link = house.whole.connect("192.0.2.9")
        head = f"GET /events?topics=world:{lobby_id}&rate=10 HTTP/1.1\r\nHost: localhost\r\n\r\n"
        await link.client.send_all(head.encode())
        await started(ann)
        async with watching(house, f"world:{lobby_id}") as watcher:
            await watcher.wait("world")
            link.read_slowly(slow=True)
            while len(house.server._roads.topics) > 1:
                await watcher.wait("world")


async def test_a_banned_address_loses_its_streams_and_opens_no_other(
    autojump_clock: MockClock,
) -> None:
    banned: set[str] = set()
    async with hosting(autojump_clock) as (house, _, lobby_id):
        topics = house.server._roads.topics
        topics._barred = banned.__contains__
        topic = f"match:{lobby_id}"
        async with (
            watching(house, topic, address="192.0.2.1") as hers,
            watching(house, topic, address="192.0.2.2") as his,
        ):
            for watcher in (hers, his):
                await watcher.wait("state")
            banned.add("192.0.2.1")
            topics.end_barred()
            with trio.fail_after(1):
                assert await hers.ended() == []
            assert len(topics) == 1
            assert await refused(house, topic, address="192.0.2.1") == (403, "session.banned")
            await trio.sleep(1)
            assert len(topics) == 1
