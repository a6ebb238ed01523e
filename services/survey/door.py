"""The survey's page. Public: the token in the address is the proof.

Only a sent form counts. Mail scanners and chat previews open every link they find: showing the
page stores nothing, whatever score the link carries.
"""

from __future__ import annotations

from typing import Any

import msgspec

from services.survey import actions, wiring
from services.survey.domain import page
from services.survey.domain.ballot import Ballot, check_open
from services.survey.domain.reading import Filled, read_form, read_json, read_score
from shared import problem
from shared.door import Answer, Call, answers, open_door, through
from shared.forms import Raw
from shared.refusal import Conflict, Invalid, NotFound, Refusal
from shared.surveylink import SurveyGrant
from shared.telemetry import observed

HTML = "text/html; charset=utf-8"
_WHY: dict[type[Refusal], str] = {NotFound: "unknown", Conflict: "expired", Invalid: "unreadable"}

app = open_door()


class FromMail(msgspec.Struct):
    """What the link in the mail adds: the face that was clicked."""

    score: str = ""


@app.route("/surveys/{token}", methods=["GET"])
@answers(app, 200, query=FromMail)
def show_survey(call: Call[None], token: str) -> Answer:
    """Show the question with the clicked face chosen; 404 for a wrong token, 409 for a late one."""
    language = _spoken(call)
    try:
        grant = actions.granted(token, wiring.signer())
        language = grant.language
        check_open(grant, call.at)
    except Refusal as no:
        return _refused(language, no)
    asked = actions.look(grant, wiring.record())
    clicked = read_score(call.query.score)
    return _html(
        page.form(
            grant.language,
            token,
            score=clicked or asked.score,
            comment=asked.comment,
            number=asked.number,
            again=asked.score is not None,
        )
    )


@app.route("/surveys/{token}", methods=["POST"], content_types=["*/*"])
@answers(app, 200, takes=Raw)
def answer_survey(call: Call[bytes], token: str) -> Answer:
    """Keep an answer: a form gets a page, JSON (``score``, ``comment``) gets JSON."""
    media_type = (call.header("Content-Type") or "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        grant = actions.granted(token, wiring.signer())
        ballot = read_json(call.body)
        actions.cast(grant, ballot, call.story(grant.tenant), wiring.record())
        return Answer(ballot)
    language = _spoken(call)
    try:
        grant = actions.granted(token, wiring.signer())
        language = grant.language
        return _answer_form(call, token, grant)
    except Refusal as no:
        return _refused(language, no)


def _answer_form(call: Call[bytes], token: str, grant: SurveyGrant) -> Answer:
    check_open(grant, call.at)
    filled = read_form(call.body)
    if filled.score is None or filled.problem:
        return _ask_again(grant, token, filled)
    ballot = Ballot(score=filled.score, comment=filled.comment)
    actions.cast(grant, ballot, call.story(grant.tenant), wiring.record())
    return _html(page.thanks(grant.language, token, grant.expires_at))


def _ask_again(grant: SurveyGrant, token: str, filled: Filled) -> Answer:
    text = page.form(
        grant.language,
        token,
        score=filled.score,
        comment=filled.comment,
        problem=filled.problem or "",
    )
    return _html(text, status=422)


def _refused(language: str, no: Refusal) -> Answer:
    key = next((key for kind, key in _WHY.items() if isinstance(no, kind)), "unreadable")
    return _html(page.refusal(language, key), status=problem.of(no)[0])


def _spoken(call: Call[Any]) -> str:
    """Return the browser's language, for somebody whose token does not tell."""
    return call.header("Accept-Language") or "en"


def _html(text: str, status: int = 200) -> Answer:
    return Answer(text, status, page.headers(), HTML)


handler = observed(through(app), correlation="requestContext.requestId")
