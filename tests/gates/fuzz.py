"""Valid data folders corrupted at random, each through check, trainings and predict: nothing crashes, nothing is lost.

    PYTHONPATH=tests/support python tests/gates/fuzz.py cases=2000 seed=0 jobs=2

`make fuzz CASES=2000` calls it. Every command is the real runner in a process of its own, forked from one that has
imported everything, which saves the seconds of start-up. Of each case is asked:

- no command ends by a signal, with a traceback, or not at all;
- one that ends with an error names what is wrong: a file of the case or a setting;
- the counts add up: the check's images and words, the images trained on and skipped, predicted and left out;
- what the check calls free of errors can be trained on with ``data.on_error=raise``, and ``skip`` then skips nothing;
- a training on the lines skips no other images than the training on the pages, if both come to their end.
"""

import collections
import importlib
import json
import os
import platform
import re
import runpy
import shutil
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from corruptions import corrupt
from drawn_receipts import write_drawn_data
from gate_trainings import REPOSITORY
from ocr.images.files import start_of
from ocr.images.kinds import is_side_file
from patience import PATIENCE_S

RECEIPTS = {"train": 4, "val": 2}
WEIGHTS = REPOSITORY / "weights" / "receipts.safetensors"
SHORT = (
    "debug=fast",
    "skip_test=true",
    "data.batch_size=1",
    "trainer.limit_train_batches=1.0",
    "trainer.limit_val_batches=1.0",
    "trainer.enable_progress_bar=false",
    "callbacks.progress.enabled=false",
    "callbacks.checkpoint.enabled=false",
    "callbacks.ema.enabled=false",
    "callbacks.throughput.enabled=false",
    "callbacks.overlays.enabled=false",
    "logger.tensorboard.enabled=false",
)
SMALL = (
    *SHORT,
    "model.encoder.name=mobilenetv3_small_050",
    "model.decoder.channels=16",
    "data.crop.size=64",
    "data.transform.long_side=96",
)
LINES = (
    *SHORT,
    "task=recognition",
    *("model.channels=[4,8,16]", "model.depth=1", "model.width=16", "model.blocks=1", "model.heads=2"),
    *("data.pool=1", "data.lines_per_receipt=4", "data.granularity=word"),
)
PRELOADED = (
    "pytorch_lightning",
    "timm",
    "ocr.checks.repair",
    "ocr.data.datamodule",
    "ocr.data.line_datamodule",
    "ocr.recognition.models",
    "ocr.report.flaw_page",
    "ocr.training.evaluation",
)
CRASH = 70
"""Status of a command that ended with an exception of its own."""


@dataclass
class Case:
    """One corrupted data folder and what became of it.

    Attributes:
        number: with the seed, what it is drawn from.
        corruptions: what was done to the folder.
        statuses: exit status by command.
        faults: what should not have been.
    """

    number: int
    corruptions: list[str]
    statuses: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    """Run the cases, print the record, return 0 where there was no fault."""
    options = dict(argument.split("=", 1) for argument in arguments)
    cases, seed, jobs = (int(options.get(key, default)) for key, default in (("cases", 2000), ("seed", 0), ("jobs", 2)))
    only = [int(options["only"])] if "only" in options else list(range(cases))
    preload()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as top:
        base = write_drawn_data(Path(top) / "base", RECEIPTS)
        shares = [only[job::jobs] for job in range(jobs)]
        children = [fork(lambda job=job: work(Path(top) / f"job{job}", base, shares[job], seed)) for job in range(jobs)]
        for child in children:
            os.waitpid(child, 0)
        lines = [line for job in range(jobs) for line in (Path(top) / f"job{job}.jsonl").read_text().splitlines()]
    done = [Case(**json.loads(line)) for line in lines]
    record = summary(done) | {"cases": len(done), "seed": seed, "minutes": round((time.monotonic() - started) / 60, 1)}
    record |= {"python": platform.python_version(), "machine": platform.machine()}
    print(json.dumps(record, indent=2))
    return 0 if len(done) == len(only) and not record["faults"] else 1


def preload() -> None:
    """Import what the runners import; nothing is computed, so that no thread exists when it is forked."""
    for name in ("check", "train", "predict"):
        runpy.run_path(str(REPOSITORY / "runners" / f"{name}.py"), run_name="preloaded")
    for module in PRELOADED:
        importlib.import_module(module)


