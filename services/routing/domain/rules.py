"""Ordered routing rules: the first that fits decides, and says by what (RTE-02)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from events.vocabulary import Channel, Key, TicketSummary
from services.routing.domain.words import Words

FALLBACK_TEAM = "service-desk"
FALLBACK_CATEGORY = "inquiry"


class Rule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whose a ticket is when every condition that is given holds; of each, one of its values.

    ``words`` are looked for in subject and text, ``subject_words`` in the subject only;
    ``senders`` are mail addresses or domains. A rule that is not ``enabled`` is passed over.
    """

    name: str
    team: Key
    category: Key
    tags: tuple[Key, ...] = ()
    words: tuple[str, ...] = ()
    subject_words: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    with_tags: tuple[str, ...] = ()
    enabled: bool = True


class Match(Struct, frozen=True, kw_only=True):
    """What the rules say of a ticket; ``rule`` is None when none of them fitted."""

    team: Key
    category: Key
    reason: str
    tags: tuple[Key, ...] = ()
    rule: str | None = None
    found: tuple[str, ...] = ()


class Asked:
    """What rules may look at."""

    def __init__(self, ticket: TicketSummary, text: str) -> None:
        self.subject = Words(ticket.subject)
        self.words = Words(ticket.subject, text)
        self.sender = ticket.requester.casefold()
        self.channel = ticket.channel
        self.tags = ticket.tags


def choose(asked: Asked, rules: Iterable[Rule]) -> Match:
    """Return what the first fitting rule says, or hand the ticket to the service desk."""
    for rule in rules:
        found = evidence(rule, asked)
        if found is not None:
            return Match(
                team=rule.team,
                category=rule.category,
                tags=rule.tags,
                rule=rule.name,
                reason=f'rule "{rule.name}" matched: {"; ".join(found) or "it takes all"}',
                found=tuple(found),
            )
    return Match(
        team=FALLBACK_TEAM,
        category=FALLBACK_CATEGORY,
        reason="no rule matched, so the service desk looks at it",
    )


def evidence(rule: Rule, asked: Asked) -> list[str] | None:
    """Return in words why a rule fits a ticket, None if it does not."""
    if not rule.enabled:
        return None
    evidence = []
    for given, find in _CONDITIONS:
        wanted = given(rule)
        if not wanted:
            continue
        found = find(asked, wanted)
        if found is None:
            return None
        evidence.append(found)
    return evidence


def in_order(defaults: Mapping[int, Rule], own: Mapping[int, Rule]) -> list[Rule]:
    """Return the rules in force: a tenant's own take the place of defaults of the same order."""
    return [rule for _, rule in sorted({**defaults, **own}.items())]


def _words(asked: Asked, phrases: tuple[str, ...]) -> str | None:
    return _quoted("found", asked.words.found(phrases))


def _subject_words(asked: Asked, phrases: tuple[str, ...]) -> str | None:
    return _quoted("the subject says", asked.subject.found(phrases))


def _sender(asked: Asked, senders: tuple[str, ...]) -> str | None:
    domain = asked.sender.rpartition("@")[2]
    for sender in senders:
        wanted = sender.casefold().removeprefix("@")
        if asked.sender == wanted or domain == wanted or domain.endswith(f".{wanted}"):
            return f"the sender is {asked.sender}"
    return None


def _channel(asked: Asked, channels: tuple[str, ...]) -> str | None:
    return f"it came by {asked.channel}" if asked.channel in channels else None


def _tags(asked: Asked, tags: tuple[str, ...]) -> str | None:
    return _quoted("tagged", [tag for tag in tags if tag in asked.tags])


def _quoted(what: str, found: list[str]) -> str | None:
    quoted = ", ".join(f'"{word}"' for word in found)
    return f"{what} {quoted}" if found else None


_Given = Callable[[Rule], tuple[str, ...]]
_Find = Callable[[Asked, tuple[str, ...]], str | None]
_CONDITIONS: tuple[tuple[_Given, _Find], ...] = (
    (lambda rule: rule.words, _words),
    (lambda rule: rule.subject_words, _subject_words),
    (lambda rule: rule.senders, _sender),
    (lambda rule: rule.channels, _channel),
    (lambda rule: rule.with_tags, _tags),
)
