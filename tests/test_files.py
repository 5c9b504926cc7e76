"""Only regular files of a bounded size are read, and each refusal continues the file's name."""

import zlib
from pathlib import Path
from typing import Any

import pytest

from gameserver.errors import JournalError, UnreadableFileError
from gameserver.files import inflated, kind_of, read_file, shaped
from tests.unreadable import KINDS, make, without_hanging


@pytest.mark.parametrize(("kind", "words"), KINDS.items())
def test_a_path_that_is_no_regular_file_is_refused_without_waiting(
    kind: str, words: str, tmp_path: Path
) -> None:
    path = make(kind, tmp_path)
    with without_hanging(), pytest.raises(UnreadableFileError) as refused:
        read_file(path, 4096)
    assert str(refused.value).startswith(words)


def test_a_file_is_read_up_to_its_bound_and_through_symbolic_links(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_bytes(b"12345")
    link.symlink_to(file)
    assert read_file(link, 5) == b"12345"
    with pytest.raises(UnreadableFileError, match=r"^is larger than 4 bytes$"):
        read_file(link, 4)


def test_a_pipe_that_replaces_a_file_while_it_is_opened_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe, file = make("pipe", tmp_path), tmp_path / "file"
    file.write_bytes(b"")
    looks_like = file.stat()
    monkeypatch.setattr(Path, "stat", lambda _path: looks_like)
    with without_hanging(), pytest.raises(UnreadableFileError, match=r"^is a pipe"):
        read_file(pipe, 4096)


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_an_impossible_file_name_is_reported_in_one_sentence(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"^cannot be read: "):
        read_file(tmp_path / name, 4096)


def test_the_kind_of_a_path_is_described(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    assert kind_of(file) == ""
    assert kind_of(tmp_path) == "is a folder"


def test_what_is_compressed_is_unpacked_up_to_its_bound() -> None:
    packed = zlib.compress(bytes(1000))
    assert inflated(packed, 1001) == bytes(1000)
    for data, most, words in (
        (packed, 999, "it is cut off, or larger than it can be"),
        (packed[:-1], 1001, "it is cut off, or larger than it can be"),
        (b"noise", 1001, "it is damaged"),
        (packed[:-1] + b"x", 1001, "it is damaged"),
    ):
        with pytest.raises(JournalError, match=words):
            inflated(data, most)


@pytest.mark.parametrize(
    "values", [7, (1, "x"), [1], [1, "x", 2], ["x", 1], [True, "x"], [1, None]]
)
def test_a_row_of_another_shape_is_refused(values: Any) -> None:
    assert shaped([1, "x"], (int, str)) == [1, "x"]
    with pytest.raises(JournalError, match="a record has the wrong shape"):
        shaped(values, (int, str))
