"""Check a data set, report its flaws, and repair what is safe to repair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np

from ocr.checks.catalogue import ABOUT
from ocr.checks.entry import check_entry
from ocr.checks.folder import contents_of
from ocr.checks.images import Limits, complaints
from ocr.checks.kinds import Severity
from ocr.checks.repair_folder import check_output, repair_folder
from ocr.checks.result import CheckResult
from ocr.checks.work import Spread, in_batches
from ocr.pipeline.recognizer import LineReader
from ocr.report.document import write_page
from ocr.report.flaw_page import SplitFigures, flaw_page
from ocr.report.flaws import Example, Flaw, print_flaws
from ocr.types import FloatArray, InputError, Reading
from ocr.utils.limits import worker_count
from ocr.utils.printable import say
from ocr.utils.progress import until_stopped
from ocr.utils.workers import spread

ERRORS, WARNINGS = 1, 3
"""Exit statuses."""


@dataclass(frozen=True)
class Check:
    """Settings of a data check.

    Attributes:
        input: native data folder.
        splits: splits to check; ``None``: all that exist.
        fail_on: ``error`` or ``warning``: lowest severity that sets the exit status.
        fix: repair into ``output``.
        output: new folder for the repaired data.
        charset: characters that texts may have; ``None``: any.
        read: a recogniser's file: texts that it reads otherwise are reported; ``null``: none; ``shipped``: ours.
        max_pixels: images with more pixels are not decoded.
        max_bytes: larger image files are not read.
        follow_links: images may be links to files outside the folder.
        workers: number of processes, or ``auto``.
        examples: number of examples of each kind that are printed and shown.
        exp_name: name of the run.
        output_dir: folder for ``report.json`` and ``report.html``.
    """

    input: str
    splits: Sequence[str] | None
    fail_on: str
    fix: bool
    output: str | None
    charset: str | None
    read: str | None
    max_pixels: int
    max_bytes: int
    follow_links: bool
    workers: int | str
    examples: int
    exp_name: str
    output_dir: str


def check(wanted: Check) -> int:
    """Check a data set, write the report, repair if asked to, and return the exit status.

    Raises:
        InputError: the settings contradict each other, or nothing can be checked.
        Stopped: a signal arrived.
    """
    root = Path(wanted.input)
    check_request(wanted, root)
    contents = contents_of(root, wanted.splits, follow_links=wanted.follow_links)
    charset = None if wanted.charset is None else frozenset(wanted.charset)
    limits = Limits(wanted.max_pixels, wanted.max_bytes, wanted.follow_links, charset)
    with spread(worker_count(wanted.workers)) as spreading:
        read = None if wanted.read is None else partial(read_with, wanted.read)
        job = partial(check_entry, root=root.resolve(), limits=limits, read=read)
        done = in_batches(spreading, job, contents.tasks)
        result = CheckResult.of(
            contents, list(until_stopped(done, "images", len(contents.tasks), "no report was written"))
        )
        report(wanted, result)
        if wanted.fix and wanted.output is not None:
            repair(result, Path(wanted.output), Path(wanted.output_dir), spreading)
    return status(result, wanted.fail_on)


@cache
def reader_at(path: str) -> LineReader:
    """A recogniser, loaded once in each process: the job that needs it is sent anew with every batch of images.

    Args:
        path: its file, or ``shipped``.

    Raises:
        InputError: its file cannot be used.
    """
    return LineReader.load(None if path == "shipped" else path, threads=1)


def read_with(reader: str, path: Path, polygons: Sequence[FloatArray]) -> list[Reading]:
    """The readings of an image's words by the recogniser of a file."""
    return reader_at(reader).read(path, polygons) if polygons else []


