# From a fresh clone with Python 3.11 and make: `make demo`, `make test`, `make ui`, `make bench`.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo ui test lint types format bench setup browser lock clean

help: ## what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(INSTALLED) ## the environment, from the lock file

$(INSTALLED): requirements/dev.lock pyproject.toml
	@echo "Setting up $(VENV) (about two minutes, once) ..."
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if v == (3, 11) else "Python 3.11 is needed; this is %d.%d. Set PYTHON=..." % v)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## provision the example customer, from its saved pages
	@$(BIN)/provision run https://www.harbourandpine.example --saved-pages examples/harbour_and_pine

ui: setup ## Dagster's UI and daemon on this project, at http://127.0.0.1:3000
	@$(BIN)/provision ui

test: setup browser lint types ## lint, types and every test, with coverage
	@$(BIN)/python -m pytest -n 2 --dist loadfile --cov --cov-report=term --cov-fail-under=90

lint: setup
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: setup
	@$(BIN)/basedpyright

format: setup ## put the code in order
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: setup ## measure, print the table, write build/bench.json
	@$(BIN)/python -m benchmarks.run

browser: ## a Chromium for pages that need one, and for the tests
	@sh scripts/install_browser.sh

lock: ## pin the dependencies of pyproject.toml anew
	@sh scripts/lock.sh

clean: ## remove the environment and what was built; demos stay
	@rm -rf $(VENV) build .pytest_cache .ruff_cache .hypothesis *.egg-info
