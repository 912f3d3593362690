"""Find the text regions of image files and write the predictions."""

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
from ocr.utils.printable import plural, printable, say
from ocr.utils.progress import progress
from ocr.utils.whole_file import new_file


@dataclass(frozen=True)
class Wanted:
    """What a prediction writes, and where.

    Attributes:
        output: folder for ``predictions.json`` and the other files.
        shard: ``2/8``: every eighth image from the second on; ``auto``: from torchrun or SLURM; ``None``: all.
        shared: settings that all shards of a prediction must have in common.
        csv: also write ``predictions.csv``, in the competition's format.
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


def predict(source: str, model: str, settings: DetectorSettings, wanted: Wanted) -> str:
    """Find the images, run the detector and write the predictions.

    Args:
        source: an image, a folder of images, or a glob.
        model: the model file.
        settings: how to run it.
        wanted: what to write.

    Returns:
        The images left out and the reasons, one per line; empty if there are none.

    Raises:
        InputError: there are no images, or the results cannot be written.
        Stopped: a signal arrived; the predictions so far are written, except for a shard.
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
            write_found(predictions, broken, written, csv=wanted.csv, **about)
    finally:  # also if a bug ends the loop: the predictions so far may be the work of hours
        if shard is None:
            write_found(predictions, broken, written, csv=wanted.csv)
        if wanted.table:
            print_found(predictions)
    left_out = [f"{len(broken)} of {plural(len(images), 'image')} left out:", *broken] if broken else []
    if signum:
        if broken:
            say(*left_out, error=True)
        of = f"{len(predictions)} of {plural(len(images), 'image')}"
        if shard:
            raise Stopped(signum, done=f"shard {shard} had done {of}, nothing was written")
        raise Stopped(signum, done=f"wrote the predictions of {of} to {written}", again=("overwrite=true",))
    print_passed_over(beside)
    return "\n".join(map(printable, left_out))


def find_all(
    detector: Detector,
    samples: Iterable[tuple[str, Sample | Broken]],
    pictures: Path | None,
    predictions: dict[str, Found],
    broken: list[str],
) -> int:
    """Process the images until a signal arrives.

    Args:
        detector: finds the regions.
        samples: the images by name.
        pictures: folder for the overlays, or ``None``; nothing is written outside its parent folder.
        predictions: receives the results.
        broken: receives a message for each image that failed.

    Returns:
        The signal's number, 0 if none arrived.
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
    """Find the regions of one image; `Broken` with the reason if that fails.

    Args:
        detector: finds the regions.
        sample: one image.
        name: its name.
        pictures: folder for the overlays, or ``None``; nothing is written outside its parent folder.

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
    except Exception as error:  # GPU out of memory, NaN in the map, a full disk, ...: continue with the other images
        return Broken.because(path, error)
    return Found(sample.original_size, detections, seconds, sample.pages, sample.cut)


def write_found(predictions: dict[str, Found], broken: list[str], path: Path, *, csv: bool, **about: Any) -> None:
    """Write the predictions and print how many there are; the JSON file is written last, as a sign of completion."""
    unread = unread_pages(predictions)
    detections = {name: found.detections for name, found in predictions.items()}
    sized = {name: (found.size, found.detections) for name, found in predictions.items()}
    try:
        if csv:
            write_submission(detections, path.with_suffix(".csv"))
        dropped = write_predictions(sized, path, unread=unread, **about)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror}); free some space or choose another output="
        ) from error
    for each in dropped:
        say(f"left out: {each}")
    further = f", {plural(sum(unread.values()), 'further page')} not read" * bool(unread)
    regions, images = plural(sum(map(len, detections.values())), "region"), plural(len(predictions), "image")
    if predictions or not broken:  # if every image was left out, the last message says so
        say(f"{regions} in {images}{further}: {path}")
    print_unread(unread, {name for name, found in predictions.items() if found.cut})
