"""Each breach is planted in a copy of the checkout, and its gate fails; also where a gate is made to do less."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from drawn_receipts import write_drawn_data
from planted_checkout import Planting, commit, copy_ignored, git, run_runner, validated

Plant = Callable[[Path], None]

HANDLER = """
import signal
import sys

signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
"""

IN_PLACE = """

class InPlace(AtomicCheckpointIO):
    def save_checkpoint(self, checkpoint, path, storage_options=None):
        with open(path, "wb") as stream:
            torch.save(checkpoint, stream)
"""


BRANCHES = "".join(f"    if cfg.seed == {number}:\n        pass\n" for number in range(20))
CLOCK = "    clock = RunClock()\n"
PATH_IMPORT = "from pathlib import Path\n"
MINE = "(index // self.batch_size) % self.world_size == self.rank"

UNUSED_KEY = Planting("configs/train.yaml", "seed: 0\n", "seed: 0\nunused: 1\n")
MISSPELT_KEY = Planting("configs/experiment/smoke.yaml", "limit_val_batches", "limit_val_batch")
HEAVY_IMPORT = Planting(
    "runners/train.py", "from omegaconf import DictConfig\n", "import torch\nfrom omegaconf import DictConfig\n"
)
OWN_HANDLER = Planting("runners/train.py", CLOCK, f"    exec({HANDLER!r})\n{CLOCK}")
NAMES_IN_PLACE = Planting("configs/trainer/default.yaml", "checkpoint.AtomicCheckpointIO", "checkpoint.InPlace")
TYPE_ERROR = Planting("ocr/utils/runs.py", PATH_IMPORT, f"{PATH_IMPORT}\nNUMBER: int = 'one'\n")
BROKEN_LINK = Planting("docs/tutorial.md", "](results.md#from-a-fresh-clone)", "](nowhere.md)")
FAILING_TEST_RUN = Planting("ocr/training/module.py", 'self._log_figures("test")', 'raise RuntimeError("planted")')
# After a stop the training goes on one sample too late.
SKIPPED_BATCH = Planting(
    "ocr/data/sampler.py", "self.started = (epoch, samples)", "self.started = (epoch, samples + 1)"
)
# What a trainer's own distributed sampler does to fill up.
IMAGE_COUNTED_TWICE = Planting("ocr/data/sampler.py", MINE, f"{MINE} or index == 0")
GROWN_RUNNER = Planting("runners/train.py", CLOCK, f"{BRANCHES}{CLOCK}")
UNFORMATTED = Planting("ocr/utils/runs.py", PATH_IMPORT, "from pathlib   import Path\n")
GATE_THAT_WRITES = Planting(
    "Makefile", "\t$(RUN) tests/gates/complexity.py $(ARGS)\n", "\techo '# later' >> README.md\n"
)


def write_in_place(folder: Path) -> None:
    """What `torch.save(content, path)` does: truncate, then write."""
    with (folder / "ocr" / "training" / "checkpoint.py").open("a", encoding="utf-8") as stream:
        stream.write(IN_PLACE)
    NAMES_IN_PLACE(folder)


SKIPS_ALL = """def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.skip(reason="planted"))


