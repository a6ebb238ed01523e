"""What the desk does about monitoring: one open ticket per alert, however often it fires."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from msgspec.structs import replace

from events.desk import AlertRepeated, Resolution, TicketMoved, TicketOpened
from events.fact import Fact
from events.intake import AlertCleared, AlertFired
from events.vocabulary import Actor, Level, Severity, TicketSummary
from services.desk.actions.ports import Tickets
from services.desk.domain import ticket as heads
from services.desk.domain.lifecycle import LIFE_CYCLES
from services.desk.domain.records import Alert, Saving
from services.desk.domain.ticket import Ticket
from shared.retry import until_fresh
from shared.story import Story

REOPEN_WINDOW = timedelta(hours=24)
# Impact and urgency by severity (5.11 of the catalogue) for a service of criticality 3; what is not
# here is kept by intake and makes no ticket.
WEIGHT: dict[Severity, tuple[Level, Level]] = {
    "critical": (2, 1),
    "high": (2, 2),
    "warning": (3, 2),
}


def fired(
    alert: AlertFired, *, story: Story, tickets: Tickets, new_id: Callable[[str], str]
) -> Ticket | None:
    """Open a ticket for an alert, or count it on the one that is open (INT-15).

    Firing again within 24 hours of being resolved reopens. Returns None for an alert that makes
    no ticket: too mild, or told before it was told to be over.
    """
    if alert.severity not in WEIGHT:
        return None

    def act() -> Ticket | None:
        known = tickets.alert(story.tenant, alert.fingerprint)
        if known and known.cleared_at and story.at < known.cleared_at:
            return None
        before = tickets.find(story.tenant, known.ticket_id) if known else None
        if before and _still_open(before, story):
            return _count(before, alert, story, tickets)
        return _open(alert, known, story, tickets, new_id)

    return until_fresh(act)


def cleared(alert: AlertCleared, *, story: Story, tickets: Tickets) -> Ticket | None:
    """Resolve the ticket of an alert that is over; None if there is none that is open."""

    def act() -> Ticket | None:
        known = tickets.alert(story.tenant, alert.fingerprint)
        before = tickets.find(story.tenant, known.ticket_id) if known else None
        if known is None or before is None:
            return None
        if "resolved" not in before.life_cycle.legal(before.summary.state):
            return None
        resolution = Resolution(
            code="cleared_by_monitoring", notes=alert.text or f"{alert.source} says it is over."
        )
        after = heads.moved(before, "resolved", at=story.at, reason="", resolution=resolution)
        fact = TicketMoved(
            ticket=after.summary,
            before=before.summary.state,
            after="resolved",
            by=_monitoring(alert.source),
            resolution=resolution,
        )
        over = replace(known, cleared_at=story.at)
        return _save(before, after, [fact], story, tickets, over)

    return until_fresh(act)


def _still_open(ticket: Ticket, story: Story) -> bool:
    if ticket.summary.state == "resolved" and ticket.summary.resolved_at:
        return story.at - ticket.summary.resolved_at <= REOPEN_WINDOW
    return not ticket.life_cycle.is_final(ticket.summary.state)


def _count(before: Ticket, alert: AlertFired, story: Story, tickets: Tickets) -> Ticket:
    after = replace(before, alert_count=before.alert_count + 1)
    facts: list[Fact] = []
    if before.summary.state == "resolved":
        after = heads.moved(after, "in_progress", at=story.at, reason="", resolution=None)
        facts.append(
            TicketMoved(
                ticket=after.summary,
                before="resolved",
                after="in_progress",
                by=_monitoring(alert.source),
                reason="fired again",
            )
        )
    facts.append(
        AlertRepeated(ticket=after.summary, fingerprint=alert.fingerprint, count=after.alert_count)
    )
    return _save(before, after, facts, story, tickets)


def _open(
    alert: AlertFired,
    known: Alert | None,
    story: Story,
    tickets: Tickets,
    new_id: Callable[[str], str],
) -> Ticket:
    life_cycle = LIFE_CYCLES["incident"]
    impact, urgency = WEIGHT[alert.severity]
    summary = TicketSummary(
        id=new_id("T"),
        number=tickets.next_number(story.tenant, life_cycle.prefix),
        kind="incident",
        state=life_cycle.initial,
        subject=alert.title,
        # Nobody is to be answered: .invalid can never receive mail (RFC 2606).
        requester=f"{alert.source}@monitoring.invalid",
        channel="webhook",
        language="en",
        opened_at=story.at,
        impact=impact,
        urgency=urgency,
    )
    text = _text(alert)
    after = heads.opened(summary, text, fingerprint=alert.fingerprint)
    fact = TicketOpened(ticket=summary, text=text, by=_monitoring(alert.source), acknowledge=False)
    version = known.version if known else 0
    led_to = Alert(fingerprint=alert.fingerprint, ticket_id=summary.id, version=version)
    return _save(None, after, [fact], story, tickets, led_to)


def _save(
    before: Ticket | None,
    after: Ticket,
    facts: list[Fact],
    story: Story,
    tickets: Tickets,
    alert: Alert | None = None,
) -> Ticket:
    ticket = heads.with_facts(after, len(facts), story.at)
    tickets.save(story, Saving(ticket, facts, before=before, alert=alert))
    return ticket


def _text(alert: AlertFired) -> str:
    """Return the alert in words: what it says, where, and how to look at it."""
    lines = [alert.text, ""] if alert.text else []
    lines += [f"severity: {alert.severity}", f"source: {alert.source}"]
    lines += [f"resource: {alert.resource}"] if alert.resource else []
    lines += [f"service: {alert.service}"] if alert.service else []
    lines += [f"{name}: {value}" for name, value in sorted(alert.labels.items())]
    lines += [alert.url] if alert.url else []
    return "\n".join(lines)


def _monitoring(source: str) -> Actor:
    return Actor(kind="monitoring", name=source)
