"""Sections that are packed one by one make the same snapshot as those that are packed together."""

from hypothesis import given
from hypothesis import strategies as st

from gameserver.ids import Tick
from gameserver.protocol.hot import encode_section, encode_snapshot, join_sections

Sections = st.lists(
    st.tuples(st.integers(0, 65_535), st.booleans(), st.binary(max_size=300)), max_size=20
)


@given(st.integers(0, 2**31), Sections)
def test_joined_sections_are_a_snapshot(tick: int, sections: list[tuple[int, bool, bytes]]) -> None:
    joined = join_sections(
        Tick(tick),
        [encode_section(number, body, keyframe=key) for number, key, body in sections],
    )
    headed = [(2 * number + key, body) for number, key, body in sections]
    assert joined == encode_snapshot(Tick(tick), headed)
