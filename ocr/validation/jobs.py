"""What is run in both revisions, one after the other: each job is a command that a user types."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ocr.types import InputError
from ocr.validation.behaviour import Entry, nested_entries, read_entries
from ocr.validation.side import RECORD, Side, figures, predictions

RUNNERS = {
    "command line": (),
    "errors": ("train", "test", "evaluate"),
    "generator": ("synthesize",),
    "training": ("train",),
    "resume": ("train",),
    "test": ("test",),
    "predict": ("predict",),
    "evaluate": ("evaluate",),
}
"""The parts of a proof and the runners that they run. ``training`` is two: the second, which a signal stops, shows
what a revision does not do twice in the same way."""
AFTER_TRAINING = ("resume", "test", "predict")
"""Parts that go on from what the training left."""

SMALL = (
    "seed=0",
    "trainer.max_epochs=2",
    "trainer.devices=1",
    "trainer.deterministic=true",
    "trainer.log_every_n_steps=1",
    "data.batch_size=2",
    "data.crop.size=320",
    "data.transform.long_side=640",
    "postprocess.binary_thresh=0.394",
    "postprocess.box_thresh=0.2",
)
"""A training of two epochs over the default model, small enough to be run three times by each revision. Its map still
lies around 0.39 everywhere: that threshold cuts it into dozens of odd regions, which is what a postprocess and a metric
are compared on."""

STOP_AT = 5


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of a part.

    Attributes:
        part: what it belongs to.
        label: what is shown, and the name of its logs.
        run: does it in one revision.
        must_succeed: without it in REF, nothing can be compared.
    """

    part: str
    label: str
    run: Callable[[Side], None]
    must_succeed: bool = False

    def check(self, ref: Side) -> None:
        """Look at how it ended in REF.

        Raises:
            InputError: it failed where it has to succeed.
        """
        status = ref.finished[self.label].status
        if self.must_succeed and status:
            raise InputError(
                f"{ref.name}: {self.label} ended with status {status}: {ref.said(self.label)}\n"
                f"see {ref.work / 'logs'}; choose another revision, or leave the part out with parts=[...]"
            )


@dataclass(frozen=True, slots=True)
class Inputs:
    """What both revisions are given.

    Attributes:
        data: folder in the native layout, splits train, val and test.
        many: folder with ``truth.json`` and ``found.json``, for the metric's time.
        training: overrides of ``train.py`` beside `SMALL`.
        ref: the revision whose checkpoint is tested and used for prediction in both.
    """

    data: Path
    many: Path
    training: tuple[str, ...]
    ref: Side


def check_parts(parts: Sequence[str]) -> None:
    """Look at what was asked for.

    Raises:
        InputError: there is no such part, or it goes on from one that was not asked for.
    """
    unknown = [part for part in parts if part not in RUNNERS]
    if unknown or not parts:
        raise InputError(f"parts={list(parts)}: there are {', '.join(RUNNERS)}")
    lost = [part for part in parts if part in AFTER_TRAINING and "training" not in parts]
    if lost:
        raise InputError(f"parts={list(parts)}: {', '.join(lost)} go on from the part training; add it")


def jobs(inputs: Inputs, parts: Sequence[str]) -> list[Job]:
    """The jobs of some parts, in the order in which they are to be run."""
    return [job for job in every_job(inputs) if job.part in parts]


def every_job(inputs: Inputs) -> Iterator[Job]:
    """Cheap ones first; the trainings before what uses their checkpoint."""
    data = inputs.data
    training = (*SMALL, f"data.root={data}", *inputs.training)
    yield Job("command line", "command line", command_line, must_succeed=True)
    for label, runner, overrides in (
        ("misspelt override", "train", ("exp_nam=x",)),
        ("no checkpoint", "test", ()),
        ("no such file", "evaluate", ("ground_truth=nowhere.json", "predictions=nowhere.json")),
    ):
        yield Job("errors", label, partial(error, label=label, runner=runner, overrides=overrides))
    counts = ("seed=1", "train=2", "val=1", "test=1", "workers=0")
    yield Job("generator", "generator", lambda side: side.generated("generator", "generator", *counts), True)
    yield Job("training", "training", lambda side: side.training("training", "training", *training), True)
    yield Job("training", "stop", lambda side: stop(side, training))
    yield Job("resume", "resume", lambda side: resume(side, training), True)
    yield Job("test", "test", lambda side: test(side, inputs), True)
    yield Job("predict", "predict", lambda side: predict(side, inputs), True)
    for number in (1, 2, 3):
        label = f"evaluate {number}"
        yield Job("evaluate", label, partial(evaluate, label=label, inputs=inputs), True)


