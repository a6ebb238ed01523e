"""Installs, starts and stops the emulator in its own environment.

Functions run with the emulator's interpreter and would see whatever is installed or set beside
it, so it gets a virtual environment and environment variables of its own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from pathlib import Path

from infra.local.places import DEFAULT, LOOPBACK, REGION, ROOT, LocalError, Place

LOCK = ROOT / "locks/emulator.txt"
VENV = DEFAULT / "venv"
START = 30.0
STOP = 30.0
_BOOT = "import sys; sys.path.insert(0, sys.argv.pop()); from infra.local.host import main; main()"
# Configuration of package tools, proxies and certificates, without which nothing installs here.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT")


def install() -> Path:
    """Return the interpreter of the emulator's environment, made anew when its lock changed."""
    python = VENV / "bin/python"
    mark = VENV / "installed"
    key = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
    if mark.exists() and mark.read_text() == key and python.exists():
        return python
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.parent.mkdir(parents=True, exist_ok=True)
    uv = Path(sys.executable).with_name("uv")
    found = str(uv) if uv.exists() else shutil.which("uv")
    venv.create(VENV, with_pip=not found)
    if found:
        command = [found, "pip", "install", "-q", "--python", str(python)]
    else:
        command = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    command += ["--require-hashes", "-r", str(LOCK)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        reason = (run.stderr.strip() or run.stdout.strip()).splitlines() or ["no reason given"]
        raise LocalError(
            "The emulator cannot be installed; a first start needs the network once "
            f"({reason[-1].strip()})."
        )
    mark.write_text(key)
    return python


class Emulator:
    """One emulator process. It ends when this process ends, however that comes about."""

    def __init__(self, place: Place, port: int, sink: int, *, auth: bool = False) -> None:
        self._place = place
        self._port = port
        self._sink = sink
        self._auth = auth
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of all its services."""
        return f"http://{LOOPBACK}:{self._port}"

    def start(self, python: Path) -> None:
        """Start it and return when it answers. Raises ``LocalError``."""
        tmp = self._place.state / "tmp"
        for folder in (self._place.state, self._place.objects, tmp):
            folder.mkdir(parents=True, exist_ok=True)
        with self._place.emulator_log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(python), "-c", _BOOT, str(ROOT)],
                env=self._environment(tmp),
                cwd=self._place.state,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the launcher, which stops things in order.
                start_new_session=True,
            )
        deadline = time.monotonic() + START
        while not self._ready():
            if self._process.poll() is not None:
                raise LocalError(f"The emulator ended at once: {self._last_line()}.")
            if time.monotonic() > deadline:
                self.stop()
                raise LocalError(f"The emulator did not answer within {START:.0f} seconds.")
            time.sleep(0.05)

    def alive(self) -> bool:
        """Say whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def save(self) -> None:
        """Have it write a snapshot now."""
        url = f"{self.url}/_zerodesk/snapshot"
        with urllib.request.urlopen(url, data=b"", timeout=30):  # noqa: S310 - our own address
            pass

    def stop(self) -> None:
        """Stop it gently; it saves its state first."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP)
            except subprocess.TimeoutExpired as error:
                raise LocalError(
                    f"The emulator (process {process.pid}) does not stop; it is left alone so "
                    "that it can finish saving."
                ) from error
        if process.stdin:
            process.stdin.close()
        self._process = None

    def _environment(self, tmp: Path) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        own = {
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_DEFAULT_REGION": REGION,
            # The mark by which the meter knows calls of functions.
            "AWS_SDK_UA_APP_ID": "zerodesk",
            "BIND_HOST": LOOPBACK,
            "GATEWAY_PORT": str(self._port),
            "IOT_MTLS_ENABLED": "0",
            "LAMBDA_WARM_TTL_SECONDS": "60",
            "LOG_LEVEL": "WARNING",
            "MINISTACK_HOST": LOOPBACK,
            "MINISTACK_REGION": REGION,
            "PERSIST_STATE": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "S3_DATA_DIR": str(self._place.objects),
            "S3_PERSIST": "1",
            "SFTP_ENABLED": "0",
            "SMTP_HOST": f"{LOOPBACK}:{self._sink}",
            "STATE_DIR": str(self._place.state),
            "TMPDIR": str(tmp),
            "ZERODESK_LOG": str(self._place.log),
            "ZERODESK_STATE": str(self._place.state),
        }
        if self._auth:
            own |= {"AUTH": "true", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        return kept | own

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_ministack/ready", timeout=2):  # noqa: S310
                return True
        except (urllib.error.URLError, OSError):
            return False

    def _last_line(self) -> str:
        lines = self._place.emulator_log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"
