"""The desk's door with a pretended DynamoDB: what a caller gets, word for word."""

import json

import pytest

ONE = "/tickets/{ticket_id}"


@pytest.fixture
def desk(aws, request_event, as_person, context):
    aws.table("desk")
    from services.desk.door import handler

    class Http:
        ada = as_person("ada@demo.example")
        eve = as_person("eve@demo.example")
        agent = as_person("agent@demo.example", roles=("agent",))
        stranger = as_person("agent@other.example", tenant="other", roles=("agent", "admin"))

        def __call__(self, method, path, who=None, **kwargs):
            who = self.agent if who is None else who
            answer = handler(request_event(method, path, who=who, **kwargs), context)
            body = json.loads(answer["body"]) if answer["body"] else None
            return answer["statusCode"], body, answer["headers"]

        def open(self, who=None, **form):
            body = {"subject": "VPN is down", "text": "since nine", **form}
            status, ticket, _ = self("POST", "/tickets", who or self.ada, body=body)
            assert status == 201, ticket
            return ticket

        facts = staticmethod(lambda: aws.facts("desk"))

    return Http()


def known_agent(desk_table="desk"):
    from events.identity import PersonInvited
    from services.desk import wiring
    from services.desk.actions import conversations
    from shared.ident import now
    from shared.story import Story

    invited = PersonInvited(email="agent@demo.example", name="A", roles=["agent"])
    conversations.know_person(invited, story=Story("demo", now(), "c"), tickets=wiring.tickets())


def test_a_ticket_is_opened_and_shown(desk):
    ticket = desk.open(impact=2, urgency=1, tags=["vpn"])
    status, again, headers = desk("GET", ONE, desk.ada, ticket_id=ticket["id"])
    assert (status, again) == (200, ticket)
    assert headers["ETag"] == '"1"'
    assert ticket["number"] == "INC-000001"
    assert ticket["state"] == "new"
    assert ticket["requester"] == "ada@demo.example"
    assert ticket["next_states"] == ["in_progress", "on_hold", "resolved", "cancelled"]


def test_a_long_text_is_whole_in_the_ticket_and_cut_in_lists(desk):
    text = "word " * 3000
    ticket = desk.open(text=text)
    assert ticket["text"] == text
    _, shown, _ = desk("GET", ONE, ticket_id=ticket["id"])
    assert shown["text"] == text
    _, page, _ = desk("GET", "/tickets")
    assert page["items"][0]["text"] == text[:500]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"subject"}),
        ({"subject": " ", "impact": 9, "nonsense": 1}, {"subject", "impact", "nonsense"}),
        ({"subject": "x", "kind": "change"}, {"kind"}),
        ({"subject": "x", "text": 3, "tags": ["No Spaces"]}, {"text", "tags[0]"}),
        ({"subject": "x", "requester": "bob@demo.example", "team": "x"}, {"requester", "team"}),
    ],
)
def test_int_19_every_bad_field_is_named(desk, body, fields):
    status, problem, headers = desk("POST", "/tickets", desk.ada, body=body)
    assert status == 422
    assert headers["Content-Type"] == "application/problem+json"
    assert {e["field"] for e in problem["errors"]} == fields
    assert desk.facts() == []


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', "\x00"])
def test_what_is_no_ticket_form_is_refused(desk, body):
    status, problem, _ = desk("POST", "/tickets", body=body)
    assert (status, problem["status"]) == (422, 422)


def test_a_body_over_a_megabyte_is_too_large(desk):
    status, problem, _ = desk("POST", "/tickets", body=json.dumps({"subject": "x" * 1_000_001}))
    assert (status, problem["title"]) == (413, "Request Entity Too Large")


def test_ten_01_foreign_and_missing_tickets_look_the_same(desk):
    ticket = desk.open()
    for method, path, body in (
        ("GET", ONE, None),
        ("GET", f"{ONE}/timeline", None),
        ("POST", f"{ONE}/comments", {"text": "x"}),
        ("POST", f"{ONE}/moves", {"to": "resolved"}),
        ("POST", f"{ONE}/assignment", {"team": "x"}),
    ):
        answers = {
            json.dumps(desk(method, path, who, body=body, ticket_id=ticket_id)[:2])
            for who, ticket_id in (
                (desk.eve, ticket["id"]),
                (desk.stranger, ticket["id"]),
                (desk.agent, "T-0000000000000000"),
                (desk.agent, "../../etc"),
            )
        }
        assert len(answers) == 1
        assert '"status": 404' in answers.pop()


def test_api_01_a_stale_version_is_refused(desk):
    ticket = desk.open()
    path = f"{ONE}/comments"
    seen = {"if-match": '"1"'}
    body = {"text": "first"}
    status, _, _ = desk("POST", path, body=body, headers=seen, ticket_id=ticket["id"])
    assert status == 201
    for stale in ('"1"', '"99"', '"nonsense"'):
        headers = {"if-match": stale}
        status, problem, _ = desk("POST", path, body=body, headers=headers, ticket_id=ticket["id"])
        assert (status, problem["version"]) == (412, 2)
    headers = {"if-match": "*"}
    status, _, _ = desk("POST", path, body=body, headers=headers, ticket_id=ticket["id"])
    assert status == 201


def test_int_19_a_repeated_request_has_one_effect(desk):
    form = {"subject": "VPN"}
    key = {"idempotency-key": "k-1"}
    first = desk("POST", "/tickets", body=form, headers=key)
    again = desk("POST", "/tickets", body=form, headers=key)
    assert first[:2] == again[:2]
    assert len(desk.facts()) == 1
    other = desk("POST", "/tickets", body={"subject": "Other"}, headers=key)
    assert other[0] == 422
    status, somebody, _ = desk("POST", "/tickets", desk.ada, body=form, headers=key)
    assert (status, somebody["id"] != first[1]["id"]) == (201, True)


