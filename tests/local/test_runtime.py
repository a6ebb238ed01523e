"""The runtime itself: it survives violence, says what is wrong, and brings in saved code."""

import json
import os
import signal
import smtplib
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path

import pytest

from infra.local import launcher
from infra.local.places import LocalError

pytestmark = pytest.mark.local
MAILS = 50


def children(pid):
    """The processes below a process, nearest first."""
    with Path(f"/proc/{pid}/task/{pid}/children").open() as listed:
        own = [int(child) for child in listed.read().split()]
    return own + [grandchild for child in own for grandchild in children(child)]


def gone(pid):
    try:
        with Path(f"/proc/{pid}/stat").open() as stat:
            return stat.read().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


@pytest.fixture
def subjects(access_token):
    """List the subjects of all tickets that the first agent sees."""

    def listed(endpoints):
        agent = next(person for person in endpoints["people"] if person["role"] == "agent")
        bearer = {"Authorization": f"Bearer {access_token(endpoints, agent)}"}
        found, query = [], "limit=50"
        while query:
            request = urllib.request.Request(f"{endpoints['api']}/tickets?{query}", headers=bearer)
            with urllib.request.urlopen(request, timeout=20) as answer:
                page = json.load(answer)
            found += [ticket["subject"] for ticket in page["items"]]
            query = f"limit=50&cursor={page['next_cursor']}" if page["next_cursor"] else ""
        return found

    return listed


class Sender(threading.Thread):
    """Sends mails as a mail server does: what was not accepted is tried again."""

    def __init__(self, endpoints, send_mail):
        super().__init__(daemon=True)
        self.endpoints, self.send = endpoints, send_mail
        self.accepted = 0
        self.start()

    def run(self):
        until = time.monotonic() + 90
        for number in range(MAILS):
            raw = (
                f"From: Rita <rita@customer.example>\r\nSubject: printer {number:02d}\r\n"
                f"Message-ID: <{number}@customer.example>\r\n\r\nNumber {number} is on fire.\r\n"
            ).encode()
            while time.monotonic() < until:
                try:
                    mailbox = self.endpoints["mailbox"]
                    self.send(
                        self.endpoints["smtp"], raw, sender="rita@customer.example", to=[mailbox]
                    )
                except (OSError, smtplib.SMTPException):
                    time.sleep(0.2)
                else:
                    self.accepted += 1
                    break


@pytest.mark.parametrize("victims", ["the launcher", "everything"])
def test_killing_it_in_the_middle_of_fifty_mails_ends_with_fifty_tickets(
    victims, started, eventually, send_mail, subjects
):
    endpoints, up = started("killed")
    family = children(endpoints["pid"])
    sender = Sender(endpoints, send_mail)
    eventually(lambda: sender.accepted >= MAILS // 2)
    doomed = [endpoints["pid"], *family] if victims == "everything" else [endpoints["pid"]]
    for pid in doomed:
        if not gone(pid):
            os.kill(pid, signal.SIGKILL)
    endpoints = up(auth=True)
    sender.endpoints = endpoints
    sender.join(90)
    assert sender.accepted == MAILS
    eventually(lambda: len(subjects(endpoints)) >= MAILS)
    # Whatever would come twice has had the time to.
    time.sleep(3)
    tickets = Counter(subjects(endpoints))
    assert tickets == Counter(f"printer {number:02d}" for number in range(MAILS)), endpoints["log"]
    eventually(lambda: all(gone(pid) for pid in family), 5)


def test_state_outlives_a_stop_and_a_second_start_finds_it_running(
    started, eventually, send_mail, subjects
):
    endpoints, up = started("stopped")
    send_mail(
        endpoints["smtp"],
        b"From: a@customer.example\r\nSubject: kept\r\n\r\nhello\r\n",
        sender="a@customer.example",
        to=[endpoints["mailbox"]],
    )
    eventually(lambda: subjects(endpoints) == ["kept"])
    steps = []
    assert up(say=steps.append) == endpoints
    assert steps == ["it is running already"]
    folder = Path(endpoints["log"]).parent
    family = [endpoints["pid"], *children(endpoints["pid"])]
    began = time.monotonic()
    assert launcher.down(folder=folder) is True
    assert time.monotonic() - began < 10
    eventually(lambda: all(gone(pid) for pid in family), 5)
    again = up()
    assert (again["people"], again["hooks"]) == (endpoints["people"], endpoints["hooks"])
    assert subjects(again) == ["kept"]


def test_a_port_in_use_is_said_in_one_sentence(platform, tmp_path):
    taken = int(platform["web"].rpartition(":")[2])
    with pytest.raises(LocalError, match=rf"^Port {taken} is in use; choose another one"):
        launcher.up(folder=tmp_path, port=taken)
    assert not launcher.status(folder=tmp_path)


def test_the_hosted_sign_in_page_is_on_the_same_origin(platform):
    url = (
        f"{platform['web']}/oauth2/authorize?client_id={platform['client']}&response_type=code"
        f"&redirect_uri={platform['web']}/"
    )
    with urllib.request.urlopen(url, timeout=20) as page:
        assert "password" in page.read().decode()
