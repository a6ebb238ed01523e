"""The door: payload format 2.0 in, problem documents out."""

import base64
import json

import msgspec
import pytest

from shared.door import Answer, Signed, answers, open_door, through
from shared.forms import Raw
from shared.refusal import Conflict, NotFound, PreconditionFailed, Stale, TooLarge


class Thing(msgspec.Struct):
    name: str
    version: int = 3


@pytest.fixture
def ask(request_event, context):
    app = open_door()

    @app.route("/things/{name}", methods=["POST"], authorizer=Signed())
    @answers(app, 201, takes=Thing)
    def make(call, name):
        return Thing(f"{name}/{call.body.name}/{call.caller.email}")

    @app.route("/raw", methods=["POST"], content_types=["*/*"])
    @answers(app, 202, takes=Raw)
    def raw(call):
        return Answer(call.raw.decode("latin-1"), media_type="text/plain")

    @app.route("/fails/{how}", methods=["GET"])
    @answers(app, 200)
    def fail(call, how):
        raise {
            "missing": NotFound(),
            "conflict": Conflict("no", legal=["a"]),
            "stale": Stale("changed"),
            "unmatched": PreconditionFailed("changed"),
            "large": TooLarge("much"),
            "bug": ZeroDivisionError("secret detail"),
        }[how]

    handler = through(app)

    def go(method, path, **kwargs):
        answer = handler(request_event(method, path, **kwargs), context)
        return answer["statusCode"], answer["body"], answer["headers"]

    return go


def test_a_view_gets_body_path_and_caller(ask, as_person):
    body = {"name": "b"}
    status, text, headers = ask("POST", "/things/{name}", body=body, who=as_person(), name="n")
    assert (status, json.loads(text)["name"]) == (201, "n/b/ada@demo.example")
    assert headers["ETag"] == '"3"'
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("body", ["plain", "中文", ""])
def test_raw_bytes_arrive_as_they_were_sent(ask, body):
    headers = {"content-type": "text/weird"}
    status, text, _ = ask("POST", "/raw", body=body, headers=headers)
    assert (status, text.encode("latin-1").decode()) == (202, body)


def test_base64_bodies_are_decoded(request_event, context):
    app = open_door()

    @app.route("/raw", methods=["POST"], content_types=["*/*"])
    @answers(app, 200, takes=Raw)
    def raw(call):
        return Answer(call.raw.hex(), media_type="text/plain")

    event = request_event("POST", "/raw", body=base64.b64encode(b"\x00\xff").decode())
    event["isBase64Encoded"] = True
    assert through(app)(event, context)["body"] == "00ff"


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ("missing", 404),
        ("conflict", 409),
        ("stale", 412),
        ("unmatched", 412),
        ("large", 413),
        ("bug", 500),
    ],
)
def test_every_refusal_is_a_problem_document(ask, how, status):
    code, text, headers = ask("GET", "/fails/{how}", how=how)
    problem = json.loads(text)
    assert (code, problem["status"], problem["type"]) == (status, status, "about:blank")
    assert headers["Content-Type"] == "application/problem+json"
    assert "secret" not in text
    if how == "conflict":
        assert problem["legal"] == ["a"]


def test_nobody_is_let_in_without_an_organisation(ask, as_person):
    nobody = {**as_person(), "tenant": ""}
    status, _, _ = ask("POST", "/things/{name}", body={"name": "b"}, who=nobody, name="n")
    assert status == 401


def test_chalices_own_refusals_have_the_same_shape(ask):
    status, text, headers = ask("POST", "/fails/{how}", how="x")
    assert (status, json.loads(text)["title"]) == (405, "Method Not Allowed")
    assert headers["Content-Type"] == "application/problem+json"
