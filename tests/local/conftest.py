"""The running platform: started once for all tests here, with function roles enforced."""

import contextlib
import smtplib
import socket
import time

import pytest

from infra.local import launcher
from infra.local.aws import client

PATIENCE = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def started(tmp_path_factory):
    """Start platforms of one's own: ``started(name) -> (endpoints, again)``."""
    with contextlib.ExitStack() as stack:

        def start(name):
            folder, port = tmp_path_factory.mktemp(name), free_port()
            stack.callback(launcher.down, folder=folder)

            def up(**options):
                return launcher.up(folder=folder, port=port, tied=True, watch=False, **options)

            return up(auth=True), up

        yield start


@pytest.fixture(scope="session")
def platform(started):
    """The endpoints document of a platform with two organisations in it."""
    endpoints, _ = started("platform")
    return endpoints


@pytest.fixture(scope="session")
def sign_in(platform):
    """Sign a demo person in by e-mail address; returns the access token."""
    tokens = {}
    known = [*platform["people"], *platform["neighbour"]["people"]]
    people = {person["email"]: person for person in known}

    def token(email):
        if email not in tokens:
            tokens[email] = access_token(platform, people[email])
        return tokens[email]

    return token


@pytest.fixture(scope="session", name="access_token")
def _access_token():
    """Sign somebody in to any platform: ``access_token(endpoints, person)``."""
    return access_token


def access_token(endpoints, person):
    cognito = client("cognito-idp", endpoints["aws"])
    answer = cognito.admin_initiate_auth(
        UserPoolId=endpoints["pool"],
        ClientId=endpoints["client"],
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": person["email"], "PASSWORD": person["password"]},
    )
    cognito.close()
    return answer["AuthenticationResult"]["AccessToken"]


@pytest.fixture(scope="session")
def smtp_send(platform):
    """Send raw bytes in a real SMTP conversation."""

    def send(raw, *, sender, to):
        send_mail(platform["smtp"], raw, sender=sender, to=to)

    return send


@pytest.fixture(scope="session", name="send_mail")
def _send_mail():
    """Send to any platform: ``send_mail("host:port", raw, sender=..., to=[...])``."""
    return send_mail


def send_mail(address, raw, *, sender, to):
    host, _, port = address.rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=20) as smtp:
        smtp.sendmail(sender, to, raw)


@pytest.fixture(scope="session")
def eventually():
    def wait(what, patience=PATIENCE):
        until = time.monotonic() + patience
        while not (found := what()):
            assert time.monotonic() < until, f"waited {patience} s in vain"
            time.sleep(0.1)
        return found

    return wait
