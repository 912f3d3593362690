"""Generate a corpus of synthetic receipts in parallel, with a progress bar."""

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
        output: folder for ``images/<split>/`` and ``jsons/<split>.json``.
        seed: the bytes depend only on it and on the counts.
        train: number of receipts in the split.
        val: number of receipts in the split.
        test: number of receipts in the split.
        workers: number of processes, or ``auto``.
        overwrite: replace an existing corpus.

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
