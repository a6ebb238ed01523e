"""What the receiving server wrote on top of a message, and what therefore can be believed.

A server writes its fields above those that it was given (RFC 5321, 4.4). All that stands above
the second ``Received`` is the last server's word; anything below, anybody may have written.
"""

from __future__ import annotations

import re
from itertools import islice

from services.intake.domain.headers import Headers, Mailbox, domain_of, is_address, mailboxes

MOST_RECIPIENTS = 20

_FOR = re.compile(r"\bfor\s+<?([^<>\s;]{3,320})>?")
_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r'"[^"]*"?')
_RESULT = re.compile(r"^\s*(dmarc|dkim|spf)\s*=\s*(\w+)", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(?:header\.(from|d|i)|smtp\.(mailfrom)|(envelope-from))\s*=\s*([^\s;]+)")


class Trace:
    """The last server's own fields."""

    def __init__(self, headers: Headers) -> None:
        received = [n for n, (name, _) in enumerate(headers.fields) if name == "received"]
        self._vouched = bool(received)
        self._headers = Headers(headers.fields[: (received + [0, 0])[1] or None])

    def recipients(self) -> list[str]:
        """Return for whom the server took the message."""
        named = self._headers.mailboxes("delivered-to", "x-original-to")
        for value in self._headers.all("received"):
            named += [Mailbox("", found.lower()) for found in _FOR.findall(value[:2000])]
        return list(
            islice(
                dict.fromkeys(b.address for b in named if is_address(b.address)), MOST_RECIPIENTS
            )
        )

    def failed_scan(self) -> str | None:
        """Return what the server's scanner objected to, or None."""
        for name in ("virus", "spam"):
            if self._headers.raw(f"x-ses-{name}-verdict").upper() == "FAIL":
                return name
        return None

    def vouches_for(self, sender: str, headers: Headers) -> bool:
        """Say whether the server found the sender's address genuine (RFC 8601).

        DMARC passed, or a signature or SPF did for the sender's domain or one above it. Without
        a public suffix list a domain below it does not count.
        """
        authors = [box for value in headers.all("from") for box in mailboxes(value)]
        if not self._vouched or len(headers.all("from")) != 1 or len(authors) != 1:
            return False
        results = _results(self._headers.all("authentication-results")[:1])
        home = domain_of(sender)
        verdicts = {verdict for method, verdict, _ in results if method == "dmarc"}
        if verdicts:
            return verdicts == {"pass"} and all(
                domains <= {home} for method, _, domains in results if method == "dmarc"
            )
        return any(
            verdict == "pass" and any(_covers(domain, home) for domain in domains)
            for _, verdict, domains in results
        )


def _results(values: list[str]) -> list[tuple[str, str, set[str]]]:
    found = []
    for value in values:
        text = " ".join(value[:5000].split())
        # Comments and quoted words come from the sender's side; nothing in them is a verdict.
        text = _QUOTED.sub(" ", text)
        while (bare := _COMMENT.sub(" ", text)) != text:
            text = bare
        for clause in text.split(";")[1:]:
            if result := _RESULT.match(clause):
                found.append((result[1].lower(), result[2].lower(), _domains(clause, result[1])))
    return found


def _domains(clause: str, method: str) -> set[str]:
    wanted = {"dmarc": {"from"}, "dkim": {"d", "i"}, "spf": {"mailfrom", "envelope-from"}}
    return {
        domain_of(value).lower().rstrip(".")
        for header, smtp, envelope, value in _PROPERTY.findall(clause)
        if (header or smtp or envelope) in wanted[method.lower()]
    }


def _covers(domain: str, home: str) -> bool:
    return bool(domain) and (home == domain or ("." in domain and home.endswith(f".{domain}")))
