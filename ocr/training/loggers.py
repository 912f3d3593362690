"""Loggers whose history continues in a resumed run without gaps or duplicates."""

from __future__ import annotations

import contextlib
import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lightning_fabric.loggers.logger import rank_zero_experiment
from lightning_utilities.core.rank_zero import rank_zero_only
from pytorch_lightning.loggers import CSVLogger, TensorBoardLogger
from pytorch_lightning.loggers.csv_logs import ExperimentWriter
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from torch.utils.tensorboard import SummaryWriter

from ocr.types import InputError
from ocr.utils.printable import say
from ocr.utils.whole_file import remove_leftovers, whole_file

Row = dict[str, Any]


class ContinuedWriter(ExperimentWriter):
    """Appends to the rows of an existing file; replaces the file atomically if its columns change.

    Args:
        log_dir: folder of ``metrics.csv``.

    Raises:
        InputError: the file cannot be written.
    """

    def __init__(self, log_dir: str) -> None:
        super().__init__(log_dir)
        self.path = Path(self.metrics_file_path)
        remove_leftovers(self.path)
        self.written: list[Row] = []
        if self.path.exists():
            self.written = list(whole_rows(self.path))

    def _check_log_dir_exists(self) -> None:
        """Keep the existing rows, which Lightning would delete."""

    def save(self) -> None:
        """Write the rows logged since the last save."""
        rows, self.metrics = self.metrics, []
        if not rows:
            return
        self.written += rows
        new = {name for row in rows for name in row} - set(self.metrics_keys)
        if new or not self.path.exists():
            self.rewrite()
        else:
            with naming_the_file(self.path), self.path.open("a", newline="", encoding="utf-8") as stream:
                csv.DictWriter(stream, self.metrics_keys).writerows(rows)

    def rewrite(self) -> None:
        """Write all rows atomically."""
        self.metrics_keys = sorted({name for row in self.written for name in row})
        with naming_the_file(self.path):
            if not self.written:
                self.path.unlink(missing_ok=True)
                return
            with whole_file(self.path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
                writer = csv.DictWriter(stream, self.metrics_keys)
                writer.writeheader()
                writer.writerows(self.written)

    def to_disk(self) -> None:
        """Flush the rows to disk, so that they survive a power cut."""
        if self.path.exists():
            with naming_the_file(self.path), self.path.open("r+b") as stream:
                os.fsync(stream.fileno())


def whole_rows(path: Path) -> Iterator[Row]:
    """The rows of a file up to the first invalid one: a power cut or a disk error may leave garbage at its end."""
    with path.open(newline="", encoding="utf-8", errors="replace") as stream, contextlib.suppress(csv.Error):
        for row in csv.DictReader(stream):
            if None in row or None in row.values() or not row.get("step", "").isdecimal():
                return
            yield row


@contextlib.contextmanager
def naming_the_file(path: Path) -> Iterator[None]:
    """Name the file in the error if it cannot be written."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror}); free some space or fix its permissions"
        ) from error


class ResumableCSVLogger(CSVLogger):
    """`CSVLogger` that can be rewound to a row."""

    @property
    @rank_zero_experiment
    def experiment(self) -> ContinuedWriter:
        """The writer, made on first use."""
        if not isinstance(self._experiment, ContinuedWriter):
            self._experiment = ContinuedWriter(self.log_dir)
        return self._experiment

    @rank_zero_only
    def position(self, step: int) -> int:
        """Number of rows for the steps before ``step``, flushed to disk; call `save` before."""
        self.experiment.to_disk()
        return sum(int(row["step"]) < step for row in self.experiment.written)

    @rank_zero_only
    def rewind(self, position: int) -> None:
        """Drop the rows after a position; report rows before it that are missing."""
        found = len(self.experiment.written)
        if found < position:
            say(f"resume: {self.experiment.path} has only {found} of {position} rows; the others are lost")
        self.experiment.written = self.experiment.written[:position]
        self.experiment.rewrite()


class ResumableTensorBoardLogger(TensorBoardLogger):
    """`TensorBoardLogger` that can be rewound to a step; TensorBoard then hides earlier events from there on."""

    @property
    @rank_zero_experiment
    def experiment(self) -> SummaryWriter:
        """The writer, made on first use."""
        if self._experiment is not None:
            return self._experiment
        new = not list(Path(self.log_dir).glob("events.*"))
        writer: SummaryWriter = super().experiment
        if new:  # TensorBoard takes the first start event for the start of the run, each later one for a restart
            self.rewind(0)
        return writer

    def position(self, step: int) -> int:
        """The next step."""
        return step

    @rank_zero_only
    def rewind(self, position: int) -> None:
        """Write events that tell TensorBoard that the run starts, or restarts, at a step."""
        writer = self.experiment._get_file_writer()
        writer.add_event(Event(step=position, file_version="brain.Event:2"))
        writer.add_event(Event(step=position, session_log=SessionLog(status=SessionLog.START)))
