"""Is a move legal, and is everything there that the new state demands? (INC-01, INC-02)"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from events.desk import Resolution
from services.desk.domain.lifecycle import AWAITING_CALLER, HOLD_REASONS, RESOLUTION_CODES
from services.desk.domain.ticket import Ticket
from shared.refusal import Conflict, Flaw, Invalid

Words = Annotated[str, Meta(max_length=20_000)]


class ResolutionForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an incident ended: one of the resolution codes, and what was done."""

    code: str
    notes: Annotated[str, Meta(max_length=20_000)]


class Move(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a ticket shall go. ``on_hold`` takes a hold reason, ``cancelled`` any reason.

    A ``resolution`` given as plain words counts as notes with the code ``unspecified``;
    ``comment`` is added for the caller to read.
    """

    to: Annotated[str, Meta(max_length=64)]
    reason: Words = ""
    resolution: ResolutionForm | str | None = None
    comment: Words = ""


def check(ticket: Ticket, move: Move) -> None:
    """Raise ``Conflict`` with the legal states for an illegal move, ``Invalid`` for a bare one."""
    state = ticket.summary.state
    legal = ticket.life_cycle.legal(state)
    if move.to not in legal:
        where = " or ".join(legal) if legal else "nowhere"
        raise Conflict(
            f"A ticket that is {state} cannot go to {move.to!r}, only to {where}.",
            state=state,
            legal=list(legal),
        )
    flaws = [
        flaw
        for demand in ticket.life_cycle.states[move.to].demands
        for flaw in _DEMANDS[demand](ticket, move)
    ]
    if flaws:
        raise Invalid(f"Going to {move.to} needs more than was given.", *flaws)


def resolution_of(move: Move) -> Resolution | None:
    """Return the resolution a move brings, if it resolves."""
    if move.to != "resolved" or move.resolution is None:
        return None
    if isinstance(move.resolution, str):
        return Resolution(code="unspecified", notes=move.resolution.strip())
    return Resolution(code=move.resolution.code, notes=move.resolution.notes.strip())


def _team(ticket: Ticket, move: Move) -> list[Flaw]:
    return [] if ticket.summary.team else [Flaw("team", "the ticket must have a team first")]


def _reason(ticket: Ticket, move: Move) -> list[Flaw]:
    return [] if move.reason.strip() else [Flaw("reason", "required")]


def _hold_reason(ticket: Ticket, move: Move) -> list[Flaw]:
    if move.reason in HOLD_REASONS:
        return []
    return [Flaw("reason", f"must be one of {', '.join(HOLD_REASONS)}")]


def _question(ticket: Ticket, move: Move) -> list[Flaw]:
    if move.reason != AWAITING_CALLER or move.comment.strip() or ticket.answered:
        return []
    return [Flaw("comment", "the caller must be told what is awaited, in a public comment")]


def _resolution(ticket: Ticket, move: Move) -> list[Flaw]:
    resolution = resolution_of(move)
    if resolution is None:
        return [Flaw("resolution", "required: {code, notes}")]
    flaws = []
    if resolution.code not in RESOLUTION_CODES:
        flaws.append(Flaw("resolution.code", f"must be one of {', '.join(RESOLUTION_CODES)}"))
    if not resolution.notes:
        flaws.append(Flaw("resolution.notes", "required"))
    return flaws


_DEMANDS = {
    "team": _team,
    "reason": _reason,
    "hold_reason": _hold_reason,
    "public_comment_when_awaiting_caller": _question,
    "resolution": _resolution,
}
