"""Find the text regions of images.

    python runners/predict.py input=photos/ output=found/ csv=true visualize=true table=true
    python runners/predict.py checkpoint_path=best.ckpt input=photos/ output=found/
    python runners/predict.py checkpoint_path=receipts.onnx threads=1 input=photos/ output=found/ shard=2/8

Without ``checkpoint_path`` the weights of this repository are taken. An image that cannot be read or worked on is
reported and left out; the exit status is 1 then. Ctrl+C and SIGTERM write what has been found so far and end with
status 130 and 143. A shard's file is only ever whole: where it is there, the shard is done. `runners/merge.py` puts the
shards together.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig

from ocr.utils.interruption import Stopped, pending_stop
from ocr.utils.path_utils import setup_project_paths
from ocr.utils.printable import printable
from runners.launch import hydra_main, say

if TYPE_CHECKING:
    from ocr.data.prediction import Broken
    from ocr.report.found import Found
    from ocr.types import Sample
    from runners.build import Detector

setup_project_paths()


@hydra_main("predict", text=("checkpoint_path", "input", "output"), stoppable=True)
def predict(cfg: DictConfig) -> None:
    """Images, detector, detections, files."""
    import os
    import sys

    from ocr.data.prediction import find_images, read_samples
    from ocr.formats.shards import PARTS, Shard
    from ocr.report.found import print_found, print_passed_over
    from ocr.utils.whole_file import new_file
    from runners.build import load_detector
    from runners.launch import progress

    output, shard = Path(cfg.output), Shard.of(cfg.shard, os.environ)
    whole, pictures = output / "predictions.json", output / "overlays"
    written = shard.path(output) if shard else whole
    parts = [place for part in output.glob(PARTS) for place in (part, part.with_suffix(".csv"))]
    beside: list[Path] = []
    images = find_images(cfg.input, leave_out=(whole, whole.with_suffix(".csv"), pictures, *parts), others=beside)
    new_file(written, overwrite=cfg.overwrite)
    about = {"shard": shard.stamp(list(images), Path(cfg.checkpoint_path), settings(cfg))} if shard else {}
    images = shard.take(images) if shard else images
    detector = load_detector(cfg)
    predictions: dict[str, Found] = {}
    broken: list[str] = []
    reader = read_samples(list(images.values()), detector.transform, cfg.num_workers, cfg.data.max_pixels)
    samples = progress(reader, "images", len(images))
    try:
        signum = find_all(
            detector, zip(images, samples, strict=True), pictures if cfg.visualize else None, predictions, broken
        )
        if shard and not signum:
            write_found(predictions, written, csv=cfg.csv, **about)
    finally:  # a fault of the program ends the loop too, and what was found may be the work of hours
        if shard is None:
            write_found(predictions, written, csv=cfg.csv)
        if cfg.table:
            print_found(predictions)

    left_out = [f"{len(broken)} of {len(images)} images were left out:", *broken]
    if signum:
        if broken:
            say(*left_out, error=True)
        if shard:
            raise Stopped(
                signum, done=f"shard {shard} had done {len(predictions)} of {len(images)}, nothing is written"
            )
        done = f"wrote the predictions of {len(predictions)} of {len(images)} images to {written}"
        raise Stopped(signum, done=done, again=("overwrite=true",))
    print_passed_over(beside)
    if broken:
        sys.exit("\n".join(map(printable, left_out)))


def settings(cfg: DictConfig) -> dict[str, Any]:
    """What the parts of one whole have in common, beside the model and the images."""
    from omegaconf import OmegaConf

    return {name: OmegaConf.to_container(cfg[name]) for name in ("data", "postprocess")}


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
    from ocr.data.prediction import Broken

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
    import math
    import time

    from ocr.data.prediction import Broken, check_name
    from ocr.report.found import Found
    from ocr.report.overlay import draw_overlay, save_image

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
    from ocr.formats.native_writing import write_predictions
    from ocr.formats.submission import write_submission
    from ocr.report.found import print_unread, unread_pages
    from ocr.types import InputError

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


if __name__ == "__main__":
    predict()
