"""Addresses behind which nobody reads: mailing such a one is useless at best, a loop at worst."""

from __future__ import annotations

import re

from shared.replyto import is_reply_address

# Who is never acknowledged (INT-03). Anchored, so that "norbert" and "rootbeer" are heard.
_NOBODY = re.compile(
    r"mailer-?daemon|postmaster|abuse|root|(?:bounces?|(?:do[-_.]?)?not?[-_.]?reply)(?:[-_.+].*)?",
    re.IGNORECASE | re.DOTALL,
)


def is_machine(address: str) -> bool:
    """Say whether an address is a program's, or one of our own reply addresses."""
    return bool(_NOBODY.fullmatch(address.rpartition("@")[0])) or is_reply_address(address)
