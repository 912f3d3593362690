"""What a run's network finds on the images of a split, kept in the run's folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import yaml

from ocr.formats.common.names import find
from ocr.pipeline.jobs import is_running, setting, start_job, was_cancelled
from ocr.pipeline.launching import started_in
from ocr.pipeline.loading import default_weights
from ocr.pipeline.run_files import CONFIG, read_text
from ocr.types import InputError

State = Literal["none", "running", "ready", "outdated", "failed", "cancelled"]
SETTINGS = {"detection": ("predict", "checkpoint_path"), "recognition": ("read", "recogniser"),
            "extraction": ("read", "extractor")}  # fmt: skip
"""By the beginning of a run's task: what applies its network, and the setting that takes it."""


@dataclass(frozen=True, slots=True)
class SplitPredictions:
    """The predictions of a run for a split.

    Attributes:
        run: folder of the run.
        split: name of the split.
        root: data folder of the run.
        task: of the run.
        granularity: unit of its regions: ``word`` or ``line``.
    """

    run: Path
    split: str
    root: Path
    task: str
    granularity: str

    @classmethod
    def of(cls, run: Path, split: str) -> SplitPredictions:
        """Those of a run, as its configuration describes it.

        Raises:
            InputError: the configuration says no data folder.
        """
        try:
            config: Any = yaml.safe_load(read_text(run / CONFIG)) or {}
            data = config["data"]
            root = started_in(run) / data["root"]
        except (yaml.YAMLError, KeyError, TypeError) as error:
            raise InputError(f"{run / CONFIG}: says no data.root; choose a training's run") from error
        return cls(run, split, root, str(config.get("task", "detection")), str(data.get("granularity", "line")))

    @property
    def checkpoint(self) -> Path:
        """The best network of the run."""
        return self.run / "checkpoints" / "best.ckpt"

    @property
    def predictions(self) -> Path:
        """The file of the predictions."""
        return self.run / "predictions" / self.split / "predictions.json"

    @property
    def log(self) -> Path:
        """What the program that makes them prints."""
        return self.predictions.with_name("console.txt")

    @property
    def network(self) -> Path:
        """The time of the network that they are made with, in nanoseconds of the epoch."""
        return self.log.with_name("network.txt")

    @property
    def made(self) -> str:
        """When the network was saved that they are, or will be, made with."""
        known = read_text(self.network) if self.predictions.exists() else ""
        saved = int(known) / 1e9 if known.isdecimal() else self.checkpoint.stat().st_mtime
        return f"{datetime.fromtimestamp(saved):%Y-%m-%d %H:%M:%S}"

    @property
    def truth(self) -> Path:
        """The annotation file of the split."""
        return find(self.root, f"jsons/{self.split}.json")

    @property
    def images(self) -> Path:
        """The folder of the split's images."""
        return find(self.root, f"images/{self.split}")

    @property
    def state(self) -> State:
        """ready: of the network as it is now; outdated: of an earlier one; failed: the program left none.

        A program that is cancelled may have left those of the images that it had come to.
        """
        if is_running(self.log):
            return "running"
        if was_cancelled(self.log):
            return "cancelled"
        if not self.predictions.exists():
            return "failed" if self.log.exists() else "none"
        gone = not self.checkpoint.exists()
        return "ready" if gone or read_text(self.network) == str(self.checkpoint.stat().st_mtime_ns) else "outdated"

    def start(self) -> None:
        """Apply the network to the images, in a process of its own.

        Raises:
            InputError: it is being done, or the run has no network or another task.
        """
        if not self.checkpoint.exists():
            raise InputError(f"{self.checkpoint}: is missing; the run has not been validated yet")
        known = [each for name, each in SETTINGS.items() if self.task.startswith(name)]
        if not known:
            raise InputError(f"{self.run}: task={self.task} finds nothing on images; choose another run")
        runner, key = known[0]
        shipped = {"detector": "receipts", "recogniser": "lines"} if runner == "read" else {}
        places = {name: default_weights("auto", weights) for name, weights in shipped.items()}
        places |= {key: self.checkpoint.absolute(), "input": self.images.absolute()}
        places |= {"output": self.predictions.parent.absolute()}
        if not is_running(self.log):
            self.predictions.unlink(missing_ok=True)  # if there is one in the end, the program came to its end
            self.network.parent.mkdir(parents=True, exist_ok=True)
            self.network.write_text(str(self.checkpoint.stat().st_mtime_ns), encoding="ascii")  # before it is read
        start_job(runner, self.log, [setting(name, value) for name, value in places.items()], started_in(self.run))
