"""The desk over HTTP."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from services.desk import wiring
from services.desk.actions import reading, requests
from services.desk.actions.requests import Request
from services.desk.domain.forms import (
    Assignment,
    Comment,
    NewComment,
    NewTicket,
    TicketList,
    TicketView,
    Timeline,
)
from services.desk.domain.listing import Listing
from services.desk.domain.moves import Move
from services.desk.domain.records import Once
from shared.door import Answer, Call, Signed, answers, open_door, through
from shared.ident import new_id
from shared.telemetry import logger, observed

app = open_door()
# Written by infra/openapi.py and shipped with the desk.
DESCRIPTION = Path(__file__).with_name("openapi.json")


@app.route("/tickets", methods=["POST"], authorizer=Signed())
@answers(app, 201, takes=NewTicket)
def open_ticket(call: Call[NewTicket]) -> TicketView:
    """Open a ticket."""
    ticket = requests.open_ticket(call.body, _request(call, "open"), new_id)
    logger.info("ticket opened", number=ticket.number)
    return ticket


@app.route("/tickets", methods=["GET"], authorizer=Signed())
@answers(app, 200, query=Listing)
def list_tickets(call: Call[None]) -> TicketList:
    """List the tickets the caller may see, newest first."""
    return reading.listed(
        call.query,
        person=call.caller,
        tenant=call.caller.tenant,
        tickets=wiring.tickets(),
        signer=wiring.signer(),
    )


@app.route("/tickets/{ticket_id}", methods=["GET"], authorizer=Signed())
@answers(app, 200)
def show_ticket(call: Call[None], ticket_id: str) -> TicketView:
    """Show one ticket."""
    caller = call.caller
    return reading.show(ticket_id, person=caller, tenant=caller.tenant, tickets=wiring.tickets())


@app.route("/tickets/{ticket_id}/timeline", methods=["GET"], authorizer=Signed())
@answers(app, 200, query=reading.TimelineQuery)
def show_timeline(call: Call[None], ticket_id: str) -> Timeline:
    """Show what happened to a ticket, oldest first."""
    return reading.timeline(
        ticket_id,
        call.query,
        person=call.caller,
        tenant=call.caller.tenant,
        tickets=wiring.tickets(),
        signer=wiring.signer(),
    )


@app.route("/tickets/{ticket_id}/comments", methods=["POST"], authorizer=Signed())
@answers(app, 201, takes=NewComment)
def add_comment(call: Call[NewComment], ticket_id: str) -> Comment:
    """Add a public or internal comment."""
    request = _request(call, f"comment {ticket_id}")
    return requests.comment(ticket_id, call.body, request, new_id("C"))


@app.route("/tickets/{ticket_id}/moves", methods=["POST"], authorizer=Signed())
@answers(app, 200, takes=Move)
def move_ticket(call: Call[Move], ticket_id: str) -> TicketView:
    """Move a ticket along its life cycle."""
    return requests.move(ticket_id, call.body, _request(call, f"move {ticket_id}"), new_id("C"))


@app.route("/tickets/{ticket_id}/assignment", methods=["POST"], authorizer=Signed())
@answers(app, 200, takes=Assignment)
def assign_ticket(call: Call[Assignment], ticket_id: str) -> TicketView:
    """Give a ticket to a team, a person, or both."""
    return requests.assign(ticket_id, call.body, _request(call, f"assign {ticket_id}"))


@app.route("/openapi.json", methods=["GET"])
@answers(app, 200)
def describe(call: Call[None]) -> Answer:
    """Return this description (OpenAPI 3.1)."""
    return Answer(DESCRIPTION.read_text())


def _request(call: Call[Any], purpose: str) -> Request:
    once = None
    if key := call.idempotency_key:
        fingerprint = sha256(purpose.encode() + b"\0" + call.raw).hexdigest()
        once = Once(call.caller.email, key, fingerprint)
    return Request(call.caller, call.story(), wiring.tickets(), if_match=call.if_match, once=once)


handler = observed(through(app), correlation="requestContext.requestId")
