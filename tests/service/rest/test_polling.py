"""Plain polling: what anybody may read, in the forms that caches and monitors expect."""

from typing import Any

import pytest
import trio
import trio.lowlevel
from trio.testing import MockClock

from gameserver.errors import ConfigError
from gameserver.game.entity import Outcome
from gameserver.ids import LobbyId
from gameserver.messages.lobby import JoinLobby
from gameserver.messages.namespaces import EmitEvent, JoinNamespace
from gameserver.messages.wire import PROTOCOL_VERSION
from gameserver.namespaces import Namespace, Participant, on
from gameserver.service.config.settings import Settings
from gameserver.service.rest.application import BURST
from gameserver.service.rest.kept import MOST
from gameserver.service.server import Server
from gameserver.testing.skirmish import Skirmish
from tests.roads.events.watcher import opened
from tests.service.peers import MAP, serving
from tests.service.rest.caller import Asker

ELSEWHERE = "192.0.2.7"


async def lobby_of(asker: Asker, **config: Any) -> Any:
    form = await asker.done("lobby.form")
    made = await asker.done("lobby.create", config={**form["default"], **config}, password="sesame")
    return made["lobby"]


async def match_of(asker: Asker, **config: Any) -> tuple[Any, str]:
    """Open a lobby and start its match; return the lobby and the match's id."""
    lobby = await lobby_of(asker, **config)
    await asker.done("lobby.start")
    await trio.sleep(4)
    events = (await asker.events())["events"]
    started = [each["fields"] for each in events if each["name"] == "match.started"]
    return lobby, started[0]["match_id"]


