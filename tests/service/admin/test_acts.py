"""What an operator sees and does, over the API: figures, tables, acts, and what is written down."""

from pathlib import Path
from typing import Any

import pytest
import trio
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from trio.testing import MockClock

from gameserver.messages.chat import Channel, SendChat
from gameserver.messages.lobby import CreateLobby, LobbyConfig, LobbyLeft, StartMatch
from gameserver.messages.session import GetServerStats, ReportPlayer, ServerMessage
from gameserver.messages.wire import EventEnvelope, Goodbye, NoticeEnvelope, ResultEnvelope
from gameserver.service.admin.described import admin_description
from gameserver.service.admin.operations import ADMIN_OPERATIONS
from gameserver.service.admin.sampling import SAMPLES
from gameserver.transports import PageRequest
from tests.service.admin.desk import ADMIN, Operator, overseen
from tests.service.peers import MAP, Peer, Running

DOCUMENT = admin_description()


async def host(running: Running, name: str = "Ann", title: str = "Den", **more: Any) -> Peer:
    peer = await running.guest(name)
    await peer.ask(1, CreateLobby(LobbyConfig(title, map=MAP.name, size=2, **more)))
    return peer


def check(value: Any, name: str) -> None:
    """Check an answer against its description."""
    found = [
        each
        for methods in DOCUMENT["paths"].values()
        for each in methods.values()
        if each["operationId"] == name
    ]
    (content,) = found[0]["responses"]["200"]["content"].values()
    Draft202012Validator({**content["schema"], "components": DOCUMENT["components"]}).validate(
        value
    )


def test_the_description_is_one_of_openapi_with_a_right_at_each_operation() -> None:
    validate(DOCUMENT)
    rights = {
        each["operationId"]: each.get("x-right")
        for methods in DOCUMENT["paths"].values()
        for each in methods.values()
    }
    assert rights == {each.name: each.right for each in ADMIN_OPERATIONS}


async def test_the_figures_are_those_of_stats_and_metrics_at_the_same_second(
    autojump_clock: MockClock,
) -> None:
    async with overseen(autojump_clock, stats_token="token-of-figures") as running:
        ann = await host(running)
        await ann.ask(2, StartMatch())
        await trio.sleep(5)
        operator = Operator(running)
        autojump_clock.autojump_threshold = float("inf")  # all of it in one moment
        figures = (await operator.look("/figures"))["stats"]
        asked = await ann.ask(3, GetServerStats("token-of-figures"))
        page = running.server._listen_settings().pages["/metrics"]
        asking = PageRequest("/metrics", "192.0.2.4", "localhost", token="token-of-figures")
        text = page(asking).sentence
        autojump_clock.autojump_threshold = 0.0
        assert isinstance(asked, ResultEnvelope)
        stats: Any = asked.result
        metrics = dict(
            line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")
        )
        game = figures["games"][0]
        assert game["ticks"] == stats.games[0].ticks > 0
        for name in ("players", "sessions", "lobbies", "matches", "strain", "memory_bytes"):
            assert figures[name] == getattr(stats, name), name
        for name in ("matches", "viewers", "congested", "late_inputs", "snapshot_bytes", "ticks"):
            assert game[name] == getattr(stats.games[0], name), name
        assert game["lateness"]["p99_ms"] == stats.games[0].lateness.p99_ms
        assert figures["players"] == float(metrics["gameserver_players"])
        label = '{game="skirmish"}'
        assert game["ticks"] == float(metrics[f"gameserver_ticks_total{label}"])
        assert game["snapshot_bytes"] == float(metrics[f"gameserver_snapshot_bytes_total{label}"])
        assert figures["transports"] == dict(stats.transports)


async def test_samples_are_made_once_a_second_also_while_nobody_looks(
    autojump_clock: MockClock,
) -> None:
    async with overseen(autojump_clock) as running:
        operator = Operator(running)
        await running.guest()
        await trio.sleep(4.5)
        some = await operator.look("/samples?after=0")
        check(some, "console_samples")
        assert (len(some["samples"]), some["next"]) == (5, 5)  # nobody had looked before
        assert some["samples"][-1]["players"] == 1
        assert set(some["samples"][-1]["games"]) == {"skirmish"}
        await trio.sleep(2)
        more = await operator.look("/samples?after=5")
        assert (len(more["samples"]), more["next"]) == (2, 7)
        await trio.sleep(3 * SAMPLES)
        assert len((await operator.look("/samples"))["samples"]) == SAMPLES
        assert len((await operator.look("/samples?after=99999"))["samples"]) == SAMPLES


