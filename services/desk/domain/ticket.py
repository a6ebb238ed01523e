"""A ticket's head: what it is after all its facts. Each function returns a new head."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from events.desk import Resolution
from events.fact import Moment
from events.vocabulary import Clock, Level, TicketSummary
from services.desk.domain.lifecycle import LIFE_CYCLES, LifeCycle

EXCERPT = 500
MOST_PARTICIPANTS = 50


class Ticket(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The head row: the summary that every fact carries, and what only the desk needs."""

    summary: TicketSummary
    # How many facts it has; the last one's sequence, and its ETag.
    version: int
    # The beginning of its text; all of it is in the fact that opened it.
    excerpt: str
    changed_at: Moment
    hold_reason: str | None = None
    resolution: Resolution | None = None
    # The last public words are the desk's, so the caller has something to answer.
    answered: bool = False
    reopen_count: int = 0
    # The alert behind it, and how often that fired.
    fingerprint: str | None = None
    alert_count: int = 0
    clocks_at: Moment | None = None

    @property
    def life_cycle(self) -> LifeCycle:
        """The rules its state follows."""
        return LIFE_CYCLES[self.summary.kind]

    def involves(self, address: str) -> bool:
        """Say whether a person takes part: requester, assignee or participant."""
        summary = self.summary
        return address in (summary.requester, summary.assignee, *summary.participants)


def opened(summary: TicketSummary, text: str, *, fingerprint: str | None = None) -> Ticket:
    """Return the head of a new ticket; its opening fact is the first."""
    return Ticket(
        summary=summary,
        version=0,
        excerpt=text[:EXCERPT],
        changed_at=summary.opened_at,
        fingerprint=fingerprint,
        alert_count=1 if fingerprint else 0,
    )


def with_facts(ticket: Ticket, count: int, at: datetime) -> Ticket:
    """Return the head after ``count`` more facts."""
    return replace(ticket, version=ticket.version + count, changed_at=at)


def with_summary(ticket: Ticket, **changes: Any) -> Ticket:
    """Return the head with another summary."""
    return replace(ticket, summary=replace(ticket.summary, **changes))


def moved(
    ticket: Ticket, to: str, *, at: datetime, reason: str, resolution: Resolution | None
) -> Ticket:
    """Return the head in another state; the move has been found legal before."""
    reopened = ticket.summary.state == "resolved" and to == "in_progress"
    changes: dict[str, Any] = {"state": to}
    if to == "resolved":
        # The fact that says so is the next one.
        changes |= {"resolved_at": at, "resolution_sequence": ticket.version + 1}
    elif reopened:
        changes |= {"resolved_at": None, "resolution_sequence": None}
    return replace(
        with_summary(ticket, **changes),
        hold_reason=reason if to == "on_hold" else None,
        resolution=resolution if to == "resolved" else None if reopened else ticket.resolution,
        reopen_count=ticket.reopen_count + reopened,
    )


def assigned(ticket: Ticket, *, team: str | None, assignee: str | None) -> Ticket:
    """Return the head in other hands."""
    return with_summary(ticket, team=team, assignee=assignee)


def prioritised(ticket: Ticket, *, impact: Level, urgency: Level, priority: str) -> Ticket:
    """Return the head with another priority."""
    return with_summary(ticket, impact=impact, urgency=urgency, priority=priority)


def clocked(ticket: Ticket, clocks: list[Clock], at: datetime) -> Ticket:
    """Return the head with the clocks as they stood at a moment."""
    return replace(with_summary(ticket, due=clocks), clocks_at=at)


def answering(ticket: Ticket, *, from_desk: bool) -> Ticket:
    """Return the head after public words: whose turn it is now."""
    return replace(ticket, answered=from_desk)


def joined(ticket: Ticket, *addresses: str) -> Ticket:
    """Return the head with more participants; a bound keeps one mail from growing it for ever."""
    known = ticket.summary.participants
    new = [a for a in dict.fromkeys(addresses) if a not in known and not ticket.involves(a)]
    return with_summary(ticket, participants=[*known, *new][:MOST_PARTICIPANTS]) if new else ticket
