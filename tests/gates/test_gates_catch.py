"""The gates find what they are for: each breach is planted in a copy of the checkout, and its gate fails."""

from __future__ import annotations

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


SLOW = pytest.mark.slow
BREACHES = [
    pytest.param("complexity", GROWN_RUNNER, "runners/train.py: cyclomatic", id="grown-runner"),
    pytest.param("startup-time", HEAVY_IMPORT, "torch", id="import-torch", marks=SLOW),
    pytest.param("lint", UNFORMATTED, "runs.py", id="UNFORMATTED", marks=SLOW),
    pytest.param("typecheck", TYPE_ERROR, "ocr/utils/runs.py", id="type-error", marks=SLOW),
    pytest.param("config", UNUSED_KEY, "unused", id="unused-key", marks=SLOW),
    pytest.param("config", MISSPELT_KEY, "limit_val_batch", id="misspelt-key", marks=SLOW),
    pytest.param("docs", BROKEN_LINK, "nowhere.md", id="broken-link", marks=SLOW),
    pytest.param("checkpoint", write_in_place, "full_disk", id="checkpoint-written-in-place", marks=SLOW),
    pytest.param("resume", SKIPPED_BATCH, "test_continued_is_uninterrupted", id="skipped-batch", marks=SLOW),
    pytest.param("devices", IMAGE_COUNTED_TWICE, "two_processes_score_as_one", id="image-counted-twice", marks=SLOW),
    pytest.param("smoke", FAILING_TEST_RUN, "planted", id="test-run-that-fails", marks=SLOW),
    pytest.param("signal-test", OWN_HANDLER, "test_signal", id="handler-that-exits-with-0", marks=SLOW),
]


@pytest.mark.parametrize(("gate", "breach", "why"), BREACHES)
def test_the_right_gate_fails(checkout: Path, gate: str, breach: Plant, why: str) -> None:
    if gate == "smoke":
        copy_ignored(checkout, "data")
    breach(checkout)
    outcome = validated(checkout, gate)[gate]
    assert outcome["status"] == "failed", outcome
    assert outcome["reason"]
    assert why in Path(outcome["log"]).read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_same_gates_pass_where_nothing_is_planted(checkout: Path) -> None:
    copy_ignored(checkout, "data")
    gates = sorted({"data", *(str(breach.values[0]) for breach in BREACHES)})  # the data, so that smoke does not wait
    assert {name: gate["status"] for name, gate in validated(checkout, *gates).items()} == dict.fromkeys(
        gates, "passed"
    )


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
