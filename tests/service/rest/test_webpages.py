"""The browser client's files on the game's port: who gets them, how, and with which headers."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
import zstandard
from trio.testing import MockClock

from gameserver.service.rest import webpages
from gameserver.service.rest.webpages import WebPages, read_pages
from gameserver.transports import Guard, ListenSettings
from tests.transports.harness import Bytes, echo
from tests.transports.polling.poller import Caller

PAGE = b"<!doctype html><title>Arena</title>"
SCRIPT = b"console.log('arena');" * 50


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {"index.html": PAGE, "web/main-1a2b.js": SCRIPT, "web/notes.txt": b"none of ours"}
    for name, data in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        if path.suffix != ".txt":
            Path(f"{path}.gz").write_bytes(gzip.compress(data))
            Path(f"{path}.zst").write_bytes(zstandard.compress(data))
    return tmp_path


@asynccontextmanager
async def served(folder: Path, settings: ListenSettings | None = None) -> AsyncIterator[Caller]:
    """Serve a folder's pages over a stream in memory."""
    roads = WebPages(read_pages(folder), trio.current_time).roads
    guard = Guard(settings or ListenSettings(), echo, Bytes(), roads=roads)
    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(guard.serve, theirs, "192.0.2.1")
        yield Caller(ours)
        nursery.cancel_scope.cancel()


def get(path: str = "/", *headers: str, host: str = "localhost", method: str = "GET") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


HTML = "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("path", ["/", "/join/ABC234", "/?from=chat"])
async def test_a_browser_gets_the_page_with_a_policy_that_allows_nothing_inline(
    folder: Path, path: str
) -> None:
    async with served(folder) as caller:
        status, headers, content = await caller.call(get(path, HTML))
        assert (status, content) == (200, PAGE)
        assert headers["content-type"] == "text/html; charset=utf-8"
        assert headers["cache-control"] == "no-cache"
        assert headers["x-content-type-options"] == "nosniff"
        assert "Accept" in headers["vary"]
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert "frame-ancestors 'none'" in policy
        assert not any(word in policy for word in ("unsafe", "http", "data:", "*"))


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/plain;q=0.5"])
async def test_a_program_gets_the_greeting_as_before(folder: Path, accept: str) -> None:
    async with served(folder) as caller:
        status, headers, content = await caller.call(get("/", f"Accept: {accept}"))
        assert (status, headers["content-type"]) == (200, "text/plain; charset=utf-8")
        assert b"This is a gameserver" in content


async def test_a_check_by_options_or_head_is_answered_as_before(folder: Path) -> None:
    for method in ("OPTIONS", "HEAD"):
        async with served(folder) as caller:
            await caller.stream.send_all(get(method=method))
            assert bytes(await caller.stream.receive_some()).startswith(b"HTTP/1.1 200 ")


async def test_without_built_pages_a_browser_gets_the_greeting(tmp_path: Path) -> None:
    async with served(tmp_path) as caller:
        status, _, content = await caller.call(get("/", HTML))
        assert status == 200
        assert b"This is a gameserver" in content


@pytest.mark.parametrize(
    ("taken", "coding"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "gzip"),
        ("zstd;q=0, gzip;q=0.5", "gzip"),
        ("br", ""),
    ],
)
async def test_the_smallest_coding_that_is_taken_is_sent(
    folder: Path, taken: str, coding: str
) -> None:
    async with served(folder) as caller:
        status, headers, content = await caller.call(
            get("/web/main-1a2b.js", f"Accept-Encoding: {taken}")
        )
        assert status == 200
        assert headers.get("content-encoding", "") == coding
        whole = zstandard.decompress(content) if coding == "zstd" else content
        assert (gzip.decompress(content) if coding == "gzip" else whole) == SCRIPT
        assert headers["content-type"] == "text/javascript; charset=utf-8"
        assert headers["cache-control"] == "public, max-age=31536000, immutable"
        assert headers["cross-origin-resource-policy"] == "same-origin"


async def test_what_a_browser_has_already_is_not_sent_again(folder: Path) -> None:
    async with served(folder) as caller:
        for path, more in (("/", HTML), ("/web/main-1a2b.js", "Accept-Encoding: gzip")):
            _, headers, _ = await caller.call(get(path, more))
            again = get(path, more, f"If-None-Match: {headers['etag']}")
            status, found, content = await caller.call(again)
            assert (status, content) == (304, b"")
            assert found["etag"] == headers["etag"]


async def test_two_codings_of_a_file_have_tags_of_their_own(folder: Path) -> None:
    tags = set()
    async with served(folder) as caller:
        for taken in ("zstd", "gzip", "identity"):
            request = get("/web/main-1a2b.js", f"Accept-Encoding: {taken}")
            tags.add((await caller.call(request))[1]["etag"])
    assert len(tags) == 3


@pytest.mark.parametrize(
    "path",
    ["/web/other.js", "/web/", "/web/notes.txt", "/web/../index.html", "/web/%2e%2e/index.html"],
)
async def test_only_built_files_are_found(folder: Path, path: str) -> None:
    async with served(folder) as caller:
        status, headers, _ = await caller.call(get(path))
        assert (status, headers["cache-control"]) == (404, "no-store")


async def test_a_link_on_a_page_of_another_site_leads_here(folder: Path) -> None:
    async with served(folder) as caller:
        came = ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate")
        assert (await caller.call(get("/join/ABC234", HTML, *came)))[0] == 200


async def test_under_a_name_that_is_not_the_servers_a_sentence_says_what_to_do(
    folder: Path,
) -> None:
    settings = ListenSettings(names=("play.example",))
    async with served(folder, settings) as caller:
        assert (await caller.call(get("/", HTML, host="play.example:7777")))[0] == 200
        status, headers, content = await caller.call(get("/", HTML, host="evil.example"))
        assert (status, headers["content-type"]) == (403, "text/plain; charset=utf-8")
        assert b"--domain" in content


async def test_an_address_that_was_sent_too_much_waits(
    folder: Path, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    del autojump_clock  # moves time by being there
    monkeypatch.setattr(webpages, "BURST_BYTES", 2 * len(SCRIPT))
    monkeypatch.setattr(webpages, "BYTES_PER_S", 100)
    asked = get("/web/main-1a2b.js", "Accept-Encoding: identity")
    async with served(folder) as caller:
        statuses = [(await caller.call(asked))[0] for _ in range(2)]
        status, headers, content = await caller.call(asked)
        assert [*statuses, status] == [200, 200, 429]
        assert b"rate_limited" in content
        await trio.sleep(int(headers["retry-after"]) + 1)
        assert (await caller.call(asked))[0] == 200


async def test_what_a_browser_has_already_is_free(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webpages, "BURST_BYTES", len(SCRIPT) // 2)
    monkeypatch.setattr(webpages, "BYTES_PER_S", 0.001)
    asked = get("/web/main-1a2b.js", "Accept-Encoding: identity")
    async with served(folder) as caller:
        _, headers, _ = await caller.call(asked)
        for _ in range(20):
            shown = f"If-None-Match: {headers['etag']}\r\n\r\n"
            assert (await caller.call(asked[:-2] + shown.encode()))[0] == 304
        assert (await caller.call(asked))[0] == 429
        await caller.stream.send_all(asked.replace(b"GET", b"HEAD", 1))
        assert bytes(await caller.stream.receive_some()).startswith(b"HTTP/1.1 200 ")


async def test_a_body_is_refused(folder: Path) -> None:
    async with served(folder) as caller:
        status, _, _ = await caller.call(get("/", HTML, "Content-Length: 1") + b"x")
        assert status == 413
