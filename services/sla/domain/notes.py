"""What the clocks must know of a ticket's history: a few notes, in any order of arrival."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from events.desk import CommentAdded, TicketMoved, TicketPrioritised
from events.fact import Fact, Moment
from events.vocabulary import Actor
from services.sla.domain.policy import Terms

# The customer is waited for, so the wait is his; vendors, changes and problems are our own.
PAUSING = frozenset({"awaiting_caller", "scheduled"})
DONE = frozenset({"resolved", "closed"})
OVER = DONE | {"cancelled"}


class Note(Struct, frozen=True, array_like=True):
    """One thing that started, paused, resumed or stopped a clock.

    ``sequence`` is its place in the ticket's history; ``value`` is the state a ticket went to,
    ``reason`` why; ``answered`` says that a person of the desk spoke to the requester in it.
    """

    sequence: int
    at: Moment
    kind: Literal["priority", "state", "answer"]
    value: str = ""
    reason: str = ""
    answered: bool = False
    terms: Terms | None = None

    @property
    def pauses(self) -> bool:
        """Say whether the clocks wait from here on."""
        return self.value == "on_hold" and self.reason in PAUSING

    @property
    def ends(self) -> bool:
        """Say whether the work is over from here on."""
        return self.kind == "state" and self.value in OVER


def note(fact: Fact, sequence: int, at: datetime, terms: Terms | None) -> Note | None:
    """Return what is to be remembered of a fact, None if it moves no clock.

    It depends on the fact alone, so that the order in which facts arrive does not matter.
    """
    if isinstance(fact, TicketPrioritised) and terms:
        return Note(sequence, at, "priority", terms=terms)
    if isinstance(fact, CommentAdded) and fact.public and is_desk(fact.by):
        return Note(sequence, at, "answer", answered=True)
    if isinstance(fact, TicketMoved) and {fact.before, fact.after} & {"on_hold", *OVER}:
        # How it was resolved is told to the requester: the first answer, if there was none.
        answered = fact.after in DONE and is_desk(fact.by)
        reason = fact.reason if fact.after == "on_hold" else ""
        return Note(sequence, at, "state", fact.after, reason, answered)
    return None


def is_desk(actor: Actor) -> bool:
    """Say whether somebody is a person who speaks for the desk; programs never do (SLA-16)."""
    return actor.kind == "person" and actor.role not in (None, "requester")


def merged(notes: list[Note], new: Note) -> list[Note]:
    """Return the notes with one more, in the ticket's order; a doubled one changes nothing.

    Of several answers only the first matters.
    """
    if any(old.sequence == new.sequence for old in notes):
        return notes
    together = sorted([*notes, new], key=lambda n: n.sequence)
    answers = [n for n in together if n.kind == "answer"]
    return [n for n in together if n.kind != "answer" or n is answers[0]]
