"""HTTP without ceremony: a typed call in, a typed answer out, refusals as problem documents."""

from __future__ import annotations

import functools
import typing
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import parse_qs

import msgspec
from chalice.app import Authorizer, Chalice, Request, Response

from shared import problem
from shared.forms import Raw, read_body, read_query
from shared.ident import new_id, now
from shared.refusal import Flaw, Invalid, NotAllowed, NotSignedIn, Refusal, TooLarge
from shared.story import Story
from shared.telemetry import SERVICE, Handler, logger

B = TypeVar("B")
LARGEST_BODY = 1_000_000
Headers = dict[str, str | list[str]]


class Signed(Authorizer):
    """Marks a route that the gateway opens only for a verified access token (OIDC)."""

    name = "jwt"


class Caller(NamedTuple):
    """The person behind a verified access token."""

    tenant: str
    email: str
    name: str
    roles: frozenset[str]
    language: str

    def is_any(self, *roles: str) -> bool:
        """Say whether the caller has one of these roles."""
        return not self.roles.isdisjoint(roles)

    def must_be(self, *roles: str) -> None:
        """Raise ``NotAllowed`` unless the caller has one of these roles."""
        if not self.is_any(*roles):
            raise NotAllowed(f"This needs one of the roles {', '.join(roles)}.")


class Call(Generic[B]):
    """One request: what was asked (``body``, ``query``, both checked), by whom, and when."""

    def __init__(self, request: Request, body: B, query: Any) -> None:
        self.body = body
        self.query = query
        self._request = request
        self.at = now()

    @property
    def raw(self) -> bytes:
        """The body as it was sent."""
        return _raw(self._request)

    @functools.cached_property
    def caller(self) -> Caller:
        """The signed-in person; raises ``NotSignedIn`` on a route without ``Signed``."""
        authorizer = self._request.context.get("authorizer") or {}
        claims: dict[str, str] = authorizer.get("claims") or {}
        if not claims.get("tenant") or not claims.get("email"):
            raise NotSignedIn("The access token names no organisation.")
        email = claims["email"].lower()
        return Caller(
            tenant=claims["tenant"],
            email=email,
            name=claims.get("name") or email,
            roles=frozenset(claims.get("roles", "").split()),
            language=claims.get("locale") or "en",
        )

    def header(self, name: str) -> str | None:
        """Return a request header, whatever its case."""
        value = self._request.headers.get(name)
        return None if value is None else str(value)

    @property
    def request_id(self) -> str:
        """The gateway's id of this request."""
        return str(self._request.context.get("requestId") or new_id("R"))

    def story(self, tenant: str | None = None) -> Story:
        """Begin a story with this request, for the caller's tenant unless another is proven."""
        return Story(tenant or self.caller.tenant, self.at, self.request_id)

    @property
    def if_match(self) -> int | None:
        """The version the caller looked at (``If-Match``, RFC 9110), None if he does not mind."""
        given = self.header("If-Match")
        if given is None or given.strip() == "*":
            return None
        tag = given.strip().removeprefix("W/").strip('"')
        # A tag that was never ours matches nothing: the caller is told that his view is stale.
        return int(tag) if tag.isdecimal() else -1

    @property
    def idempotency_key(self) -> str | None:
        """The caller's ``Idempotency-Key``; raises ``Invalid`` for an unusable one."""
        key = self.header("Idempotency-Key")
        if key is not None and not (1 <= len(key.strip()) <= 255):
            raise Invalid(
                "The Idempotency-Key cannot be used.", Flaw("Idempotency-Key", "1 to 255 letters")
            )
        return key.strip() if key else None


class Answer(NamedTuple):
    """An answer that says more than its body: another status, headers, another media type."""

    body: Any
    status: int | None = None
    headers: dict[str, str] = {}
    media_type: str = "application/json"


class Operation(NamedTuple):
    """What a route takes and gives; infra/openapi.py writes the API description from it."""

    status: int
    takes: Any
    query: type[msgspec.Struct] | None
    gives: Any


def open_door() -> Chalice:
    """Return a Chalice app whose own error log goes through our structured logger.

    Chalice logs to the stdlib logger named after the app; Powertools configures the stdlib
    logger named after the service. Same name, same logger. ``env={}`` keeps Chalice from
    writing AWS_EXECUTION_ENV into the real environment on import.
    """
    return Chalice(app_name=SERVICE, configure_logs=False, env={})


