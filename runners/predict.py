"""Find the text regions of images.

    python runners/predict.py checkpoint_path=best.ckpt input=photos/ output=found/ csv=true visualize=true

An image that cannot be read is reported and left out; the exit status is 1 then.
"""

from __future__ import annotations

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main

setup_project_paths()


@hydra_main("predict", text=("checkpoint_path", "input", "output"))
def predict(cfg: DictConfig) -> None:
    """Images, checkpoint, detections, files."""
    import sys
    from pathlib import Path

    import torch

    from ocr.data.prediction import find_images, prediction_loader
    from ocr.formats.native import write_predictions
    from ocr.formats.submission import write_submission
    from ocr.report.overlay import draw_overlay, save_image
    from runners.build import choose_device, evaluation_transform, module_from_checkpoint
    from runners.launch import new_file, progress

    images = find_images(cfg.input)
    written = new_file(Path(cfg.output) / "predictions.json", overwrite=cfg.overwrite)
    module, kept = module_from_checkpoint(cfg.checkpoint_path, cfg.postprocess)
    device = choose_device(cfg.device)
    module.to(device).eval()
    loader = prediction_loader(list(images.values()), evaluation_transform(kept, cfg.data.long_side), cfg.num_workers)
    predictions, broken = {}, []
    for name, (batch, unread) in zip(images, progress(loader, "images", len(images)), strict=True):
        broken += unread
        with torch.inference_mode():
            found = module.predict_step(batch.to(device), 0)
        for size, detections in zip(batch.original_sizes, found, strict=True):
            predictions[name] = (size, detections)
            if cfg.visualize:
                save_image(draw_overlay(images[name], detections), written.parent / "overlays" / name)

    write_predictions(predictions, written)
    if cfg.csv:
        write_submission({name: found for name, (_, found) in predictions.items()}, written.with_suffix(".csv"))
    print(f"{sum(len(found) for _, found in predictions.values())} regions in {len(predictions)} images: {written}")
    if broken:
        sys.exit("\n".join([f"{len(broken)} of {len(images)} images were left out:", *(b.message for b in broken)]))


if __name__ == "__main__":
    predict()
