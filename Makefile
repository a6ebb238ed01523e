.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile -q --generate-hashes --universal --no-emit-index-url --no-annotate --no-header pyproject.toml

.venv/ready: locks/bootstrap.txt locks/dev.txt pyproject.toml  ## (all that the laptop needs)
	@PYTHON="$(PYTHON)" sh infra/local/bootstrap.sh

.PHONY: help up down test check unit e2e fmt lint types imports generate templates lock bench fuzz clean
help:  ## show this list
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

up: .venv/ready  ## start the whole platform on this machine
	@$(BIN)/zerodesk up $(ARGS)

down: .venv/ready  ## stop it
	@$(BIN)/zerodesk down

test: check unit e2e  ## all suites, as continuous integration runs them

check: lint types imports generated templates  ## everything that needs no running code

lint: .venv/ready
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: .venv/ready
	$(BIN)/mypy

imports: .venv/ready
	$(BIN)/lint-imports

generated: .venv/ready
	$(BIN)/python -m infra.generate --check

templates: .venv/ready
	$(BIN)/python -m infra.checks

unit: .venv/ready  ## unit, contract, integration and budget suites
	$(BIN)/python -m coverage run -m pytest -q -m "not local"
	$(BIN)/python -m coverage report

e2e: .venv/ready  ## the whole platform in the emulator, from SMTP to survey
	$(BIN)/python -m pytest -q -m local tests/local

fmt: .venv/ready  ## format the code
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

generate: .venv/ready  ## write what is derived from the code: routes, patterns, schemas, docs
	$(BIN)/python -m infra.generate

bench: .venv/ready  ## measure speed, memory and cost; writes docs/benchmarks.md
	$(BIN)/python -m tests.bench $(ARGS)

lock: .venv/ready  ## resolve the lock files anew
	$(COMPILE) --group dev -o locks/dev.txt
	$(BIN)/python -m infra.lock

clean:  ## remove what was built; keeps .local (the laptop's data)
	rm -rf .build .aws-sam .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