def answers(
    app: Chalice,
    status: int,
    *,
    takes: Any = None,
    query: type[msgspec.Struct] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Feed a view with a checked ``Call`` and turn what it returns, or refuses, into HTTP.

    ``takes`` is the shape of a JSON body (``Raw`` for any bytes), ``query`` that of the query
    string. A result with a ``version`` gets it as its ETag.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Response]:
        @functools.wraps(view)
        def wrapped(**path: str) -> Response:
            request = app.current_request
            assert request is not None  # noqa: S101  (Chalice sets it before any view runs)
            try:
                return _response(view(_call(request, takes, query), **path), status)
            except Refusal as no:
                logger.info("refused", refusal=type(no).__name__)
                code, body = problem.of(no)
                return Response(body, dict(problem.HEADERS), code)

        gives = typing.get_type_hints(view).get("return")
        wrapped.operation = Operation(status, takes, query, gives)  # type: ignore[attr-defined]
        return wrapped

    return decorate


def through(app: Chalice) -> Handler:
    """Return an entry point that feeds Chalice payload format 2.0 and speaks RFC 9457."""

    def enter(event: Any, context: Any) -> Any:
        answer = app(as_format_1(event), context)
        if answer["statusCode"] >= 400 and not _is_ours(answer):
            # Chalice's own refusals (405, 415, 500) in the one shape of all our errors.
            answer["body"] = problem.bare(answer["statusCode"])
            answer["headers"] = {**answer.get("headers", {}), **problem.HEADERS}
        return answer

    return enter


def as_format_1(event: dict[str, Any]) -> dict[str, Any]:
    """Translate HTTP API payload format 2.0 to 1.0, the only one Chalice routes by."""
    if event.get("version") != "2.0":
        return event
    context = event["requestContext"]
    query = parse_qs(event.get("rawQueryString") or "", keep_blank_values=True) or None
    return {
        "headers": event.get("headers") or {},
        "multiValueQueryStringParameters": query,
        "pathParameters": event.get("pathParameters"),
        "stageVariables": event.get("stageVariables"),
        "body": event.get("body"),
        "isBase64Encoded": event.get("isBase64Encoded", False),
        "requestContext": {
            "resourcePath": event["routeKey"].partition(" ")[2],
            "httpMethod": context["http"]["method"],
            "requestId": context["requestId"],
            "authorizer": (context.get("authorizer") or {}).get("jwt"),
        },
    }


def _call(request: Request, takes: Any, query: type[msgspec.Struct] | None) -> Call[Any]:
    # Base64 is a third longer than what it carries; measuring it first saves decoding a bomb.
    if len(request.to_original_event().get("body") or "") > LARGEST_BODY * 4 / 3 + 4:
        raise TooLarge(f"A body may have {LARGEST_BODY} bytes.")
    raw = _raw(request)
    if len(raw) > LARGEST_BODY:
        raise TooLarge(f"A body may have {LARGEST_BODY} bytes.")
    body = raw if takes is Raw else read_body(raw, takes) if takes else None
    given = request.query_params
    lists = {name: given.getlist(name) for name in given} if given else {}
    return Call(request, body, read_query(lists, query) if query else None)


def _raw(request: Request) -> bytes:
    raw = request.raw_body or b""
    return raw.encode() if isinstance(raw, str) else raw


def _response(result: Any, status: int) -> Response:
    answer = result if isinstance(result, Answer) else Answer(result)
    headers: Headers = {
        "Content-Type": answer.media_type,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **answer.headers,
    }
    version = getattr(answer.body, "version", None)
    if version is not None:
        headers.setdefault("ETag", f'"{version}"')
    body = answer.body
    if not isinstance(body, str):
        body = msgspec.json.encode(body).decode()
    return Response(body, headers, answer.status or status)


def _is_ours(answer: dict[str, Any]) -> bool:
    """Say whether a view wrote the answer: a problem document, or a page for a browser."""
    headers = {name.lower(): value for name, value in (answer.get("headers") or {}).items()}
    return str(headers.get("content-type", "")).startswith((problem.MEDIA_TYPE, "text/html"))
