"""Requests by POST with a token: a session without a connection, and one that has one."""

from typing import Any

import pytest
import trio
from trio.testing import MockClock

from gameserver.messages.chat import ChatSaid
from gameserver.messages.match import EnterMatch
from gameserver.messages.wire import EventEnvelope, ResultEnvelope, Snapshot
from gameserver.roads.spoken import decode_token, encode_token
from gameserver.service.rest.leases import LEASE_S, UNREAD
from tests.service.peers import serving
from tests.service.rest.caller import Asker
from tests.service.rest.test_polling import ELSEWHERE, lobby_of


async def test_a_session_is_made_asked_with_and_ended(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        asker = Asker(running)
        signed_in = await asker.sign_in()
        assert (signed_in["player_name"], signed_in["resumed"]) == ("Nora", False)
        assert await asker.done("session.rename", player_name="Ida") == {"player_name": "Ida"}
        await asker.done("session.sign_out")
        assert (await asker.ask("server.info")).code == (401, "session.token_unknown")


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("no.such", {}, (404, "unknown_request")),
        ("lobby.join", {"code": "NOSUCH"}, (404, "lobby.unknown")),
        ("lobby.join", {"code": 3}, (400, "bad_params")),
        ("lobby.join", {"other": 3}, (400, "bad_params")),
        ("lobby.leave", {}, (409, "lobby.not_in")),
        ("lobby.leave", b"[]", (400, "bad_params")),
        ("lobby.leave", b"{", (400, "bad_message")),
        ("lobby.leave", b"[" * 5000, (400, "bad_message")),
        ("chat.send", {"channel": "global", "text": "x" * 9000}, (413, "too_large")),
        ("server.stats", {"token": "wrong"}, (403, "forbidden")),
        ("match.enter", {}, (404, "unknown_request")),
    ],
)
async def test_a_wrong_request_is_refused_as_on_a_connection(
    name: str, body: Any, code: tuple[int, str], autojump_clock: MockClock
) -> None:
    async with serving(autojump_clock) as running:
        asker = Asker(running, ELSEWHERE)
        await asker.sign_in()
        assert (await asker.call("POST", f"/requests/{name}", body)).code == code
        assert (await asker.ask("server.info")).status == 200


