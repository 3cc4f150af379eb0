# `make run` and `make test` do all the set-up a fresh machine needs beyond Python 3.11 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: install run test quick lint bench lock

install: $(READY)

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

run: install
	$(BIN)/workbench run --demo

test: install
	$(BIN)/python -m tests.all

quick: install
	$(BIN)/python -m pytest tests -m "not browser" -x

lint: install
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

bench: install
	$(BIN)/python -m tests.bench $(FIGURE)

# Pins with hashes for every platform and Python we support; needs uv.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --extra dev pyproject.toml build-requirements.in -o requirements.txt
