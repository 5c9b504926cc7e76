from pathlib import Path

from gameserver.messages.lobby import Phase
from gameserver.rooms.state.phases import TRANSITIONS, Cause

DOC = Path(__file__).parents[3] / "docs" / "lobbies.md"


def diagram() -> str:
    """Return the table as a Mermaid state diagram, as ``docs/lobbies.md`` shows it."""
    rows = [f"    {before} --> {after}: {cause}" for (before, cause), after in TRANSITIONS.items()]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {Phase.OPEN}: somebody opens it", *rows])


def test_the_diagram_in_the_documentation_is_generated_from_the_table() -> None:
    assert f"```mermaid\n{diagram()}\n```" in DOC.read_text(encoding="utf-8")


def test_every_cause_is_in_the_table_and_every_phase_can_be_entered_and_left() -> None:
    assert {cause for _, cause in TRANSITIONS} == set(Cause)
    assert {phase for phase, _ in TRANSITIONS} == set(Phase)
    assert set(TRANSITIONS.values()) == set(Phase)
