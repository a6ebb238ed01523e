"""One origin for the browser: the web app at /, the API below /api, the sign-in pages, sent mail.

In the cloud CloudFront does this, so nothing here may do more than CloudFront can.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from infra.local import pages
from infra.local.smtp_sink import Outbox

# What API Gateway takes; smaller limits are the doors' business.
LARGEST_BODY = 10 * 1024 * 1024
PATIENCE = aiohttp.ClientTimeout(total=60, connect=5)
# Paths of the hosted sign-in pages.
SIGN_IN = ("/login", "/logout", "/oauth2")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_HOPS = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "host",
}
_OUR_NAMES = {"127.0.0.1", "localhost", "[::1]"}


class Proxy:
    """Serves one installation. ``api`` is known once the platform is deployed."""

    def __init__(self, emulator: str, outbox: Outbox, files: Path) -> None:
        self._emulator = emulator
        self._outbox = outbox
        self._files = files.resolve()
        self.api = ""
        self.settings: dict[str, Any] = {}

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        application = web.Application(middlewares=[_only_local], client_max_size=LARGEST_BODY)
        application.cleanup_ctx.append(self._session)
        route = application.router.add_route
        route("*", "/api", self._to_api)
        route("*", "/api/{path:.*}", self._to_api)
        for path in SIGN_IN:
            route("*", path, self._to_sign_in)
            route("*", path + "/{path:.*}", self._to_sign_in)
        route("GET", "/mail", self._mail_page)
        route("GET", "/mail.json", self._mail_list)
        route("GET", "/config.json", self._config)
        route("GET", "/{path:.*}", self._file)
        return application

    async def _session(self, application: web.Application) -> AsyncIterator[None]:
        self._client = aiohttp.ClientSession(
            timeout=PATIENCE, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        yield
        await self._client.close()

    async def _to_api(self, request: web.Request) -> web.StreamResponse:
        if not self.api:
            return problem(502, "The platform is still starting.")
        path = request.rel_url.raw_path.removeprefix("/api") or "/"
        base = f"{self._emulator}/_aws/execute-api/{self.api}/$default"
        return await self._pass_on(request, base + path)

    async def _to_sign_in(self, request: web.Request) -> web.StreamResponse:
        return await self._pass_on(request, self._emulator + request.rel_url.raw_path)

    async def _pass_on(self, request: web.Request, url: str) -> web.StreamResponse:
        if (request.content_length or 0) > LARGEST_BODY:
            return _too_large()
        if request.rel_url.raw_query_string:
            url += "?" + request.rel_url.raw_query_string
        headers = [(k, v) for k, v in request.headers.items() if k.lower() not in _HOPS]
        answer: web.StreamResponse | None = None
        try:
            # API Gateway takes whole bodies too; so a too large one never reaches a function.
            body = await _body(request)
            async with self._client.request(
                request.method,
                URL(url, encoded=True),
                headers=headers,
                data=body or None,
                allow_redirects=False,
                skip_auto_headers=("User-Agent", "Accept-Encoding", "Content-Type", "Accept"),
            ) as got:
                answer = web.StreamResponse(status=got.status, reason=got.reason)
                for name, value in got.headers.items():
                    if name.lower() not in _HOPS:
                        answer.headers.add(name, value)
                await answer.prepare(request)
                async for chunk in got.content.iter_any():
                    await answer.write(chunk)
                await answer.write_eof()
                return answer
        except _TooLargeError:
            return _too_large()
        except (aiohttp.ClientError, TimeoutError) as error:
            if answer is not None and answer.prepared:
                raise
            return problem(502, f"The emulator does not answer ({type(error).__name__}).")

    async def _mail_list(self, request: web.Request) -> web.Response:
        wanted = {name: request.query.get(name, "") for name in ("to", "after")}
        content = list(self._outbox.mails(**wanted))
        return web.json_response(content, dumps=_dumped, headers=HEADERS)

    async def _mail_page(self, request: web.Request) -> web.Response:
        page = pages.outbox(self._outbox.mails(to=request.query.get("to", "")))
        return web.Response(text=page, content_type="text/html", headers=HEADERS)

    async def _config(self, request: web.Request) -> web.Response:
        headers = HEADERS | {"Cache-Control": "no-store"}
        return web.json_response(self.settings, dumps=_dumped, headers=headers)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        file = (self._files / path).resolve() if "\0" not in path else self._files
        headers = HEADERS | {"Cache-Control": "no-cache"}
        if not file.is_relative_to(self._files):
            return problem(404, "There is no such page.", headers)
        if file.is_file():
            return web.FileResponse(file, headers=headers)
        # A path without a file name belongs to the app (as infra/web.yaml says it for CloudFront).
        if "." in path.rsplit("/", 1)[-1]:
            return problem(404, "There is no such page.", headers)
        return web.FileResponse(self._files / "index.html", headers=headers)


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> web.Response:
    """Return a problem document (RFC 9457)."""
    titles = {404: "Not Found", 413: "Content Too Large", 421: "Misdirected", 502: "Bad Gateway"}
    body = {"type": "about:blank", "title": titles[status], "status": status, "detail": detail}
    return web.Response(
        status=status,
        text=_dumped(body),
        content_type="application/problem+json",
        headers=headers,
    )


@web.middleware
async def _only_local(request: web.Request, handler: Any) -> web.StreamResponse:
    """Refuse requests under another name: a foreign page may have had it point here."""
    name = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    if name not in _OUR_NAMES:
        return problem(421, "This address answers only as 127.0.0.1 or localhost.")
    response: web.StreamResponse = await handler(request)
    return response


class _TooLargeError(Exception):
    """The body is longer than may be passed on."""


async def _body(request: web.Request) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise _TooLargeError
    return bytes(body)


def _too_large() -> web.Response:
    response = problem(413, f"A body may have {LARGEST_BODY} bytes.")
    response.force_close()
    return response


def _dumped(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)
