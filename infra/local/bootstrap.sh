#!/bin/sh
# Makes .venv from nothing but a Python interpreter, and says in one sentence what is missing.
set -eu

PYTHON=${PYTHON:-python3}

fail() {
    echo "zerodesk: $1" >&2
    exit 1
}

command -v "$PYTHON" >/dev/null 2>&1 ||
    fail "there is no '$PYTHON' here; install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3 up"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "'$PYTHON' is $("$PYTHON" -V 2>&1); Python 3.11 or newer is needed: make PYTHON=/path/to/python3 up"

if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    # Debian splits venv off the interpreter; a machine that lets us can be helped at once.
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        { apt-get -qq update && apt-get -qq install -y python3-venv; } >/dev/null ||
            fail "python3-venv is missing and could not be installed; is there a network?"
    else
        fail "the venv module is missing; install it (Debian and Ubuntu: apt install python3-venv)"
    fi
fi

[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
.venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r locks/bootstrap.txt ||
    fail "the package registry cannot be reached; a first start needs the network once"
.venv/bin/uv pip sync -q --require-hashes locks/dev.txt ||
    fail "the packages of locks/dev.txt cannot be installed; a first start needs the network once"
.venv/bin/uv pip install -q --no-deps --no-build-isolation -e .
touch .venv/ready
