"""``zerodesk ticket`` against a platform that answers over HTTP."""

import json

import pytest

ID = "T-0123456789ABCDEF"
TICKET = {
    "id": ID,
    "number": "INC-000123",
    "kind": "incident",
    "state": "new",
    "priority": "P3",
    "subject": "Printer on fire",
    "text": "It burns.",
    "team": "service-desk",
    "assignee": None,
    "tags": ["printer"],
    "version": 4,
    "due": {"resolution": "2030-01-03T09:00:00Z"},
    "next_states": ["in_progress"],
}


def test_the_first_agent_acts_unless_somebody_is_named(zerodesk, platform):
    platform.on("GET", "/api/tickets", {"items": [TICKET], "next_cursor": None})
    assert zerodesk("ticket", "list").exit_code == 0
    assert zerodesk("ticket", "list", "--as", "Rita@demo.example").exit_code == 0
    assert [asked.headers["authorization"] for asked in platform.asked] == [
        "Bearer token of ada@demo.example",
        "Bearer token of rita@demo.example",
    ]


def test_json_is_all_there_is_on_stdout(zerodesk, platform):
    platform.on("GET", "/api/tickets", {"items": [TICKET], "next_cursor": None})
    for args in (("ticket", "list", "--json"), ("--json", "ticket", "list")):
        done = zerodesk(*args)
        assert json.loads(done.stdout) == [TICKET]
        assert done.stderr == ""


def test_a_list_follows_the_pages_up_to_its_limit(zerodesk, platform):
    platform.on("GET", "/api/tickets", {"items": [TICKET], "next_cursor": "more"})
    platform.on("GET", "/api/tickets", {"items": [TICKET, TICKET], "next_cursor": "still more"})
    done = zerodesk("ticket", "list", "--limit", "2", "--state", "new", "--state", "on_hold",
                    "--search", "printer", "--json")  # fmt: skip
    assert len(json.loads(done.stdout)) == 2
    first, second = platform.asked
    assert first.query == {"state": ["new", "on_hold"], "q": ["printer"], "limit": ["2"]}
    assert second.query["cursor"] == ["more"]


def test_a_ticket_may_be_named_by_its_number(zerodesk, platform):
    other = {**TICKET, "number": "INC-0001234", "id": "T-other"}
    platform.on("GET", "/api/tickets", {"items": [other], "next_cursor": "more"})
    platform.on("GET", "/api/tickets", {"items": [TICKET]})
    platform.on("GET", f"/api/tickets/{ID}", TICKET)
    done = zerodesk("ticket", "show", "inc-000123")
    assert "Printer on fire" in done.stdout
    assert "due resolution" in done.stdout
    assert zerodesk("ticket", "show", "INC-999999").exit_code == 1


def test_the_timeline_comes_with_the_ticket(zerodesk, platform):
    entry = {"id": "F-1", "sequence": 1, "at": "2030-01-02T09:30:00Z", "kind": "TicketOpened"}
    platform.on("GET", f"/api/tickets/{ID}", TICKET)
    platform.on("GET", f"/api/tickets/{ID}/timeline", {"items": [entry], "next_cursor": None})
    done = zerodesk("ticket", "show", ID, "--timeline", "--json")
    assert json.loads(done.stdout)["timeline"] == [entry]
    assert "TicketOpened" in zerodesk("ticket", "show", ID, "--timeline").stdout


def test_a_new_ticket_holds_only_what_was_said(zerodesk, platform):
    platform.on("POST", "/api/tickets", TICKET, 201)
    done = zerodesk("ticket", "new", "Printer on fire", "--text", "-", "--impact", "1",
                    "--tag", "printer", "--idempotency-key", "k", stdin="It burns.\n")  # fmt: skip
    assert done.stdout == f"INC-000123 is open (id {ID}).\n"
    [asked] = platform.asked
    assert asked.body == {
        "subject": "Printer on fire",
        "text": "It burns.\n",
        "kind": "incident",
        "impact": 1,
        "tags": ["printer"],
    }
    assert asked.headers["idempotency-key"] == "k"
    assert asked.headers["content-type"] == "application/json"


def test_a_comment_is_public_unless_it_is_internal(zerodesk, platform):
    platform.on("POST", f"/api/tickets/{ID}/comments", {"id": "C-1"}, 201)
    zerodesk("ticket", "comment", ID, "We are on it.")
    zerodesk("ticket", "comment", ID, "Again him.", "--internal")
    assert [asked.body["public"] for asked in platform.asked] == [True, False]


