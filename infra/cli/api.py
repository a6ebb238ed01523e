"""The HTTP API as a client sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from infra.cli.failure import Refused, Unreachable

PATIENCE = Timeout(connect=3, read=35)
# What a proxy answers for somebody who is not there.
NOBODY_THERE = (502, 503, 504)


class Api:
    """Calls the API; refusals of the platform are raised as ``Refused``."""

    def __init__(self, base: str, token: str | None = None) -> None:
        self._base = base.rstrip("/")
        self._token = token
        self._http = PoolManager(timeout=PATIENCE, retries=False)

    def call(
        self,
        method: str,
        path: str = "",
        *,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Return the decoded answer (None for an empty one).

        ``body`` is sent as JSON, bytes as they are; a list in ``query`` becomes a repeated name.
        """
        sent = {"Accept": "application/json", **(headers or {})}
        if self._token:
            sent["Authorization"] = f"Bearer {self._token}"
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        if raw is not None:
            sent.setdefault("Content-Type", "application/json")
        url = self._base + path + _query(query or {})
        try:
            answer = self._http.request(method, url, body=raw, headers=sent)
        except HTTPError as error:
            place = parse_url(self._base)
            raise Unreachable(
                f"Nothing answers at {place.host}:{place.port or place.scheme};"
                " is the platform running? (`zerodesk status`)"
            ) from error
        return self._read(answer.status, answer.data)

    def pages(self, path: str, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Return the pages of a list, one after another."""
        cursor = query.get("cursor")
        while True:
            page = self.call("GET", path, query={**query, "cursor": cursor})
            yield page
            cursor = page.get("next_cursor")
            if not cursor:
                return

    def _read(self, status: int, data: bytes) -> Any:
        try:
            document = json.loads(data) if data else None
        except ValueError:
            document = None
        if status < 400:
            return document
        problem = document if isinstance(document, dict) else {}
        detail = str(problem.get("detail") or problem.get("message") or f"HTTP status {status}")
        kind = Unreachable if status in NOBODY_THERE else Refused
        raise kind(detail, **{"status": status, **problem, "detail": detail})


def _query(query: Mapping[str, Any]) -> str:
    from urllib.parse import urlencode

    given = {name: value for name, value in query.items() if value not in (None, "", (), [])}
    return "?" + urlencode(given, doseq=True) if given else ""
