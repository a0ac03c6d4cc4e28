# Two commands need nothing but Python 3.11+ and make: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check format bench screenshots coverage clean

demo: $(VENV)/.installed ## try the whole bot in a browser, with no accounts
	$(BIN)/whatshipped demo

test: $(VENV)/.installed-dev ## the whole suite, no network needed
	$(BIN)/python -m pytest -q -rs -n auto

check: $(VENV)/.installed-dev ## lint, format, types, import contracts
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

bench: $(VENV)/.installed-dev ## speed beside the official client, in one run
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m tests.benchmarks.ack
	$(BIN)/python -m tests.benchmarks.digests
	$(BIN)/python -m tests.simulation

screenshots: $(VENV)/.installed-dev ## the README's pictures, taken from the playground
	$(BIN)/python -m tests.browser.screenshots

coverage: $(VENV)/.installed-dev
	$(BIN)/python -m coverage run -m pytest -q
	$(BIN)/python -m coverage report

clean:
	rm -rf $(VENV)

# The stamps are older than pyproject.toml when its dependencies may have changed, so the next command installs again.
$(VENV)/.installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@
