# make run | test | lint | fix | pictures | bench | soak | install
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000
DATA ?= .closedloop
WORKERS ?= 2

.PHONY: run test lint fix pictures bench soak install clean

$(BIN)/closedloop: pyproject.toml
	@echo "Setting up $(VENV) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Closed Loop needs Python 3.11 or newer")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on -e .
	@touch $@

$(VENV)/.dev: pyproject.toml $(BIN)/closedloop
	@$(BIN)/python -m pip install --disable-pip-version-check -q --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --disable-pip-version-check -q -e ".[postgres]" --group dev
	@touch $@

install: $(BIN)/closedloop

run: install
	@CLOSEDLOOP_PORT=$(PORT) CLOSEDLOOP_DATA=$(DATA) $(BIN)/closedloop serve --sample

# Each worker has half of the tests in their order, so that modules and servers are prepared once; who is done first takes
# over half of what the other has left. Reckoned from measured times, whole files (loadfile) would leave one idle at the end.
test: $(VENV)/.dev
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/.bench: pyproject.toml $(VENV)/.dev
	@$(BIN)/python -m pip install --disable-pip-version-check -q --group bench || echo "Without ChannelAttribution, models are measured against the engine alone."
	@touch $@

bench: $(VENV)/.bench
	$(BIN)/python -m bench

soak: $(VENV)/.dev
	$(BIN)/python -m pytest tests/faults/test_killed.py -k roles -s --soak-minutes 10

pictures: $(VENV)/.dev
	$(BIN)/python -m tests.api.pictures docs/pictures

clean:
	rm -rf $(VENV) .tools dist
