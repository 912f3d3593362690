"""The jobs of a proof: commands as a user types them, run one after the other in their own folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ocr.types import InputError

PARTS = (
    *("command line", "messages", "generator", "training", "variants", "resume", "test", "predict", "evaluate"),
    *("formats", "check", "export", "tune", "signals", "devices", "recognition", "extraction"),
)
OLD_NAMES = {"errors": "messages"}
AFTER_TRAINING = ("resume", "test", "tune")
"""Parts that go on from what the training left."""
BEST, REF_BEST = "@best@", "@ref's best@"
"""In a command: the best checkpoint of the revision's own training, and of REF's."""
STOP_STEP, STOP_SIGNAL, SIGNAL, RECORD = "PROVE_STOP_AT", "PROVE_STOP_SIGNAL", "PROVE_SIGNAL", "PROVE_RECORD"

TINY = (
    "seed=0",
    "trainer.max_epochs=1",
    "trainer.deterministic=true",
    "trainer.limit_val_batches=1",
    "data.batch_size=2",
    "data.crop.size=64",
    "data.transform.long_side=96",
    "skip_test=true",
    "trainer.log_every_n_steps=1",
)
"""A training of a moment."""
TINY_LINES = (
    "task=recognition",
    "seed=0",
    "trainer.max_epochs=2",
    "trainer.devices=1",
    "trainer.deterministic=true",
    "trainer.log_every_n_steps=1",
    "resume_points.every_n_steps=3",
    "model.channels=[4,8,16]",
    "model.depth=1",
    "model.width=32",
    "model.blocks=1",
    "model.heads=2",
    "model.dropout=0.1",
    "data.granularity=word",
    "data.batch_size=2",
    "data.pool=2",
    "data.lines_per_receipt=4",
    "data.num_workers=0",
)
"""The same on text lines: four batches a pool."""
TINY_FACTS = (
    "task=extraction",
    "seed=0",
    "trainer.max_epochs=2",
    "trainer.devices=1",
    "trainer.deterministic=true",
    "trainer.log_every_n_steps=1",
    "resume_points.every_n_steps=3",
    "model.letters=16",
    "model.width=32",
    "model.blocks=1",
    "model.heads=2",
    "data.batch_size=2",
    "data.num_workers=0",
)
"""The same on the tokens of receipts."""
LIMIT_S = 3600.0
"""Seconds after which a command is killed; even on a busy machine it must be hanging by then."""


@dataclass(frozen=True)
class Command:
    """One command of a job.

    Attributes:
        runner: name of a file of ``runners/``, without its ending.
        arguments: as they are typed.
        env: what the environment says besides.
    """

    runner: str
    arguments: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """Commands that run one after the other in one folder.

    Attributes:
        part: what it belongs to.
        name: of its row and its folder.
        commands: what is run.
        paired: its cost is measured: the two revisions take turns with nothing beside them, each command in a new
            interpreter, and no line is followed.
        must_succeed: where REF fails at it, nothing can be compared.
        folder: of another job that it continues in; a copy of what is there afterwards becomes its own.
        recorded: the injected recorder writes down the steps.
        copied: files of the given ones that the commands change; each gets its own copy in its folder.
        needs: a file without which a revision lacks what the job is about; if REF lacks it, the job is left out and
            named.
    """

    part: str
    name: str
    commands: tuple[Command, ...]
    paired: bool = False
    must_succeed: bool = True
    folder: str = ""
    recorded: bool = False
    copied: tuple[str, ...] = ()
    needs: str = ""


@dataclass(frozen=True)
class Inputs:
    """What both revisions are given.

    Attributes:
        data: folder in the native layout, splits train, val and test.
        given: what `tools.proof.given` made.
        training: overrides of ``train.py`` beside `SMALL`.
    """

    data: str
    given: str
    training: Sequence[str] = ()


def check_parts(parts: Sequence[str]) -> list[str]:
    """Check the requested parts and return them by their current names.

    Raises:
        InputError: a part does not exist, or continues from one that was not requested.
    """
    asked = [OLD_NAMES.get(part, part) for part in parts]
    unknown = [part for part in asked if part not in PARTS]
    if unknown or not asked:
        raise InputError(f"parts={list(parts)}: there are {', '.join(PARTS)}")
    headless = [part for part in asked if part in AFTER_TRAINING and "training" not in asked]
    if headless:
        raise InputError(f"parts={list(parts)}: {', '.join(headless)}: resumed from the part training; add it")
    return asked
