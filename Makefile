# What a new machine needs: Python 3.11 or newer, with venv and pip. `make demo` to try it, `make test` to test it.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: help demo run check test fuzz crash bench lock clean

help:
	@echo "make demo    try it in the browser, with a pretend Slack (PORT=8123, KEEP=1 to go on from last time)"
	@echo "make run     start Hearback for work, with the settings of .env"
	@echo "make check   format, lint and types"
	@echo "make test    all tests, on SQLite and, where its programs are found, on PostgreSQL"
	@echo "make crash   40,000 responses and presses through 200 kills: is anything lost?"
	@echo "make fuzz    the doors, with ten times the hostile bodies"
	@echo "make bench   the figures of docs/figures.md, measured here"
	@echo "make lock    write down the newest versions of what we depend on"

demo: $(READY)
	@$(BIN)/python -m bot demo $(if $(PORT),--port $(PORT)) $(if $(KEEP),--keep)

run: $(READY)
	@$(BIN)/python -m bot run

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

test: $(READY)
	$(BIN)/python -m pytest -n auto $(T)

fuzz: $(READY)
	HEARBACK_FUZZ=10 $(BIN)/python -m pytest tests/fuzz

crash: $(READY)
	$(BIN)/python -m tests.crash $(CRASH)

bench: $(READY)
	$(BIN)/python -m tests.bench $(BENCH)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Hearback needs Python 3.11 or newer: make PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing into .venv (once)..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

lock:
	rm -rf .venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	$(BIN)/python -m pip freeze --exclude-editable > constraints.txt
	@touch $(READY)

clean:
	rm -rf .venv .demo .mypy_cache .ruff_cache .hypothesis build *.egg-info
