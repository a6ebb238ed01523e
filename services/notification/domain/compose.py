"""Writes the letter that one reader gets about one fact, wholly in the reader's language."""

from __future__ import annotations

from typing import NamedTuple

from events.desk import CommentAdded, TicketMoved
from events.sla import ClockBreached, ClockWarned
from events.vocabulary import TicketSummary
from services.notification.domain.audience import Template, TicketFact
from services.notification.domain.letter import (
    Block,
    Facts,
    Letter,
    Links,
    Quote,
    Words,
    clean,
    one_line,
    subject_line,
)
from services.notification.domain.times import local
from services.notification.domain.words import say

LONGEST_NAME = 60


class Reader(NamedTuple):
    """Who reads it: name (empty if we know none), language of the catalogue, clock."""

    name: str
    language: str
    time_zone: str


class Surroundings(NamedTuple):
    """What a letter says beyond its fact; where there is no page, no link is written."""

    organisation: str
    author: str
    ticket_page: str
    # Address of the survey page for each score.
    survey: dict[int, str]


def compose(template: Template, fact: TicketFact, reader: Reader, around: Surroundings) -> Letter:
    """Return the letter."""
    ticket, language = fact.ticket, reader.language
    name = one_line(reader.name, LONGEST_NAME)
    greeting = say(language, "greeting.name", name=name) if name else say(language, "greeting")
    blocks = [
        Words(greeting),
        *_body(template, fact, reader, around),
        Words(f"{one_line(around.organisation, LONGEST_NAME)} - {ticket.number}"),
    ]
    return Letter(subject_line(ticket.number, ticket.subject), language, blocks)


def _body(
    template: Template, fact: TicketFact, reader: Reader, around: Surroundings
) -> list[Block]:
    language, ticket = reader.language, fact.ticket
    match template:
        case "received":
            promises = _promises(ticket, reader)
            return [_words(reader, template, ticket), *promises, Words(say(language, "reply"))]
        case "desk_wrote":
            return [*_comment(template, fact, reader, around), Words(say(language, "reply"))]
        case "resolved":
            return _resolved(fact, reader, around)
        case "requester_wrote" | "internal_note":
            told = _comment(template, fact, reader, around)
        case "clock_warned" | "clock_breached":
            told = [_clock(template, fact, reader)]
        case "assigned" | "team_assigned":
            told = [_words(reader, template, ticket)]
        case "reopened":
            told = [_words(reader, template, ticket), *_reason(fact, language)]
    return [*told, _about(ticket, language), *_page(around, language)]


def _words(reader: Reader, template: Template, ticket: TicketSummary) -> Words:
    return Words(say(reader.language, template, number=ticket.number))


def _promises(ticket: TicketSummary, reader: Reader) -> list[Block]:
    return [
        Words(
            say(
                reader.language,
                f"received.{clock.name}",
                due=local(clock.due_at, reader.time_zone, reader.language),
            )
        )
        for clock in ticket.due
        if clock.state == "running" and clock.due_at
    ]


def _comment(
    template: Template, fact: TicketFact, reader: Reader, around: Surroundings
) -> list[Block]:
    words = say(
        reader.language,
        template,
        number=fact.ticket.number,
        author=one_line(around.author, LONGEST_NAME),
    )
    text = clean(fact.text) if isinstance(fact, CommentAdded) else ""
    return [Words(words), Quote(text)]


def _resolved(fact: TicketFact, reader: Reader, around: Surroundings) -> list[Block]:
    language = reader.language
    blocks: list[Block] = [_words(reader, "resolved", fact.ticket)]
    notes = fact.resolution.notes if isinstance(fact, TicketMoved) and fact.resolution else ""
    if notes := clean(notes):
        blocks += [Words(say(language, "resolved.notes")), Quote(notes)]
    blocks.append(Words(say(language, "resolved.back")))
    if around.survey:
        scores = [
            (say(language, f"score.{score}"), address) for score, address in around.survey.items()
        ]
        blocks += [Words(say(language, "survey")), Links(scores)]
    return blocks


def _reason(fact: TicketFact, language: str) -> list[Block]:
    reason = clean(fact.reason) if isinstance(fact, TicketMoved) else ""
    return [Words(say(language, "reopened.reason")), Quote(reason)] if reason else []


def _clock(template: Template, fact: TicketFact, reader: Reader) -> Words:
    if not isinstance(fact, ClockWarned | ClockBreached):
        raise TypeError(f"{template} is about a clock")
    language = reader.language
    return Words(
        say(
            language,
            template,
            number=fact.ticket.number,
            clock=say(language, f"clock.{fact.clock}"),
            percent=fact.percent if isinstance(fact, ClockWarned) else 100,
            due=local(fact.due_at, reader.time_zone, language),
        )
    )


def _about(ticket: TicketSummary, language: str) -> Facts:
    who = one_line(ticket.requester_name, LONGEST_NAME)
    pairs = [
        (say(language, "subject"), one_line(ticket.subject, 200)),
        (say(language, "requester"), f"{who} <{ticket.requester}>" if who else ticket.requester),
    ]
    if ticket.priority:
        pairs.append((say(language, "priority"), ticket.priority))
    if ticket.team:
        pairs.append((say(language, "team"), ticket.team))
    return Facts(pairs)


def _page(around: Surroundings, language: str) -> list[Block]:
    return [Links([(say(language, "open"), around.ticket_page)])] if around.ticket_page else []
