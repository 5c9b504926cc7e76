"""Parts of the server: seeds, the listener, tasks, slow requests, connections, calls."""

from collections import Counter
from typing import Any, cast

import attrs
import pytest
import trio
from structlog.testing import capture_logs
from trio.abc import Instrument
from trio.testing import MockClock

from gameserver.errors import Code, ConfigError, RequestError
from gameserver.ids import PlayerId, RequestId
from gameserver.messages.base import Result
from gameserver.messages.session import GetServerInfo, ServerMessage
from gameserver.messages.wire import Refusal, RequestEnvelope, ResultEnvelope
from gameserver.protocol.server_codec import ServerCodec
from gameserver.rooms.calls import Lost
from gameserver.service.config.settings import Settings
from gameserver.service.connections import Connections, PlayerLink
from gameserver.service.middleware import SLOW_S, RequestContext, logged
from gameserver.service.runtime import Runtime
from gameserver.service.server import LIFE_CHECK_S, LIVES_AT_ONCE, Server
from gameserver.service.winddown import RETRY_AFTER_S
from gameserver.testing.skirmish import Skirmish
from tests.service.peers import MAP, hello, serving
from tests.service.stage import Stage

ANN, BOB = PlayerId("ann"), PlayerId("bob")


# --- the server -----------------------------------------------------------------------------------


def server(**settings: Any) -> Server:
    entropy = iter([b"the key of topics", b"\0\0\0\0\0\1\2", b"\0\0\0\0\0\0\7"])
    own = Runtime(entropy=lambda size: next(entropy)[:size], descriptors=lambda: (1 << 20, 5))
    return Server(Settings(**settings), Skirmish(), {MAP.name: MAP}, runtime=own)


async def test_seeds_count_up_from_the_setting_or_are_entropy(mock_clock: MockClock) -> None:
    del mock_clock
    seeded, other = server(seed=40), server()
    assert seeded._seed() == 40
    seeded.matches.started = 2
    assert seeded._seed() == 42
    assert [other._seed(), other._seed()] == [258, 7]


@pytest.mark.parametrize("given", ["tls_cert", "tls_key"])
async def test_a_certificate_needs_its_key(mock_clock: MockClock, given: str) -> None:
    del mock_clock
    missing = {"tls_cert": "tls-key", "tls_key": "tls-cert"}[given]
    with pytest.raises(ConfigError, match=f"^{given.replace('_', '-')} is set without {missing}:"):
        server(**{given: "/x.pem"})


