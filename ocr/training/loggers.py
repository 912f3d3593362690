"""Loggers whose history goes on where a resumed run does, without a gap and without anything twice."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

from lightning_fabric.loggers.logger import rank_zero_experiment
from lightning_utilities.core.rank_zero import rank_zero_only
from pytorch_lightning.loggers import CSVLogger, TensorBoardLogger
from pytorch_lightning.loggers.csv_logs import ExperimentWriter
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from torch.utils.tensorboard import SummaryWriter

Row = dict[str, Any]


class WholeFileWriter(ExperimentWriter):
    """Keeps all rows and replaces the file at once, so that a power cut leaves the file of the save before.

    Args:
        log_dir: folder of ``metrics.csv``; rows that are there already are taken over.
    """

    def __init__(self, log_dir: str) -> None:
        path = Path(log_dir) / self.NAME_METRICS_FILE
        for leftover in path.parent.glob(f"{path.name}.*.tmp"):  # of a write that a power cut ended
            leftover.unlink(missing_ok=True)
        self.written: list[Row] = []
        if path.exists():
            with path.open(newline="", encoding="utf-8") as stream:
                self.written = list(csv.DictReader(stream))
        super().__init__(log_dir)
        self.rewrite()

    def _check_log_dir_exists(self) -> None:
        """What is there is taken over, not deleted."""

    def save(self) -> None:
        """Write what came since the last save."""
        if self.metrics:
            self.written += self.metrics
            self.metrics = []
            self.rewrite()

    def rewrite(self) -> None:
        """Write all rows."""
        if not self.written:
            Path(self.metrics_file_path).unlink(missing_ok=True)
            return
        names = sorted({name for row in self.written for name in row})
        temporary = Path(f"{self.metrics_file_path}.{os.getpid()}.tmp")
        with temporary.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, names)
            writer.writeheader()
            writer.writerows(self.written)
        temporary.replace(self.metrics_file_path)


class ResumableCSVLogger(CSVLogger):
    """`CSVLogger` that can be taken back to a row."""

    @property
    @rank_zero_experiment
    def experiment(self) -> WholeFileWriter:
        """The writer, made on first use."""
        if not isinstance(self._experiment, WholeFileWriter):
            self._experiment = WholeFileWriter(self.log_dir)
        return self._experiment

    @rank_zero_only
    def position(self, step: int) -> int:
        """Rows that belong to the steps before ``step``; call `save` before."""
        return sum(int(row["step"]) < step for row in self.experiment.written)

    @rank_zero_only
    def rewind(self, position: int) -> None:
        """Forget the rows after a position."""
        self.experiment.written = self.experiment.written[:position]
        self.experiment.rewrite()


class ResumableTensorBoardLogger(TensorBoardLogger):
    """`TensorBoardLogger` that can be taken back to a step; TensorBoard then hides what it had from there on."""

    @property
    @rank_zero_experiment
    def experiment(self) -> SummaryWriter:
        """The writer, made on first use."""
        if self._experiment is not None:
            return self._experiment
        new = not list(Path(self.log_dir).glob("events.*"))
        writer: SummaryWriter = super().experiment
        if new:  # TensorBoard takes the first start of a run for what it is, each later one for a restart
            self.rewind(0)
        return writer

    def position(self, step: int) -> int:
        """The step that comes next."""
        return step

    @rank_zero_only
    def rewind(self, position: int) -> None:
        """Tell the reader that the run begins, or began anew, at a step."""
        writer = self.experiment._get_file_writer()
        writer.add_event(Event(step=position, file_version="brain.Event:2"))
        writer.add_event(Event(step=position, session_log=SessionLog(status=SessionLog.START)))
