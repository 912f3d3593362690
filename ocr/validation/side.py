"""One of the two revisions: its files, its packages, and the commands that are run in it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocr.utils.digest import directory_digest
from ocr.validation.behaviour import Entry, nested_entries, read_entries
from ocr.validation.processes import Finished, last_lines, run

INJECTED = Path(__file__).resolve().parent / "injected"
ENTRY_POINTS = "[pytorch_lightning.callbacks_factory]\nprove = prove_recorder:callbacks\n"
STEADY = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1"}
"""One thread: two of them wait for each other whenever another program wants a core, and no ratio survives that."""
RECORD, STOP_AT = "PROVE_RECORD", "PROVE_STOP_AT"


def write_injection(folder: Path) -> Path:
    """Lay the recorder out as an installed package, so that Lightning finds it by its entry point."""
    package = folder / "prove_recorder-1.0.dist-info"
    package.mkdir(parents=True)
    shutil.copy(INJECTED / "recorder.py", folder / "prove_recorder.py")
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: prove-recorder\nVersion: 1.0\n", encoding="utf-8")
    (package / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")
    return folder


@dataclass
class Side:
    """A revision with everything that was seen of it.

    Attributes:
        name: for messages and columns.
        root: its files.
        python: the interpreter with its packages.
        work: where its commands run and write.
        injection: what `write_injection` made.
        parts: what was seen, by part, in order.
        finished: what each command took.
    """

    name: str
    root: Path
    python: Path
    work: Path
    injection: Path
    parts: dict[str, list[Entry]] = field(default_factory=dict)
    finished: dict[str, Finished] = field(default_factory=dict)

    def call(self, label: str, command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> Finished:
        """Run a command in ``work``; its streams go to ``logs/<label>.out`` and ``.err``."""
        logs = self.work / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        settings = {"PYTHONPATH": f"{self.root}:{self.injection}", "COLUMNS": "200", **STEADY}
        out, err = logs / f"{label}.out", logs / f"{label}.err"
        done = run(command, cwd=self.work, stdout=out, stderr=err, env={**settings, **(env or {})})
        self.finished[label] = done
        return done

    def runner(self, label: str, name: str, *overrides: str, env: Mapping[str, str] | None = None) -> Finished:
        """Run ``runners/<name>.py`` with overrides."""
        return self.call(label, [self.python, self.root / "runners" / f"{name}.py", *overrides], env)

    def said(self, label: str) -> str:
        """The last lines of a command's error stream, its own paths replaced."""
        return "\n".join(self.neutral(line) for line in last_lines(self.work / "logs" / f"{label}.err", 5))

    def neutral(self, text: str) -> str:
        """Text without what differs between two folders."""
        return text.replace(str(self.root), "<checkout>").replace(str(self.work), "<work>")

    def see(self, part: str, entries: Sequence[Entry]) -> None:
        """Add to what was seen of a part."""
        self.parts.setdefault(part, []).extend(entries)

    def recorded(self, label: str) -> Path:
        """Folder of what the recorder wrote during a command."""
        folder = self.work / "records" / label
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def training(self, label: str, runs: str, *overrides: str, stop_at: int | None = None) -> None:
        """A recorded run of ``train.py``: its steps, its exit status, its figures, the files it leaves.

        Args:
            label: name of its logs and of what was seen.
            runs: ``exp_name`` of the run.
            overrides: the other settings.
            stop_at: step after which it gets a SIGINT.
        """
        record = self.recorded(label)
        env = {RECORD: str(record)} | ({STOP_AT: str(stop_at)} if stop_at else {})
        done = self.runner(label, "train", f"exp_name={runs}", *overrides, env=env)
        self.see(label, read_entries(record / "steps.jsonl"))
        run_folder = max((self.work / "outputs" / runs).glob("*"), default=None)
        if run_folder is not None:
            self.see(label, figures(run_folder / "metrics.json"))
            kept = sorted(path.name for path in run_folder.glob("checkpoints/*"))
            self.see(label, [Entry(f"end of {label}", "checkpoints", kept)])
        self.see(label, [Entry(label, "exit status", done.status)])

    @property
    def checkpoint(self) -> Path:
        """The best checkpoint of the first training; where that left none, a file that is not there."""
        runs = self.work / "outputs" / "training"
        return next(iter(sorted(runs.glob("*/checkpoints/best.ckpt"))), runs / "best.ckpt")

    def generated(self, part: str, label: str, *overrides: str) -> None:
        """What its generator makes of a seed."""
        done = self.runner(label, "synthesize", f"output={label}", *overrides)
        folder = self.work / label
        self.see(part, [Entry(label, "digest of the corpus", directory_digest(folder) if folder.exists() else None)])
        self.see(part, [Entry(label, "exit status", done.status)])

    def json_of(self, label: str) -> Any:
        """The JSON object that a command printed, ``None`` where it printed none."""
        text = (self.work / "logs" / f"{label}.out").read_text(encoding="utf-8")
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return None


def figures(path: Path) -> list[Entry]:
    """Validation and test figures of a ``metrics.json``, all digits."""
    if not path.exists():
        return [Entry("metrics.json", "file", "missing")]
    content = json.loads(path.read_text(encoding="utf-8"))
    return [
        entry
        for split, values in content.items()
        if split in {"val", "test"}
        for entry in nested_entries("metrics.json", values, split)
    ]


def predictions(path: Path) -> list[Entry]:
    """Every region of a ``predictions.json``, image by image."""
    if not path.exists():
        return [Entry("predictions.json", "file", "missing")]
    entries = []
    for image, found in json.loads(path.read_text(encoding="utf-8"))["images"].items():
        entries.append(Entry(image, "number of regions", len(found["words"])))
        entries += [
            Entry(image, f"region {key} {name}", value)
            for key, word in found["words"].items()
            for name, value in word.items()
        ]
    return entries
