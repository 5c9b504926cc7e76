"""The generators against their authors' numbers, and the methods built on them."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.game.rng import Rng, _mix64, keyed_random, murmur3_32

seeds = st.integers(0, 2**64 - 1)


def test_the_generator_gives_the_numbers_of_the_reference_implementation() -> None:
    rng = Rng.seeded(42, 54)
    assert [rng.next32() for _ in range(6)] == [
        0xA15C02B7, 0x7B47F409, 0xBA1D3330, 0x83D2F293, 0xBFA4784B, 0xCBED606E,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "seed", "expected"),
    [
        ((), 0, 0),
        ((), 1, 0x514E28B7),
        ((), 0xFFFFFFFF, 0x81F16F39),
        ((0xFFFFFFFF,), 0, 0x76293B50),
        ((0x87654321,), 0, 0xF55B516B),
        ((0x87654321,), 0x5082EDEE, 0x2362F9DE),
        ((0,), 0, 0x2362F9DE),
    ],
)
def test_the_hash_gives_the_published_values(
    words: tuple[int, ...], seed: int, expected: int
) -> None:
    assert murmur3_32(words, seed) == expected


@given(seeds, st.integers(0, 100))
def test_a_restored_generator_continues_where_the_dumped_one_was(seed: int, drawn: int) -> None:
    rng = Rng.seeded(seed)
    for _ in range(drawn):
        rng.next32()
    twin = Rng.restore(rng.dump())
    assert all(0 <= part < 2**64 for part in rng.dump())
    assert [twin.next32() for _ in range(5)] == [rng.next32() for _ in range(5)]


@pytest.mark.parametrize("state", [(-1, 1), (2**64, 1), (0, 2), (0, 2**64 + 1)])
def test_an_invalid_state_is_refused(state: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="state"):
        Rng.restore(state)


@given(seeds, st.integers(1, 2**32))
def test_numbers_drawn_below_a_bound_are_within_it(seed: int, n: int) -> None:
    rng = Rng.seeded(seed)
    assert all(0 <= rng.below(n) < n for _ in range(5))


@pytest.mark.parametrize("n", [0, -1, 2**32 + 1])
def test_drawing_from_an_empty_or_too_large_range_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="cannot draw"):
        Rng.seeded(1).below(n)


def test_all_faces_of_a_die_come_up_about_equally_often() -> None:
    rng = Rng.seeded(1)
    counts = Counter(rng.between(1, 6) for _ in range(6000))
    assert sorted(counts) == [1, 2, 3, 4, 5, 6]
    assert all(900 < count < 1100 for count in counts.values())


def test_a_number_that_would_bias_the_result_is_drawn_again() -> None:
    n = 3 << 30
    rng = Rng.seeded(1)
    low = sum(rng.below(n) < n // 3 for _ in range(3000))
    # Without drawing again, the lowest third would come up half of the time.
    assert 900 < low < 1100


@given(seeds, st.lists(st.integers()))
def test_shuffling_keeps_every_item(seed: int, items: list[int]) -> None:
    shuffled = items.copy()
    Rng.seeded(seed).shuffle(shuffled)
    assert sorted(shuffled) == sorted(items)


def test_shuffling_reaches_every_order() -> None:
    rng = Rng.seeded(3)
    orders = set()
    for _ in range(200):
        items = [1, 2, 3]
        rng.shuffle(items)
        orders.add(tuple(items))
    assert len(orders) == 6


@given(seeds, st.lists(st.integers(), min_size=1))
def test_a_choice_is_one_of_the_items(seed: int, items: list[int]) -> None:
    assert Rng.seeded(seed).choice(items) in items


def test_chances_of_zero_and_one_are_certain() -> None:
    rng = Rng.seeded(5)
    assert not any(rng.chance(0, 3) for _ in range(100))
    assert all(rng.chance(3, 3) for _ in range(100))


@given(seeds, st.integers(), st.integers())
def test_a_fork_depends_on_state_and_label_and_leaves_the_state_unchanged(
    seed: int, a: int, b: int
) -> None:
    rng = Rng.seeded(seed)
    before = rng.dump()
    assert rng.fork(a).dump() == rng.fork(a).dump()
    assert (rng.fork(a).dump() == rng.fork(b).dump()) == ((a - b) % 2**64 == 0)
    assert rng.dump() == before


@given(st.integers(), st.integers(), st.integers(), st.integers(0, 8))
def test_keyed_numbers_are_32_bits_and_need_no_state(
    salt: int, tick: int, entity: int, n: int
) -> None:
    drawn = keyed_random(salt, tick, entity, n)
    assert 0 <= drawn < 2**32
    assert drawn == keyed_random(salt, tick, entity, n)


def test_keyed_numbers_differ_by_each_part_of_the_key() -> None:
    keys = [(1, 1, 1, 0), (2, 1, 1, 0), (1, 2, 1, 0), (1, 1, 2, 0), (1, 1, 1, 1), (1, 1, -1, 0)]
    assert len({keyed_random(*key) for key in keys}) == len(keys)


def test_a_keyed_number_never_changes_between_versions() -> None:
    assert keyed_random(7, 100, 3, 1) == 0xAE1598EA


def test_forks_are_made_by_the_published_mixing_function() -> None:
    golden = 0x9E3779B97F4A7C15
    mixed = [_mix64(step * golden % 2**64) for step in range(4)]
    assert mixed == [
        0xE220A8397B1DCDAF,
        0x6E789E6AA1B965F4,
        0x06C45D188009454F,
        0xF88BB8A8724C81EC,
    ]
