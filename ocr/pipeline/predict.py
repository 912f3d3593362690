"""Find the text regions of image files and write the predictions."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ocr.data.skipping import Broken
from ocr.formats.native_writing import write_predictions
from ocr.formats.submission import write_submission
from ocr.pipeline.detector import Detector, DetectorSettings, load_detector
from ocr.pipeline.inputs import check_name, read_sample
from ocr.pipeline.loop import Job, Wanted, work_through
from ocr.report.found import Found
from ocr.report.overlay import draw_overlay, save_image
from ocr.types import Sample


def predict(source: str, model: str, settings: DetectorSettings, wanted: Wanted) -> str:
    """Find the images, run the detector and write the predictions.

    Args:
        source: an image, a folder of images, or a glob.
        model: the model file.
        settings: how to run it.
        wanted: what to write; ``csv`` is in the competition's format.

    Returns:
        The images left out and the reasons, one per line; empty if there are none.

    Raises:
        InputError: there are no images, or the results cannot be written.
        Stopped: a signal arrived; the predictions so far are written, except for a shard.
    """

    def start(_: list[str]) -> Job[Sample, Found]:
        detector = load_detector(model, settings)
        pictures = wanted.pictures if wanted.visualize else None

        def work(name: str, sample: Sample) -> list[tuple[str, Found] | Broken]:
            found = find_regions(detector, sample, name, pictures)
            return [found if isinstance(found, Broken) else (name, found)]

        load = partial(read_sample, transform=detector.transform, max_pixels=wanted.max_pixels)
        return Job(load, work, partial(write_found, csv=wanted.csv), "region")

    return work_through(source, Path(model), wanted, start)


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


def write_found(
    results: Mapping[str, Found], path: Path, *, csv: bool, unread: Mapping[str, int], **about: Any
) -> list[str]:
    """Write the predictions, as `ocr.pipeline.loop.Write`.

    Args:
        results: by image name.
        path: the JSON file.
        csv: also write the CSV file.
        unread: number of pages of an image that were not read.
        about: further keys of the JSON file.
    """
    if csv:
        write_submission({name: found.detections for name, found in results.items()}, path.with_suffix(".csv"))
    sized = {name: (found.size, found.detections) for name, found in results.items()}
    return write_predictions(sized, path, unread=unread, **about)
