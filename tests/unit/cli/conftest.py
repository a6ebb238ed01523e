"""A little platform that answers over real sockets, and the command line pointed at it."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from aiosmtpd.controller import Controller
from click.testing import CliRunner

PEOPLE = [
    {"email": "rita@demo.example", "name": "Rita", "role": "requester", "password": "r"},
    {"email": "ada@demo.example", "name": "Ada", "role": "agent", "password": "a"},
    {"email": "max@demo.example", "name": "Max", "role": "admin", "password": "m"},
]


class Asked:
    """A request as it arrived."""

    def __init__(self, handler, body):
        url = urlsplit(handler.path)
        self.method, self.path = handler.command, url.path
        self.query = parse_qs(url.query)
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.raw = body

    @property
    def body(self):
        return json.loads(self.raw)


class LittlePlatform:
    """Answers what it was told to answer, and remembers what it was asked."""

    def __init__(self):
        self.asked = []
        self.answers = {}
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked = Asked(self, body)
                status, answer = platform.reply(asked)
                raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def on(self, method, path, answer, status=200):
        """Answer so; several answers are given one after another, the last for ever.

        Calls of AWS are known by their target or action instead of a path.
        """
        self.answers.setdefault((method, path), []).append((status, answer))

    def reply(self, asked):
        target = asked.headers.get("x-amz-target", "")
        if target.endswith("AdminInitiateAuth"):
            return self.sign_in(asked.body["AuthParameters"])
        self.asked.append(asked)
        action = parse_qs(asked.raw.decode(errors="replace")).get("Action", [""])[0]
        answers = self.answers.get((asked.method, target or action or asked.path))
        if not answers:
            return 404, {"title": "Not Found", "status": 404, "detail": "There is no such thing."}
        return answers.pop(0) if len(answers) > 1 else answers[0]

    @staticmethod
    def sign_in(given):
        known = {person["email"]: person["password"] for person in PEOPLE}
        known["new@demo.example"] = "n"
        if known.get(given["USERNAME"]) != given["PASSWORD"]:
            error = {"__type": "NotAuthorizedException", "message": "Incorrect password."}
            return 400, error
        token = f"token of {given['USERNAME']}"
        return 200, {"AuthenticationResult": {"AccessToken": token, "ExpiresIn": 3600}}


class Letterbox:
    """Takes mail for the demo mailbox."""

    def __init__(self):
        self.letters = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if not address.endswith("@demo.example"):
            return "550 5.1.1 nobody of that name here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.letters.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
        return "250 OK"


@pytest.fixture
def platform():
    little = LittlePlatform()
    yield little
    little.close()


@pytest.fixture
def letterbox():
    box = Letterbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    box.address = f"127.0.0.1:{port}"
    yield box
    controller.stop()


@pytest.fixture
def endpoints(platform, tmp_path, monkeypatch):
    """Write the addresses of the little platform; returns how to change them."""
    file = tmp_path / "endpoints.json"
    known = {
        "web": platform.url,
        "api": f"{platform.url}/api",
        "smtp": "127.0.0.1:1",
        "mail": f"{platform.url}/mail.json",
        "aws": platform.url,
        "tenant": "demo",
        "people": PEOPLE,
        "mailbox": "help@demo.example",
        "hooks": {"alertmanager": f"{platform.url}/api/hooks/alertmanager/key?secret=s"},
        "pool": "eu-central-1_x",
        "client": "c",
        "region": "eu-central-1",
        "log": str(tmp_path / "log"),
        "written by a newer launcher": True,
    }

    def change(**more):
        known.update(more)
        file.write_text(json.dumps(known))
        return file

    change()
    monkeypatch.setenv("ZERODESK_HOME", str(tmp_path))
    for name in ("ZERODESK_API", "ZERODESK_TOKEN", "ZERODESK_PASSWORD", "ZERODESK_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return change


@pytest.fixture
def zerodesk(endpoints):
    """Run a command as the shell would."""
    from infra.cli.program import cli

    def run(*args, stdin=None):
        return CliRunner().invoke(cli, args, input=stdin, prog_name="zerodesk")

    return run
