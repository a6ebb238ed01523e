"""Makes one realistic bus event per fact, for tests, docs and people who write a listener."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from events.envelope import BusEvent, Detail, Meta
from events.fact import KINDS, Kind
from infra.build import ROOT
from infra.schemas import Schema, load, schema_of

FOLDER = ROOT / "events/samples"
MOMENT = datetime(2030, 3, 4, 9, 15, tzinfo=UTC)
TICKET = "T-01J9ZK3V7QXA5B6C"

# Optional fields of a ticket that is not so far yet.
LATER = {
    "links",
    "resolution",
    "resolution_sequence",
    "resolved_at",
    "satisfaction",
    "stopped_at",
}
# What a field of this name holds, whatever fact it is in; other fields follow from their schema.
WORDS: dict[str, Any] = {
    "assignee": "lin.hao@demo.zerodesk.example",
    "actor": "lin.hao@demo.zerodesk.example",
    "code": "fixed",
    "comment": "Quick and friendly.",
    "comment_id": "C-01J9ZK5M2RWB",
    "email": "mei.tan@demo.zerodesk.example",
    "filename": "error.png",
    "fingerprint": "prometheus:5c1f0e7d2b9a4c38",
    "id": TICKET,
    "key": "printing",
    "language": "en",
    "mailbox": "help@demo.zerodesk.example",
    "message_id": "01000193f2.8d1c@mail.demo.zerodesk.example",
    "name": "Mei Tan",
    "notes": "The print server was restarted and the queue emptied.",
    "number": "INC-000123",
    "number_hint": "INC-000123",
    "person": "mei.tan@demo.zerodesk.example",
    "policy": "default",
    "reason": "The subject says 'printer'.",
    "receipt_id": "R-01J9ZK3V0A7P",
    "recipient": "mei.tan@demo.zerodesk.example",
    "requester": "mei.tan@demo.zerodesk.example",
    "requester_name": "Mei Tan",
    "resource": "db-2.internal",
    "rule": "printing",
    "sender": "mei.tan@demo.zerodesk.example",
    "sender_name": "Mei Tan",
    "service": "payroll",
    "size": 48213,
    "source": "prometheus",
    "state": "in_progress",
    "before": "new",
    "before_assignee": "ada.novak@demo.zerodesk.example",
    "before_team": "first-line",
    "channel": "email",
    "impact": 2,
    "kind": "incident",
    "permanent": True,
    "priority": "P3",
    "public": True,
    "roles": ["agent"],
    "severity": "warning",
    "threaded_by": "token",
    "urgency": 2,
    "after": "in_progress",
    "status": "5.1.1",
    "subject": "The printer on floor 3 prints blank pages",
    "tags": ["printing"],
    "team": "service-desk",
    "teams": ["service-desk"],
    "template": "acknowledgement",
    "text": "Since this morning every page comes out blank. Could somebody have a look?",
    "ticket_id": TICKET,
    "time_zone": "Asia/Shanghai",
    "title": "Disk of db-2 is almost full",
    "type": "image/png",
    "url": "https://alerts.demo.zerodesk.example/graph?g0=disk",
    "labels": {"alertname": "DiskAlmostFull", "instance": "db-2.internal:9100"},
    "percent": 75,
    "resolution_sequence": 7,
    "score": 5,
    "satisfaction": 5,
    "participants": ["mei.tan@demo.zerodesk.example"],
    "to": ["help@demo.zerodesk.example"],
    "cc": [],
    "references": [],
}


# Where the same name means something else.
WORDS_OF_A_FACT: dict[str, Any] = {
    "NotificationFailed.reason": "Address is on the suppression list.",
    "MailQuarantined.reason": "The message has no readable part.",
    "MailQuarantined.subject": "",
    "OrganisationFounded.name": "Demo Trading Co.",
    "AlertFired.text": "Only 4 % of /var/lib are free.",
    "AlertCleared.text": "",
    "Clock.state": "running",
    "TicketPrioritised.before": "P4",
    "TicketReprioritised.before": "P4",
    "Actor.kind": "person",
    "Actor.role": "requester",
    "Actor.name": "mei.tan@demo.zerodesk.example",
}


def all_samples() -> dict[Path, Any]:
    """Return every sample file and what belongs into it."""
    load()
    return {FOLDER / f"{kind.name}.json": sample_of(kind) for kind in KINDS.values()}


def sample_of(kind: Kind) -> dict[str, Any]:
    """Return a valid bus event of a fact, as EventBridge delivers it to a queue."""
    schema = schema_of(kind)
    data = msgspec.convert(_object(schema, schema), kind.shape, strict=False)
    meta = Meta(
        id="F-01J9ZK3V9D4E8XQ2",
        tenant="demo",
        at=MOMENT,
        correlation_id="R-01J9ZK3V0A7P",
        cause="F-01J9ZK3V1T6M5NBW",
        subject=TICKET,
        sequence=1,
    )
    event = BusEvent(kind.name, kind.source, Detail(meta, msgspec.Raw(msgspec.json.encode(data))))
    around = {
        "version": "0",
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "account": "123456789012",
        "time": MOMENT.isoformat().replace("+00:00", "Z"),
        "region": "eu-central-1",
        "resources": [],
    }
    return {**around, **msgspec.json.decode(msgspec.json.encode(event))}


def _object(document: Schema, schema: Schema) -> dict[str, Any]:
    required = set(schema.get("required", ()))
    return {
        name: _value(document, field, f"{schema['title']}.{name}")
        for name, field in schema["properties"].items()
        if name in required or name not in LATER
    }


def _value(document: Schema, schema: Schema, path: str) -> Any:
    """Return the word for a field if its schema allows it, else what the schema suggests."""
    if "anyOf" in schema:
        schema = schema["anyOf"][0]
    if "$ref" in schema:
        schema = document["$defs"][schema["$ref"].rpartition("/")[2]]
    word = WORDS_OF_A_FACT.get(path, WORDS.get(path.rpartition(".")[2]))
    if word is not None and _allows(schema, word):
        return word
    if "enum" in schema or schema.get("examples"):
        return (schema.get("examples") or schema["enum"])[0]
    if schema.get("format") == "date-time":
        return MOMENT.isoformat()
    kind = schema.get("type")
    if kind == "object" and "properties" in schema:
        return _object(document, schema)
    if kind == "array":
        return [_value(document, schema["items"], path)]
    simple = {"integer": schema.get("minimum", 1), "number": 1.0, "boolean": False, "object": {}}
    return schema.get("default", simple.get(str(kind), "word"))


def _allows(schema: Schema, word: Any) -> bool:
    if "enum" in schema:
        return word in schema["enum"]
    if schema.get("format") == "date-time" or "properties" in schema:
        return False
    kinds = {"string": str, "integer": int, "array": list, "object": dict, "number": float}
    if not isinstance(word, kinds.get(str(schema.get("type")), type(None))):
        return False
    return not isinstance(word, str) or bool(re.search(schema.get("pattern", ""), word))