async def test_a_body_that_is_too_long_is_refused(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        assert (await Asker(running).call("POST", "/session", b" " * 20_000)).status == 413


async def test_without_a_token_or_with_a_wrong_one_nothing_is_done(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as running:
        for token in ("", "x", "xx", "AAAAAAAAAAAAAAAAAAAAAA"):
            answer = await Asker(running, token=token).ask("server.info")
            assert answer.status in (400, 401), token
            assert answer.status == 400 or answer.headers["www-authenticate"] == "Bearer"


async def test_too_many_requests_are_told_how_long_to_wait(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        asker = Asker(running)  # loopback: no limit of the address, the session's own
        await asker.sign_in()
        answers = [await asker.ask("lobby.leave") for _ in range(70)]
        assert answers[0].code == (409, "lobby.not_in")
        assert answers[-1].code == (429, "rate_limited")
        assert answers[-1].headers["retry-after"] == "1"


async def test_events_are_polled_each_until_it_is_acknowledged(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        asker, other = Asker(running), await running.guest("Bob")
        await asker.sign_in()
        await lobby_of(asker)
        first = await asker.events()
        assert first["events"][0]["name"] == "lobby.changed"
        assert first["last"] == first["events"][-1]["number"]
        assert await asker.events() == first
        after = await asker.events(first["last"])
        assert after == {"events": [], "last": first["last"], "missed": False}
        assert await asker.events() == {"events": [], "last": first["last"], "missed": False}
        await asker.done("chat.send", channel="global", text="hello")
        (said,) = (await asker.events(first["last"]))["events"]
        assert (said["number"], said["fields"]["line"]["text"]) == (first["last"] + 1, "hello")
        heard = await other.hear_a(EventEnvelope)
        assert isinstance(heard.event, ChatSaid)


async def test_the_session_of_a_connection_stays_there(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        peer = await running.dial()
        welcome = await peer.sign_in("Ann")
        asker = Asker(running, token=encode_token(welcome.token))
        await asker.done("chat.send", channel="global", text="by post")
        heard = await peer.hear_a(EventEnvelope)
        assert heard.event.line.text == "by post"
        # The poster gets no answer that the connection asked for, and acknowledges nothing for it.
        assert [each["number"] for each in (await asker.events())["events"]] == [heard.number]
        assert (await asker.events(heard.number))["events"] == []
        assert len((await asker.events())["events"]) == 1
        await trio.sleep(5)
        await asker.done("server.info")
        counts = (await Asker(running, "127.0.0.1").get("/connections")).value
        assert counts["by_transport"] == {"websocket": 1}


async def test_a_session_without_a_request_is_away_and_comes_back_with_one(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as running:
        asker, anybody = Asker(running), Asker(running)
        await asker.sign_in()
        lobby = await lobby_of(asker)
        path = f"/lobbies/{lobby['lobby_id']}"
        for _ in range(3):
            await trio.sleep(LEASE_S - 5)
            await asker.done("server.info")
        assert (await anybody.get(path)).value["state"]["members"][0]["connected"]
        await trio.sleep(LEASE_S + 5)
        assert not (await anybody.get(path)).value["state"]["members"][0]["connected"]
        await asker.done("server.info")
        await trio.sleep(1.1)
        assert (await anybody.get(path)).value["state"]["members"][0]["connected"]
        await trio.sleep(LEASE_S + 40)
        assert (await anybody.get(path)).status == 404
        await trio.sleep(120)
        assert (await asker.ask("server.info")).code == (401, "session.token_unknown")


async def test_a_session_moves_between_polling_and_a_connection(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as running:
        asker, peer = Asker(running), await running.dial()
        signed_in = await asker.sign_in()
        await lobby_of(asker)
        welcome = await peer.sign_in("", token=decode_token(asker.token))
        assert (welcome.player_id, welcome.resumed) == (signed_in["player_id"], True)
        assert (await peer.hear()).event.name == "lobby.changed"
        await trio.sleep(2)
        counts = (await Asker(running, "127.0.0.1").get("/connections")).value
        assert counts["by_transport"] == {"websocket": 1}
        await peer.websocket.aclose()
        await trio.sleep(1)
        again = await asker.call("POST", "/session", {"token": asker.token})
        assert (again.status, again.value["resumed"]) == (200, True)
        assert again.value["player_id"] == signed_in["player_id"]
        counts = (await Asker(running, "127.0.0.1").get("/connections")).value
        assert counts["by_transport"] == {"rest": 1}


async def test_a_token_that_a_request_used_ends_no_newer_one(autojump_clock: MockClock) -> None:
    """A welcome that was lost with its connection may still arrive: its token must be good."""
    async with serving(autojump_clock) as running:
        peer = await running.dial()
        old = (await peer.sign_in("Ann")).token
        asker = Asker(running, token=encode_token(old))
        await asker.done("server.info")
        second = await running.dial()
        new = (await second.sign_in("", token=old)).token
        await second.websocket.aclose()
        await trio.sleep(1)
        await asker.events()
        await trio.sleep(LEASE_S)
        assert (await Asker(running, token=encode_token(new)).ask("server.info")).status == 200


async def test_events_that_nobody_reads_are_let_go(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        asker, talker = Asker(running), await running.guest("Bob")
        await asker.sign_in()
        sessions = running.server.hall.parts.state.sessions.values()
        session = next(each for each in sessions if each.name == "Nora")
        for number in range(UNREAD + 20):
            await trio.sleep(4)
            await asker.done("chat.send", channel="global", text=str(number))
        await trio.sleep(2)
        assert len(session.stream) == UNREAD
        page = await asker.events()
        assert page["missed"]
        assert page["events"][0]["number"] == session.stream.last - UNREAD + 1
        await talker.websocket.aclose()


async def test_polling_sessions_count_as_connections(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        leases = running.server._mounted.leases
        places = [leases._admitted(ELSEWHERE) for _ in range(256)]
        refused = await Asker(running, ELSEWHERE).call("POST", "/session", {"name": "Nora"})
        assert refused.status == 503
        places.pop().close()
        places.pop().close()
        await Asker(running, ELSEWHERE).sign_in()


async def test_a_request_begins_no_snapshots_on_the_connection(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        peer = await running.dial()
        welcome = await peer.sign_in("Ann")
        asker = Asker(running, token=encode_token(welcome.token))
        await lobby_of(asker)
        await asker.done("lobby.start")
        while (event := (await peer.hear_a(EventEnvelope)).event).name != "match.started":
            pass
        answer = await asker.ask("match.enter", match_id=event.match_id)
        assert answer.code == (404, "unknown_request")
        entered = await peer.ask(1, EnterMatch(event.match_id))
        assert isinstance(entered, ResultEnvelope)
        assert not [each for each in peer.heard if isinstance(each, Snapshot)]


async def test_a_new_token_that_a_request_brings_ends_the_earlier_one(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as running:
        peer, second = await running.dial(), await running.dial()
        old = (await peer.sign_in("Ann")).token
        await Asker(running, token=encode_token(old)).done("server.info")
        new = (await second.sign_in("", token=old)).token
        await Asker(running, token=encode_token(new)).done("server.info")
        answer = await Asker(running, token=encode_token(old)).ask("server.info")
        assert answer.code == (401, "session.token_unknown")


async def test_pages_of_other_origins_read_and_ask_nothing(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        asker = Asker(running)
        evil = {"Origin": "https://evil.example"}
        assert (await asker.call("POST", "/session", {"name": "Eve"}, **evil)).status == 403
        assert (await asker.get("/info", **evil)).status == 403
        own = await asker.get("/info", Origin="http://localhost")
        assert own.headers["access-control-allow-origin"] == "http://localhost"
        assert "ETag" in own.headers["access-control-expose-headers"]
