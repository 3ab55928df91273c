# The menu. `make help` prints it. Every target does its own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.set-up
DEVELOPMENT := $(VENV)/.set-up-for-development
STUDIES := $(VENV)/.set-up-for-studies
TRAINING := $(VENV)/.set-up-for-training
# MicroPython's own stubs for pyright; the version is that of the firmware we recommend.
STUBS := micropython-esp32-stubs==1.29.0.post1
TYPINGS := typings/.set-up
DATA ?= ../shared/data
EARTHQUAKES ?= 2000
YEARS ?= 100
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help setup run test check everything firmware bench study study-network study-recorded
.PHONY: study-waveforms study-device train study-models clean

help:  ## print this menu
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(SETUP)  ## make .venv with the `groundswell` command (PyPI only)

$(SETUP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	@echo "compiling the node's kernels, once: ten seconds"
	$(BIN)/python -m replay.compiled
	@touch $@

$(DEVELOPMENT): $(SETUP)
	$(PIP) --editable '.[development]'
	@touch $@

$(STUDIES): $(SETUP)
	$(PIP) --editable '.[study]'
	@touch $@

# Stubs of CPython's own modules are among them: they must stay out of the virtual environment.
$(TYPINGS): Makefile | $(DEVELOPMENT)
	rm -rf typings
	$(PIP) --target typings $(STUBS)
	@touch $@

run: $(SETUP)  ## start the whole system; Ctrl-C ends it (options: make run ARGS="--nodes 20")
	$(BIN)/groundswell run $(ARGS)

test: $(DEVELOPMENT)  ## run all tests (what needs a missing Debian package is skipped and says so)
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile $(ARGS)

check: $(DEVELOPMENT) $(TYPINGS)  ## lint, format, spelling, types of services and firmware
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/mypy
	$(BIN)/pyright

everything: $(DEVELOPMENT) $(TRAINING)  ## all that any test needs: MicroPython, Chromium, mosquitto (root), PyTorch
	tools/get_everything.sh

firmware: $(DEVELOPMENT)  ## compile the firmware for each processor into build/firmware/
	$(BIN)/python -m tools.build_firmware

bench: $(DEVELOPMENT)  ## tables of sizes, speeds and delays; an hour, most of it waiting (DATA=folder)
	$(BIN)/python tools/codec_sizes.py $(DATA)
	$(BIN)/python -m tools.tls_steps
	$(BIN)/python -m tools.device_cycles
	$(BIN)/python tools/bench_services.py --nodes 12 --triggers 500
	$(BIN)/python -m tools.bench_vote
	$(BIN)/groundswell run --measure --earthquakes 50 --every 60 --magnitude 6 --state build/bench \
		--port 18080 --mqtt-port 11883 --out build/delays.json

study: $(SETUP)  ## detect, replay and score all recordings into build/study/ (DATA=folder)
	mkdir -p build/study
	$(BIN)/groundswell detect $(DATA) --out build/study/triggers.jsonl
	$(BIN)/groundswell replay $(DATA) --event all --out build/study/alerts.jsonl
	$(BIN)/groundswell score $(DATA) --triggers build/study/triggers.jsonl \
		--alerts build/study/alerts.jsonl --json build/study/score.json

study-network: $(STUDIES)  ## the vote on 2,000 earthquakes and 100 years; hours, resumable (YEARS=, EARTHQUAKES=)
	mkdir -p build/study/network/packets
	test -d $(DATA) && $(MAKE) --no-print-directory study-recorded || echo "no recordings in $(DATA)"
	$(MAKE) --no-print-directory study-waveforms
	$(BIN)/python -m study.run --earthquakes $(EARTHQUAKES) --years $(YEARS)
	$(BIN)/python -m study.report --score build/study/network/replay.json \
		--packets build/study/network/packets.json --days build/study/network/days.json \
		--waveforms build/study/network/waveforms.json \
		--first-places build/study/network/first-places.json

study-waveforms: $(SETUP)
	rm -rf build/study/network/waveforms
	$(BIN)/groundswell simulate --scenario study/waveforms.toml --out build/study/network/waveforms
	$(BIN)/groundswell replay build/study/network/waveforms --event all \
		--out build/study/network/waveforms.jsonl
	$(BIN)/groundswell score build/study/network/waveforms \
		--alerts build/study/network/waveforms.jsonl --json build/study/network/waveforms.json

study-recorded: $(SETUP)
	test -s build/study/triggers.jsonl || \
		$(BIN)/groundswell detect $(DATA) --out build/study/triggers.jsonl
	$(BIN)/python -m study.day $(DATA) --triggers build/study/triggers.jsonl --days 10 \
		--out build/study/network/days.json
	test -s build/study/alerts.jsonl || \
		$(BIN)/groundswell replay $(DATA) --event all --out build/study/alerts.jsonl
	$(BIN)/groundswell score $(DATA) --alerts build/study/alerts.jsonl --baselines \
		--json build/study/network/replay.json
	$(BIN)/python -m study.first_places $(DATA) --alerts build/study/alerts.jsonl \
		--out build/study/network/first-places.json
	for file in $(DATA)/openeew_packets/*.gz; do \
		$(BIN)/groundswell replay-packets $$file --stations $(DATA)/eq_index.csv \
		--out build/study/network/packets/$$(basename $$file .gz) || exit 1; done
	cat build/study/network/packets/*.jsonl > build/study/network/packets-alerts.jsonl
	$(BIN)/groundswell score $(DATA) --alerts build/study/network/packets-alerts.jsonl \
		--json build/study/network/packets.json

study-device: $(DEVELOPMENT)  ## is what devices compute right, and what does it cost? one table
	$(BIN)/python -m tools.study_device
	$(BIN)/python -m tools.node_memory
	$(BIN)/python -m tools.node_memory --rom

.PHONY: study-field study-node study-background
study-field: $(STUDIES)  ## simulated ground motion beside published relations: build/study/field/
	$(BIN)/python -m training.study_field build/study/field

NODE := build/study/node
HEARD := $(BIN)/python -m training.evaluate $(DATA) --out $(NODE)
SIMPLE := $(BIN)/python -m training.simple_detector $(DATA) --out $(NODE)
study-node: $(STUDIES) $(TRAINING)  ## report on single nodes: build/study/node/, an hour, resumable (DATA=folder)
	mkdir -p $(NODE)
	$(BIN)/python -m training.train $(DATA) --folds-only
	$(HEARD)/recorded.jsonl
	$(SIMPLE)/simple.jsonl
	$(HEARD)/mpu6050.jsonl --sensor mpu6050
	$(SIMPLE)/simple-mpu6050.jsonl --sensor mpu6050
	$(BIN)/python -m training.held_out $(DATA) --out $(NODE)/held_out.json
	$(BIN)/python -m training.analysts $(DATA) --out $(NODE)/analysts.json
	$(BIN)/python -m training.cross_instrument $(DATA) --out $(NODE)
	$(BIN)/python -m training.by_station $(DATA) --out $(NODE)
	$(BIN)/python -m training.proposer_curve $(DATA) --out $(NODE)/proposer.jsonl
	$(BIN)/python -m training.study_set $(NODE)/simulated
	$(BIN)/groundswell detect $(NODE)/simulated --out $(NODE)/simulated.jsonl
	$(MAKE) --no-print-directory study-background ARGS="--hours 1"
	cp build/study/background.jsonl $(NODE)/background.jsonl
	$(BIN)/python -m training.thresholds $(DATA) --background $(NODE)/background.jsonl --table $(NODE)/thresholds.json
	test ! -s build/study/models/rows.jsonl || cp build/study/models/rows.jsonl $(NODE)/models.jsonl
	$(BIN)/python -m training.study_node $(NODE) \
		--recorded $(DATA) $(NODE)/recorded.jsonl \
		--simulated $(NODE)/simulated $(NODE)/simulated.jsonl \
		--beside "simple detector" $(DATA) $(NODE)/simple.jsonl \
		--beside "MPU6050 noise" $(DATA) $(NODE)/mpu6050.jsonl \
		--beside "MPU6050 noise, simple detector" $(DATA) $(NODE)/simple-mpu6050.jsonl \
		--beside "trained without MEMS, on MEMS" $(DATA) $(NODE)/to-mems.jsonl \
		--beside "trained on MEMS, on the others" $(DATA) $(NODE)/from-mems.jsonl \
		--beside "neither event nor station seen" $(DATA) $(NODE)/by-station.jsonl \
		--note "Recorded: by models that had not seen the event, the person or the noise record."

study-background: $(TRAINING)  ## false triggers of 20 nodes in 24 h of daily life; an hour, resumable (DATA=folder)
	$(BIN)/python -m training.train $(DATA) --folds-only
	$(BIN)/python -m training.study_background $(DATA) --cache build/train --out build/study/background.jsonl $(ARGS)

$(TRAINING): $(SETUP)
	$(PIP) --editable '.[training]'
	@touch $@

train: $(TRAINING)  ## from recordings to firmware/models/, 40 minutes (DATA=folder)
	$(BIN)/python -m training.manifest $(DATA) --out build/train/manifest.csv
	$(BIN)/python -m training.train $(DATA) $(ARGS)

study-models: $(TRAINING)  ## kinds of models under one protocol: build/study/models/; an hour, resumable
	$(BIN)/python -m training.compare $(DATA) $(ARGS)

clean:  ## remove what make made
	rm -rf $(VENV) build typings .pytest_cache .ruff_cache .mypy_cache
