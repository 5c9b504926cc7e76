"""Each section number is one audience's; an absent one goes on alone if it is due always."""

from gameserver.game.fields import Audience
from gameserver.netcode.replication.sections import (
    FIRST_CELL,
    FIRST_GROUP,
    MOST_CELLS,
    OWNER,
    PUBLIC,
    Rate,
    audience_of,
    cell_section,
    goes_on_alone,
    is_group,
)


def test_each_section_number_has_the_audience_of_its_range() -> None:
    ranges = {
        Audience.PUBLIC: [PUBLIC, FIRST_CELL, FIRST_CELL + 1, 65_535],
        Audience.OWNER: [OWNER],
        Audience.GROUP: [FIRST_GROUP, FIRST_GROUP + 1, FIRST_CELL - 1],
    }
    for audience, numbers in ranges.items():
        for number in numbers:
            assert audience_of(number) is audience
            assert is_group(number) is (audience is Audience.GROUP)


def test_each_cell_and_rate_has_a_section_number_within_sixteen_bits() -> None:
    cells = [0, 1, 2, MOST_CELLS - 1]
    numbers = [cell_section(cell, rate) for cell in cells for rate in Rate]
    assert len(set(numbers)) == len(numbers)
    assert FIRST_CELL <= min(numbers) <= max(numbers) < 65_536


def test_absent_sections_are_extrapolated_except_cells_at_lower_rates() -> None:
    for number in (PUBLIC, OWNER, FIRST_GROUP, FIRST_CELL - 1):
        assert goes_on_alone(number)
    for cell in (0, 1, MOST_CELLS - 1):
        assert [rate for rate in Rate if goes_on_alone(cell_section(cell, rate))] == [Rate.NEAR]
