"""The process that runs the platform: emulator, SMTP door and sink, proxy, code reload.

Started by the launcher, which it tells its progress over a pipe, one JSON object a line.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import json
import logging
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from infra import build
from infra.local import emulator, recovery, reload, seed, smtp
from infra.local.aws import client
from infra.local.deploy import Deployed, Deployer
from infra.local.places import (
    LOOPBACK,
    REGION,
    ROOT,
    LocalError,
    Place,
    choose_ports,
    is_free,
    write_json,
)
from infra.local.proxy import Proxy
from infra.local.smtp_door import Door
from infra.local.smtp_sink import Outbox

# Ports taken when they are free; the web port is the user's choice and must be.
WANTED = {"aws": 4566, "smtp": 2525, "sink": 2526}
_LOOK = 2.0
_logger = logging.getLogger("zerodesk")

Say = Callable[[str], None]


class Runtime:
    """One running platform."""

    def __init__(self, place: Place, port: int, *, auth: bool, watch: bool, say: Say) -> None:
        self._place = place
        self._port = port
        self._watch = watch
        self._say = say
        self._ports = choose_ports(place, WANTED)
        self._outbox = Outbox(place.outbox)
        self._emulator = emulator.Emulator(
            place, self._ports["aws"], self._ports["sink"], auth=auth
        )
        url = self._emulator.url
        self._proxy = Proxy(url, self._outbox, ROOT / "services/web")
        self._deployer = Deployer(url, lambda name: build.package(name, "laptop"), told=say)
        self._deployed = Deployed({}, {}, [])
        self._known: dict[str, Any] = {}
        self._python = Path()
        self.starting = True
        self._renewing = threading.Lock()

    @property
    def _web(self) -> str:
        return f"http://{LOOPBACK}:{self._port}"

    async def run(self, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        """Run until ``stop`` is set; call ``ready`` when everything answers."""
        async with contextlib.AsyncExitStack() as stack:
            await self._serve_web(stack)
            self._say("installing the emulator")
            self._python = await asyncio.to_thread(emulator.install)
            await self._listen(stack, self._outbox, self._ports["sink"])
            self._say("starting the emulator")
            stack.push_async_callback(asyncio.to_thread, self._emulator.stop)
            await asyncio.to_thread(self._bring_up)
            door = Door(self._store(), _ours)
            await self._listen(stack, door, self._ports["smtp"])
            write_json(self._place.endpoints, self._endpoints())
            stack.callback(self._place.endpoints.unlink, missing_ok=True)
            self.starting = False
            ready()
            await self._mind(stop)

    def _bring_up(self) -> None:
        """Start the emulator and bring it to what templates, code and demo data say."""
        self._emulator.start(self._python)
        self._deploy()
        self._say("seeding the demo organisations")
        url = self._emulator.url
        self._known = seed.seed(self._deployed, url, self._place)
        if self._deployed.changed:
            self._emulator.save()
        seed.remember(self._known, self._place)
        intake = self._deployed.nested["Intake"]
        again = recovery.take_in_again(url, bucket=intake["MailBucket"], queue=intake["Inbox"])
        if again:
            self._say(f"taking in {again} mails again")

    def _deploy(self) -> None:
        self._say("staging the functions")
        parameters = {"Stage": "laptop", "PublicUrl": self._web, "MailDomain": seed.DOMAIN}
        self._deployed = self._deployer.deploy(ROOT / "template.yaml", parameters)
        outputs = self._deployed.outputs
        self._proxy.api = outputs["ApiId"]
        self._proxy.settings = {
            "api": f"{self._web}/api",
            "sign_in": self._web,
            "pool": outputs["UserPool"],
            "client": outputs["WebClient"],
            "region": REGION,
        }

    async def _mind(self, stop: asyncio.Event) -> None:
        """Reload saved code and revive the emulator until it is time to stop."""
        watching = asyncio.create_task(reload.watch(self._renew, stop)) if self._watch else None
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _LOOK)
            if not stop.is_set() and not self._emulator.alive():
                _logger.error("the emulator ended unexpectedly and is started again")
                await asyncio.to_thread(self._bring_up)
        if watching:
            await watching

    def _renew(self, names: set[str]) -> None:
        with self._renewing:
            if reload.TEMPLATES in names:
                self._deploy()
                return
            functions = client("lambda", self._emulator.url)
            chosen = build.services() if reload.EVERYBODY in names else names
            for name in sorted(set(chosen) & set(build.services())):
                count = self._deployer.update_code(name, functions)
                _logger.info("%s: new code in %d functions", name, count)

    def _store(self) -> Callable[[str, bytes], None]:
        s3 = client("s3", self._emulator.url)
        bucket = self._deployed.nested["Intake"]["MailBucket"]

        def store(key: str, raw: bytes) -> None:
            s3.put_object(Bucket=bucket, Key=key, Body=raw)

        return store

    async def _serve_web(self, stack: contextlib.AsyncExitStack) -> None:
        runner = web.AppRunner(self._proxy.application(), access_log=None, shutdown_timeout=1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, LOOPBACK, self._port, reuse_address=True).start()

    async def _listen(self, stack: contextlib.AsyncExitStack, handler: Any, port: int) -> None:
        server = await smtp.listen(handler, port)
        stack.callback(server.close)

    def _endpoints(self) -> dict[str, Any]:
        outputs = self._deployed.outputs
        demo = self._tenant(seed.DEMO)
        return {
            "web": self._web,
            "api": f"{self._web}/api",
            "smtp": f"{LOOPBACK}:{self._ports['smtp']}",
            "mail": f"{self._web}/mail.json",
            "aws": self._emulator.url,
            **demo,
            "pool": outputs["UserPool"],
            "client": outputs["WebClient"],
            "region": REGION,
            "log": str(self._place.log),
            "pid": os.getpid(),
            "neighbour": self._tenant(seed.NEIGHBOUR),
        }

    def _tenant(self, organisation: seed.Organisation) -> dict[str, Any]:
        known = self._known[organisation.tenant]
        return {
            "tenant": organisation.tenant,
            "people": known["people"],
            "mailbox": organisation.mailbox,
            "hooks": {
                source: f"{self._web}/api/hooks/{source}/{hook['key']}?secret={hook['secret']}"
                for source, hook in known["hooks"].items()
            },
        }


def _ours(domain: str) -> bool:
    return domain == seed.DOMAIN


def main() -> None:
    """Run the platform of one folder until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tell", type=int, required=True, help="descriptor to report to")
    parser.add_argument("--tied", action="store_true", help="end when standard input ends")
    parser.add_argument("--auth", action="store_true")
    parser.add_argument("--watch", action="store_true")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    # Its chatter names every command of every session.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    report = os.fdopen(options.tell, "w", buffering=1)

    def tell(**news: Any) -> None:
        _logger.info("%s", next(iter(news.values())))
        with contextlib.suppress(OSError, ValueError):
            report.write(json.dumps(news) + "\n")

    try:
        _run(options, tell, report.close)
    except (LocalError, build.BuildError) as error:
        tell(error=str(error))
        raise SystemExit(1) from None
    except Exception as error:
        _logger.exception("the platform ended")
        tell(error=f"The platform could not start: {type(error).__name__}: {error}")
        raise SystemExit(1) from None


