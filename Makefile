# The daily acts. `make help` lists them.

DATA ?= ./data
PORT ?= 8000
ARGS ?=
DRIVER ?= ../shared/bench
STORY_PICTURES ?= build/stories

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell scripts/find-python)
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet --quiet
COMPILE := $(BIN)/pip-compile --quiet --allow-unsafe --generate-hashes --strip-extras \
	--no-header --no-emit-options --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help deps deps-automatic deps-dev up test check format bench pictures stories client-api catalogues lock audit
.DELETE_ON_ERROR:

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: $(VENV)/.deps ## make .venv and install what the service needs, as locked

deps-automatic: $(VENV)/.deps-automatic ## the same, and what two hosts need that decide by themselves who leads

deps-dev: $(VENV)/.deps-dev ## the same, and what tests and checks need

up: deps ## start everything; DATA=./data PORT=8000 ARGS="further options of townsquare up"
	@exec $(BIN)/townsquare up --data '$(DATA)' --port '$(PORT)' $(ARGS)

# Tests start the program a hundred times: it is compiled once, also where Python is told to keep nothing compiled.
test: export PYTHONDONTWRITEBYTECODE =
test: deps-dev ## all tests, those in a real browser too, in a process for each core; ARGS="-n 0" for one
	@CHROMIUM="$$(scripts/ensure-chromium)" && export CHROMIUM && exec $(BIN)/pytest -n auto $(ARGS)

check: deps-dev ## formatting, lint, types, order of the rooms
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/basedpyright
	@$(BIN)/lint-imports --no-logo

format: deps-dev ## format the code and mend what the linter can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: deps-dev ## seed, measure, write benchmarks/RESULTS.md; DRIVER=folder of the load driver, ARGS=--quick for a trial
	@exec $(BIN)/python -m benchmarks --driver '$(DRIVER)' $(ARGS)

pictures: deps-dev ## take the pictures in docs/pictures anew
	@CHROMIUM="$$(scripts/ensure-chromium)" && export CHROMIUM && exec $(BIN)/python -m scripts.take_pictures

# One after the other: each is told in full before the next begins, so that its pictures can be looked at meanwhile.
stories: deps-dev ## tell the stories of tests/web/stories, with a picture of each step; STORY_PICTURES=folder
	@CHROMIUM="$$(scripts/ensure-chromium)" && export CHROMIUM STORY_PICTURES='$(STORY_PICTURES)' \
		&& exec $(BIN)/pytest -n 0 $(ARGS) tests/web/stories

client-api: deps-dev ## write docs/client-api.md anew
	@$(BIN)/python -m scripts.client_api

catalogues: deps-dev ## collect the sentences of the pages for translators, and compile what they wrote; ARGS=fr begins a language
	@$(BIN)/python -m scripts.catalogues $(ARGS)

lock: deps-dev ## resolve the dependencies anew; ARGS=--upgrade takes newer versions
	@$(COMPILE) $(ARGS) --output-file requirements/runtime.txt pyproject.toml requirements/build.in
	@$(COMPILE) $(ARGS) --extra automatic --constraint requirements/runtime.txt \
		--output-file requirements/automatic.txt pyproject.toml requirements/build.in
	@$(COMPILE) $(ARGS) --extra automatic --extra dev --constraint requirements/runtime.txt \
		--output-file requirements/dev.txt pyproject.toml requirements/build.in

audit: deps-dev ## look for known weaknesses in the locked dependencies; fails where that cannot be told
	@$(BIN)/pip-audit --strict --requirement requirements/dev.txt --require-hashes --disable-pip

# pip comes last into an environment: where it is missing, the making was cut off.
$(BIN)/pip:
	@scripts/make-venv "$(PYTHON)" $(VENV)

# A stamp is older than its lock file only when the lock changed, so a second run costs nothing.
$(VENV)/.deps: requirements/runtime.txt pyproject.toml | $(BIN)/pip
	@echo "Installing dependencies (once, and again when the lock changes) ..."
	@scripts/pip-install $(BIN)/python requirements/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.deps-automatic: requirements/automatic.txt $(VENV)/.deps
	@echo "Installing what decides by itself which host leads ..."
	@scripts/pip-install $(BIN)/python requirements/automatic.txt
	@touch $@

$(VENV)/.deps-dev: requirements/dev.txt $(VENV)/.deps
	@echo "Installing the tools for tests and checks ..."
	@scripts/pip-install $(BIN)/python requirements/dev.txt
	@touch $@
