"""Real trainings in processes of their own, for the gates: start, signal, look at what is left."""

import contextlib
import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from patience import PATIENCE_S, wait_until

REPOSITORY = Path(__file__).resolve().parents[2]
SUPPORT = Path(__file__).resolve().parent
MARK = "OCR_GATE_TRAINING"
SPLITS = {"train": 16, "val": 3, "test": 3}
"""Receipts of the trainings: eight training batches of two an epoch."""
OF_TASK = {
    "detection": (
        "model.encoder.name=mobilenetv3_small_050",
        "model.decoder.channels=16",
        "data.crop.size=96",
        "data.transform.long_side=160",
    ),
    "recognition": (
        *("model.channels=[4,8,16]", "model.depth=1", "model.width=32", "model.blocks=1", "model.heads=2"),
        "model.dropout=0.1",
        *("data.pool=4", "data.lines_per_receipt=1"),  # two batches a pool, so that a run can stop within one
    ),
    "extraction": ("model.letters=16", "model.width=32", "model.blocks=1", "model.heads=2"),
}
"""By task: a network that learns little and fast."""


def small(task: str) -> tuple[str, ...]:
    """Settings of a training of a task: two epochs of eight batches."""
    return (
        f"task={task}",
        "debug=fast",
        "exp_name=gate",
        *OF_TASK[task],
        "trainer.max_epochs=2",
        "trainer.limit_train_batches=1.0",
        "trainer.deterministic=true",
        "trainer.log_every_n_steps=1",
    )


def held(file: Path) -> str:
    """The setting that lets a training wait before its fourth step as long as a file is there."""
    return f"+callbacks.hold={{enabled:true,spec:{{_target_:gate_probe.Hold,file:'{file}',step:3}}}}"


@dataclass
class Training:
    """A runner in a session of its own.

    Attributes:
        folder: where it was started; its outputs and its probe's files lie there.
        process: the main process.
        mark: value of an environment variable that every process of it has.
    """

    folder: Path
    process: subprocess.Popen[str]
    mark: str
    output: str = field(default="", init=False)

    def wait_for(self, there: Callable[[], bool]) -> None:
        """Wait until something is there.

        Raises:
            AssertionError: the process ended or the time is over; the message has its output.
        """
        try:
            wait_until(there, self.process)
        except AssertionError as error:
            self.kill()
            raise AssertionError(f"{error}:\n{self.finish()}") from None

    def send(self, signum: int, *, group: bool) -> None:
        """Signal the main process or every process of the session."""
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(self.process.pid, signum)

    def kill(self) -> None:
        """End what is left of it."""
        self.send(signal.SIGKILL, group=True)

    def finish(self, timeout_s: float | None = PATIENCE_S) -> str:
        """Wait for the end and return what it printed."""
        try:
            self.output += self.process.communicate(timeout=timeout_s)[0] or ""
        except subprocess.TimeoutExpired:
            self.kill()
            self.output += self.process.communicate()[0] or ""
            raise AssertionError(f"did not end within {timeout_s} s:\n{self.output}") from None
        return self.output

    def survivors(self) -> list[int]:
        """Processes of the training that do not end, however long they are given."""
        entry = f"{MARK}={self.mark}"
        with contextlib.suppress(AssertionError):
            wait_until(lambda: not processes_with(entry), every_s=0.1)
        return processes_with(entry)

    @property
    def run(self) -> Path:
        """The folder that the newest run wrote to."""
        return max((self.folder / "outputs" / "gate").iterdir())


def processes_with(entry: str) -> list[int]:
    """Live processes (zombies apart) that were started with an environment entry."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            entries = (path / "environ").read_bytes().split(b"\0")
            if entry.encode() in entries and (path / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                found.append(int(path.name))
    return found


def start(folder: Path, runner: str, *overrides: str) -> Training:
    """Start ``python runners/<runner>.py ...`` in a new session, with SIGINT as a terminal's program has it."""
    mark = uuid.uuid4().hex
    process = subprocess.Popen(
        [sys.executable, str(REPOSITORY / "runners" / f"{runner}.py"), *overrides],
        cwd=folder,
        env={
            **os.environ,
            MARK: mark,
            "PYTHONPATH": f"{REPOSITORY}:{SUPPORT}",
            "COLUMNS": "200",
            "OMP_NUM_THREADS": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no thread of ours is running
    )
    return Training(folder, process, mark)


def start_training(
    folder: Path, data: Path, *overrides: str, task: str = "detection", phase: str | None = None, after: int = 2
) -> Training:
    """Start a small training with a probe in it."""
    spec = f"{{_target_:gate_probe.Probe,folder:'{folder}',phase:{phase or 'null'},after_steps:{after}}}"
    return start(
        folder, "train", *small(task), f"data.root={data}", f"+callbacks.probe={{enabled:true,spec:{spec}}}", *overrides
    )


def weights_hash(checkpoint: Path) -> str:
    """SHA-256 over everything that training changes: weights, their average, the optimiser's state."""
    from ocr.weights.checkpoint_file import load_checkpoint

    content = load_checkpoint(checkpoint)
    digest = hashlib.sha256()
    for name in ("state_dict", "current_model_state", "averaging_state", "optimizer_states", "lr_schedulers"):
        feed(digest, content[name])
    return digest.hexdigest()


def feed(digest: Any, value: Any) -> None:
    """Add nested plain data and tensors to a hash."""
    if isinstance(value, dict):
        for key in sorted(value, key=str):
            digest.update(str(key).encode())
            feed(digest, value[key])
    elif isinstance(value, list | tuple):
        for item in value:
            feed(digest, item)
    elif hasattr(value, "numpy"):
        digest.update(value.contiguous().numpy().tobytes())
    else:
        digest.update(repr(value).encode())


def history(run: Path) -> list[dict[str, str]]:
    """Rows of ``metrics.csv`` without what depends on the clock, rows with nothing else left out."""
    with (run / "logs" / "csv" / "metrics.csv").open(newline="") as stream:
        rows = [
            {k: v for k, v in row.items() if v and k not in {"images_per_s", "data_wait"}}
            for row in csv.DictReader(stream)
        ]
    return [row for row in rows if row.keys() - {"step", "epoch"}]


def figures(run: Path) -> dict[str, Any]:
    """The figures of ``metrics.json``."""
    content = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    return {split: content[split] for split in ("val", "test")}


def leftovers(run: Path) -> list[str]:
    """Files of an unfinished write."""
    return sorted(path.name for path in run.rglob("*.tmp"))
