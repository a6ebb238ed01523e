"""Impact and urgency make the priority."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.priority import MATRICES, WIDE, priority_of

levels = st.integers(1, 3)
matrices = st.sampled_from(sorted(MATRICES))


@pytest.mark.parametrize(
    ("impact", "expected"), [(1, "P1 P2 P3"), (2, "P2 P3 P4"), (3, "P3 P4 P5")]
)
def test_rte_01_the_itil_matrix_is_the_default(impact, expected):
    assert " ".join(priority_of(impact, urgency) for urgency in (1, 2, 3)) == expected


def test_rte_01_the_wide_matrix_has_four_urgencies():
    numbers = [[int(priority[1]) for priority in row] for row in WIDE]
    assert numbers == [[1, 1, 2, 4], [1, 2, 3, 4], [2, 3, 3, 4]]
    assert priority_of(3, 3, "wide-3x4") == "P4"
    assert priority_of(1, 1, "wide-3x4") == "P1"


@given(matrices, levels, levels, levels, levels)
def test_rte_01_more_impact_or_urgency_never_makes_a_ticket_less_pressing(
    matrix, impact, urgency, other_impact, other_urgency
):
    more = priority_of(min(impact, other_impact), min(urgency, other_urgency), matrix)
    assert more <= priority_of(impact, urgency, matrix)


@given(matrices)
def test_rte_01_every_cell_is_filled(matrix):
    assert [len(row) for row in MATRICES[matrix]] == [3, 3, 3]