async def test_an_operator_is_told_how_long_a_drain_would_let_matches_go_on(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with overseen(autojump_clock) as running:
        me = await Operator(running).look("/me")
        check(me, "console_me")
        assert (me["drain_s"], me["saves_matches"]) == (0.0, False)
    async with overseen(autojump_clock, drain_s=90, data=str(tmp_path)) as running:
        me = await Operator(running).look("/me")
        assert (me["drain_s"], me["saves_matches"]) == (90.0, True)


async def test_sessions_lobbies_and_matches_are_listed_searched_and_looked_into(
    autojump_clock: MockClock,
) -> None:
    async with overseen(autojump_clock) as running:
        operator = Operator(running)
        ann = await host(running, "Ann", "Den")
        await host(running, "Bob", "Attic", bots=1)
        await running.guest("Carl", "192.0.2.9")
        await ann.ask(2, SendChat(Channel.LOBBY, "see <b>this</b>"))
        page = await operator.look("/sessions")
        check(page, "console_sessions")
        assert [each["name"] for each in page["sessions"]] == ["Ann", "Bob", "Carl"]
        assert [each["lobby_title"] for each in page["sessions"]] == ["Den", "Attic", ""]
        for text, names in (("192.0.2.9", ["Carl"]), ("ATTIC", ["Bob"]), ("zzz", [])):
            found = await operator.look(f"/sessions?text={text}")
            assert [each["name"] for each in found["sessions"]] == names
        part = await operator.look("/sessions?offset=1&limit=1")
        assert ([each["name"] for each in part["sessions"]], part["total"]) == (["Bob"], 3)
        assert part["next"] == 2
        one = await operator.look(f"/sessions/{page['sessions'][2]['player_id']}")
        check(one, "console_session")
        assert (one["address"], one["transport"]) == ("192.0.2.9", "websocket")
        lobbies = await operator.look("/lobbies?text=bob")
        check(lobbies, "console_lobbies")
        assert [each["summary"]["title"] for each in lobbies["lobbies"]] == ["Attic"]
        den = await operator.look(f"/lobbies/{page['sessions'][0]['lobby_id']}")
        check(den, "console_lobby")
        assert [line["text"] for line in den["chat"] if line["sender"]] == ["see <b>this</b>"]
        assert [member["name"] for member in den["members"]] == ["Ann"]
        await ann.ask(8, SendChat(Channel.GLOBAL, "hello all"))
        said = await operator.look("/chat")
        check(said, "console_chat")
        assert [line["text"] for line in said["lines"]] == ["hello all"]
        await ann.ask(9, StartMatch())
        await trio.sleep(5)
        matches = await operator.look("/matches")
        check(matches, "console_matches")
        (running_match,) = matches["matches"]
        assert (running_match["title"], running_match["players"]) == ("Den", 1)
        inside = await operator.look(f"/matches/{running_match['match_id']}")
        check(inside, "console_match")
        assert [line["name"] for line in inside["scores"]["lines"]] == ["Ann"]
        picture = await operator.look(f"/matches/{running_match['match_id']}/view")
        check(picture, "console_picture")
        assert (picture["width"], picture["height"]) == (16, 16)
        assert any(entity["owner"] == 0 for entity in picture["entities"])
        for path in ("/matches/none/view", "/sessions/nobody", "/lobbies/none", "/matches/none"):
            assert (await operator.call("GET", path, base=ADMIN)).status == 404


async def test_acts_are_done_and_written_down_with_who_and_why(autojump_clock: MockClock) -> None:
    async with overseen(autojump_clock) as running:
        operator = Operator(running)
        ann, bob = await host(running), await running.guest("Bob")
        sessions = (await operator.look("/sessions"))["sessions"]
        ids = {each["name"]: each["player_id"] for each in sessions}
        await bob.ask(1, ReportPlayer(ids["Ann"], "rude"))

        entry = await operator.act(f"/sessions/{ids['Ann']}/rename", "ugly", name="Anna")
        assert entry["details"] == "was Ann"
        entry = await operator.act("/broadcast", text="hello all")
        assert entry["affected"] == 2
        for peer in (ann, bob):
            while (told := await peer.hear_a(NoticeEnvelope)).notice != ServerMessage("hello all"):
                assert told
        reports = await operator.look("/reports")
        check(reports, "console_reports")
        assert (reports["open"], reports["reports"][0]["accused_name"]) == (1, "Ann")
        one = await operator.look("/reports/1")
        check(one, "console_report")
        assert (one["text"], one["reporter_name"], one["lines"]) == ("rude", "Bob", [])
        assert (await operator.call("GET", "/reports/9", base=ADMIN)).code == (400, "bad_params")
        await operator.act("/reports/1/settle", "warned")
        assert (await operator.look("/reports"))["open"] == 0
        await operator.act(f"/lobbies/{sessions[0]['lobby_id']}/close")
        while not isinstance((left := await ann.hear_a(EventEnvelope)).event, LobbyLeft):
            pass
        assert left.event.reason == "closed"
        await operator.act("/sanctions", kind="mute", known_by="name", value=ids["Bob"], seconds=60)
        holding = await operator.look("/sanctions")
        check(holding, "console_sanctions")
        assert [each["shown"] for each in holding["sanctions"]] == ["Bob"]
        await operator.act(f"/sanctions/{holding['sanctions'][0]['number']}/lift")
        assert (await operator.look("/sanctions"))["total"] == 0
        await operator.act(f"/sessions/{ids['Bob']}/kick", "bye")
        goodbye = await bob.hear_a(Goodbye)
        assert (goodbye.code, goodbye.retry_after_s) == ("session.kicked", None)
        assert goodbye.sentence.endswith("Reason: bye")

        page = await operator.look("/audit", x_operator="Nora")
        check(page, "console_audit")
        acts = [(each["act"], each["by"], each["reason"]) for each in page["entries"]]
        assert acts == [
            ("kick", "operator", "bye"),
            ("unmute", "operator", "spam"),
            ("mute", "operator", "spam"),
            ("close-lobby", "operator", "spam"),
            ("settle-report", "operator", "warned"),
            ("broadcast", "operator", "spam"),
            ("rename", "operator", "ugly"),
        ]
        assert (await operator.look("/audit?text=anna"))["total"] == 1


@pytest.mark.parametrize("now", [True, False])
async def test_a_drain_and_a_stop_are_written_down_and_begun(
    now: bool, autojump_clock: MockClock
) -> None:
    async with overseen(autojump_clock, drain_s=600) as running:
        ann = await host(running)
        await ann.ask(2, StartMatch())
        await trio.sleep(5)
        answer = await Operator(running).try_to("/drain", now=now, reason="update")
        assert answer.value["entry"]["act"] == ("stop" if now else "drain")
        await trio.sleep(10)
        assert running.server.stopped.is_set() == now


async def test_only_a_stop_is_taken_while_the_server_drains(autojump_clock: MockClock) -> None:
    async with overseen(autojump_clock, drain_s=600) as running:
        ann = await host(running)
        await ann.ask(2, StartMatch())
        await trio.sleep(5)
        nora, olaf = Operator(running), Operator(running)
        await nora.act("/drain", "update")
        for _ in range(2):  # at once, and when the drain has begun
            assert (await olaf.look("/me"))["draining"]
            answer = await olaf.try_to("/drain", reason="update")
            assert answer.code == (503, "server_stopping")
            await trio.sleep(10)
        assert not running.server.stopped.is_set()
        acts = [each["act"] for each in (await nora.look("/audit"))["entries"]]
        assert acts == ["drain"]
        assert (await olaf.act("/drain", "late", now=True))["act"] == "stop"
        await trio.sleep(10)
        assert running.server.stopped.is_set()


async def test_a_signal_and_an_operator_who_let_the_server_drain_do_not_stop_it(
    autojump_clock: MockClock,
) -> None:
    async with overseen(autojump_clock, drain_s=600) as running:
        ann = await host(running)
        await ann.ask(2, StartMatch())
        await trio.sleep(5)
        operator = Operator(running)
        await operator.act("/drain", "update")
        running.server.drain()  # the signal comes before the operator's drain has begun
        await trio.sleep(10)
        assert not running.server.stopped.is_set()
        assert (await operator.try_to("/drain", reason="x")).code == (503, "server_stopping")


BAN = {"kind": "ban", "known_by": "name", "value": "x", "seconds": 5}


@pytest.mark.parametrize(
    ("path", "fields", "code"),
    [
        ("/sessions/nobody/kick", {}, (404, "player.unknown")),
        ("/sessions/nobody/rename", {"name": "x"}, (404, "player.unknown")),
        ("/lobbies/none/close", {}, (404, "lobby.unknown")),
        ("/sanctions/7/lift", {}, (400, "bad_params")),
        ("/sanctions/x/lift", {}, (400, "bad_params")),
        ("/reports/7/settle", {}, (400, "bad_params")),
        ("/broadcast", {"text": "\u200b"}, (400, "chat.empty")),
        (
            "/sanctions",
            {**BAN, "known_by": "address", "value": "127.0.0.1"},
            (400, "bad_params"),
        ),
        ("/sanctions", {**BAN, "known_by": "session"}, (404, "player.unknown")),
        ("/sanctions", {**BAN, "seconds": 1e300}, (400, "bad_params")),
        ("/sanctions", {**BAN, "kind": "hug"}, (400, "bad_params")),
    ],
)
async def test_an_act_that_does_not_fit_is_refused_and_not_written_down(
    path: str, fields: Any, code: tuple[int, str], autojump_clock: MockClock
) -> None:
    async with overseen(autojump_clock) as running:
        assert (await Operator(running).try_to(path, **fields)).code == code
        assert running.server.hall.parts.state.audit.last == 0


async def test_the_address_of_a_player_on_loopback_cannot_be_banned(
    autojump_clock: MockClock,
) -> None:
    async with overseen(autojump_clock) as running:
        await running.guest("Ann", "127.0.0.1")
        operator = Operator(running)
        (ann,) = (await operator.look("/sessions"))["sessions"]
        answer = await operator.try_to(
            "/sanctions", kind="ban", known_by="address", value=ann["player_id"], seconds=60
        )
        assert answer.code == (400, "bad_params")
        assert "loopback" in answer.value["detail"]
