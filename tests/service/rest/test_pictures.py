"""A game's own pictures: which files are served, how, and that no other file is reached."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from structlog.testing import capture_logs

from examples.pairs import Pairs
from gameserver.game.pictures import pictures_folder
from gameserver.service.rest import pictures
from gameserver.service.rest.pictures import read_pictures
from gameserver.service.rest.webpages import AGAIN, WebFile, WebPages
from gameserver.transports import Guard, ListenSettings
from tests.service.rest.test_webpages import get
from tests.transports.harness import Bytes, echo
from tests.transports.polling.poller import Caller

PNG = b"\x89PNG\r\n\x1a\n and pixels"
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 and pixels"
SVG = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'></svg>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pictures"
    made.mkdir()
    for name, data in {"ship.png": PNG, "Crate.webp": WEBP, "back.svg": SVG}.items():
        (made / name).write_bytes(data)
    return made


@asynccontextmanager
async def served(files: Mapping[str, WebFile]) -> AsyncIterator[Caller]:
    """Serve these files, and a page, over a stream in memory."""
    page = WebFile("text/html", AGAIN, (), {"": (b"page", '"1"')})
    roads = WebPages({"/": page, **files}, trio.current_time).roads
    guard = Guard(ListenSettings(), echo, Bytes(), roads=roads)
    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(guard.serve, theirs, "192.0.2.1")
        yield Caller(ours)
        nursery.cancel_scope.cancel()


async def test_each_kind_is_served_as_what_it_is(folder: Path) -> None:
    kinds = {
        "/pictures/ship.png": ("image/png", PNG),
        "/pictures/Crate.webp": ("image/webp", WEBP),
        "/pictures/back.svg": ("image/svg+xml", SVG),
    }
    async with served(read_pictures(folder)) as caller:
        _, headers, content = await caller.call(get("/pictures"))
        assert headers["content-type"] == "application/json"
        assert json.loads(content) == {
            "Crate": "/pictures/Crate.webp",
            "back": "/pictures/back.svg",
            "ship": "/pictures/ship.png",
        }
        for path, (kind, data) in kinds.items():
            status, headers, content = await caller.call(get(path))
            assert (status, headers["content-type"], content) == (200, kind, data)
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cross-origin-resource-policy"] == "same-origin"
            assert headers["cache-control"] == "no-cache"
            shown = f"If-None-Match: {headers['etag']}"
            assert (await caller.call(get(path, shown)))[0] == 304


async def test_an_svg_that_is_opened_by_itself_runs_nothing(folder: Path) -> None:
    async with served(read_pictures(folder)) as caller:
        _, headers, _ = await caller.call(get("/pictures/back.svg"))
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "sandbox" in policy
        assert "script" not in policy


@pytest.mark.parametrize(
    "path",
    [
        "/pictures/../secret.png",
        "/pictures/..%2fsecret.png",
        "/pictures/%2e%2e/secret.png",
        "/pictures//secret.png",
        "/pictures/./ship.png",
        "/pictures/ship",
        "/pictures/",
        "/pictures/C:/ship.png",
    ],
)
async def test_no_other_path_reaches_a_file(folder: Path, path: str) -> None:
    (folder.parent / "secret.png").write_bytes(PNG)
    async with served(read_pictures(folder)) as caller:
        status, _, content = await caller.call(get(path))
        assert status in (400, 404)
        assert PNG not in content


def test_what_is_no_picture_is_left_out_and_the_log_says_why(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_BYTES_EACH", 100)
    monkeypatch.setattr(pictures, "MOST_FILES", 5)
    (folder.parent / "secret.svg").write_bytes(SVG)
    (folder / "far.svg").symlink_to(folder.parent / "secret.svg")
    (folder / "loop.svg").symlink_to(folder / "loop.svg")
    files = {
        "a.png": SVG,
        "big.png": PNG + bytes(100),
        "of two words.png": PNG,
        "notes.txt": b"none",
        "ship.svg": SVG,
        "y.png": PNG,
        "z1.png": PNG,
        "z2.png": PNG,
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "folder.png").mkdir()
    with capture_logs() as logs:
        served = read_pictures(folder)
    assert sorted(served) == [
        "/pictures",
        "/pictures/Crate.webp",
        "/pictures/back.svg",
        "/pictures/ship.png",
        "/pictures/y.png",
        "/pictures/z1.png",
    ]
    assert {each["event"] for each in logs} == {"picture left out"}
    faults = {Path(each["file"]).name: each["fault"] for each in logs}
    loop = faults.pop("loop.svg")
    assert loop.startswith(("is a link that leads nowhere", "cannot be read: "))
    assert faults == {
        "a.png": "is no picture of the kind .png",
        "big.png": "is larger than 100 bytes",
        "far.svg": "is a link to a file elsewhere",
        "folder.png": "is a folder",
        "of two words.png": "has a name of other signs than letters, digits, - and _",
        "ship.svg": "has the name of /pictures/ship.png",
        "z2.png": "is beyond what all pictures may be together",
    }


def test_a_folder_that_cannot_be_read_does_not_keep_the_server_from_starting(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with capture_logs() as logs:
        assert list(read_pictures(folder)) == ["/pictures"]
    assert [(each["file"], each["fault"]) for each in logs] == [
        (str(folder), "cannot be read: Permission denied")
    ]


def test_all_pictures_together_are_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_BYTES", len(WEBP) + len(SVG))
    assert sorted(read_pictures(folder)) == [
        "/pictures",
        "/pictures/Crate.webp",
        "/pictures/back.svg",
    ]


def test_a_game_without_pictures_has_an_empty_list(tmp_path: Path) -> None:
    for folder in (tmp_path / "none", None):
        (listed,) = read_pictures(folder).values()
        assert listed.coded[""][0] == b"{}"


def test_the_folder_is_beside_the_module_of_the_game() -> None:
    folder = pictures_folder(Pairs)
    assert folder is not None
    assert "/pictures/back.svg" in read_pictures(folder)
