"""The ways a service says no. Raised by rules, turned into HTTP answers at the door."""

from __future__ import annotations

from typing import Any, NamedTuple


class Flaw(NamedTuple):
    """One thing that is wrong with a request: where (a dotted path) and why."""

    field: str
    detail: str


class Refusal(Exception):
    """The request was understood and is refused; message and ``more`` are safe to show."""

    def __init__(self, message: str, **more: Any) -> None:
        super().__init__(message)
        self.more = more


class Invalid(Refusal):
    """The request breaks a rule of form; ``flaws`` names every bad field."""

    def __init__(self, message: str, *flaws: Flaw) -> None:
        super().__init__(message, errors=[flaw._asdict() for flaw in flaws])


class NotSignedIn(Refusal):
    """The caller did not prove who he is."""


class NotAllowed(Refusal):
    """The caller may know of the thing but may not do this to it."""


class NotFound(Refusal):
    """There is no such thing, or the caller may not know of it: the words are the same."""

    def __init__(self) -> None:
        super().__init__("There is no such thing here.")


class Conflict(Refusal):
    """The thing's state forbids it, or it exists already."""


class Stale(Refusal):
    """The thing changed while we looked at it; looking again may help."""


class PreconditionFailed(Stale):
    """The thing is not in the version that the caller insists on (``If-Match``)."""


class TooLarge(Refusal):
    """The request has more bytes than are accepted."""
