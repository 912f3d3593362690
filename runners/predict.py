"""Find the text regions of images.

    python runners/predict.py checkpoint_path=best.ckpt input=photos/ output=found/ csv=true visualize=true

An image that cannot be read or worked on is reported and left out; the exit status is 1 then. Ctrl+C and SIGTERM write
what has been found so far and end with status 130 and 143.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main

if TYPE_CHECKING:
    from ocr.data.prediction import Broken
    from ocr.training.module import DetectionModule
    from ocr.types import Batch, Detection

    Found = tuple[tuple[int, int], list[Detection]]

setup_project_paths()


@hydra_main("predict", text=("checkpoint_path", "input", "output"), stoppable=True)
def predict(cfg: DictConfig) -> None:
    """Images, checkpoint, detections, files."""
    import sys

    from ocr.data.prediction import Broken, find_images, prediction_loader
    from ocr.utils.interruption import Stopped, pending_stop
    from runners.build import choose_device, evaluation_transform, module_from_checkpoint
    from runners.launch import new_file, progress

    written, pictures = Path(cfg.output) / "predictions.json", Path(cfg.output) / "overlays"
    images = find_images(cfg.input, leave_out=(written, written.with_suffix(".csv"), pictures))
    new_file(written, overwrite=cfg.overwrite)
    module, kept = module_from_checkpoint(cfg.checkpoint_path, cfg.postprocess)
    module.to(choose_device(cfg.device)).eval()
    loader = prediction_loader(list(images.values()), evaluation_transform(kept, cfg.data.long_side), cfg.num_workers)
    predictions: dict[str, Found] = {}
    broken: list[str] = []
    signum = 0
    try:
        for name, (batch, unread) in zip(images, progress(loader, "images", len(images)), strict=True):
            found = unread[0] if unread else find_regions(module, batch, pictures / name if cfg.visualize else None)
            if isinstance(found, Broken):
                broken.append(found.message)
            else:
                predictions[name] = found
            signum = pending_stop()
            if signum:
                break
    finally:  # a worker that was killed ends the loop too, and what was found may be the work of hours
        write_found(predictions, written, csv=cfg.csv)

    left_out = "\n".join([f"{len(broken)} of {len(images)} images were left out:", *broken])
    if signum:
        if broken:
            print(left_out, file=sys.stderr)
        done = f"wrote the predictions of {len(predictions)} of {len(images)} images to {written}"
        raise Stopped(signum, done=done, again=("overwrite=true",))
    if broken:
        sys.exit(left_out)


def find_regions(module: DetectionModule, batch: Batch, picture: Path | None) -> Found | Broken:
    """What is found in one image, or why nothing can be said of it.

    Args:
        module: the detector, in evaluation mode.
        batch: one image.
        picture: where the detections are drawn over the image, if at all.

    Returns:
        (width, height) of the original image and the detections in its pixels.
    """
    import torch

    from ocr.data.prediction import Broken
    from ocr.report.overlay import draw_overlay, save_image

    (path,), (size,) = batch.paths, batch.original_sizes
    try:
        with torch.inference_mode():
            (detections,) = module.predict_step(batch.to(module.device), 0)
        if picture is not None:
            save_image(draw_overlay(path, detections), picture)
    except Exception as error:  # no room on the GPU, a map that is no number, a full disk, ...: the others go on
        return Broken.because(path, error)
    return size, detections


def write_found(predictions: dict[str, Found], path: Path, *, csv: bool) -> None:
    """Write the predictions and say how many there are."""
    from ocr.formats.native import write_predictions
    from ocr.formats.submission import write_submission

    for dropped in write_predictions(predictions, path):
        print(f"left out: {dropped}")
    if csv:
        write_submission({name: found for name, (_, found) in predictions.items()}, path.with_suffix(".csv"))
    print(f"{sum(len(found) for _, found in predictions.values())} regions in {len(predictions)} images: {path}")


if __name__ == "__main__":
    predict()
