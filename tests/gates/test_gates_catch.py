"""The gates find what they are for: each breach is planted in a copy of the checkout, and its gate fails."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drawn_receipts import write_drawn_data
from planted_checkout import commit, copy_checkout, git, plant, run_runner, validated

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


def unused_key(folder: Path) -> None:
    plant(folder, "configs/train.yaml", "seed: 0\n", "seed: 0\nunused: 1\n")


def misspelt_key(folder: Path) -> None:
    plant(folder, "configs/experiment/smoke.yaml", "limit_val_batches", "limit_val_batch")


def heavy_import(folder: Path) -> None:
    plant(
        folder,
        "runners/train.py",
        "from omegaconf import DictConfig\n",
        "import torch\nfrom omegaconf import DictConfig\n",
    )


def own_handler(folder: Path) -> None:
    plant(folder, "runners/train.py", "    clock = RunClock()\n", f"    exec({HANDLER!r})\n    clock = RunClock()\n")


def write_in_place(folder: Path) -> None:
    """What `torch.save(content, path)` does: truncate, then write."""
    with (folder / "ocr" / "training" / "checkpoint.py").open("a", encoding="utf-8") as stream:
        stream.write(IN_PLACE)
    plant(folder, "configs/trainer/default.yaml", "checkpoint.AtomicCheckpointIO", "checkpoint.InPlace")


def type_error(folder: Path) -> None:
    plant(
        folder, "ocr/utils/runs.py", "from pathlib import Path\n", "from pathlib import Path\n\nNUMBER: int = 'one'\n"
    )


def broken_link(folder: Path) -> None:
    plant(folder, "docs/tutorial.md", "](results.md#from-a-fresh-clone)", "](nowhere.md)")


def failing_test_run(folder: Path) -> None:
    plant(folder, "ocr/training/module.py", 'self._log_figures("test")', 'raise RuntimeError("planted")')


def skipped_batch(folder: Path) -> None:
    """After a stop the training goes on one sample too late."""
    plant(folder, "ocr/data/sampler.py", "self.started = (epoch, samples)", "self.started = (epoch, samples + 1)")


def image_counted_twice(folder: Path) -> None:
    """What a trainer's own distributed sampler does to fill up."""
    mine = "(index // self.batch_size) % self.world_size == self.rank"
    plant(folder, "ocr/data/sampler.py", mine, f"{mine} or index == 0")


def grown_runner(folder: Path) -> None:
    branches = "".join(f"    if cfg.seed == {number}:\n        pass\n" for number in range(20))
    plant(folder, "runners/train.py", "    clock = RunClock()\n", f"{branches}    clock = RunClock()\n")


def unformatted(folder: Path) -> None:
    plant(folder, "ocr/utils/runs.py", "from pathlib import Path\n", "from pathlib   import Path\n")


SLOW = pytest.mark.slow
BREACHES = [
    pytest.param("complexity", grown_runner, "runners/train.py: cyclomatic", id="grown-runner"),
    pytest.param("startup-time", heavy_import, "torch", id="import-torch", marks=SLOW),
    pytest.param("lint", unformatted, "runs.py", id="unformatted", marks=SLOW),
    pytest.param("typecheck", type_error, "ocr/utils/runs.py", id="type-error", marks=SLOW),
    pytest.param("config", unused_key, "unused", id="unused-key", marks=SLOW),
    pytest.param("config", misspelt_key, "limit_val_batch", id="misspelt-key", marks=SLOW),
    pytest.param("docs", broken_link, "nowhere.md", id="broken-link", marks=SLOW),
    pytest.param("checkpoint", write_in_place, "full_disk", id="checkpoint-written-in-place", marks=SLOW),
    pytest.param("resume", skipped_batch, "test_continued_is_uninterrupted", id="skipped-batch", marks=SLOW),
    pytest.param("devices", image_counted_twice, "two_processes_score_as_one", id="image-counted-twice", marks=SLOW),
    pytest.param("smoke", failing_test_run, "planted", id="test-run-that-fails", marks=SLOW),
    pytest.param("signal-test", own_handler, "test_signal", id="handler-that-exits-with-0", marks=SLOW),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture
def checkout(whole: Path) -> Iterator[Path]:
    """The copy, as it was again afterwards."""
    yield whole
    git(whole, "checkout", "--quiet", ".")
    git(whole, "clean", "--quiet", "-fd")


@pytest.mark.parametrize(("gate", "breach", "why"), BREACHES)
def test_the_right_gate_fails(checkout: Path, gate: str, breach: Plant, why: str) -> None:
    breach(checkout)
    outcome = validated(checkout, gate)[gate]
    assert outcome["status"] == "failed", outcome
    assert outcome["reason"]
    assert why in Path(outcome["log"]).read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_same_gates_pass_where_nothing_is_planted(checkout: Path) -> None:
    gates = sorted({"data", *(str(breach.values[0]) for breach in BREACHES)})  # the data, so that smoke does not wait
    assert {name: gate["status"] for name, gate in validated(checkout, *gates).items()} == dict.fromkeys(
        gates, "passed"
    )


def test_other_bytes_than_recorded_fail_the_data_gate(checkout: Path) -> None:
    write_drawn_data(checkout / "data", {"train": 2, "val": 1, "test": 1})
    assert run_runner(checkout, "data", "record=true").returncode == 0
    assert validated(checkout, "data")["data"]["status"] == "passed"
    image = min(path for path in (checkout / "data" / "images").rglob("*") if path.is_file())
    image.write_bytes(image.read_bytes() + b"!")
    outcome = validated(checkout, "data")["data"]
    assert outcome["status"] == "failed"
    assert "data.dvc" in outcome["reason"]
    shutil.rmtree(checkout / "data")


def test_what_cannot_run_here_is_skipped_with_a_reason(checkout: Path) -> None:
    """As on a machine without a GPU, which this one may be or not."""
    plant(checkout, "tests/gates/test_devices.py", "not torch.cuda.is_available()", "True")
    outcome = validated(checkout, "devices-gpu")["devices-gpu"]
    assert outcome["status"] == "skipped"
    assert "no CUDA GPU" in outcome["reason"]


def test_a_checkout_that_changes_meanwhile_is_told(checkout: Path) -> None:
    plant(checkout, "Makefile", "\t$(RUN) tests/gates/complexity.py $(ARGS)\n", "\techo '# later' >> README.md\n")
    commit(checkout, "a gate that writes")
    done = run_runner(checkout, "validate", "only=[complexity]")
    assert done.returncode == 1
    assert "changed while the gates ran" in done.stderr
    git(checkout, "reset", "--quiet", "--hard", "HEAD~1")
