# Every job a person does is a target. `make help` lists them.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
STAMP := $(VENV)/.installed-$(or $(TORCH_BACKEND),pypi)
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev lint format typecheck test test-slow lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "%-12s %s\n", $$1, $$2}'

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(STAMP)-base: requirements/base.lock requirements/install.py | $(VENV)/bin/python
	TORCH_BACKEND=$(TORCH_BACKEND) $(RUN) requirements/install.py base
	@touch $@

$(STAMP)-dev: requirements/dev.lock requirements/install.py | $(VENV)/bin/python
	TORCH_BACKEND=$(TORCH_BACKEND) $(RUN) requirements/install.py dev
	@touch $@

setup: $(STAMP)-base  ## make .venv from the lock (TORCH_BACKEND=cpu|cu130|auto for another build of torch)

setup-dev: $(STAMP)-dev  ## the same with what linting and testing need

lint: setup-dev  ## ruff, its formatter, the import law
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	PYTHONPATH=. $(VENV)/bin/lint-imports

format: setup-dev  ## let ruff repair and format
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

typecheck: setup-dev  ## mypy, strict
	$(VENV)/bin/mypy

test: setup-dev  ## the tests (ARGS="-k name" to choose)
	$(RUN) -m pytest -q $(ARGS)

test-slow: setup-dev  ## the long tests
	$(RUN) -m pytest -q -m slow $(ARGS)

lock: setup-dev  ## make the lock files anew from requirements/*.in
	cd requirements && for role in base dev tracking data; do \
	  uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	    --quiet $$role.in -o $$role.lock; done

clean:  ## remove caches and outputs, keep .venv and data
	rm -rf outputs .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
