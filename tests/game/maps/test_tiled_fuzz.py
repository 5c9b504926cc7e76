"""Garbled Tiled files raise one exception type."""

import copy
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gameserver.game.maps.mapfault import MapError
from gameserver.game.maps.tiled import load_map
from tests.game.tiledfiles import (
    changed,
    document,
    save,
)

WORDS = st.text(max_size=5)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=4,
)


def places(content: Any) -> list[tuple[Any, ...]]:
    """List the ways to all values in a document, a few of each long array."""
    if isinstance(content, dict):
        inner = list(content.items())
    elif isinstance(content, list):
        inner = list(enumerate(content[:3]))
    else:
        return []
    return [(key, *rest) for key, value in inner for rest in [(), *places(value)]]


PLACES = places(document())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=3))
def test_garbled_maps_raise_one_exception_type_only(
    tmp_path: Path, changes: list[tuple[tuple[Any, ...], Any]]
) -> None:
    content = copy.deepcopy(document())
    for place, junk in changes:
        try:
            changed(*place, to=junk)(content)
        except (LookupError, TypeError):
            continue
    with suppress(MapError):
        assert load_map(save(tmp_path, content)).name == "yard"
