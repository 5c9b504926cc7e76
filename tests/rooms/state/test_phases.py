from pathlib import Path

from gameserver.messages.lobby import Phase
from gameserver.rooms.state.phases import TRANSITIONS, Cause

DOC = Path(__file__).parents[3] / "docs" / "lobbies.md"


def diagram() -> str:
    """Return the table as a Mermaid state diagram, as ``docs/lobbies.md`` shows it."""
    rows = [f"    {before} --> {after}: {cause}" for (before, cause), after in TRANSITIONS.items()]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {Phase.OPEN}: somebody opens it", *rows])


def test_the_drawing_in_the_documentation_is_the_one_the_table_gives() -> None:
    assert f"```mermaid\n{diagram()}\n```" in DOC.read_text(encoding="utf-8")


def test_every_cause_has_a_row_and_every_phase_a_way_in_and_out() -> None:
    assert {cause for _, cause in TRANSITIONS} == set(Cause)
    assert {phase for phase, _ in TRANSITIONS} == set(Phase)
    assert set(TRANSITIONS.values()) == set(Phase)
