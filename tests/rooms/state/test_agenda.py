import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.rooms.state.agenda import _SPARE, Agenda

changes = st.lists(
    st.tuples(st.sampled_from("abcd"), st.none() | st.integers(0, 9).map(float)), max_size=200
)


@given(changes, st.integers(0, 9))
def test_an_agenda_gives_the_same_as_a_sorted_dict(
    entries: list[tuple[str, float | None]], now: int
) -> None:
    agenda: Agenda[str] = Agenda()
    plain: dict[str, float] = {}
    for key, when in entries:
        agenda.set(key, when)
        plain.pop(key, None)
        if when is not None:
            plain[key] = when
        assert agenda.next() == min(plain.values(), default=None)
    due = {key for key, when in plain.items() if when <= now}
    popped = []
    while (found := agenda.pop_due(now)) is not None:
        popped.append(found)
    assert set(popped) == due
    assert len(popped) == len(due)
    assert [plain[key] for key in popped] == sorted(plain[key] for key in popped)
    assert len(agenda) == len(plain) - len(due)


@pytest.mark.parametrize("keys", [1, 50])
def test_outdated_entries_are_as_many_as_the_keys_and_some_more(keys: int) -> None:
    agenda: Agenda[int] = Agenda()
    longest = 0
    for n in range(1000):
        agenda.set(n % keys, float(n))
        longest = max(longest, len(agenda._heap))
    assert longest == 2 * keys + _SPARE


def test_setting_one_key_repeatedly_keeps_the_agenda_small() -> None:
    agenda: Agenda[str] = Agenda()
    for n in range(10_000):
        agenda.set("a", float(n))
    assert len(agenda._heap) < 100
    assert agenda.next() == 9999.0
