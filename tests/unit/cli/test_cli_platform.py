"""``zerodesk up``, ``down``, ``reset`` and ``status`` where no platform runs."""

import json
import socket

import pytest


@pytest.fixture
def nothing(zerodesk, tmp_path, monkeypatch):
    monkeypatch.setenv("ZERODESK_HOME", str(tmp_path / "home"))
    return zerodesk


def test_status_without_a_platform_is_exit_code_3(nothing):
    done = nothing("status", "--json")
    assert done.exit_code == 3
    assert json.loads(done.stdout)["detail"].startswith("The platform is not running")


def test_stopping_what_does_not_run_is_no_failure(nothing):
    done = nothing("down", "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"was_running": False})
    assert nothing("down").stdout == "The platform was not running.\n"


def test_a_reset_asks_first(nothing, tmp_path):
    state = tmp_path / "home/state"
    state.mkdir(parents=True)
    assert nothing("reset", stdin="n\n").exit_code == 1
    assert state.exists()
    assert nothing("reset", "--yes").exit_code == 0
    assert not state.exists()


def test_a_port_in_use_is_one_sentence(nothing):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = nothing("up", "--detach", "--port", str(port))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"zerodesk: Port {port} is in use; choose another one with --port.\n"


def test_destroying_asks_first(nothing):
    done = nothing("destroy", stdin="n\n")
    assert done.exit_code == 1
    assert "with everything in it?" in done.stderr


def test_a_first_organisation_needs_all_of_its_names(nothing):
    done = nothing("deploy", "--tenant", "acme")
    assert done.exit_code == 2
    assert "--organisation, --admin, --admin-name" in done.stderr


def test_no_way_into_an_account_is_one_sentence(nothing, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "does-not-exist")
    done = nothing("deploy", "--region", "eu-central-1")
    assert (done.exit_code, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
