"""The command that kills servers: nothing is lost, and it notices what is."""

from pathlib import Path

import attrs
import pytest
from click.testing import CliRunner

from gameserver.testing import crash
from gameserver.testing.crash import LOST_S, Round, main

RIGHT = Round(
    players=4,
    back=4,
    slowest_s=1.5,
    matches=1,
    lost_s=LOST_S,
    scores=4,
    lines=3,
    missing=0,
    desyncs=0,
    ready_s=1.0,
)


@pytest.mark.parametrize(
    ("field", "value"),
    [("back", 3), ("matches", 0), ("lost_s", 1.1), ("scores", 3), ("missing", 1), ("desyncs", 1)],
)
def test_a_round_in_which_something_was_lost_is_not_right(field: str, value: float) -> None:
    assert RIGHT.right(1)
    assert not attrs.evolve(RIGHT, **{field: value}).right(1)


def test_four_players_lose_nothing_when_their_server_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crash, "BACK_S", crash.PATIENCE_S)  # this machine may be slow
    command = ["--rounds", "1", "--players", "4", "--matches", "1", "--play", "1.5"]
    result = CliRunner().invoke(main, [*command, "--keep", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "1 of 1 rounds lost nothing" in result.output
