"""Only regular files of a bounded size are read, and each refusal continues the file's name."""

from pathlib import Path

import pytest

from gameserver.errors import UnreadableFileError
from gameserver.files import kind_of, read_file
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
