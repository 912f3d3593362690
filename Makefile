# Every job a person does is a target. `make help` lists them.
PYTHON ?= python3
ARGS ?=
SMOKE_ARGS ?= experiment=smoke
KILLS ?= 50
SEED ?= 0

VENV := .venv
RUN := $(VENV)/bin/python
UV = $(or $(shell command -v uv),../$(VENV)/bin/uv)
# The build of torch: as asked, else as the environment was made, else PyPI's.
BACKEND := $(or $(TORCH_BACKEND),$(shell cat $(VENV)/.torch-backend 2>/dev/null),pypi)
STAMP := $(VENV)/.installed-$(BACKEND)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-dev setup-parity setup-data setup-tracking data data-lock train smoke \
  lint format typecheck try-parity test test-slow signal-test resume-test soak lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "%-15s %s\n", $$1, $$2}'

# A role's packages are installed when its lock is younger than its stamp; with an up-to-date stamp nothing is run.
$(STAMP)-%: requirements/%.lock requirements/install.py
	TORCH_BACKEND=$(BACKEND) $(PYTHON) requirements/install.py $*
	@touch $@

$(STAMP)-dev $(STAMP)-parity $(STAMP)-data $(STAMP)-tracking: | $(STAMP)-base

setup: $(STAMP)-base  ## make .venv from the lock (TORCH_BACKEND=cpu|cu130|auto|pypi chooses torch's build)

setup-dev: setup $(STAMP)-dev  ## the same with what linting and testing need

setup-parity: setup-dev $(STAMP)-parity  ## the same with the reference of the CLEval tests (builds C code)

setup-data: setup $(STAMP)-data  ## the same with DVC, to share data through a remote

setup-tracking: setup $(STAMP)-tracking  ## the same with wandb and MLflow

data: setup  ## obtain the default data set and verify it against data.dvc
	$(RUN) runners/data.py

data-lock: setup  ## record what data/ holds now in data.dvc
	$(RUN) runners/data.py record=true

train: data  ## train, validate and test with the defaults (ARGS="trainer.max_epochs=10 ...")
	$(RUN) runners/train.py $(ARGS)

smoke: data  ## the shortest run through training, validation and test
	$(RUN) runners/train.py $(SMOKE_ARGS) $(ARGS)

lint: setup-dev  ## ruff, its formatter, the import law
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports

format: setup-dev  ## let ruff repair and format
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

typecheck: setup-dev  ## mypy, strict
	$(VENV)/bin/mypy

# Without a compiler the tests against the reference are skipped, and say so. A build that failed is not tried again.
try-parity: setup-dev
	@test -e $(STAMP)-parity || test -e $(STAMP)-no-parity || ! command -v cc >/dev/null \
	  || $(MAKE) --no-print-directory setup-parity || { touch $(STAMP)-no-parity; \
	  echo "cleval could not be installed (see above): the tests against it will be skipped."; }

test: try-parity  ## the tests (ARGS="-k name" to choose)
	$(RUN) -m pytest -q $(ARGS)

test-slow: try-parity  ## the long tests, the two below included
	$(RUN) -m pytest -q -m slow $(ARGS)

signal-test: setup-dev  ## SIGINT and SIGTERM in every phase of a training
	$(RUN) -m pytest -v -m signals tests/gates $(ARGS)

resume-test: setup-dev  ## a stopped and continued training is the uninterrupted one, bit by bit
	$(RUN) -m pytest -v -m "slow or not slow" tests/gates/test_resume.py $(ARGS)

soak: setup-dev  ## one training killed KILLS=50 times at random moments (SEED=0) and compared with an untouched one
	PYTHONPATH=tests/support $(RUN) tests/gates/soak.py kills=$(KILLS) seed=$(SEED)

lock: setup  ## make the lock files anew from requirements/*.in
	cd requirements && for role in base dev parity data tracking; do \
	  $(UV) pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	    --no-header --no-emit-index-url $(ARGS) $$role.in -o $$role.lock || exit 1; done

clean:  ## remove caches and outputs, keep .venv and data
	rm -rf outputs multirun .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