def fork(task: Any) -> int:
    """Run something in a child that ends with it; its process id."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    status = CRASH
    try:
        task()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def work(folder: Path, base: Path, numbers: list[int], seed: int) -> None:
    """Some of the cases, one after the other, a line each in ``<folder>.jsonl``."""
    with folder.with_suffix(".jsonl").open("w") as lines:
        for place, number in enumerate(numbers, start=1):
            case = run_case(folder, base, number, seed)
            shutil.rmtree(folder)
            print(json.dumps(asdict(case)), file=lines, flush=True)
            if case.faults or place % 50 == 0:
                print(f"{folder.name}: {place}/{len(numbers)}", *case.faults, sep="\n  ", file=sys.stderr, flush=True)


def run_case(folder: Path, base: Path, number: int, seed: int) -> Case:
    """Corrupt a copy of the folder and send it through the commands."""
    data = folder / "data"
    shutil.copytree(base, data)
    case = Case(number, corrupt(data, np.random.default_rng([seed, number])))
    texts = {}
    for command, arguments in {
        "check": ("check", f"input={data}", f"hydra.run.dir={folder / 'checked'}", "workers=0"),
        "raise": ("train", *SMALL, f"data.root={data}", f"hydra.run.dir={folder / 'raise'}"),
        "skip": ("train", *SMALL, f"data.root={data}", f"hydra.run.dir={folder / 'skip'}", "data.on_error=skip"),
        "lines": ("train", *LINES, f"data.root={data}", f"hydra.run.dir={folder / 'lines'}", "data.on_error=skip"),
        "predict": (
            "predict",
            f"input={data / 'images'}",
            f"output={folder / 'found'}",
            "data.long_side=96",
            "threads=1",
            f"checkpoint_path={WEIGHTS}",
        ),
    }.items():
        case.statuses[command], texts[command] = run(folder / f"{command}.log", *arguments)
        judge(case, command, texts[command], data)
    add_up(case, folder, texts)
    return case


def run(log: Path, runner: str, *arguments: str) -> tuple[int, str]:
    """One runner as a user starts it: its exit status, negative for a signal and SIGALRM for a hang, and its output."""

    def started() -> None:
        os.setsid()
        os.chdir(log.parent)
        with log.open("wb") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        sys.argv = [f"runners/{runner}.py", *arguments]
        try:
            runpy.run_path(str(REPOSITORY / "runners" / f"{runner}.py"), run_name="__main__")
        except SystemExit as stop:
            if isinstance(stop.code, str):
                print(stop.code, file=sys.stderr)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(stop.code if isinstance(stop.code, int) else 1 if stop.code else 0)

    child, began = fork(started), time.monotonic()
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status), log.read_text(errors="replace")
        if time.monotonic() - began > PATIENCE_S:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return -signal.SIGALRM, log.read_text(errors="replace")
        time.sleep(0.005)


def judge(case: Case, command: str, text: str, data: Path) -> None:
    """A fault where a command crashed, hung, or failed without naming a cause."""
    status = case.statuses[command]
    if status < 0 or status == CRASH or "Traceback (most recent call last)" in text:
        case.faults.append(f"case {case.number} {case.corruptions}: {command} ended with {status}: {text[-1500:]}")
    elif status and not any(name in text for name in names(data)):
        case.faults.append(f"case {case.number} {case.corruptions}: {command} names no cause: {text[-500:]}")


def names(data: Path) -> set[str]:
    """What an error of the case can name."""
    return {path.name for path in data.rglob("*")} | {f"{split}.json" for split in RECEIPTS} | {"data.", "input="}


def add_up(case: Case, folder: Path, texts: dict[str, str]) -> None:
    """Faults where the counts of a case, or what two commands say of it, contradict each other."""
    said = [*checked(folder), *predicted(folder, texts["predict"])]
    skipped = set(re.findall(r"skipped: (.*)", texts["skip"]))
    ended = {command: status == 0 for command, status in case.statuses.items()}
    if ended["check"] and not ended["raise"]:
        said.append(f"the check finds no error, yet training ends with {texts['raise'][-500:]}")
    if ended["raise"] and (skipped or not ended["skip"]):
        said.append(f"training reads everything, yet on_error=skip does not: {texts['skip'][-500:]}")
    if ended["skip"] and not ended["raise"] and not skipped:
        said.append(f"on_error=skip names nothing where on_error=raise ends with {texts['raise'][-500:]}")
    by_lines = set(re.findall(r"skipped: (.*)", texts["lines"]))
    if ended["skip"] and ended["lines"] and by_lines != skipped:
        said.append(f"pages and lines do not skip the same: {sorted(skipped ^ by_lines)}")
    case.faults += [f"case {case.number} {case.corruptions}: {each}" for each in said]


def checked(folder: Path) -> list[str]:
    """Contradictions in the report of the check: every image and every word is counted once, whatever became of it."""
    path = folder / "checked" / "report.json"
    if not path.is_file():
        return []
    report, wrong = json.loads(path.read_bytes()), []
    for tally in (report["annotation_files"], *report["images"].values(), *report["words"].values()):
        if tally["checked"] != tally["clean"] + tally["with_findings"] + tally["unreadable"]:
            wrong.append(f"the check's counts do not add up: {tally}")
    for split, tally in report["images"].items():
        there = sum(is_input(path) for path in (folder / "data" / "images" / split).glob("*"))
        if tally["checked"] < there:
            wrong.append(f"{there} images of {split}, the check speaks of {tally['checked']}")
    return wrong


def predicted(folder: Path, text: str) -> list[str]:
    """Contradictions in what the prediction says: every file is predicted on or left out."""
    if (
        "look the same" in text
    ):  # two names that differ in Unicode's normal form alone: nothing is predicted, both are named
        return []
    found = re.search(r"regions? in (\d+) images?", text)
    left_out = re.search(r"(\d+) of \d+ images? left out", text)
    there = sum(is_input(path) for path in folder.glob("data/images/*/*"))
    told = sum(int(match[1]) for match in (found, left_out) if match)
    return [f"{there} files to predict on, {told} are accounted for: {text[-500:]}"] if told != there else []


def is_input(path: Path) -> bool:
    """A file, pipe or link that is an image, or may have been meant as one."""
    return not path.is_dir() and not is_side_file(path.name, start_of(path))


def summary(done: list[Case]) -> dict[str, Any]:
    """How many corruptions of which kind, how the commands ended, and all faults."""
    kinds = collections.Counter(line.split(":")[0] for case in done for line in case.corruptions)
    ends: dict[str, collections.Counter[int]] = collections.defaultdict(collections.Counter)
    for case in done:
        for command, status in case.statuses.items():
            ends[command][status] += 1
    return {
        "corruptions": sum(kinds.values()),
        "by_kind": dict(sorted(kinds.items())),
        "statuses": {command: {str(status): n for status, n in sorted(each.items())} for command, each in ends.items()},
        "faults": [fault for case in done for fault in case.faults],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