async def test_paths_are_found_from_the_first_one(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        asker = Asker(running, "127.0.0.1")
        index = (await asker.get("")).value
        assert (await asker.get("/")).value == index
        for path in index["links"].values():
            assert (await asker.call("GET", path, base="")).status == 200, path
        info = (await asker.get("/info")).value
        assert (info["game"], info["players"], info["protocol"]) == (
            "skirmish",
            0,
            PROTOCOL_VERSION,
        )


async def test_an_answer_that_has_not_changed_is_not_sent_again(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as running:
        asker = Asker(running)
        first = await asker.get("/lobbies")
        tag = first.headers["etag"]
        for shown in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = await asker.get("/lobbies", If_None_Match=shown)
            assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
            assert "content-length" not in again.headers
        await asker.sign_in()
        await lobby_of(asker)
        await trio.sleep(1.1)
        changed = await Asker(running).get("/lobbies", If_None_Match=tag)
        assert (changed.status, len(changed.value["lobbies"])) == (200, 1)


async def test_head_has_the_headers_of_get_and_no_body(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        whole, head = await Asker(running).get("/info"), await Asker(running).call("HEAD", "/info")
        assert head.headers == whole.headers


async def test_what_is_not_there_is_a_problem_with_a_code(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        asker = Asker(running)
        assert (await asker.get("/nothing")).code == (404, "unknown_request")
        assert (await asker.get("/lobbies/l123")).code == (404, "lobby.unknown")
        assert (await asker.get("/matches/m123")).code == (404, "match.unknown")
        assert (await asker.get("/matches/m123/scores")).code == (404, "match.unknown")
        for query in (
            "limit=x",
            "limit=201",
            "limit=-1",
            "offset=99999999999999999999",
            "joinable=2",
        ):
            assert (await asker.get(f"/lobbies?{query}")).code == (400, "bad_params"), query
        wrong = await asker.call("PUT", "/info")
        assert wrong.code == (405, "unknown_request")
        assert wrong.headers["allow"] == "GET, HEAD"
        assert (await asker.call("DELETE", "/session")).headers["allow"] == "POST"


async def test_the_list_of_lobbies_has_parts_and_a_filter(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        for number in range(5):
            asker = Asker(running)
            await asker.sign_in(f"Host{number}")
            await lobby_of(asker, title=f"Room {number}")
        anybody = Asker(running)
        first = (await anybody.get("/lobbies?limit=2")).value
        assert (len(first["lobbies"]), first["total"], first["next"]) == (2, 5, 2)
        last = (await anybody.get("/lobbies?limit=2&offset=4")).value
        assert (len(last["lobbies"]), last["next"]) == (1, None)
        found = (await anybody.get("/lobbies?text=room%203&unknown=1")).value
        assert [each["title"] for each in found["lobbies"]] == ["Room 3"]


async def test_strangers_see_no_codes_and_nothing_of_closed_lobbies(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as running:
        host, anybody = Asker(running), Asker(running)
        await host.sign_in()
        lobby = await lobby_of(host, visibility="public")
        path, code = f"/lobbies/{lobby['lobby_id']}", lobby["invite_code"]
        seen = await anybody.get(path)
        assert seen.value["state"]["members"][0]["name"] == "Nora"
        assert code.encode() not in seen.body
        assert (await host.get(path)).value["state"]["invite_code"] == code
        assert (await anybody.get(f"/lobbies/{code}")).value["lobby"]["lobby_id"] == lobby[
            "lobby_id"
        ]

        config = {**lobby["config"], "visibility": "unlisted"}
        await host.done("lobby.configure", config=config)
        await trio.sleep(1.1)
        assert (await anybody.get(path)).code == (404, "lobby.unknown")
        assert (await anybody.get("/lobbies")).value["lobbies"] == []
        by_code = (await anybody.get(f"/lobbies/{code.lower()}")).value
        assert by_code["state"]["invite_code"] == ""

        config["visibility"] = "password"
        await host.done("lobby.configure", config=config, password="sesame")
        await trio.sleep(1.1)
        assert (await anybody.get(path)).value["state"] is None
        assert (await anybody.get(f"/lobbies/{code}")).value["state"] is None
        assert (await host.get(path)).value["state"] is not None


async def test_invite_codes_cannot_be_guessed(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        guesser = Asker(running, ELSEWHERE)
        codes = [(await guesser.get(f"/lobbies/BCDFG{n % 10}?{n}")).code for n in range(40)]
        assert codes[0] == (404, "lobby.unknown")
        assert codes[-1] == (429, "rate_limited")
        assert 29 <= codes.index(codes[-1]) <= 31


async def test_a_match_is_seen_with_its_scores_until_its_lobby_forgets_it(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as running:
        host, anybody = Asker(running), Asker(running)
        player = await host.sign_in()
        lobby, match_id = await match_of(host)
        (line,) = (await anybody.get("/matches")).value["matches"]
        assert (line["match_id"], line["lobby_id"], line["players"]) == (
            match_id,
            lobby["lobby_id"],
            1,
        )
        seen = (await anybody.get(f"/matches/{match_id}")).value
        assert (seen["phase"], seen["result"]) == ("running", None)
        assert seen["players"][0]["player_id"] == player["player_id"]
        assert seen["tick"] > 0
        await trio.sleep(2)
        scores = (await anybody.get(f"/matches/{match_id}/scores")).value
        assert scores["tick"] > seen["tick"]
        assert (scores["over"], scores["lines"][0]["player_id"]) == (False, player["player_id"])
        running.server.matches.get(match_id).end("stopped")  # type: ignore[union-attr]
        await trio.sleep(2)
        after = (await anybody.get(f"/matches/{match_id}")).value
        assert (after["phase"], after["result"]["reason"]) == ("over", "stopped")
        assert (await anybody.get("/matches")).value["total"] == 0


async def test_the_match_of_an_unlisted_lobby_is_seen_by_its_members_alone(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as running:
        host, other = Asker(running), Asker(running)
        await host.sign_in()
        await other.sign_in("Other")
        _, match_id = await match_of(host, visibility="unlisted")
        assert (await Asker(running).get("/matches")).value["total"] == 0
        for path in (f"/matches/{match_id}", f"/matches/{match_id}/scores"):
            assert (await host.get(path)).status == 200
            assert (await other.get(path)).code == (404, "match.unknown")
            assert (await Asker(running).get(path)).code == (404, "match.unknown")


class Halls(Namespace):
    name = "/halls"

    @on("enter")
    async def enter(self, client: Participant, *rooms: str) -> None:
        for room in rooms:
            client.join(room)


async def test_members_of_namespaces_and_rooms_are_counted_with_those_who_are_away(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, namespaces=[Halls]) as running:
        for name, rooms in (("Ann", ("great", "small")), ("Bob", ("great",)), ("Cid", ())):
            peer = await running.guest(name)
            await peer.ask(1, JoinNamespace("/halls"))
            await peer.ask(2, EmitEvent("/halls", "enter", rooms, ack=True))
            if name == "Ann":
                await peer.websocket.aclose()
        counts = (await Asker(running, "127.0.0.1").get("/connections")).value
        assert counts["by_namespace"] == [
            {"namespace": "/halls", "connected": 2, "away": 1, "rooms": 2}
        ]
        assert counts["by_room"] == [
            {"namespace": "/halls", "room": "great", "connected": 1, "away": 1},
            {"namespace": "/halls", "room": "small", "connected": 0, "away": 1},
        ]
        assert counts["closed"] == {"lost": 1}


async def test_the_fullest_lobbies_are_counted_first(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        ann, bob, cid = [await running.guest(name) for name in ("Ann", "Bob", "Cid")]
        small, full = await opened(ann), await opened(bob)
        await cid.ask(1, JoinLobby(lobby_id=LobbyId(full)))
        counts = (await Asker(running, "127.0.0.1").get("/connections")).value
        assert [(each["lobby_id"], each["connected"]) for each in counts["by_lobby"]] == [
            (full, 2),
            (small, 1),
        ]


async def test_connections_are_counted_for_the_operator_alone(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        guest, asker = await running.guest(), Asker(running)
        await asker.sign_in()
        lobby = await lobby_of(asker)
        local = Asker(running, "127.0.0.1")
        counts = (await local.get("/connections")).value
        assert counts["by_transport"] == counts["opened"] == {"websocket": 1, "rest": 1}
        assert counts["by_lobby"] == [{"lobby_id": lobby["lobby_id"], "connected": 1, "away": 0}]
        await guest.websocket.aclose()
        await trio.sleep(70)
        counts = (await local.get("/connections")).value
        assert counts["open"] == 0
        assert counts["closed"] == {"lost": 1, "silent": 1}
        assert (await Asker(running, ELSEWHERE).get("/connections")).code == (403, "forbidden")
        proxied = await local.get("/connections", X_Forwarded_For=ELSEWHERE)
        assert proxied.code == (403, "forbidden")


async def test_a_stats_token_opens_the_counts(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, stats_token="secret") as running:
        asker = Asker(running, ELSEWHERE)
        assert (await asker.get("/connections")).code == (403, "forbidden")
        asker.token = "secret"
        assert (await asker.get("/connections")).status == 200


async def test_a_stopping_server_is_not_ready(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        asker = Asker(running)
        assert (await asker.get("/ready")).value == {"status": "ok"}
        guest = await running.guest()
        running.server.stop()
        await trio.lowlevel.checkpoint()
        for path in ("/ready", "/health"):
            answer = await asker.get(path)
            assert (answer.status, answer.value) == (503, {"status": "stopping"})
            assert answer.headers["cache-control"] == "no-store"
        await guest.hear_out()


async def test_an_address_asks_so_often_and_no_oftener(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        asker = Asker(running, ELSEWHERE)
        answers = [await asker.get("/info") for _ in range(BURST + 40)]
        assert answers[0].status == 200
        refused = [answer for answer in answers if answer.status != 200]
        assert refused[-1].code == (429, "rate_limited")
        assert refused[-1].headers["retry-after"] == "1"
        assert (await Asker(running, "192.0.2.8").get("/info")).status == 200
        await trio.sleep(1)
        assert (await asker.get("/info")).status == 200


async def test_what_many_ask_is_made_once(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock) as running:
        asker = Asker(running)
        await asker.sign_in()
        _, match_id = await match_of(asker)
        live = running.server.matches.get(match_id)
        assert live is not None
        made, real = [], live.match.standings

        def standings() -> Outcome:
            made.append(True)
            return real()

        monkeypatch.setattr(live.match, "standings", standings)
        for _ in range(20):
            assert (await Asker(running).get(f"/matches/{match_id}/scores")).status == 200
        assert len(made) <= 2


async def test_an_application_is_mounted_where_nothing_else_is() -> None:
    async def app(*_: object) -> None: ...

    for path in ("/api", "/poll", "/sse", "/socket.io", "/", "shop", "/a/b"):
        with pytest.raises(ConfigError, match="no application can be at"):
            Server(Settings(), Skirmish(), {MAP.name: MAP}, http={path: app})
    Server(Settings(), Skirmish(), {MAP.name: MAP}, http={"/shop": app})


async def test_answers_are_kept_up_to_a_number(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        road = running.server._mounted._application
        for number in range(MOST + 10):
            assert (await Asker(running).get(f"/lobbies?text={number}")).status == 200
            assert (await Asker(running).get(f"/info?{number}")).status == 200
        assert len(road._made._kept) == len(road._at_hand._kept) == MOST


async def test_an_answer_at_hand_needs_no_route(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock) as running:
        first = await Asker(running).get("/info?x=1")
        road = running.server._mounted._application.asgi
        monkeypatch.setattr(road, "answer", None)
        again = await Asker(running).get("/info?x=1")
        assert (again.headers, again.body) == (first.headers, first.body)
        tag = first.headers["etag"]
        assert (await Asker(running).get("/info?x=1", If_None_Match=tag)).status == 304
        monkeypatch.undo()
        await trio.sleep(1.1)
        await running.guest()
        assert (await Asker(running).get("/info?x=1")).value["players"] == 1


async def test_only_the_host_is_shown_who_is_banned(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        host, member, banned = (Asker(running) for _ in range(3))
        await host.sign_in("Nora")
        await member.sign_in("Sam")
        eve = await banned.sign_in("Eve")
        lobby_id = (await lobby_of(host))["lobby_id"]
        for each in (member, banned):
            await each.done("lobby.join", lobby_id=lobby_id, password="sesame")
        await host.done("lobby.ban", player_id=eve["player_id"])
        shown = [(await each.get(f"/lobbies/{lobby_id}")).value["state"] for each in (host, member)]
        assert [state["banned"] for state in shown] == [["Eve"], []]