def _run(options: argparse.Namespace, tell: Callable[..., None], done: Callable[[], None]) -> None:
    place = Place(options.folder)
    place.folder.mkdir(parents=True, exist_ok=True)
    with (place.folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LocalError(f"The platform of {place.folder} is running already.") from None
        if not is_free(options.port):
            raise LocalError(f"Port {options.port} is in use; choose another one with --port.")
        place.pid.write_text(f"{os.getpid()}\n")
        runtime = Runtime(
            place,
            options.port,
            auth=options.auth,
            watch=options.watch,
            say=lambda step: tell(step=step),
        )

        def ready() -> None:
            tell(ready=True)
            done()

        try:
            asyncio.run(_until_told(runtime, ready, tied=options.tied))
        finally:
            place.pid.unlink(missing_ok=True)


async def _until_told(runtime: Runtime, ready: Callable[[], None], *, tied: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(runtime.run(stop, ready))

    def finish() -> None:
        if not stop.is_set():
            stop.set()
            # Until it is ready nothing waits for the event.
            if runtime.starting:
                running.cancel()

    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, finish)
    if tied:
        threading.Thread(target=_await_end, args=(loop, finish), daemon=True).start()
    with contextlib.suppress(asyncio.CancelledError):
        await running


def _await_end(loop: asyncio.AbstractEventLoop, finish: Callable[[], None]) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(finish)


if __name__ == "__main__":
    main()
