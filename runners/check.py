"""Find what is wrong with a data set before a training meets it.

    python runners/check.py input=mine
    python runners/check.py input=mine fix=true output=mended

Images and annotations of all splits are looked into. Tables say how many of each flaw there are, with examples and the
fix; ``report.html`` shows them with pictures, ``report.json`` lists everything. ``fix=true`` writes what is safe to
repair to a new folder and lists every change.

The exit status is 0 where nothing has to be done, 1 where there are errors, and 3 where there are warnings alone and
``fail_on=warning``. What could not be checked at all ends with 1 and a message. With ``fix=true`` too the status speaks
of what was checked.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocr.checks.result import CheckResult
    from ocr.checks.work import Spread
    from ocr.report.flaw_page import SplitFigures
    from ocr.report.flaws import Flaw

setup_project_paths()

ERRORS, WARNINGS = 1, 3
"""Exit statuses."""


@hydra_main("check", text=("input", "output"), stoppable=True)
def check(cfg: DictConfig) -> None:
    """Check, and end with its status."""
    sys.exit(run_check(cfg))


def run_check(cfg: DictConfig) -> int:
    """Contents, images, report, repairs; the exit status."""
    from functools import partial

    from ocr.checks.entry import check_entry
    from ocr.checks.folder import contents_of
    from ocr.checks.images import Limits
    from ocr.checks.result import CheckResult
    from ocr.checks.work import in_batches
    from ocr.utils.cores import worker_count
    from ocr.utils.workers import spread
    from runners.tune import shown

    root = Path(cfg.input)
    check_request(cfg, root)
    contents = contents_of(root, cfg.splits, follow_links=cfg.follow_links)
    limits = Limits(cfg.max_pixels, cfg.max_bytes, cfg.follow_links)
    with spread(worker_count(cfg.workers)) as spreading:
        job = partial(check_entry, root=root.resolve(), limits=limits)
        done = in_batches(spreading, job, contents.tasks)
        result = CheckResult.of(contents, list(shown(done, "images", len(contents.tasks))))
        report(cfg, result)
        if cfg.fix:
            mend(cfg, result, spreading)
    return status(result, cfg.fail_on)


def check_request(cfg: DictConfig, root: Path) -> None:
    """Find what cannot be meant before the work.

    Raises:
        InputError: ``fail_on`` is neither severity, or there is no new folder to repair into.
    """
    from ocr.checks.mending import check_output
    from ocr.types import InputError

    if cfg.fail_on not in {"error", "warning"}:
        raise InputError(f"fail_on={cfg.fail_on}: must be error or warning")
    if cfg.fix:
        check_output(None if cfg.output is None else Path(cfg.output), root)
    elif cfg.output is not None:
        raise InputError(f"output={cfg.output} is for repairs; give fix=true too")


def report(cfg: DictConfig, result: CheckResult) -> None:
    """Tables, JSON and page."""
    from ocr.checks.images import complaints
    from ocr.report.document import write_page
    from ocr.report.flaw_page import flaw_page
    from ocr.report.flaws import print_flaws

    folder, limits = Path(cfg.output_dir), f"{cfg.max_pixels:,} pixels, {cfg.max_bytes:,} bytes"
    tallies, flaws = result.tallies(), flaws_of(result, cfg.examples)
    result.write(folder / "report.json", {"input": cfg.input, "max_pixels": cfg.max_pixels, "max_bytes": cfg.max_bytes})
    about = {"folder": cfg.input, "splits": ", ".join(result.splits), "limits of an image": limits}
    figures = {split: figures_of(result, split) for split in result.splits}
    with complaints():  # of damaged images, which are decoded once more for their pictures
        page = flaw_page(f"Data check: {cfg.input}", about, flaws, tallies, result.statistics(), figures)
    write_page(page, folder / "report.html")
    print_flaws(flaws, tallies)
    if cfg.splits is None:
        say(*missing_splits(result.splits))
    say(f"all of it: {folder / 'report.json'}; with pictures: {folder / 'report.html'}")


def missing_splits(splits: Sequence[str]) -> list[str]:
    """What a training will say of a folder without its usual splits."""
    told = {"train": "a training needs one", "val": "a training needs one", "test": "train with skip_test=true"}
    return [f"no split {split}: {remedy}" for split, remedy in told.items() if split not in splits]


def flaws_of(result: CheckResult, examples: int) -> list[Flaw]:
    """The kinds of flaws as a report shows them."""
    import numpy as np

    from ocr.checks.catalogue import ABOUT
    from ocr.report.flaws import Example, Flaw

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
    """What the page draws of a split."""
    from ocr.report.flaw_page import SplitFigures

    entries = [entry for entry in result.entries if entry.task.split == split]
    annotated = [entry for entry in entries if entry.task.entry is not None]
    return SplitFigures(
        sizes=[entry.size for entry in entries if entry.size is not None],
        text_heights=[height for entry in entries for height in entry.figures.heights_N.tolist()],
        words=[entry.words.checked for entry in annotated],
        overlaps=[entry.figures.overlaps for entry in annotated],
    )


def mend(cfg: DictConfig, result: CheckResult, spreading: Spread) -> None:
    """Repair into the new folder; say what was done."""
    from collections import Counter

    from ocr.checks.mending import mend_folder
    from ocr.checks.work import in_batches
    from runners.tune import shown

    changes = mend_folder(
        result, Path(cfg.output), lambda job, items: shown(in_batches(spreading, job, items), "repairs", len(items))
    )
    counts = Counter(change.what for each in changes.values() for change in each)
    say(*([f"{count:7} {what}" for what, count in counts.most_common()] or ["nothing had to be changed"]))
    say(f"written to {cfg.output}; every change: {Path(cfg.output) / 'changes.json'}")


def status(result: CheckResult, fail_on: str) -> int:
    """The exit status by the worst severity."""
    from ocr.checks.kinds import Severity

    if result.severities[Severity.ERROR]:
        return ERRORS
    return WARNINGS if fail_on == "warning" and result.severities[Severity.WARNING] else 0


if __name__ == "__main__":
    check()
