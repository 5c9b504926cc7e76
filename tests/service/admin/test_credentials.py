"""Who gets in: the secret, the cookie, the token against cross-site requests, and nobody else."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.service.admin import credentials
from gameserver.service.admin.credentials import (
    COOKIE,
    GUESSES,
    GUESSES_PER_S,
    SESSION_S,
    SESSIONS,
    SLOW_S,
)
from gameserver.service.admin.operations import ADMIN_OPERATIONS, OPEN
from gameserver.service.admin.rights import MAY, Right, Role
from gameserver.service.admin.road import BURST
from gameserver.transports.http.headers import HeaderFields
from gameserver.transports.http.requests import HttpRequest
from tests.service.admin.desk import ADMIN, SECRET, Operator, overseen
from tests.service.peers import Running, serving
from tests.service.rest.caller import Answer, Asker

WRONG = "guess-guess-guess-1"


def routes_of(running: Running) -> list[Any]:
    """Return the routes that the server really has, whatever the table says."""
    console = running.server.console
    assert console is not None
    return list(console._road.starlette.routes)


def filled(path: str) -> str:
    return re.sub(r"\{number\}", "1", re.sub(r"\{(player|lobby|match)\}", "x", path))


async def signed_in(operator: Operator, **more: str) -> tuple[str, str]:
    """Sign in by the form; return the cookie and the token."""
    operator.token = ""
    answer = await operator.try_to("/sign-in", secret=SECRET, **more)
    assert answer.status == 200, answer
    cookie = answer.headers["set-cookie"].partition(";")[0]
    return cookie, answer.value["csrf"]


@pytest.mark.parametrize(
    "shown", ["", "Bearer wrong-wrong-wrong-wrong", "Basic b3A6b3A=", "cookie"]
)
async def test_every_route_is_refused_without_credentials(
    shown: str, autojump_clock: MockClock
) -> None:
    async with overseen(autojump_clock) as running:
        routes = routes_of(running)
        assert len(routes) == len(ADMIN_OPERATIONS)
        stranger = Asker(running, "203.0.113.4")
        headers = {"cookie": f"{COOKIE}={'0' * 64}"} if shown == "cookie" else {}
        headers = {"authorization": shown} if shown and not headers else headers
        for route in routes:
            for method in route.methods - {"HEAD"}:
                path = filled(route.path)
                answer = await stranger.call(method, path, {}, base="", **headers)
                wrong_form = path.endswith("/sign-in") and answer.status == 400
                assert wrong_form or answer.status in (401, 429), (method, path, answer)
                await trio.sleep(11.0)  # else the limit on guesses answers
        assert running.server.hall.parts.state.audit.last == 0


async def test_a_route_has_a_right_unless_it_is_about_oneself() -> None:
    free = {each.name for each in ADMIN_OPERATIONS if each.right is None}
    assert free == {OPEN, "console_sign_out", "console_me"}


async def test_a_reader_may_read_figures_and_nothing_else(autojump_clock: MockClock) -> None:
    async with overseen(autojump_clock, stats_token="token-of-figures") as running:
        reader = Operator(running, "token-of-figures")
        for operation in ADMIN_OPERATIONS:
            path = filled(operation.path)
            answer = await reader.call(operation.method, path, {}, base=ADMIN)
            if operation.right is Right.FIGURES or operation.name == "console_me":
                assert answer.status == 200, operation
            elif operation.right is not None:
                assert answer.code == (403, "forbidden"), operation
        assert MAY[Role.READER] == {Right.FIGURES}
        assert MAY[Role.OPERATOR] == set(Right)


@pytest.mark.parametrize("path", sorted({filled(each.path) for each in ADMIN_OPERATIONS}))
async def test_without_a_secret_there_is_no_console(path: str, autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        for method in ("GET", "POST"):
            answer = await Operator(running).call(method, path, base=ADMIN)
            assert answer.code in ((404, "unknown_request"), (405, "unknown_request"))
        assert (await Asker(running).call("GET", "/console", base="")).status == 404


async def test_the_form_gives_a_cookie_that_scripts_and_other_sites_cannot_use(
    autojump_clock: MockClock,
) -> None:
    async with overseen(autojump_clock) as running:
        operator = Operator(running, secret="")
        answer = await operator.try_to("/sign-in", secret=SECRET, name="Nora")
        attributes = answer.headers["set-cookie"].split("; ")[1:]
        assert attributes == [
            "Path=/api/v1/admin",
            f"Max-Age={SESSION_S:.0f}",
            "HttpOnly",
            "SameSite=Strict",
        ]
        assert answer.headers["cache-control"] == "no-store"
        assert SECRET not in answer.body.decode()
        assert answer.value["name"] == "Nora"
        cookie = answer.headers["set-cookie"].partition(";")[0]
        me = await operator.look("/me", cookie=cookie)
        assert (me["name"], me["role"], me["csrf"]) == ("Nora", "operator", answer.value["csrf"])


async def test_a_cookie_of_a_page_by_https_is_sent_by_tls_alone(
    autojump_clock: MockClock,
) -> None:
    async with overseen(autojump_clock) as running:
        operator = Operator(running, secret="", address="127.0.0.1")
        answer = await operator.call(
            "POST", "/sign-in", {"secret": SECRET}, base=ADMIN, origin="https://localhost"
        )
        assert answer.headers["set-cookie"].endswith("; SameSite=Strict; Secure")


async def test_an_act_with_the_cookie_needs_the_token(autojump_clock: MockClock) -> None:
    async with overseen(autojump_clock) as running:
        operator = Operator(running)
        cookie, csrf = await signed_in(operator)

        async def tell(**headers: str) -> Answer:
            return await operator.call(
                "POST", "/broadcast", {"text": "hi"}, base=ADMIN, cookie=cookie, **headers
            )

        assert (await tell()).code == (403, "forbidden")
        assert (await tell(x_csrf_token="0" * 64)).code == (403, "forbidden")
        assert (await tell(x_csrf_token=csrf)).status == 200
        other = Operator(running)
        _, others = await signed_in(other)
        assert (await tell(x_csrf_token=others)).code == (403, "forbidden")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "https://friend.example"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
async def test_pages_of_other_origins_get_nothing_even_those_that_may_play(
    headers: dict[str, str], autojump_clock: MockClock
) -> None:
    async with overseen(autojump_clock, allow_origin=["https://friend.example"]) as running:
        operator = Operator(running)
        answer = await operator.call("GET", "/me", base=ADMIN, **headers)
        assert answer.code == (403, "forbidden")
        secret = {"secret": SECRET}
        operator.token = ""
        answer = await operator.call("POST", "/sign-in", secret, base=ADMIN, **headers)
        assert answer.code == (403, "forbidden")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "http://localhost:7777"}, 200),
        ({"origin": "HTTP://LOCALHOST:7777"}, 200),
        ({"origin": "https://friend.example"}, 403),
        ({"origin": "http://localhost:7778"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost:7777.evil.example"}, 403),
        ({"origin": "http://[localhost:7777"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)
async def test_only_the_consoles_own_pages_may_ask_whomever_the_game_lets_in(
    headers: dict[str, str], status: int, autojump_clock: MockClock
) -> None:
    async with overseen(autojump_clock) as running:
        console = running.server.console
        assert console is not None
        sent = {"host": "localhost:7777", "authorization": f"Bearer {SECRET}", **headers}
        fields = HeaderFields((name.encode(), value.encode()) for name, value in sent.items())
        request = HttpRequest("GET", "/api/v1/admin/me", "", fields, b"", "192.0.2.1")
        assert (await console._road.answer(request)).status == status


async def test_a_sign_out_and_the_time_end_a_session(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "SESSION_S", 600.0)
    async with overseen(autojump_clock) as running:
        operator = Operator(running)
        first, csrf = await signed_in(operator)
        second, _ = await signed_in(operator)
        answer = await operator.call(
            "POST", "/sign-out", {}, base=ADMIN, cookie=first, x_csrf_token=csrf
        )
        assert "Max-Age=0" in answer.headers["set-cookie"]
        refused = await operator.call("GET", "/me", base=ADMIN, cookie=first)
        assert refused.code == (401, "session.token_unknown")
        await operator.look("/me", cookie=second)
        await trio.sleep(601.0)
        refused = await operator.call("GET", "/me", base=ADMIN, cookie=second)
        assert refused.code == (401, "session.token_unknown")


async def test_another_secret_holds_at_once_and_signs_everybody_out(
    autojump_clock: MockClock,
) -> None:
    async with overseen(autojump_clock) as running:
        operator = Operator(running)
        cookie, _ = await signed_in(operator)
        console = running.server.console
        assert console is not None
        operator.token = ""
        with capture_logs() as lines:
            console.change_secret(SECRET)  # the same one: nobody is signed out
            assert lines == []
            assert (await operator.call("GET", "/me", base=ADMIN, cookie=cookie)).status == 200
            console.change_secret("wrong-horse-battery")
        assert [line["event"] for line in lines] == ["console secret changed"]
        assert "horse" not in str(lines)
        answer = await operator.call("GET", "/me", base=ADMIN, cookie=cookie)
        assert answer.code == (401, "session.token_unknown")
        answer = await Operator(running).call("GET", "/me", base=ADMIN)
        assert answer.code == (401, "session.token_unknown")
        assert (await Operator(running, "wrong-horse-battery").look("/me"))["role"] == "operator"


async def test_the_browser_that_signed_in_first_makes_room(autojump_clock: MockClock) -> None:
    async with overseen(autojump_clock) as running:
        operator = Operator(running)
        first, _ = await signed_in(operator)
        second, _ = await signed_in(operator)
        for _ in range(SESSIONS - 1):
            await signed_in(operator)
            await trio.sleep(0.1)
        refused = await operator.call("GET", "/me", base=ADMIN, cookie=first)
        assert refused.code == (401, "session.token_unknown")
        await operator.look("/me", cookie=second)


def by_form(guesser: Operator) -> Callable[[str], Awaitable[Answer]]:
    async def guess(secret: str) -> Answer:
        guesser.token = ""
        return await guesser.try_to("/sign-in", secret=secret)

    return guess


def by_header(guesser: Operator) -> Callable[[str], Awaitable[Answer]]:
    async def guess(secret: str) -> Answer:
        asker = Operator(guesser.running, secret, guesser.address)
        return await asker.call("GET", "/me", base=ADMIN)

    return guess


@pytest.mark.parametrize("address", ["203.0.113.4", ""])
@pytest.mark.parametrize("way", [by_form, by_header])
async def test_wrong_secrets_slow_their_address_also_loopback_and_refuse_no_right_one(
    address: str,
    way: Callable[[Operator], Callable[[str], Awaitable[Answer]]],
    autojump_clock: MockClock,
) -> None:
    async with overseen(autojump_clock) as running:
        guess = way(Operator(running, "", address))
        with capture_logs() as lines:
            began = trio.current_time()
            for _ in range(GUESSES):
                assert (await guess(WRONG)).code == (401, "session.token_unknown")
            assert trio.current_time() - began < 0.5
            for _ in range(20):
                began = trio.current_time()
                assert (await guess(WRONG)).code == (401, "session.token_unknown")
                took_wrong = trio.current_time() - began
            began = trio.current_time()
            assert (await guess(SECRET)).status == 200
            took_right = trio.current_time() - began
        assert took_wrong == pytest.approx(SLOW_S, abs=0.2)  # neither tells earlier than the other
        assert took_right == pytest.approx(SLOW_S, abs=0.2)
        assert any(line["event"] == "console refused" for line in lines)
        assert WRONG not in str(lines)
        began = trio.current_time()
        assert (await Operator(running, address="203.0.113.200").look("/me"))["name"] == "operator"
        assert trio.current_time() - began < 0.2
        await trio.sleep(1.2 / GUESSES_PER_S)
        began = trio.current_time()
        assert (await guess(SECRET)).status == 200
        assert trio.current_time() - began < 0.2


@pytest.mark.parametrize("way", [by_form, by_header])
async def test_guesses_at_the_same_time_are_as_slow_as_guesses_in_a_row(
    way: Callable[[Operator], Callable[[str], Awaitable[Answer]]], autojump_clock: MockClock
) -> None:
    async with overseen(autojump_clock) as running:
        began, took = trio.current_time(), list[float]()

        async def guess() -> None:
            answer = await way(Operator(running, "", "203.0.113.4"))(WRONG)
            assert answer.status == 401
            took.append(trio.current_time() - began)

        async with trio.open_nursery() as nursery:
            for _ in range(24):
                nursery.start_soon(guess)
        assert sum(each < SLOW_S for each in took) == GUESSES


@pytest.mark.parametrize("path", ["/me", "/nothing-here"])
async def test_a_flood_of_an_address_refuses_no_secret_and_no_browser_that_is_signed_in(
    path: str, autojump_clock: MockClock
) -> None:
    async with overseen(autojump_clock) as running:
        browser = Operator(running)
        cookie, csrf = await signed_in(browser)
        stranger = Operator(running, "")
        answers = [await stranger.call("GET", path, base=ADMIN) for _ in range(2 * BURST)]
        assert answers[-1].code == (429, "rate_limited")
        await browser.look("/me", cookie=cookie)
        text = {"text": "hi"}
        told = await browser.call(
            "POST", "/broadcast", text, base=ADMIN, cookie=cookie, x_csrf_token=csrf
        )
        assert told.status == 200
        assert (await stranger.call("GET", path, base=ADMIN)).code == (429, "rate_limited")
        began = trio.current_time()
        await Operator(running).look("/me")
        assert trio.current_time() - began == pytest.approx(SLOW_S, abs=0.2)
        again = [await stranger.call("GET", path, base=ADMIN) for _ in range(2 * BURST)]
        assert again[-1].code == (429, "rate_limited")
        await signed_in(Operator(running))


async def test_requests_of_a_browser_are_limited_and_those_of_a_secret_slowed(
    autojump_clock: MockClock,
) -> None:
    async with overseen(autojump_clock) as running:
        operator = Operator(running)
        cookie, _ = await signed_in(operator)
        answers = [await operator.call("GET", "/me", base=ADMIN, cookie=cookie) for _ in range(120)]
        assert answers[0].status == 200
        assert answers[-1].code == (429, "rate_limited")
        began = trio.current_time()
        for _ in range(BURST + 20):
            await Operator(running).look("/me")
        assert trio.current_time() - began >= SLOW_S


async def test_what_is_too_large_or_odd_is_refused(autojump_clock: MockClock) -> None:
    async with overseen(autojump_clock) as running:
        operator = Operator(running)
        for body, code in (
            (b"x" * 5000, 413),
            (b"[" * 3000, 400),
            (b"[]", 400),
            (b'{"text": 3}', 400),
            (b'{"text": "x", "more": 1}', 400),
            (b"\xff\xfe", 400),
        ):
            answer = await operator.call("POST", "/broadcast", body, base=ADMIN)
            assert answer.status == code, (body[:20], answer)
        assert running.server.hall.parts.state.audit.last == 0


async def test_the_name_in_the_log_is_clean_and_short(autojump_clock: MockClock) -> None:
    async with overseen(autojump_clock) as running:
        operator = Operator(running)
        me = await operator.look("/me", x_operator="N" + "o" * 90)
        assert me["name"] == "N" + "o" * 23