def test_int_19_a_repeated_comment_is_added_once(desk):
    ticket = desk.open()
    key = {"idempotency-key": "k-2"}
    path = f"{ONE}/comments"
    body = {"text": "hello"}
    first = desk("POST", path, body=body, headers=key, ticket_id=ticket["id"])
    again = desk("POST", path, body=body, headers=key, ticket_id=ticket["id"])
    assert first[:2] == again[:2]
    assert len(desk.facts()) == 2


def test_inc_01_an_illegal_move_answers_with_the_legal_ones(desk):
    ticket = desk.open()
    body = {"to": "closed"}
    status, problem, _ = desk("POST", f"{ONE}/moves", body=body, ticket_id=ticket["id"])
    assert status == 409
    assert problem["legal"] == ["in_progress", "on_hold", "resolved", "cancelled"]


def test_a_ticket_is_assigned_to_the_desks_staff_only(desk):
    known_agent()
    ticket = desk.open()
    path = f"{ONE}/assignment"
    body = {"team": "network", "assignee": "Agent@demo.example"}
    status, shown, _ = desk("POST", path, body=body, ticket_id=ticket["id"])
    assert (status, shown["team"], shown["assignee"]) == (200, "network", "agent@demo.example")
    body = {"assignee": "eve@demo.example"}
    status, problem, _ = desk("POST", path, body=body, ticket_id=ticket["id"])
    assert (status, problem["errors"][0]["field"]) == (422, "assignee")
    status, shown, _ = desk("POST", path, body={"assignee": None}, ticket_id=ticket["id"])
    assert (shown["team"], shown["assignee"]) == ("network", None)
    assert desk("POST", path, body={}, ticket_id=ticket["id"])[0] == 422


def test_sec_03_a_requester_reads_no_internal_words(desk):
    ticket = desk.open()
    for public in (True, False):
        body = {"text": f"public {public}", "public": public}
        desk("POST", f"{ONE}/comments", body=body, ticket_id=ticket["id"])
    path = f"{ONE}/timeline"
    _, mine, _ = desk("GET", path, desk.ada, ticket_id=ticket["id"])
    _, theirs, _ = desk("GET", path, ticket_id=ticket["id"])
    assert "public False" not in json.dumps(mine)
    assert [e["kind"] for e in theirs["items"]] == ["TicketOpened", "CommentAdded", "CommentAdded"]
    assert [e["sequence"] for e in theirs["items"]] == [1, 2, 3]


def test_lists_show_what_matches_and_nothing_foreign(desk):
    known_agent()
    for n in range(5):
        desk.open(subject=f"Printer {n}")
    other = desk.open(desk.eve, subject="Laptop slow")
    desk.open(desk.stranger, subject="Printer of others")
    body = {"team": "workplace", "assignee": "agent@demo.example"}
    desk("POST", f"{ONE}/assignment", body=body, ticket_id=other["id"])

    def subjects(who=None, query=""):
        _, page, _ = desk("GET", "/tickets", who, query=query)
        return [t["subject"] for t in page["items"]]

    assert subjects()[0] == "Laptop slow"
    assert len(subjects()) == 6
    assert subjects(query="q=printer&limit=100") == [f"Printer {n}" for n in (4, 3, 2, 1, 0)]
    assert subjects(query="team=workplace") == ["Laptop slow"]
    assert subjects(query="assignee=agent@demo.example") == ["Laptop slow"]
    assert subjects(query="requester=eve@demo.example") == ["Laptop slow"]
    assert subjects(query="state=resolved") == []
    assert len(subjects(query="state=new,resolved")) == 6
    assert subjects(desk.eve) == ["Laptop slow"]
    assert subjects(desk.eve, query="requester=ada@demo.example") == []
    assert subjects(desk.stranger) == ["Printer of others"]


def test_pages_follow_each_other_without_gap_or_repetition(desk):
    opened = [desk.open(subject=f"Printer {n}")["id"] for n in range(7)]
    seen, cursor = [], ""
    while True:
        _, page, _ = desk("GET", "/tickets", query=f"limit=3{cursor}")
        seen += [t["id"] for t in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == opened[::-1]


def test_a_cursor_is_good_for_its_own_list_and_caller_only(desk):
    for n in range(3):
        desk.open(subject=f"Printer {n}")
    _, page, _ = desk("GET", "/tickets", query="limit=1")
    cursor = page["next_cursor"]
    for who, query in (
        (desk.stranger, f"limit=1&cursor={cursor}"),
        (desk.agent, f"state=new&cursor={cursor}"),
        (desk.agent, f"cursor={cursor[:-2]}"),
        (desk.agent, "cursor=nonsense"),
    ):
        status, problem, _ = desk("GET", "/tickets", who, query=query)
        assert (status, problem["errors"][0]["field"]) == (422, "cursor")


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=101", "sort=up", "priority=P9"])
def test_an_unknown_filter_is_refused(desk, query):
    status, problem, _ = desk("GET", "/tickets", query=query)
    assert status == 422
    assert problem["errors"][0]["field"].startswith(query.partition("=")[0])


def test_a_token_without_an_organisation_opens_nothing(desk):
    status, problem, _ = desk("GET", "/tickets", {"sub": "x", "email": "a@b"})
    assert (status, problem["title"]) == (401, "Unauthorized")


def test_a_wrong_media_type_is_a_problem_document(desk):
    headers = {"content-type": "text/plain"}
    status, problem, _ = desk("POST", "/tickets", body="x", headers=headers)
    assert (status, problem["status"]) == (415, 415)
