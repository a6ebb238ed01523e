"""Words that facts of several services share, in the field's standard terms (ITIL 4)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from events.fact import Moment

# Python's "$" lets a trailing line feed pass, which would end up in headers and keys: hence (?!\n).
TicketId = Annotated[
    str, Meta(pattern="^T-[0-9A-HJKMNP-TV-Z]{16}$(?!\\n)", examples=["T-01J9ZK3V7QXA5B6C"])
]
Number = Annotated[
    str, Meta(pattern="^(INC|REQ|PRB|CHG)-[0-9]{6,}$(?!\\n)", examples=["INC-000123"])
]
Address = Annotated[str, Meta(pattern="^[^@\\s]+@[^@\\s]+$(?!\\n)", max_length=320)]
Language = Annotated[
    str, Meta(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$(?!\\n)", examples=["zh-CN"])
]
Key = Annotated[str, Meta(pattern="^[a-z0-9]+([_-][a-z0-9]+)*$(?!\\n)", max_length=64)]
ProcessKind = Literal["incident", "request", "problem", "change"]
Channel = Literal["email", "webhook", "portal", "api", "chat", "phone", "walk_up", "scheduled"]
# 1 high, 2 medium, 3 low (feature catalogue 5.1).
Level = Annotated[int, Meta(ge=1, le=3)]
Priority = Literal["P1", "P2", "P3", "P4", "P5"]
Role = Literal["requester", "agent", "lead", "admin", "auditor"]
Severity = Literal["critical", "high", "warning", "info", "low"]
ClockName = Literal["first_response", "resolution"]
ClockState = Literal["running", "paused", "met", "breached", "cancelled"]


class Actor(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who did it: a person (``name`` is the mail address) or a part of the platform."""

    kind: Literal["person", "system", "monitoring"]
    name: str
    # In which capacity a person acted; agents' words count as the desk's, requesters' as theirs.
    role: Role | None = None


class Link(Struct, frozen=True, kw_only=True):
    """A typed relation to another ticket."""

    type: Literal["follow_up_of", "possible_follow_up_of", "followed_up_by"]
    ticket_id: TicketId
    number: Number


class Clock(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One service-level clock of a ticket as it stands."""

    name: ClockName
    state: ClockState
    due_at: Moment | None = None
    # Highest warning threshold passed, in per cent of the target.
    warned: int = 0
    stopped_at: Moment | None = None


class TicketSummary(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A ticket as it is after a change: every fact about it carries one.

    Readers can act on any single fact without keeping a table of tickets of their own.
    """

    id: TicketId
    number: Number
    kind: ProcessKind
    state: Key
    subject: str
    requester: Address
    channel: Channel
    language: Language
    opened_at: Moment
    requester_name: str = ""
    team: Key | None = None
    assignee: Address | None = None
    impact: Level = 3
    urgency: Level = 3
    priority: Priority | None = None
    tags: list[str] = []
    participants: list[Address] = []
    links: list[Link] = []
    due: list[Clock] = []
    # When it was resolved last, and the sequence of the fact that says so.
    resolved_at: Moment | None = None
    resolution_sequence: int | None = None
    satisfaction: int | None = None


class MailReference(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the words came from: the receipt and the message's own ids (RFC 5322)."""

    receipt_id: str
    message_id: str = ""
    references: list[str] = []
    mailbox: str = ""
    # Did the receiving server vouch for the sender (DMARC, or aligned DKIM or SPF)?
    verified: bool = False
