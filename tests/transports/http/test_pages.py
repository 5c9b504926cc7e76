"""Health checks in the very bytes that proxies and monitors send, and pages for people."""

import h11
import pytest

from gameserver.transports.answers import HttpAnswer, PageRequest
from gameserver.transports.http.opening import OpeningReader
from gameserver.transports.settings import ListenSettings

seen: list[PageRequest] = []


def remember(request: PageRequest) -> HttpAnswer:
    seen.append(request)
    return HttpAnswer(200, "ok")


SETTINGS = ListenSettings(pages={"/health": remember, "/metrics": remember})


def answer(head: bytes, address: str = "") -> HttpAnswer:
    found = OpeningReader(SETTINGS, address).feed(head)
    assert isinstance(found, HttpAnswer), found
    return found


def lines(*head: str) -> bytes:
    return "\r\n".join([*head, "", ""]).encode("latin-1")


CHECKS = {
    "HAProxy, option httpchk": lines("OPTIONS / HTTP/1.0"),
    "HAProxy, old form with a path": lines("GET /health HTTP/1.0"),
    "HAProxy, http-check send": lines("GET /health HTTP/1.1", "host: gameserver"),
    "HAProxy, HEAD": lines("HEAD / HTTP/1.0"),
    "curl": lines("GET /health HTTP/1.1", "Host: a:7777", "User-Agent: curl/8.5.0", "Accept: */*"),
    "curl -I": lines("HEAD / HTTP/1.1", "Host: a:7777", "User-Agent: curl/8.5.0", "Accept: */*"),
    "curl --http2": lines(
        "GET / HTTP/1.1", "Host: a", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
        "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA",
    ),
    "kubelet": lines(
        "GET /health HTTP/1.1", "Host: 10.1.2.3:7777", "User-Agent: kube-probe/1.31",
        "Accept: */*", "Connection: close",
    ),
    "ELB": lines(
        "GET / HTTP/1.1", "Host: 10.0.0.5:7777", "Connection: close",
        "User-Agent: ELB-HealthChecker/2.0", "Accept-Encoding: gzip, compressed",
    ),
    "Google": lines(
        "GET /health HTTP/1.1", "Host: 10.0.0.5", "User-Agent: GoogleHC/1.0",
        "Connection: Keep-alive",
    ),
    "Envoy": lines("GET /health HTTP/1.1", "host: outbound|7777||game.svc", "user-agent: Envoy/HC"),
    "Varnish": lines("GET / HTTP/1.1", "Host: 127.0.0.1", "Connection: close"),
    "Nagios, without a host": lines(
        "GET / HTTP/1.0", "User-Agent: check_http/v2.3.3 (monitoring-plugins 2.3.3)",
        "Connection: close",
    ),
    "nginx in front": lines("GET /health HTTP/1.0", "Host: backend", "Connection: close"),
    "wget --spider": lines(
        "HEAD /health HTTP/1.1", "Host: a:7777", "User-Agent: Wget/1.21.3", "Accept: */*",
        "Accept-Encoding: identity", "Connection: Keep-Alive",
    ),
    "a proxy's absolute form": lines("GET http://a:7777/health?x=1 HTTP/1.1", "Host: a:7777"),
    "with a slash behind": lines("GET /health/ HTTP/1.1", "Host: a"),
    "asterisk form": lines("OPTIONS * HTTP/1.1", "Host: a"),
    "a name that is none": lines("GET /health HTTP/1.1", "Host: g\xe4me"),
}  # fmt: skip


@pytest.mark.parametrize("check", CHECKS)
def test_every_kind_of_health_check_is_answered_with_ok(check: str) -> None:
    head = CHECKS[check]
    found = answer(head)
    assert found.status == 200
    client = h11.Connection(h11.CLIENT)
    method = head.split(b" ", 1)[0]
    client.send(h11.Request(method=method, target="/", headers=[("Host", "a")]))
    client.send(h11.EndOfMessage())
    client.receive_data(found.encode())
    client.receive_data(b"")
    response, *rest = iter(client.next_event, h11.ConnectionClosed())
    assert isinstance(response, h11.Response)
    body = b"".join(bytes(each.data) for each in rest if isinstance(each, h11.Data))
    assert bool(body) is (method == b"GET")
    assert isinstance(rest[-1], h11.EndOfMessage)


@pytest.mark.parametrize(
    ("head", "status", "words"),
    [
        (lines("GET /healthz HTTP/1.1", "Host: a"), 404, "there are /, /health, /metrics"),
        (lines("OPTIONS /nothing HTTP/1.1", "Host: a"), 404, "no such page"),
        (lines("POST / HTTP/1.1", "Host: a", "Content-Length: 2") + b"{}", 405, "GET, HEAD"),
        (lines("DELETE /health HTTP/1.1", "Host: a"), 405, "GET, HEAD"),
        (lines("TRACE / HTTP/1.1", "Host: a"), 405, "GET, HEAD"),
        (lines("CONNECT a:1 HTTP/1.1", "Host: a"), 404, "no such page"),
        (lines("GET http://[::1 HTTP/1.1", "Host: a"), 404, "no such page"),
        (lines("GET / HTTP/1.1"), 400, "no HTTP request"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "no HTTP request"),
        (b"GET /\r\n\r\n", 400, "no HTTP request"),
    ],
)
def test_invalid_requests_for_pages_get_a_status_and_a_sentence(
    head: bytes, status: int, words: str
) -> None:
    found = answer(head)
    assert (found.status, words in found.sentence) == (status, True), found
    assert (("Allow", "GET, HEAD, OPTIONS") in found.headers) is (status == 405)


def test_a_page_gets_address_token_and_origin_of_its_request() -> None:
    seen.clear()
    shown = ("Authorization: Bearer hush", "Origin: http://evil.example")
    answer(lines("GET /metrics?a=b HTTP/1.1", "Host: game.example:7777", *shown), "192.0.2.1")
    answer(lines("GET /metrics HTTP/1.0", "Authorization: Basic aHVzaA=="), "127.0.0.1")
    assert seen == [
        PageRequest("/metrics", "192.0.2.1", "game.example:7777", "hush", from_page=True),
        PageRequest("/metrics", "127.0.0.1"),
    ]