@pytest.mark.parametrize(
    ("args", "body"),
    [
        (("in_progress",), {"to": "in_progress"}),
        (("on_hold", "--reason", "scheduled"), {"to": "on_hold", "reason": "scheduled"}),
        (("resolved", "--resolution", "Extinguished"),
         {"to": "resolved", "resolution": "Extinguished"}),
        (("resolved", "--code", "hardware_replaced", "--resolution", "New one"),
         {"to": "resolved", "resolution": {"code": "hardware_replaced", "notes": "New one"}}),
        (("closed", "--comment", "Bye"), {"to": "closed", "comment": "Bye"}),
    ],
)  # fmt: skip
def test_inc_01_a_move_says_where_and_why(zerodesk, platform, args, body):
    platform.on("POST", f"/api/tickets/{ID}/moves", {**TICKET, "state": args[0]})
    done = zerodesk("ticket", "move", ID, *args, "--if-version", "4")
    assert done.stdout == f"INC-000123 is {args[0]}.\n"
    assert platform.asked[0].body == body
    assert platform.asked[0].headers["if-match"] == '"4"'


def test_an_illegal_move_is_refused_with_the_legal_ones(zerodesk, platform):
    problem = {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "A closed ticket stays closed.",
        "legal": ["in_progress"],
    }
    platform.on("POST", f"/api/tickets/{ID}/moves", problem, 409)
    done = zerodesk("ticket", "move", ID, "new")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr == "zerodesk: A closed ticket stays closed.\n  legal: in_progress\n"
    done = zerodesk("ticket", "move", ID, "new", "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (1, problem)


def test_every_bad_field_is_printed(zerodesk, platform):
    errors = [{"field": "subject", "detail": "too long"}, {"field": "", "detail": "odd"}]
    problem = {"detail": "The body has 2 bad fields.", "status": 422, "errors": errors}
    platform.on("POST", "/api/tickets", problem, 422)
    done = zerodesk("ticket", "new", "x")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[1:] == ["  subject: too long", "  body: odd"]


@pytest.mark.parametrize(
    ("args", "body"),
    [
        (("--team", "network"), {"team": "network"}),
        (("--team", "n", "--assignee", "ada@demo.example"),
         {"team": "n", "assignee": "ada@demo.example"}),
        (("--no-assignee",), {"assignee": None}),
    ],
)  # fmt: skip
def test_an_assignment_names_hands_or_takes_them_away(zerodesk, platform, args, body):
    platform.on("POST", f"/api/tickets/{ID}/assignment", TICKET)
    assert zerodesk("ticket", "assign", ID, *args).exit_code == 0
    assert platform.asked[0].body == body


def test_an_assignment_to_nobody_in_particular_is_wrong_usage(zerodesk, platform):
    assert zerodesk("ticket", "assign", ID).exit_code == 2
    assert zerodesk("ticket", "assign", ID, "--team", "a", "--no-team").exit_code == 2
    assert platform.asked == []


def test_a_strangers_words_do_not_steer_the_terminal(zerodesk, platform):
    nasty = {**TICKET, "subject": "\x1b[2J[bold]gone\x07 \u202egpj.exe"}
    platform.on("GET", "/api/tickets", {"items": [nasty]})
    platform.on("GET", f"/api/tickets/{ID}", nasty)
    for done in (zerodesk("ticket", "list"), zerodesk("ticket", "show", ID)):
        assert "[bold]gone" in done.stdout
        assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout)


def test_an_id_cannot_leave_its_place_in_the_path(zerodesk, platform):
    zerodesk("ticket", "show", "../me?x=1")
    assert platform.asked[0].path == "/api/tickets/..%2Fme%3Fx%3D1"


def test_a_platform_elsewhere_is_reached_with_a_token(zerodesk, platform, monkeypatch):
    monkeypatch.setenv("ZERODESK_API", f"{platform.url}/cloud/api/")
    monkeypatch.setenv("ZERODESK_TOKEN", "from-a-browser")
    monkeypatch.setenv("ZERODESK_HOME", "/nowhere")
    platform.on("GET", "/cloud/api/tickets", {"items": []})
    assert zerodesk("ticket", "list", "--json").stdout == "[]\n"
    assert platform.asked[0].headers["authorization"] == "Bearer from-a-browser"
