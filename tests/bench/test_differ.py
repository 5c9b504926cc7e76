"""Random streams are the same for both hot paths, and what one does wrong is found."""

from collections.abc import Callable
from typing import Any

import pytest

from bench.differ.__main__ import run, show
from bench.differ.story import tell
from gameserver.accel import HotPath, pure
from tests.accel.conftest import built


class Wrong:
    """The hot path in Python, but for one part, whose results are changed."""

    name = "wrong"

    def __init__(self, part: str, change: Callable[[Any], Any]) -> None:
        self._part = part
        self._change = change

    def __getattr__(self, part: str) -> Any:
        right = getattr(pure, part)
        if part != self._part:
            return right
        return lambda *args: self._change(right(*args))


def dropped(messages: Any) -> Any:
    kept, floods = messages
    return kept[:2], floods


def deaf(link: Any) -> Any:
    link.heard = 5
    return link


class Forgetful:
    """Tells nobody who was left out."""

    def __init__(self, batch: Any) -> None:
        self.batch = batch

    def fan_out(self, *given: Any) -> tuple[int, list[Any]]:
        return self.batch.fan_out(*given)[0], []

    def flush(self) -> Any:
        return self.batch.flush()


WRONG = [
    ("collect", dropped, "collected"),
    ("input_reader", lambda read: lambda data: None if b"\xcd" in data else read(data), "taken in"),
    ("link_measure", deaf, "measured"),
    ("advance", lambda given: (given[0], given[1] + 1, *given[2:]), "advanced"),
    ("send_batch", Forgetful, "sent"),
]


def test_both_do_the_same() -> None:
    found, told, received = run((pure, built("native")), 0, 12, 1)
    assert (found, told) == (None, 12)
    assert received > 10_000


@pytest.mark.parametrize(("part", "change", "what"), WRONG)
def test_a_fault_in_any_part_is_found_and_told(
    part: str,
    change: Callable[[Any], Any],
    what: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    wrong: HotPath = Wrong(part, change)
    found, told, _ = run((pure, wrong), 0, 30, 1)
    assert found is not None
    assert (found.what, told) == (what, found.seed)
    again, _ = tell(found.seed, (pure, wrong))
    assert again == found
    show(found)
    assert f"story {found.seed}, tick {found.tick}, {what}" in capsys.readouterr().out