async def test_settings_reach_the_listener_and_connections_are_limited_by_descriptors(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    many = server(
        host=["127.0.0.1", "::1"], port=5, max_connections=300, max_per_address=7,
        allow_origin=["https://a.example"], domain=["play.example"],
    )  # fmt: skip
    with capture_logs() as logs:
        found = many._listen_settings()
    assert logs == []
    assert (found.hosts, found.port, found.tls) == (("127.0.0.1", "::1"), 5, None)
    assert (found.max_connections, found.max_per_address) == (300, 7)
    assert found.allowed_origins == ("https://a.example",)
    assert found.names == ("play.example",)
    assert set(found.pages) == {"/health", "/metrics"}
    few = server(max_connections=300)
    few._runtime = attrs.evolve(few._runtime, descriptors=lambda: (100, 20))
    with capture_logs() as logs:
        found = few._listen_settings()
    (line,) = logs
    assert (line["event"], line["asked"], line["open_files"]) == ("connections limited", 300, 100)
    assert line["allowed"] == found.max_connections == 35
    assert found.max_refusals == 5


async def test_a_stop_tells_all_players_and_when_to_come_back(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        peers = [await house.guest(name) for name in ("Ann", "Bob")]
        house.server.stop()
        for peer in peers:
            notice, goodbye = await peer.hear_out()
            assert isinstance(notice.notice, ServerMessage)
            assert notice.notice.stops_in_s == Settings().stop_after_s
            assert (goodbye.code, goodbye.retry_after_s) == (Code.SERVER_STOPPING, RETRY_AFTER_S)
        hall, now = house.server.hall, trio.current_time()
        with pytest.raises(RequestError) as refused:
            hall.sign_in(hello("Carl"), "192.0.2.9", now)
        assert refused.value.code is Code.SERVER_STOPPING
        await house.server.stopped.wait()


class Life:
    """A connection that notes in which pass it was checked."""

    def __init__(self, passes: "Passes", checked: Counter[int]) -> None:
        self.passes, self.checked = passes, checked

    def check_life(self, now: float) -> None:
        del now
        self.checked[self.passes.count] += 1


class Passes(Instrument):
    """Counts the passes of the loop."""

    def __init__(self) -> None:
        self.count = 0

    def after_io_wait(self, timeout: float) -> None:
        del timeout
        self.count += 1


async def test_other_tasks_run_between_the_checks_of_many_connections(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        passes, checked = Passes(), Counter[int]()
        count = 2 * LIVES_AT_ONCE + 20
        house.server._conversations = cast(Any, [Life(passes, checked) for _ in range(count)])
        trio.lowlevel.add_instrument(passes)
        await trio.sleep(1.5 * LIFE_CHECK_S)
        trio.lowlevel.remove_instrument(passes)
        house.server._conversations = {}
        first, second, third = (checked[number] for number in sorted(checked))
        assert (first, second, third) == (LIVES_AT_ONCE, LIVES_AT_ONCE, 20)


async def test_a_bug_in_one_round_of_a_task_is_logged_and_the_next_round_runs(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        (conversation,) = house.server._conversations

        expire = house.server.hall.expire_next
        failures = 2

        def fail(*_: object) -> None:
            raise ZeroDivisionError("a bug")

        def fail_twice(*given: Any) -> Any:
            nonlocal failures
            failures -= 1
            if failures >= 0:
                raise ZeroDivisionError("a bug")
            return expire(*given)

        with capture_logs() as logs:
            monkeypatch.setattr(type(conversation), "check_life", fail)
            monkeypatch.setattr(house.server.hall, "next_deadline", lambda: 0.0)
            monkeypatch.setattr(house.server.hall, "expire_next", fail_twice)
            await trio.sleep(2.4 * LIFE_CHECK_S)
            monkeypatch.undo()
        events = [line["event"] for line in logs]
        assert sorted(events) == ["deadline failed"] * 2 + ["heartbeat failed"] * 2
        assert isinstance(await peer.ask(1, GetServerInfo()), ResultEnvelope)


# --- slow requests --------------------------------------------------------------------------------


@pytest.mark.parametrize(("took_s", "slow"), [(SLOW_S, False), (SLOW_S + 0.00126, True)])
@pytest.mark.parametrize("refused", [False, True])
def test_slow_and_refused_requests_are_logged(took_s: float, slow: bool, refused: bool) -> None:
    now = SLOW_S  # twice this number minus once is exact

    def decide(_context: object, envelope: RequestEnvelope) -> Refusal | ResultEnvelope:
        nonlocal now
        now += took_s
        if refused:
            return Refusal(envelope.id, Code.FORBIDDEN, "no")
        return ResultEnvelope(envelope.id, Result())

    link = logged(lambda: now)
    envelope = RequestEnvelope(RequestId(1), GetServerInfo())
    with capture_logs() as logs:
        answer = link(RequestContext(ANN, "192.0.2.1", "websocket"), envelope, decide)
    assert isinstance(answer, Refusal) == refused
    expected = []
    if slow:
        expected.append({"event": "slow request", "log_level": "warning", "name": "server.info",
                         "ms": 6.3})  # fmt: skip
    if refused:
        expected.append({"event": "refused", "log_level": "debug", "name": "server.info",
                         "player": ANN, "code": Code.FORBIDDEN})  # fmt: skip
    assert logs == expected


# --- connections ----------------------------------------------------------------------------------


class Wire:
    """A link that takes a number of messages."""

    def __init__(self, codec: ServerCodec, *, takes: bool = True) -> None:
        self.codec = codec
        self.takes = takes
        self.queued: list[tuple[bytes, bool]] = []
        self.flushed = 0

    def queue_newest(self, _key: object, data: bytes) -> bool:
        return self.queue(data, reliable=False)

    def queue(self, data: bytes, *, reliable: bool) -> bool:
        self.queued.append((data, reliable))
        return self.takes

    def flush(self) -> None:
        self.flushed += 1


def connected(**wires: Wire) -> Connections:
    some = Connections()
    for name, wire in wires.items():
        some.attach(PlayerId(name), PlayerLink(cast(Any, wire), 1, lambda _count: None))
    return some


def test_a_notice_is_encoded_once_for_each_codec_and_may_be_dropped() -> None:
    codec = ServerCodec()
    ann, bob = Wire(codec), Wire(codec)
    some = connected(ann=ann, bob=bob)
    some.tell((ANN, PlayerId("gone"), BOB), ServerMessage("hello"))
    ((first, reliable),), ((second, _),) = ann.queued, bob.queued
    assert first is second
    assert not reliable
    assert (ann.flushed, bob.flushed) == (0, 0)
    for _ in range(2):
        some.flush()
    assert (ann.flushed, bob.flushed) == (1, 1)


def test_only_links_that_took_a_message_are_flushed() -> None:
    ann, bob = Wire(ServerCodec(), takes=False), Wire(ServerCodec())
    some = connected(ann=ann, bob=bob)
    for player_id in (ANN, BOB, PlayerId("gone")):
        some.send(player_id, Refusal(RequestId(1), Code.FORBIDDEN, "no"))
    some.flush()
    assert (ann.flushed, bob.flushed) == (0, 1)
    assert bob.queued[0][1], "it must not be skipped"


def test_only_the_connection_of_its_epoch_is_removed() -> None:
    some = connected(ann=Wire(ServerCodec()))
    assert not some.detach(ANN, 2)
    assert not some.detach(BOB, 1)
    assert (list(some), len(some)) == ([ANN], 1)
    assert some.detach(ANN, 1)
    assert not some.detach(ANN, 1)
    assert some.line(ANN) is None


# --- people ---------------------------------------------------------------------------------------


async def test_each_call_has_its_moment_and_is_recorded_before_it_acts(
    mock_clock: MockClock,
) -> None:
    stage = Stage()
    mock_clock.jump(50.0)
    seen: list[Any] = []
    stage.people._record = lambda moment, call: seen.append((moment, call, stage.hall.counts()))
    stage.people._runtime = attrs.evolve(stage.clock, wall_ms=lambda: 77)
    ann = stage.guest("Ann")
    stage.people.take(Lost(ann, 1))
    ((moment, call, counts),) = seen
    assert (moment.now, moment.wall_ms, len(moment.entropy)) == (50.0, 77, 32)
    assert call == Lost(ann, 1)
    assert counts.connected == 1, "it has not acted yet"
