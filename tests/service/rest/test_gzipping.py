"""Answers of the REST API for clients that take gzip."""

import gzip
import json
from itertools import count

import pytest
import trio
from trio.testing import MockClock

from gameserver.service.rest.gzipping import LEAST_BYTES, gzipped, takes_gzip
from tests.service.peers import serving
from tests.service.rest.caller import Asker

LARGE = "/openapi.json"
VARY = "Authorization, Accept-Encoding"


@pytest.mark.parametrize(
    ("value", "takes"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("gzip;q=1", True),
        ("gzip; q = 0", False),
        ("gzip;q=0.000", False),
        ("deflate, br", False),
        ("", False),
        ("gzipx", False),
        ("identity, " * 40 + "gzip", False),
    ],
)
def test_only_a_client_that_says_so_takes_gzip(value: str, takes: bool) -> None:
    assert takes_gzip(value) is takes


async def test_a_large_public_answer_is_compressed_for_who_takes_it(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as running:
        asker = Asker(running)
        plain = await asker.get(LARGE, Accept_Encoding="br")
        assert "content-encoding" not in plain.headers
        assert len(plain.body) > LEAST_BYTES
        for _ in range(2):
            found = await asker.get(LARGE, Accept_Encoding="gzip, deflate, br, zstd")
            assert found.headers["content-encoding"] == "gzip"
            assert found.headers["content-length"] == str(len(found.body))
            assert (
                found.headers["vary"] == plain.headers["vary"] == "Authorization, Accept-Encoding"
            )
            assert len(found.body) < len(plain.body) / 2
            assert json.loads(gzip.decompress(found.body)) == plain.value
        weak = found.headers["etag"]
        assert weak == f"W/{plain.headers['etag']}"
        again = await asker.get(LARGE, Accept_Encoding="gzip", If_None_Match=weak)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", weak)
        assert "content-encoding" not in again.headers


async def test_a_short_answer_and_one_to_a_token_are_not_compressed(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as running:
        asker = Asker(running)
        short = await asker.get("/info", Accept_Encoding="gzip")
        await asker.sign_in()
        private = await asker.get(LARGE, Accept_Encoding="gzip")
        for answer in (short, private):
            assert answer.status == 200
            assert "content-encoding" not in answer.headers
            assert answer.value


async def test_a_compressed_request_is_refused(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        bomb = gzip.compress(bytes(10_000_000))[:16_000]
        answer = await Asker(running).call("POST", "/session", bomb, Content_Encoding="gzip")
        assert answer.status == 415


async def test_the_time_to_compress_is_charged_to_the_address_that_asks(
    autojump_clock: MockClock,
) -> None:
    ticks = count()
    async with serving(autojump_clock, stopwatch=lambda: next(ticks) * 0.5) as running:
        await Asker(running, "192.0.2.2").get(LARGE)  # the answer is at hand from now on
        took_s: list[float] = []
        for coding in ("br", "gzip"):
            address = "192.0.2.3" if coding == "br" else "192.0.2.4"
            began = trio.current_time()
            for _ in range(20):
                await Asker(running, address).get(LARGE, Accept_Encoding=coding)
            took_s.append(trio.current_time() - began)
        assert took_s[1] > took_s[0] + 1, "it waits until time has paid for it"


async def test_nothing_is_compressed_for_a_client_that_has_the_answer(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as running:
        asker = Asker(running)
        tag = (await asker.get(LARGE)).headers["etag"]
        gzipped.cache_clear()
        again = await asker.get(LARGE, Accept_Encoding="gzip", If_None_Match=tag)
        assert again.status == 304
        assert gzipped.cache_info().misses == 0
