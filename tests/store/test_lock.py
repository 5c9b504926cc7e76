"""One server holds a folder, and tells the next one which process it is."""

import os
from pathlib import Path

import pytest

from gameserver.errors import ConfigError
from gameserver.store.lock import FILE, holder, locked


def test_a_folder_is_held_by_one_at_a_time_and_tells_by_which_process(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    assert holder(folder) is None, "a folder that is not there"
    with locked(folder):
        assert holder(folder) == os.getpid()
        assert (folder / FILE).stat().st_mode & 0o777 == 0o600
        with (
            pytest.raises(ConfigError, match=f"another server \\(process {os.getpid()}\\)"),
            locked(folder),
        ):
            raise AssertionError("it is held")
        assert holder(folder) == os.getpid(), "who was refused has changed nothing"
    assert holder(folder) is None
    with locked(folder):
        assert (folder / FILE).read_text() == f"{os.getpid()}\n"


@pytest.mark.parametrize("written", ["", "no number", "12 34"])
def test_a_holder_that_wrote_no_number_is_not_known(tmp_path: Path, written: str) -> None:
    with locked(tmp_path):
        (tmp_path / FILE).write_text(written)
        assert holder(tmp_path) is None
        words = written or "unknown"
        with pytest.raises(ConfigError, match=f"process {words}"), locked(tmp_path):
            raise AssertionError("it is held")


def test_what_an_earlier_process_wrote_is_replaced_and_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("123456789012345\n")
    assert holder(tmp_path) is None
    with locked(tmp_path):
        assert (tmp_path / FILE).read_text() == f"{os.getpid()}\n"


def test_a_folder_that_cannot_be_made_is_not_locked(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with locked(tmp_path / "file" / "data"):
        assert holder(tmp_path / "file" / "data") is None
