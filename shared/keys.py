"""Names of things in a table. The tenant leads every one of them."""

from __future__ import annotations

from typing import NamedTuple

SEPARATOR = "#"


class RowKey(NamedTuple):
    """Partition and sort key of one row."""

    pk: str
    sk: str


def partition(tenant: str, *parts: str) -> str:
    """Return a partition (or index) key of one tenant, such as ``demo#TICKET#T-...``.

    Raises ``ValueError`` when the tenant is empty or holds the separator: such a key could
    reach into another tenant's rows.
    """
    if not tenant or SEPARATOR in tenant:
        raise ValueError("a key needs a tenant")
    return SEPARATOR.join((tenant, *parts))


def row(tenant: str, *parts: str, sk: str = "HEAD") -> RowKey:
    """Return the key of one tenant's row."""
    return RowKey(partition(tenant, *parts), sk)
