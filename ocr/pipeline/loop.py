"""Work through images one after the other and write what was found: what `predict` and `read` have in common."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from ocr.data.skipping import Broken
from ocr.images.decode import MAX_PIXELS
from ocr.pipeline.inputs import find_images, read_ahead
from ocr.pipeline.shards import PARTS, Shard
from ocr.report.found import Found, print_found, print_passed_over, print_unread, unread_pages
from ocr.types import InputError
from ocr.utils.interruption import Stopped, pending_stop
from ocr.utils.printable import plural, printable, say
from ocr.utils.progress import progress
from ocr.utils.spool import Spool
from ocr.utils.whole_file import new_file

Item = TypeVar("Item")
Result = TypeVar("Result", bound=Found)
Written_contra = TypeVar("Written_contra", bound=Found, contravariant=True)


@dataclass(frozen=True)
class Wanted:
    """What a prediction writes, and where.

    Attributes:
        output: folder for ``predictions.json`` and the other files.
        shard: ``2/8``: every eighth image from the second on; ``auto``: from torchrun or SLURM; ``None``: all.
        shared: settings that all shards of a prediction must have in common.
        csv: also write ``predictions.csv``.
        visualize: also write ``overlays/<image>``.
        table: also print one line per image.
        overwrite: replace existing predictions.
        num_workers: threads that read images ahead; 0: none.
        max_pixels: images with more pixels are left out.
    """

    output: Path
    shard: str | None = None
    shared: Mapping[str, Any] = field(default_factory=dict)
    csv: bool = False
    visualize: bool = False
    table: bool = False
    overwrite: bool = False
    num_workers: int = 2
    max_pixels: int = MAX_PIXELS

    @property
    def pictures(self) -> Path:
        """Folder of the overlays."""
        return self.output / "overlays"


class Write(Protocol[Written_contra]):
    """Writes the results of all images."""

    def __call__(
        self, results: Mapping[str, Written_contra], path: Path, *, unread: Mapping[str, int], **about: Any
    ) -> list[str]:
        """Write the results; the JSON file is written last, as a sign of completion.

        Args:
            results: by image name.
            path: the JSON file; the others are beside it.
            unread: number of pages of an image that were not read.
            about: further keys of the JSON file.

        Returns:
            What could not be written.
        """


@dataclass(frozen=True)
class Job(Generic[Item, Result]):
    """What is done with each file.

    Attributes:
        load: opens a file and decodes what is needed first; called in threads.
        work: from a file's name and what was loaded, of each of its pages the name and the result, or `Broken` with the
            reason if that fails; and before them what failed besides, as a message that names the file.
        write: writes the results of all images.
        unit: what is counted in the results.
        score: what the score of each is called.
    """

    load: Callable[[Path], Item | Broken]
    work: Callable[[str, Item], Iterable[tuple[str, Result] | Broken | str]]
    write: Write[Result]
    unit: str
    score: str = "score"


@dataclass
class Outcome(Generic[Result]):
    """What has come of the files so far.

    Attributes:
        files: number of files.
        results: by the page's name.
        begun: number of files of which there is a result or a reason.
        broken: a message for each page, or file as a whole, that failed.
        failed: messages about what failed besides.
    """

    files: int
    results: MutableMapping[str, Result]
    begun: int = 0
    broken: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def add(self, outcome: tuple[str, Result] | Broken | str) -> None:
        """Add what came of a page."""
        if isinstance(outcome, str):
            self.failed.append(outcome)
        elif isinstance(outcome, Broken):
            self.broken.append(outcome.message)
        else:
            name, result = outcome
            self.results[name] = result

    def counted(self, count: int | None = None) -> str:
        """A number of images, or of pages if a file has several; ``None``: all, a file not begun counting as one."""
        total = self.files - self.begun + len(self.results) + len(self.broken)
        return plural(total if count is None else count, "image" if total == self.files else "page")

    def left_out(self) -> list[str]:
        """What was left out or failed, one message a line."""
        head = [f"{len(self.broken)} of {self.counted()} left out:"] if self.broken else []
        return [*head, *self.broken, *self.failed]


def work_through(
    source: str, model: Path, wanted: Wanted, start: Callable[[list[str]], Job[Item, Result]], own: Sequence[Path] = ()
) -> str:
    """Find the images, do the job with each, and write the results.

    Args:
        source: an image, a folder of images, or a glob.
        model: the file on which the results depend, for shards.
        wanted: what to write.
        start: makes the job from the names of all images, once it is known that there is something to do.
        own: further files and folders that the job writes, which are no input.

    Returns:
        The images left out and the reasons, one per line; empty if there are none.

    Raises:
        InputError: there are no images, or the results cannot be written.
        Stopped: a signal arrived; the predictions so far, if there are any, are written, except for a shard.
    """
    output, shard = wanted.output, Shard.of(wanted.shard, os.environ)
    whole = output / "predictions.json"
    written = shard.path(output) if shard else whole
    parts = [place for part in output.glob(PARTS) for place in (part, part.with_suffix(".csv"))]
    beside: list[Path] = []
    leave_out = (whole, whole.with_suffix(".csv"), wanted.pictures, *own, *parts)
    images = find_images(source, leave_out=leave_out, others=beside)
    new_file(written, overwrite=wanted.overwrite)
    about = {"shard": shard.stamp(list(images), model, wanted.shared)} if shard else {}
    job = start(list(images))
    images = shard.take(images) if shard else images
    outcome = Outcome[Result](len(images), Spool(output))
    loaded = progress(read_ahead(list(images.values()), job.load, wanted.num_workers), "images", len(images))
    signum: int | None = None  # until the loop has come to an end
    try:
        signum = work_each(job, zip(images, loaded, strict=True), outcome)
        if shard and not signum:
            write_results(job, outcome, written, **about)
    finally:  # also if a bug ends the loop: the predictions so far may be the work of hours
        # An empty new file would only be in the way of the next attempt.
        even_empty = signum is not None and (not outcome.broken or written.exists())
        kept = shard is None and (bool(outcome.results) or even_empty)
        if kept:
            write_results(job, outcome, written)
        if wanted.table:
            print_found(outcome.results, job.unit, job.score)
    left_out = outcome.left_out()
    if signum:
        if left_out:
            say(*left_out, error=True)
        of = f"{len(outcome.results)} of {outcome.counted()}"
        if kept:
            raise Stopped(signum, done=f"wrote the predictions of {of} to {written}", again=("overwrite=true",))
        raise Stopped(signum, done=f"{f'shard {shard}' if shard else 'it'} had done {of}, nothing was written")
    print_passed_over(beside)
    return "\n".join(map(printable, left_out))


def work_each(job: Job[Item, Result], loaded: Iterable[tuple[str, Item | Broken]], outcome: Outcome[Result]) -> int:
    """Process the files, page by page, until a signal arrives.

    Args:
        job: what to do.
        loaded: the files by name.
        outcome: receives what comes of them.

    Returns:
        The signal's number, 0 if none arrived.
    """
    for name, item in loaded:
        outcome.begun += 1
        for each in [item] if isinstance(item, Broken) else job.work(name, item):
            outcome.add(each)
            signum = pending_stop()
            if signum and not isinstance(each, str):
                return signum
    return 0


def write_results(job: Job[Item, Result], outcome: Outcome[Result], path: Path, **about: Any) -> None:
    """Write the results and print how many there are."""
    results = outcome.results
    unread = unread_pages(results)
    try:
        dropped = job.write(results, path, unread=unread, **about)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror}); free some space or choose another output="
        ) from error
    for each in dropped:
        say(f"left out: {each}")
    further = f", {plural(sum(unread.values()), 'further page')} not read" * bool(unread)
    count = sum(len(found.detections) for found in results.values())
    if results or not outcome.broken:  # if every image was left out, the last message says so
        say(f"{plural(count, job.unit)} in {outcome.counted(len(results))}{further}: {path}")
    print_unread(unread, {name for name, found in results.items() if found.cut})
