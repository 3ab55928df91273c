# The menu. `make help` prints it. Every target does its own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.set-up
DEVELOPMENT := $(VENV)/.set-up-for-development
TRAINING := $(VENV)/.set-up-for-training

.DEFAULT_GOAL := help
.PHONY: help setup run test check everything bench study train clean

help:  ## print this menu
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(SETUP)  ## make .venv with the `groundswell` command (PyPI only)

$(SETUP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(DEVELOPMENT): $(SETUP)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[development]'
	@touch $@

run: $(SETUP)  ## start the whole system; Ctrl-C ends it (options: make run ARGS="--nodes 20")
	$(BIN)/groundswell run $(ARGS)

test: $(DEVELOPMENT)  ## run all tests (what needs a missing Debian package is skipped and says so)
	$(BIN)/pytest $(ARGS)

check: $(DEVELOPMENT)  ## lint, format, types of services and firmware
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

everything: $(DEVELOPMENT)  ## get what only Debian has: MicroPython, Chromium, mosquitto (root)
	tools/get_everything.sh

clean:  ## remove what make made
	rm -rf $(VENV) build typings .pytest_cache .ruff_cache .mypy_cache
