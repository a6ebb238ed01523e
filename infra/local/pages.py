"""The page that shows the mails that went out."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

_FRAME = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Sent mail - zerodesk</title>
  <link rel="stylesheet" href="/style.css">
</head>
<body>
  <main>
    <nav><a href="/">zerodesk</a> <a href="/mail.json">JSON</a></nav>
    <h1>Sent mail</h1>
    {}
  </main>
</body>
</html>
"""
_SHOWN = ("From", "To", "Reply-To", "Date", "Message-ID", "In-Reply-To", "Auto-Submitted")
_MOST = 200


def outbox(mails: Iterable[dict[str, Any]]) -> str:
    """Return the page; whatever a mail holds is shown as text, newest first."""
    newest = list(mails)[: -_MOST - 1 : -1]
    if not newest:
        return _FRAME.format("<p>No mail has been sent yet.</p>")
    return _FRAME.format("\n".join(_mail(mail) for mail in newest))


def _mail(mail: dict[str, Any]) -> str:
    fields = {name.lower(): value for name, value in mail["headers"].items()}
    head = "\n".join(f"{n}: {fields[n.lower()]}" for n in _SHOWN if n.lower() in fields)
    body = mail["text"] or mail["html"]
    to = ", ".join(mail["envelope"]["to"])
    return (
        f"<details><summary>{escape(mail['at'][:19])} <b>{escape(mail['subject'])}</b> "
        f"to {escape(to)}</summary>\n<pre>{escape(head)}</pre>\n"
        f"<pre>{escape(body)}</pre></details>"
    )
