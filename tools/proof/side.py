"""One of the two revisions: its files, its packages, and the jobs run in it with their output."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocr.types import InputError
from tools.processes import Answering, Finished, last_lines, run
from tools.proof.jobs import BEST, LIMIT_S, RECORD, REF_BEST, Command, Job

INJECTED = Path(__file__).resolve().parent / "injected"
ENTRY_POINTS = "[pytorch_lightning.callbacks_factory]\nprove = prove_recorder:callbacks\n"
STEADY = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "COLUMNS": "200", "HF_HUB_OFFLINE": "1"}
"""One thread: two of them wait for each other whenever another program wants a core, and no ratio survives that.
Nothing asks a network."""
LINES, SURFACE = "PROVE_LINES", "surface"
PACKAGES = "torch,torchvision,timm,cv2,numpy,hydra,omegaconf,pytorch_lightning,PIL.Image,rich.progress,onnxruntime"
"""What a program of either revision may import; none of them is the revision's own."""


def write_injection(folder: Path) -> Path:
    """Lay out what runs first, and the recorder as a package that Lightning finds by its entry point."""
    package = folder / "prove_recorder-1.0.dist-info"
    package.mkdir(parents=True)
    shutil.copy(INJECTED / "recorder.py", folder / "prove_recorder.py")
    shutil.copy(INJECTED / "startup.py", folder / "sitecustomize.py")
    shutil.copy(INJECTED / "starter.py", folder / "starter.py")
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: prove-recorder\nVersion: 1.0\n", encoding="utf-8")
    (package / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")
    return folder


@dataclass
class Side:
    """A revision with everything that was run of it.

    Attributes:
        name: for messages and columns.
        root: its files.
        python: the interpreter with its packages.
        work: where its commands run and write, and what is kept of them.
        injection: what `write_injection` made.
        given: folder of the inputs; REF's best checkpoint is put there.
        finished: what each command took, by job and number.
    """

    name: str
    root: Path
    python: Path
    work: Path
    injection: Path
    given: Path
    finished: dict[str, Finished] = field(default_factory=dict)
    _starter: Answering | None = None

    def describe(self, repository: Path, commit: str, files: Sequence[str]) -> None:
        """Write down what the judge has to know, and whose lines are to be followed."""
        self.work.mkdir()
        about = {"root": str(self.root), "work": str(self.work), "commit": commit, "repository": str(repository)}
        (self.work / "about.json").write_text(json.dumps(about), encoding="utf-8")
        asked = {"files": [str(self.root / file) for file in files], "log": str(self.work / "lines")}
        (self.work / "lines.json").write_text(json.dumps(asked), encoding="utf-8")

    @property
    def settings(self) -> dict[str, str]:
        """The environment of every command."""
        return {**STEADY, "PYTHONPATH": f"{self.root}:{self.injection}"}

    def call(self, label: str, command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> Finished:
        """Run a command in ``work``; its streams go to ``logs/<label>.out`` and ``.err``."""
        out, err = self.streams(label)
        done = run(command, cwd=self.work, stdout=out, stderr=err, env={**self.settings, **(env or {})})
        self.finished[label] = done
        return done

    def streams(self, label: str) -> tuple[Path, Path]:
        """The files of a command's output and of its error output."""
        logs = self.work / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        return logs / f"{label}.out", logs / f"{label}.err"

    def run(self, job: Job) -> None:
        """Run a job's commands to their ends, whatever these are."""
        folder = self.work / "jobs" / (job.folder or job.name)
        folder.mkdir(parents=True, exist_ok=True)
        for name in job.copied:
            shutil.copy(self.given / name, folder)
        records = self.work / "records" / job.name
        records.mkdir(parents=True, exist_ok=True)
        for number, command in enumerate(job.commands, 1):
            label = f"{job.name} {number}"
            env = {**command.env, **({RECORD: str(records)} if job.recorded else {})}
            done = self.start(label, command, folder, env, alone=job.paired)
            self.finished[label] = done
            asked = [command.runner, *command.arguments]
            self.note(job=job.name, number=number, runner=command.runner, asked=asked, status=done.status, cpu=done.cpu)
        if job.folder:
            shutil.copytree(folder, self.work / "jobs" / job.name, symlinks=True)

    def start(self, label: str, command: Command, folder: Path, env: Mapping[str, str], *, alone: bool) -> Finished:
        """Run one command: in an interpreter of its own where its cost is measured, else in a fork of the starter."""
        out, err = self.streams(label)
        arguments = [self.resolved(argument) for argument in command.arguments]
        whole = [str(self.script(command)), *(arguments if command.runner != SURFACE else [str(self.root)])]
        if alone:
            return run([self.python, *whole], cwd=folder, stdout=out, stderr=err, env={**self.settings, **env})
        request = {"command": whole, "cwd": str(folder), "out": str(out), "err": str(err), "limit_s": LIMIT_S}
        answer = self.ask({**request, "env": {**env, LINES: str(self.work / "lines.json")}})
        return Finished(answer["status"], answer["seconds"], 0, cpu=answer["cpu"])

    def script(self, command: Command) -> Path:
        """The file that a command runs."""
        return INJECTED / "surface.py" if command.runner == SURFACE else self.root / "runners" / f"{command.runner}.py"

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Let the starter run a command; its answer."""
        if self._starter is None:
            command: list[str | Path] = [self.python, self.injection / "starter.py", PACKAGES]
            settings = {**self.settings, "PROVE_STARTER": "1"}
            self._starter = Answering(command, self.work, self.streams("starter")[1], settings)
        return self._starter.ask(request)

    def close(self) -> None:
        """End the starter and what it runs."""
        if self._starter is not None:
            self._starter.close()

    def resolved(self, argument: str) -> str:
        """An argument with the checkpoint that it stands for."""
        return argument.replace(REF_BEST, str(self.given / "best.ckpt")).replace(BEST, str(self.checkpoint))

    def note(self, **entry: Any) -> None:
        """Add a line to ``commands.jsonl``."""
        with (self.work / "commands.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry) + "\n")

    def check(self, job: Job) -> None:
        """Check how a job ended.

        Raises:
            InputError: a command failed that must succeed in REF.
        """
        for number in range(1, len(job.commands) + 1):
            label = f"{job.name} {number}"
            status = self.finished[label].status
            if job.must_succeed and status:
                last = "\n".join(last_lines(self.streams(label)[1], 5))
                raise InputError(
                    f"{self.name}: {label} ended with status {status}: {last}\n"
                    f"see {self.work / 'logs'}; choose another revision, or leave the part {job.part!r} out with "
                    "parts=[...]"
                )

    def check_runners(self, jobs: Sequence[Job]) -> None:
        """Check that all runners of the jobs exist.

        Raises:
            InputError: a runner is missing.
        """
        for job in jobs:
            for command in job.commands:
                if command.runner != SURFACE and not self.script(command).exists():
                    raise InputError(
                        f"{self.name} has no runners/{command.runner}.py, which the part {job.part!r} runs: it "
                        "predates that runner; choose a later revision, or leave the part out with parts=[...]"
                    )

    def took(self, job: Job) -> dict[str, Any]:
        """What is shown of a job that has ended."""
        done = [self.finished[f"{job.name} {number}"] for number in range(1, len(job.commands) + 1)]
        statuses = " ".join(str(each.status) for each in done)
        return {"figure": f"{job.name}: exit status {statuses}", "seconds": sum(each.seconds for each in done)}

    def make_data(self, folder: Path) -> Path:
        """Generate a few receipts for both revisions.

        Raises:
            InputError: they could not be generated.
        """
        counts = ("seed=0", "train=16", "val=3", "test=3", "workers=0")
        done = self.call("data", [self.python, self.root / "runners" / "synthesize.py", f"output={folder}", *counts])
        if done.status:
            last = "; ".join(last_lines(self.streams("data")[1], 3))
            raise InputError(f"{self.name} cannot generate receipts to train on: {last}; give data=<native folder>")
        return folder

    @property
    def checkpoint(self) -> Path:
        """The best checkpoint of the first training; where that left none, a file that is not there."""
        runs = self.work / "jobs" / "training" / "outputs" / "training"
        return next(iter(sorted(runs.glob("*/checkpoints/best.ckpt"))), runs / "best.ckpt")
