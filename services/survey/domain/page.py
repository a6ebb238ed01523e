"""The survey page: HTML without scripts, for any screen, any reader and any pointing finger."""

from __future__ import annotations

import base64
from datetime import datetime
from hashlib import sha256
from html import escape

from services.survey.domain.ballot import LONGEST_COMMENT
from services.survey.domain.words import say, tongue

FACES = {1: "\U0001f61e", 2: "\U0001f641", 3: "\U0001f610", 4: "\U0001f642", 5: "\U0001f600"}

_STYLE = """
:root{color-scheme:light dark}
body{font:1.125rem/1.5 system-ui,sans-serif;max-width:36rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem}
fieldset{border:0;margin:0;padding:0}
legend,.comment{font-weight:600;padding:0;margin:1rem 0 .5rem;display:block}
.face{display:flex;align-items:center;gap:.75rem;min-height:3rem}
.face input{width:1.5rem;height:1.5rem;flex:none}
.face span{font-size:2rem;line-height:1}
textarea{box-sizing:border-box;width:100%;font:inherit;padding:.5rem}
button{font:inherit;min-height:3rem;padding:.5rem 1.5rem;margin-top:1rem}
:focus-visible{outline:3px solid;outline-offset:3px}
.problem{border-left:4px solid;padding-left:.75rem;font-weight:600}
"""


def headers() -> dict[str, str]:
    """Return the headers under which the page is shown: nothing active, no traces left."""
    style = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
    }


def form(
    language: str,
    token: str,
    *,
    score: int | None = None,
    comment: str = "",
    number: str = "",
    problem: str = "",
    again: bool = False,
) -> str:
    """Return the page that asks; ``problem`` is the key of what was wrong with the last try."""
    faces = "\n".join(_face(language, one, one == score) for one in sorted(FACES, reverse=True))
    parts = [
        f"<p>{escape(number)}</p>" if number else "",
        _problem(language, problem) if problem else "",
        f"<p>{_text(language, 'again')}</p>" if again else "",
        # Relative to the page's own address, which ends in the token.
        f'<form method="post" action="{escape(token)}">',
        f"<fieldset><legend>{_text(language, 'question')}</legend>",
        faces,
        "</fieldset>",
        f'<label class="comment" for="comment">{_text(language, "comment")}</label>',
        # A parser drops the first line break in a textarea: it gets one to drop.
        f'<textarea id="comment" name="comment" rows="5" maxlength="{LONGEST_COMMENT}">\n'
        f"{escape(comment)}</textarea>",
        f'<button type="submit">{_text(language, "send")}</button>',
        "</form>",
    ]
    return _page(language, "\n".join(part for part in parts if part))


def thanks(language: str, token: str, until: datetime) -> str:
    """Return the page that thanks, and says until when the answer may be changed."""
    change = escape(say(language, "change", day=until.date().isoformat()))
    return _page(
        language,
        f'<p role="status">{_text(language, "thanks")}</p>\n<p>{change} '
        f'<a href="{escape(token)}">{_text(language, "change.link")}</a></p>',
    )


def refusal(language: str, problem: str) -> str:
    """Return the page that says why nothing is asked."""
    return _page(language, _problem(language, problem))


def _face(language: str, score: int, chosen: bool) -> str:
    checked = " checked" if chosen else ""
    return (
        f'<label class="face"><input type="radio" name="score" value="{score}" required{checked}>'
        f'<span aria-hidden="true">{FACES[score]}</span> '
        f"{score} - {_text(language, f'score.{score}')}</label>"
    )


def _problem(language: str, key: str) -> str:
    return f'<p class="problem" role="alert">{_text(language, key)}</p>'


def _text(language: str, key: str) -> str:
    return escape(say(language, key, most=LONGEST_COMMENT))


def _page(language: str, body: str) -> str:
    title = _text(language, "title")
    return (
        f'<!doctype html>\n<html lang="{tongue(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="robots" content="noindex">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}\n"
        "</main>\n</body>\n</html>\n"
    )