"""
RESUME, CASES = "tests/gates/test_resume.py", 'CASES = [\n    pytest.param(DETECTION, "train", 3'
BODY = '    stopped.wait_for((tmp_path / "phase").exists)\n    stopped.send(signum, group=True)\n'
CONFIG, FIRST = "tests/gates/test_config.py", "RUNNERS = sorted("
GATE_DATA = '@pytest.fixture(scope="session")\ndef gate_data('
CONFIG_STEP = "\t$(RUN) -m pytest -q tests/gates/test_config.py $(ARGS)\n"
COMPLEXITY_STEP = "\t$(RUN) tests/gates/complexity.py $(ARGS)\n"
RUNS = "ocr/utils/runs.py"

SKIPPED = Planting(RESUME, CASES, f'pytestmark = pytest.mark.skip(reason="planted")\n{CASES}')
EXPECTED_TO_FAIL = Planting(RESUME, CASES, f'pytestmark = pytest.mark.xfail(reason="planted", run=False)\n{CASES}')
EMPTIED = Planting(RESUME, BODY, f"    return\n{BODY}")
NO_ASSERTION = Planting(RESUME, "    assert figures(run) == figures(whole)\n", "")
RENAMED = Planting(RESUME, "def test_continued_is_uninterrupted(", "def continued_is_uninterrupted(")
MODULE_SKIPPED = Planting(CONFIG, FIRST, f'pytest.skip("planted", allow_module_level=True)\n{FIRST}')
SKIPPED_BY_CONFTEST = Planting("tests/gates/conftest.py", GATE_DATA, f"{SKIPS_ALL}{GATE_DATA}")
CHOSEN = Planting("Makefile", CONFIG_STEP, CONFIG_STEP.replace("-q", "-q -k experiment"))
NOT_RUN = Planting("Makefile", CONFIG_STEP, CONFIG_STEP.replace("-q", "-q --collect-only"))
TRUE = Planting("Makefile", "\t$(VENV)/bin/mypy\n", "\ttrue\n")
NEVER_FAILS = Planting("Makefile", "\t$(VENV)/bin/ruff check .\n", "\t$(VENV)/bin/ruff check . || true\n")
UNUSED_IMPORT = Planting(RUNS, PATH_IMPORT, f"import this\n{PATH_IMPORT}")
MINUS = Planting("Makefile", COMPLEXITY_STEP, f"\t-{COMPLEXITY_STEP.strip()}\n")
GROWN = Planting("runners/train.py", CLOCK, "    cfg = cfg or cfg or cfg\n" * 40 + CLOCK)
OFF_THE_LIST = Planting("configs/validate.yaml", "checkpoint, resume, devices,", "checkpoint, devices,")
TYPES_IGNORED = Planting(RUNS, PATH_IMPORT, f"# mypy: ignore-errors\n{PATH_IMPORT}")
BLANKET_NOQA = Planting(RUNS, UNUSED_IMPORT.old, f"import this  # noqa\n{PATH_IMPORT}")
BLANKET_IGNORE = Planting(RUNS, PATH_IMPORT, f"{PATH_IMPORT}\nNUMBER: int = 'one'  # type: ignore\n")
LOOSER_RUFF = Planting("pyproject.toml", '"{ocr,tools}/**" = ["TID253"]', '"{ocr,tools}/**" = ["TID253", "C901"]')
LOOSER_MYPY = Planting("pyproject.toml", "strict = true\npython", "strict = false\npython")
LOOSER_LAW = Planting(
    "pyproject.toml",
    'ignore_imports = ["ocr.detection.models.encoder -> timm"]',
    'ignore_imports = ["ocr.detection.models.* -> timm", "ocr.detection.models.encoder -> timm"]',
)
LOOSER_HOOK = Planting(".pre-commit-config.yaml", "entry: .venv/bin/mypy\n", "entry: 'true'\n")
HANDED_ON_KEY = Planting("configs/predict.yaml", "\ndata:\n", "\ndata:\n  colour: red\n")
MISSPELT_WORD = Planting("docs/tutorial.md", "# A first detector\n", "# A first detector\n\nTo rec" + "ieve.\n")
MISSPELT_IN_README = Planting("README.md", "output=found csv=true", "output=found csvs=true")


def other_lock(folder: Path) -> None:
    """A version that is edited by hand, in a lock that asks for it itself."""
    path = folder / "requirements" / "tracking.lock"
    text, changes = re.subn(r"^six==[\d.]+", "six==1.0.0", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert changes == 1
    path.write_text(text, encoding="utf-8")


SLOW = pytest.mark.slow
CATCHES = [
    pytest.param("complexity", [GROWN_RUNNER], "runners/train.py: cyclomatic", id="grown-runner"),
    pytest.param("startup-time", [HEAVY_IMPORT], "torch", id="import-torch", marks=SLOW),
    pytest.param("lint", [UNFORMATTED], "runs.py", id="UNFORMATTED", marks=SLOW),
    pytest.param("typecheck", [TYPE_ERROR], "ocr/utils/runs.py", id="type-error", marks=SLOW),
    pytest.param("config", [UNUSED_KEY], "unused", id="unused-key", marks=SLOW),
    pytest.param("config", [MISSPELT_KEY], "limit_val_batch", id="misspelt-key", marks=SLOW),
    pytest.param("docs", [BROKEN_LINK], "nowhere.md", id="broken-link", marks=SLOW),
    pytest.param("checkpoint", [write_in_place], "full_disk", id="checkpoint-written-in-place", marks=SLOW),
    pytest.param("resume", [SKIPPED_BATCH], "test_continued_is_uninterrupted", id="skipped-batch", marks=SLOW),
    pytest.param("devices", [IMAGE_COUNTED_TWICE], "two_processes_score_as_one", id="image-counted-twice", marks=SLOW),
    pytest.param("smoke", [FAILING_TEST_RUN], "planted", id="test-run-that-fails", marks=SLOW),
    pytest.param("signal-test", [OWN_HANDLER], "test_signal", id="handler-that-exits-with-0", marks=SLOW),
]
WHOLE = [
    pytest.param("resume", [SKIPPED], "3 skipped for a reason that `may_skip` does not list: planted", id="skipped"),
    pytest.param("resume", [EXPECTED_TO_FAIL], "recorded are 1|does not list", id="xfail", marks=SLOW),
    pytest.param("exemptions", [EMPTIED], "code behind a return: 1, budget 0", id="cut-off", marks=SLOW),
    pytest.param("exemptions", [NO_ASSERTION], "assertions in test_resume.py", id="no-assertion", marks=SLOW),
    pytest.param("resume", [RENAMED], "exit status 2", id="renamed", marks=SLOW),
    pytest.param("config", [MODULE_SKIPPED], "skipped for a reason|exit status 2", id="module-skipped", marks=SLOW),
    pytest.param("resume", [SKIPPED_BY_CONFTEST], "does not list: planted", id="conftest", marks=SLOW),
    pytest.param("config", [CHOSEN], "[0-9] tests, recorded are", id="chosen", marks=SLOW),
    pytest.param("config", [NOT_RUN], "0 tests, recorded are", id="not-run", marks=SLOW),
    pytest.param("typecheck", [TRUE], "0 files, recorded are", id="target-does-nothing"),
    pytest.param("lint", [NEVER_FAILS, UNUSED_IMPORT], "0 clean, recorded are 1", id="or-true", marks=SLOW),
    pytest.param("complexity", [MINUS, GROWN], "runners/train.py: lines", id="failure-ignored", marks=SLOW),
    pytest.param("exemptions", [TYPES_IGNORED], "mypy: comment of a file: 1, budget 0", id="mypy-ignore-errors"),
    pytest.param("exemptions", [BLANKET_NOQA], "noqa without a code: 1, budget 0", id="noqa", marks=SLOW),
    pytest.param("exemptions", [BLANKET_IGNORE], "type: ignore without a code: 1", id="type-ignore", marks=SLOW),
    pytest.param("exemptions", [SKIPPED], "tests left out in tests/gates/test_resume.py", id="skip-mark", marks=SLOW),
    pytest.param("exemptions", [TRUE], "make typecheck = ", id="recipe", marks=SLOW),
    pytest.param("exemptions", [LOOSER_RUFF], "per-file-ignores", id="per-file-ignores", marks=SLOW),
    pytest.param("exemptions", [LOOSER_MYPY], "mypy.strict = False", id="not-strict", marks=SLOW),
    pytest.param("exemptions", [LOOSER_LAW], "timm..ignore_imports", id="import-law", marks=SLOW),
    pytest.param("exemptions", [LOOSER_HOOK], "hooks.mypy..entry", id="hook", marks=SLOW),
    pytest.param("config", [HANDED_ON_KEY], "data.colour", id="handed-on-key", marks=SLOW),
    pytest.param("hooks", [MISSPELT_WORD], "docs/tutorial.md", id="spelling", marks=SLOW),
    pytest.param("docs-commands", [MISSPELT_IN_README], "csvs", id="misspelt-in-the-readme", marks=SLOW),
    pytest.param("locks", [other_lock], "tracking.lock: differs from what `make lock` wrote", id="edited-lock"),
]


@pytest.mark.parametrize(("gate", "breaches", "why"), [*CATCHES, *WHOLE])
def test_the_gate_fails_and_says_why(checkout: Path, gate: str, breaches: list[Plant], why: str) -> None:
    if gate == "smoke":
        copy_ignored(checkout, "data")
    for breach in breaches:
        breach(checkout)
    outcome = validated(checkout, gate)[gate]
    assert outcome["status"] == "failed", outcome
    assert outcome["reason"]
    said = f"{outcome['reason']}\n{outcome['figure']}\n{Path(outcome['log']).read_text(encoding='utf-8')}"
    assert re.search(why, said), said


@pytest.mark.slow
def test_the_same_gates_pass_where_nothing_is_planted(checkout: Path) -> None:
    copy_ignored(checkout, "data")
    gates = sorted({"data", *(str(breach.values[0]) for breach in CATCHES)})  # the data, so that smoke does not wait
    assert {name: gate["status"] for name, gate in validated(checkout, *gates).items()} == dict.fromkeys(
        gates, "passed"
    )


def test_a_gate_that_is_taken_off_the_list_fails(checkout: Path) -> None:
    OFF_THE_LIST(checkout)
    assert run_runner(checkout, "validate", "fast=true", "only=[locks]").returncode == 1
    gates = json.loads((checkout / "outputs" / "validation" / "report.json").read_text(encoding="utf-8"))["gates"]
    assert {gate["name"]: gate["status"] for gate in gates if gate["status"] != "skipped"} == {
        "resume": "failed",
        "locks": "passed",
    }


def test_other_bytes_than_recorded_fail_the_data_gate(checkout: Path) -> None:
    shutil.rmtree(checkout / "data", ignore_errors=True)
    write_drawn_data(checkout / "data", {"train": 2, "val": 1, "test": 1})
    assert run_runner(checkout, "data", "record=true").returncode == 0
    assert validated(checkout, "data")["data"]["status"] == "passed"
    image = min(path for path in (checkout / "data" / "images").rglob("*") if path.is_file())
    image.write_bytes(image.read_bytes() + b"!")
    outcome = validated(checkout, "data")["data"]
    assert outcome["status"] == "failed"
    assert "data.dvc" in outcome["reason"]
    shutil.rmtree(checkout / "data")


def test_what_cannot_run_here_is_skipped_with_a_reason(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without a GPU, which this one may be or not."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    outcome = validated(checkout, "devices-gpu")["devices-gpu"]
    assert outcome["status"] == "skipped"
    assert "no CUDA GPU" in outcome["reason"]


def test_a_checkout_that_changes_meanwhile_is_told(checkout: Path) -> None:
    GATE_THAT_WRITES(checkout)
    commit(checkout, "a gate that writes")
    done = run_runner(checkout, "validate", "only=[complexity]")
    assert done.returncode == 1
    assert "changed while the gates ran" in done.stderr
    git(checkout, "reset", "--quiet", "--hard", "HEAD~1")
