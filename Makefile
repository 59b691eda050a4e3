# From a fresh clone with Python 3.11, 3.12 or 3.13 and make: `make demo`, `make test`, `make ui`, `make bench`.
# The newest that works, for environments yet to be made; one that exists keeps its own.
PYTHON ?= $(shell sh scripts/find_pythons.sh | head -n 1)
VENV := .venv
BIN := $(VENV)/bin
# The tests of `make test-slow`; continuous integration leaves the longest ones out.
SLOW ?= slow
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

.DEFAULT_GOAL := help
.PHONY: help dask postgres telemetry demo demo-claude ui test test-slow test-live eval-agent eval-laws eval-planner eval-research sweep explore lint types format bench chaos load setup browser postgresql judges emulators aimock lock clean

help: ## what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: $(VENV)/.runtime ## the environment, from the lock file

$(VENV)/.runtime: requirements/runtime.lock pyproject.toml
	@echo "Setting up $(VENV) (a minute or two, once) ..."
	@test -x $(BIN)/python || PYTHON="$(PYTHON)" sh scripts/make_environment.sh $(VENV)
	@$(PIP) --require-hashes -r requirements/runtime.lock
	@$(PIP) --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.runtime
	@echo "Adding what the tests need ..."
	@$(PIP) --require-hashes -r requirements/dev.lock
	@touch $@

dask: setup ## also Dask, for demos that more than one machine generates (docs/scale.md)
	@$(PIP) --require-hashes -r requirements/dask.lock

postgres: setup ## also PostgreSQL's driver, for Dagster's records in a database (docs/deployment.md)
	@$(PIP) --require-hashes -r requirements/postgres.lock

telemetry: setup ## also OpenTelemetry's exporter, for spans of runs and stages (docs/alerts-and-logs.md)
	@$(PIP) --require-hashes -r requirements/telemetry.lock

demo: setup ## provision the example customer, from its saved pages
	@$(BIN)/provision run https://www.harbourandpine.example --saved-pages examples/harbour_and_pine

demo-claude: $(VENV)/.dev ## a demo with parts by Claude, from recorded answers: no key and no cost; SITE=... chooses another site
	@$(BIN)/python -m evaluation.planner.demo $(if $(SITE),--site $(SITE))

ui: setup ## Dagster's UI and daemon on this project, at http://127.0.0.1:3000
	@$(BIN)/provision ui

test: $(VENV)/.dev browser postgresql emulators aimock lint types ## lint, types and every test, with coverage
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow and not live" --cov --cov-report=term --cov-fail-under=90

test-slow: $(VENV)/.dev browser postgresql judges emulators ## sweeps over many seeds, Google's own SQL analyzer, and Misata's judgement of the tables
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "$(SLOW)" --timeout 1800

test-live: $(VENV)/.dev ## one demo in your own Google Cloud project (docs/google-cloud.md), three sites with Claude (docs/claude.md): costs money; skipped without
	@$(BIN)/python -m pytest -m live -rs --timeout 3600 provisioning_assets_tests/test_live.py

eval-agent: setup ## ask the agent of sixteen demos questions that no one tuned it to, and count right and wrong answers
	@$(BIN)/python -m evaluation.agent.run --wrong

eval-laws: setup ## try laws of the trades on a demo of each industry; FILE=... tries your own laws
	@$(BIN)/python -m evaluation.laws.run $(FILE)

sweep: setup ## check every blueprint at two sizes, on two days and over twenty seeds, and write the table of docs/industries.md: takes hours
	@$(BIN)/python -m evaluation.industries.run $(INDUSTRY)

explore: $(VENV)/.dev browser ## the properties with ten times the examples, new ones each time; prints what repeats a failure
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "hypothesis and not slow" --hypothesis-profile explore --timeout 3600

lint: $(VENV)/.dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(VENV)/.dev
	@$(BIN)/basedpyright

format: $(VENV)/.dev ## put the code in order
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: $(VENV)/.dev judges ## measure, print the table, write build/bench.json
	@$(BIN)/python -m benchmarks.run

chaos: $(VENV)/.dev ## cause 200 faults at random moments of real runs, which takes hours, and see whether anything is lost (docs/faults.md)
	@$(BIN)/python -m benchmarks.chaos

load: $(VENV)/.dev ## fifty customers at once through the real daemon, and the lists with 10,000 customers
	@$(BIN)/python -m benchmarks.load

eval-research: setup ## how right the words, names and countries are that are read from websites; CLAUDE=1: also as Claude reads them
	@$(BIN)/python -m evaluation.research.run $(if $(CLAUDE),--claude)

eval-planner: $(VENV)/.dev ## score the blueprints that Claude writes for the recorded sites, from recorded answers; LIVE=1: the model, which costs money
	@$(BIN)/python -m evaluation.planner.run $(if $(LIVE),--live)

browser: ## a Chromium for pages that need one, and for the tests
	@sh scripts/install_browser.sh

postgresql: ## a PostgreSQL server, for the tests
	@sh scripts/install_postgresql.sh

aimock: ## a server by others that speaks Claude's API, for the tests; needs Node 20 or newer
	@sh scripts/install_aimock.sh

judges: ## Misata, which judges generated tables and is timed beside the engine, in an environment of its own
	@PYTHON="$(PYTHON)" sh scripts/install_judges.sh

emulators: ## Cloud Storage and BigQuery for the tests of the Google Cloud target, in an environment of their own
	@PYTHON="$(PYTHON)" sh scripts/install_emulators.sh

lock: ## pin the dependencies anew
	@PYTHON="$(PYTHON)" sh scripts/lock.sh

clean: ## remove the environment and what was built; demos stay
	@rm -rf $(VENV) build .pytest_cache .ruff_cache .hypothesis *.egg-info