def command_line(side: Side) -> None:
    """Runners, Make targets, every setting of every choice."""
    script = Path(__file__).resolve().parent / "injected" / "surface.py"
    done = side.call("command line", [side.python, script, side.root])
    found = side.json_of("command line") or {}
    for where, settings in found.items():
        side.see("command line", [Entry(where, key, value) for key, value in settings.items()])
    side.see("command line", [Entry("command line", "exit status", done.status)])


def error(side: Side, *, label: str, runner: str, overrides: tuple[str, ...]) -> None:
    """Exit status and message of something that a user gets wrong."""
    done = side.runner(label, runner, *overrides)
    side.see("errors", [Entry(label, "exit status", done.status), Entry(label, "message", side.said(label))])


def stop(side: Side, training: tuple[str, ...]) -> None:
    """A training that gets a SIGINT after a few steps, in a folder of runs of its own."""
    side.training("stop", "stopped", *training, stop_at=STOP_AT)


def resume(side: Side, training: tuple[str, ...]) -> None:
    """The same training, continued."""
    side.training("resume", "stopped", *training, "resume=auto")


def test(side: Side, inputs: Inputs) -> None:
    """The figures of REF's checkpoint: a tree that cannot read it has changed."""
    record = side.recorded("test")
    given = (f"checkpoint_path={inputs.ref.checkpoint}", f"data.root={inputs.data}", "trainer.devices=1")
    done = side.runner("test", "test", *given, "trainer.deterministic=true", env={RECORD: str(record)})
    side.see("test", read_entries(record / "steps.jsonl"))
    for path in sorted((side.work / "outputs" / "test").glob("*/metrics.json")):
        side.see("test", figures(path))
    side.see("test", [Entry("test", "exit status", done.status)])


def predict(side: Side, inputs: Inputs) -> None:
    """What each one's own checkpoint finds: equal trainings write equal checkpoints, and each can read its own."""
    given = (f"checkpoint_path={side.checkpoint}", f"input={inputs.data / 'images' / 'test'}", "output=found")
    done = side.runner("predict", "predict", *given, "csv=true")
    side.see("predict", predictions(side.work / "found" / "predictions.json"))
    side.see("predict", [Entry("predict", "exit status", done.status)])


def evaluate(side: Side, *, label: str, inputs: Inputs) -> None:
    """The metric over many images, the same files for both."""
    files = (f"ground_truth={inputs.many / 'truth.json'}", f"predictions={inputs.many / 'found.json'}")
    done = side.runner(label, "evaluate", *files, "granularity=line")
    side.see("evaluate", list(nested_entries(label, side.json_of(label) or {})))
    side.see("evaluate", [Entry(label, "exit status", done.status)])


def make_data(side: Side, folder: Path) -> Path:
    """A few receipts for both revisions, made by one of them.

    Raises:
        InputError: it could not make them.
    """
    counts = ("seed=0", "train=16", "val=3", "test=3", "workers=0")
    done = side.runner("data", "synthesize", f"output={folder}", *counts)
    if done.status:
        raise InputError(f"{side.name} makes no receipts to train on: {side.said('data')}; give data=<native folder>")
    return folder


def write_many(data: Path, folder: Path, copies: int) -> Path:
    """Ground truth and predictions that the metric takes a second for.

    The ground truth of a split under many names; the predictions are its lines moved by a few pixels, every seventh
    left out.
    """
    folder.mkdir(parents=True)
    images = json.loads((data / "jsons" / "test.json").read_text(encoding="utf-8"))["images"]
    truth, found = {}, {}
    for copy in range(copies):
        for name, image in images.items():
            truth[f"{copy}_{name}"] = image
            words = {
                key: {"points": [[x + copy % 5, y + copy % 3] for x, y in word["points"]]}
                for number, (key, word) in enumerate(image["words"].items())
                if (number + copy) % 7
            }
            found[f"{copy}_{name}"] = {**image, "words": words}
    for name, content in (("truth", truth), ("found", found)):
        (folder / f"{name}.json").write_text(json.dumps({"images": content}), encoding="utf-8")
    return folder
