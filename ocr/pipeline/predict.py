"""Find the text regions of files, and write what was found."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocr.data.skipping import Broken
from ocr.formats.native_writing import write_predictions
from ocr.formats.submission import write_submission
from ocr.images.decode import MAX_PIXELS
from ocr.pipeline.detector import Detector, DetectorSettings, load_detector
from ocr.pipeline.inputs import check_name, find_images, read_samples
from ocr.pipeline.shards import PARTS, Shard
from ocr.report.found import Found, print_found, print_passed_over, print_unread, unread_pages
from ocr.report.overlay import draw_overlay, save_image
from ocr.types import InputError, Sample
from ocr.utils.interruption import Stopped, pending_stop
from ocr.utils.printable import printable, say
from ocr.utils.progress import progress
from ocr.utils.whole_file import new_file


@dataclass(frozen=True)
class Wanted:
    """What is to be written of a prediction, and where.

    Attributes:
        output: folder: ``predictions.json`` and what else is wanted.
        shard: ``2/8``: every eighth image from the second on; ``auto``: by torchrun or SLURM; ``None``: all.
        shared: settings that parts of one whole have in common.
        csv: also ``predictions.csv``, the competition's form.
        visualize: also ``overlays/<image>``.
        table: also print a line an image.
        overwrite: replace the predictions of an earlier call.
        num_workers: threads that read images ahead; 0: none.
        max_pixels: an image with more is left out.
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


def predict(source: str, model: str, settings: DetectorSettings, wanted: Wanted) -> str:
    """Images, detector, detections, files.

    Args:
        source: an image, a folder of images, or a glob.
        model: the file of the network.
        settings: how it runs.
        wanted: what is written.

    Returns:
        The images that were left out, with the reasons, as lines; empty where none was.

    Raises:
        InputError: there is nothing to work on, or the results cannot be written.
        Stopped: a signal came; what was found so far is written, of a shard nothing.
    """
    output, shard = wanted.output, Shard.of(wanted.shard, os.environ)
    whole, pictures = output / "predictions.json", output / "overlays"
    written = shard.path(output) if shard else whole
    parts = [place for part in output.glob(PARTS) for place in (part, part.with_suffix(".csv"))]
    beside: list[Path] = []
    images = find_images(source, leave_out=(whole, whole.with_suffix(".csv"), pictures, *parts), others=beside)
    new_file(written, overwrite=wanted.overwrite)
    about = {"shard": shard.stamp(list(images), Path(model), wanted.shared)} if shard else {}
    images = shard.take(images) if shard else images
    detector = load_detector(model, settings)
    predictions: dict[str, Found] = {}
    broken: list[str] = []
    reader = read_samples(list(images.values()), detector.transform, wanted.num_workers, wanted.max_pixels)
    samples = zip(images, progress(reader, "images", len(images)), strict=True)
    try:
        signum = find_all(detector, samples, pictures if wanted.visualize else None, predictions, broken)
        if shard and not signum:
            write_found(predictions, written, csv=wanted.csv, **about)
    finally:  # a fault of the program ends the loop too, and what was found may be the work of hours
        if shard is None:
            write_found(predictions, written, csv=wanted.csv)
        if wanted.table:
            print_found(predictions)
    left_out = [f"{len(broken)} of {len(images)} images were left out:", *broken] if broken else []
    if signum:
        if broken:
            say(*left_out, error=True)
        of = f"{len(predictions)} of {len(images)}"
        if shard:
            raise Stopped(signum, done=f"shard {shard} had done {of}, nothing is written")
        raise Stopped(signum, done=f"wrote the predictions of {of} images to {written}", again=("overwrite=true",))
    print_passed_over(beside)
    return "\n".join(map(printable, left_out))


def find_all(
    detector: Detector,
    samples: Iterable[tuple[str, Sample | Broken]],
    pictures: Path | None,
    predictions: dict[str, Found],
    broken: list[str],
) -> int:
    """Work through the images until a signal comes.

    Args:
        detector: finds the regions.
        samples: the images by their names.
        pictures: folder of the overlays, if they are drawn at all; nothing is written outside the folder it is in.
        predictions: is given what was found.
        broken: is given why nothing can be said of an image.

    Returns:
        The signal's number, 0 where none came.
    """
    for name, sample in samples:
        found = sample if isinstance(sample, Broken) else find_regions(detector, sample, name, pictures)
        if isinstance(found, Broken):
            broken.append(found.message)
        else:
            predictions[name] = found
        signum = pending_stop()
        if signum:
            return signum
    return 0


def find_regions(detector: Detector, sample: Sample, name: str, pictures: Path | None) -> Found | Broken:
    """What is found in one image, or why nothing can be said of it.

    Args:
        detector: finds the regions.
        sample: one image.
        name: its name.
        pictures: folder of the overlays, if they are drawn at all; nothing is written outside the folder it is in.

    Returns:
        The detections in the original image's pixels.
    """
    path = sample.record.image_path
    try:
        check_name(name)
        started = time.perf_counter()
        detections = detector(sample)
        seconds = time.perf_counter() - started
        if pictures is not None:
            drawn_HWC = draw_overlay(path, detections, max_pixels=math.prod(sample.original_size))
            save_image(drawn_HWC, pictures / name, within=pictures.parent)
    except Exception as error:  # no room on the GPU, a map that is no number, a full disk, ...: the others go on
        return Broken.because(path, error)
    return Found(sample.original_size, detections, seconds, sample.pages, sample.cut)


def write_found(predictions: dict[str, Found], path: Path, *, csv: bool, **about: Any) -> None:
    """Write the predictions and say how many there are; the JSON file comes last, for where it is, all is."""
    unread = unread_pages(predictions)
    detections = {name: found.detections for name, found in predictions.items()}
    sized = {name: (found.size, found.detections) for name, found in predictions.items()}
    try:
        if csv:
            write_submission(detections, path.with_suffix(".csv"))
        dropped = write_predictions(sized, path, unread=unread, **about)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror}); make room or choose another output="
        ) from error
    for each in dropped:
        say(f"left out: {each}")
    further = f", {sum(unread.values())} further pages not read" * bool(unread)
    say(f"{sum(map(len, detections.values()))} regions in {len(predictions)} images{further}: {path}")
    print_unread(unread, {name for name, found in predictions.items() if found.cut})
