"""Impact and urgency make the priority (RTE-01, feature catalogue 5.1)."""

from __future__ import annotations

from typing import Literal

from events.vocabulary import Level, Priority

MatrixName = Literal["itil-3x3", "wide-3x4"]
Matrix = tuple[tuple[Priority, ...], ...]

# Rows: impact 1 to 3. Columns: urgency 1 to 3.
ITIL: Matrix = (("P1", "P2", "P3"), ("P2", "P3", "P4"), ("P3", "P4", "P5"))
# Impact on a department, a group, a person; urgency critical, high, medium, low. A ticket's
# urgency 1 is "high" here: nothing that reaches routing says "critical" yet.
WIDE: Matrix = (
    ("P1", "P1", "P2", "P4"),
    ("P1", "P2", "P3", "P4"),
    ("P2", "P3", "P3", "P4"),
)
MATRICES: dict[MatrixName, Matrix] = {
    "itil-3x3": ITIL,
    "wide-3x4": tuple(row[1:] for row in WIDE),
}
DEFAULT: MatrixName = "itil-3x3"


def priority_of(impact: Level, urgency: Level, matrix: MatrixName = DEFAULT) -> Priority:
    """Return the priority that follows from impact and urgency."""
    return MATRICES[matrix][impact - 1][urgency - 1]
