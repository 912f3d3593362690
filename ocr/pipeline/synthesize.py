"""A corpus of synthetic receipts, drawn in all cores, with a bar."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from ocr.synthesis.corpus import generate_corpus
from ocr.utils.limits import worker_count


def write_corpus(
    output: str, *, seed: int, train: int, val: int, test: int, workers: int | str, overwrite: bool = False
) -> None:
    """Write a corpus in the native layout, with a progress bar on stderr.

    Args:
        output: folder that gets ``images/<split>/`` and ``jsons/<split>.json``.
        seed: the bytes depend on it and the counts alone.
        train: receipts of the split.
        val: receipts of the split.
        test: receipts of the split.
        workers: processes: a number or ``auto``.
        overwrite: replace a corpus that is there already.

    Raises:
        InputError: as `generate_corpus`.
        ValueError: a number is out of range.
    """
    counts = {"train": int(train), "val": int(val), "test": int(test)}
    processes = worker_count(workers)
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("receipts", total=sum(counts.values()))
        generate_corpus(
            Path(output), counts, int(seed), processes, overwrite=overwrite, on_receipt=lambda: progress.advance(bar)
        )
