"""Optimistic concurrency: look, decide, save; when somebody was faster, look again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from shared.refusal import PreconditionFailed, Stale

T = TypeVar("T")
TRIES = 8


def until_fresh(action: Callable[[], T], *, tries: int = TRIES) -> T:
    """Return what ``action`` returns, running it anew each time it finds its view stale.

    Waits a few jittered milliseconds between tries; the last ``Stale`` is raised, a
    ``PreconditionFailed`` at once: the caller's version does not come back.
    """
    for attempt in range(1, tries):
        try:
            return action()
        except PreconditionFailed:
            raise
        except Stale:
            time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311
    return action()
