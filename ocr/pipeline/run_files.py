"""Read the files of runs, which a training may be writing at the same time."""

from __future__ import annotations

import contextlib
import csv
import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ocr.utils.holders import file_id
from ocr.utils.run_record import FINISHED, RECORD, read_json, read_record
from ocr.utils.runs import DESCRIPTION

CONFIG, FIGURES, HISTORY = f"{DESCRIPTION}/config.yaml", "metrics.json", "logs/csv/metrics.csv"
LOG = "console.log"
"""What a run that the console started prints."""
OVERLAYS = "logs/overlays"
TAIL = 16_384
"""Bytes at the end of a history or log that are read."""
NOT_DRAWN = ("step", "epoch", "test/")
"""Beginnings of the names in a history that are no figure of the training."""
Curves = dict[str, list[tuple[int, float]]]
"""By figure: step and value."""


def run_folders(parent: Path) -> Iterator[Path]:
    """The folders of runs below one: they have ``.hydra/config.yaml``, or the log of a start that came to nothing."""
    for place, folders, files in os.walk(parent):
        path = Path(place)
        if LOG in files or (DESCRIPTION in folders and (path / CONFIG).is_file()):
            folders.clear()
            yield path
        else:
            folders[:] = sorted(name for name in folders if not name.startswith("."))


def stamp(path: Path) -> tuple[int, int]:
    """What changes with a file's content: time and size."""
    try:
        about = path.stat()
    except OSError:
        return (0, 0)
    return (about.st_mtime_ns, about.st_size)


def flat_figures(content: Mapping[str, Any]) -> dict[str, float]:
    """The figures of ``metrics.json`` by ``<split>/<figure>``."""
    splits = {split: content[split] for split in ("val", "test") if isinstance(content.get(split), dict)}
    return {f"{split}/{name}": float(value) for split, values in splits.items() for name, value in values.items()}


def progress(history: Path, *, closing: bool) -> tuple[int, dict[str, float]]:
    """Epochs done and the figures of the last validation, from the end of ``metrics.csv``.

    Args:
        history: the file.
        closing: `has_closing_validation` of the run.
    """
    epochs = 0
    figures: dict[str, float] = {}
    for row in last_rows(history):
        validated = {name: float(value) for name, value in row.items() if name.startswith("val/") and value}
        # Epochs are counted from 0, and validated before they end; the closing validation has the number of all.
        epochs = int(row["epoch"]) + (bool(validated) and not closing)
        figures = validated or figures
    return epochs, figures


def last_rows(history: Path) -> Iterator[dict[str, str]]:
    """The whole rows at the end of ``metrics.csv``; a run may be writing the last one."""
    with contextlib.suppress(OSError, ValueError), history.open("rb") as stream:
        names = next(csv.reader([stream.readline().decode()]))
        start = max(stream.tell(), history.stat().st_size - TAIL)
        whole = start == stream.tell()
        stream.seek(start)
        lines = stream.read().decode(errors="replace").splitlines(keepends=True)[0 if whole else 1 :]
        for row in csv.DictReader(io.StringIO("".join(line for line in lines if line.endswith("\n"))), names):
            if None not in row and None not in row.values() and row.get("epoch", "").isdecimal():
                yield row


def read_text(path: Path, tail: int | None = None) -> str:
    """The text of a file, or of its last bytes; empty if it cannot be read."""
    with contextlib.suppress(OSError), path.open("rb") as stream:
        if tail is not None:
            stream.seek(max(0, path.stat().st_size - tail))
        return stream.read().decode(errors="replace")
    return ""


def curves(folder: Path) -> Curves:
    """The figures of ``metrics.csv`` over the steps of a run.

    The last validation and the test of a run that has finished are left out: they are of its best network, not of the
    one that these steps have led to.
    """
    found: Curves = {}
    last: list[str] = []
    with (
        contextlib.suppress(OSError),
        (folder / HISTORY).open(newline="", encoding="utf-8", errors="replace") as stream,
    ):
        for row in csv.DictReader(stream):
            if None in row or None in row.values() or not row.get("step", "").isdecimal():
                break  # a row that is being written
            drawn = [name for name, value in row.items() if value and not name.startswith(NOT_DRAWN)]
            for name in drawn:
                found.setdefault(name, []).append((int(row["step"]), float(row[name])))
            last = drawn or last
    if has_closing_validation(read_record(folder), read_json(folder / FIGURES)):
        for name in last:
            if name.startswith("val/") and len(found[name]) > 1:
                found[name].pop()
    return found


def is_starting(folder: Path, begun: Mapping[tuple[int, int], float]) -> bool:
    """Whether a process for a run, whose lock nobody holds, has been started that will take it, rather than had it.

    Args:
        folder: its folder.
        begun: `writers_began` of `LOG`.
    """
    with contextlib.suppress(OSError):
        if (began := begun.get(file_id(folder / LOG))) is not None:
            record = folder / RECORD
            return not record.exists() or record.stat().st_mtime < began
    return False


def has_closing_validation(record: Mapping[str, Any], figures: Mapping[str, Any]) -> bool:
    """Whether the last validation in a run's history is that of its best network: the run has finished.

    Args:
        record: `read_record` of the run.
        figures: content of its ``metrics.json``.
    """
    return record.get("state", FINISHED) == FINISHED and "val" in figures


def log_tail(folder: Path, lines: int = 40) -> list[str]:
    """The last lines that a run printed, or logged if the console did not start it; bars of progress once."""
    log = folder / LOG if (folder / LOG).exists() else folder / "train.log"
    text = read_text(log, TAIL)
    return [line.rsplit("\r", 1)[-1] for line in text.replace("\r\n", "\n").split("\n") if line.strip()][-lines:]


def newest_overlays(folder: Path) -> list[Path]:
    """The pictures of a run's last validation that has any."""
    epochs = sorted(path for path in (folder / OVERLAYS).glob("epoch_*") if any(path.glob("*.jpg")))
    return sorted(epochs[-1].glob("*.jpg")) if epochs else []
