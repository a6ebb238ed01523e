"""Writes what a service listens to into its template, between cog markers."""

from __future__ import annotations

import importlib

from events.fact import KINDS
from infra.schemas import load
from shared.inbox import Inbox

_WIDTH = 100


def yaml(service: str) -> str:
    """Return the EventPattern of the rule that fills a service's inbox."""
    load()
    inbox: Inbox = importlib.import_module(f"services.{service}.consumer").inbox
    names = inbox.listens_to
    sources = sorted({KINDS[name].source for name in names})
    return "\n".join(
        ["      EventPattern:", *_listed("source", sources), *_listed("detail-type", names)]
    )


def _listed(key: str, values: list[str]) -> list[str]:
    line = f"        {key}: [{', '.join(values)}]"
    if len(line) <= _WIDTH:
        return [line]
    return [f"        {key}:", *(f"          - {value}" for value in values)]