def check_request(wanted: Check, root: Path) -> None:
    """Check the settings before any work starts.

    Raises:
        InputError: ``fail_on`` is not a severity, ``output`` is not a new folder to repair into, or ``read`` is no
            recogniser.
    """
    if wanted.fail_on not in {"error", "warning"}:
        raise InputError(f"fail_on={wanted.fail_on}: must be error or warning")
    if wanted.fix:
        check_output(None if wanted.output is None else Path(wanted.output), root)
    elif wanted.output is not None:
        raise InputError(f"output={wanted.output} is only used for repairs; add fix=true")
    if wanted.read is not None:
        reader_at(wanted.read)


def report(wanted: Check, result: CheckResult) -> None:
    """Print the tables; write the JSON report and the HTML page."""
    folder, limits = Path(wanted.output_dir), f"{wanted.max_pixels:,} pixels, {wanted.max_bytes:,} bytes"
    tallies, flaws = result.tallies(), flaws_of(result, wanted.examples)
    result.write(
        folder / "report.json", {"input": wanted.input, "max_pixels": wanted.max_pixels, "max_bytes": wanted.max_bytes}
    )
    about = {"folder": wanted.input, "splits": ", ".join(result.splits), "limits of an image": limits}
    figures = {split: figures_of(result, split) for split in result.splits}
    with complaints():  # about damaged images, which are decoded again for their pictures
        page = flaw_page(f"Data check: {wanted.input}", about, flaws, tallies, result.statistics(), figures)
    write_page(page, folder / "report.html")
    print_flaws(flaws, tallies)
    if wanted.splits is None:
        say(*missing_splits(result.splits))
    say(f"full report: {folder / 'report.json'}; with pictures: {folder / 'report.html'}")


def missing_splits(splits: Sequence[str]) -> list[str]:
    """Report the usual splits that are missing, and what a training needs."""
    remedies = {"train": "training needs it", "val": "training needs it", "test": "train with skip_test=true"}
    return [f"no split {split}: {remedy}" for split, remedy in remedies.items() if split not in splits]


def flaws_of(result: CheckResult, examples: int) -> list[Flaw]:
    """The kinds of flaws, as shown in a report."""
    seen = {(e.task.split, e.task.name): e.task.path for e in result.entries if e.size is not None}
    flaws = []
    for kind, found in result.by_kind().items():
        about = ABOUT[kind]
        shown = [
            Example(
                finding.place,
                finding.value,
                seen.get((finding.split, finding.image or "")),
                None if finding.points is None else np.array(finding.points, np.float32),
            )
            for finding in found[:examples]
        ]
        images = len({(finding.split, finding.image) for finding in found if finding.image is not None})
        flaws.append(Flaw(kind, about.severity, about.meaning, about.fix, len(found), images, shown))
    return flaws


def figures_of(result: CheckResult, split: str) -> SplitFigures:
    """The data that the page plots for a split."""
    entries = [entry for entry in result.entries if entry.task.split == split]
    annotated = [entry for entry in entries if entry.task.entry is not None]
    return SplitFigures(
        sizes=[entry.size for entry in entries if entry.size is not None],
        text_heights=[height for entry in entries for height in entry.figures.heights_N.tolist()],
        words=[entry.words.checked for entry in annotated],
        overlaps=[entry.figures.overlaps for entry in annotated],
    )


def repair(result: CheckResult, output: Path, reports: Path, spreading: Spread) -> None:
    """Repair into the new folder and print what was changed."""
    done = f"the report is in {reports}; {output} holds only the splits that were finished, remove it"
    changes = repair_folder(
        result, output, lambda job, items: until_stopped(in_batches(spreading, job, items), "repairs", len(items), done)
    )
    counts = Counter(change.what for each in changes.values() for change in each)
    say(*([f"{count:7} {what}" for what, count in counts.most_common()] or ["nothing to change"]))
    say(f"written to {output}; every change: {output / 'changes.json'}")


def status(result: CheckResult, fail_on: str) -> int:
    """The exit status for the worst severity."""
    if result.severities[Severity.ERROR]:
        return ERRORS
    return WARNINGS if fail_on == "warning" and result.severities[Severity.WARNING] else 0
