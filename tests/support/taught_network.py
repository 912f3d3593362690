"""A network that has learnt drawn receipts in a moment, as it is and as a checkpoint."""

import functools
from pathlib import Path

import cv2
import numpy as np
import torch

from drawn_receipts import write_drawn_data
from ocr.data.geometry_transforms import FitLongSide
from ocr.detection.models import FPN, DBHead, DBNet, TimmEncoder
from ocr.formats.native import read_native
from ocr.geometry import transform_points
from ocr.images.decode import read_picture

START = {"binary_thresh": 0.55, "box_thresh": 0.99}

CONFIG = {
    "task": "detection",
    "model": {
        "kind": "dbnet",
        "encoder": {"kind": "timm", "name": "mobilenetv3_small_075", "pretrained": False},
        "decoder": {"kind": "fpn", "channels": 32},
        "head": {"kind": "db"},
    },
    "loss": {"kind": "db"},
    "targets": {"kind": "db"},
    "postprocess": {"kind": "db", "mode": "upright"} | START,
    "evaluator": {"kind": "detection", "iou_thresholds": [0.5, 0.7]},
    "data": {
        "transform": {"kind": "fit-long-side", "long_side": 320},
        "granularity": "word",
    },
}
"""What a checkpoint of it carries; the postprocess leaves everything out, and finds the words from 0.6 on."""


def learnt(root: Path) -> DBNet:
    """The default detector's shape, taught the middles of drawn words."""
    torch.manual_seed(0)
    network = DBNet(TimmEncoder("mobilenetv3_small_075"), functools.partial(FPN, channels=32), DBHead)
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.eps = (
                0.05  # on blank paper some channels have no variance, and rounding errors would be divided by it
            )
    optimiser = torch.optim.Adam(network.parameters(), lr=5e-3)
    images, targets = [], []
    for record in read_native(root / "jsons" / "train.json", root / "images" / "train"):
        image_HWC, matrix_33 = FitLongSide(long_side=320)(read_picture(record.image_path).image_HWC)
        target_HW = np.zeros(image_HWC.shape[:2], np.float32)
        for word in record.words.values():
            points_N2 = transform_points(word.points_N2, matrix_33)
            middle_2 = points_N2.mean(axis=0)
            cv2.fillPoly(target_HW, [np.int32(middle_2 + (points_N2 - middle_2) * 0.7)], 1.0)
        images.append(torch.from_numpy(image_HWC.transpose(2, 0, 1).copy()))
        targets.append(torch.from_numpy(target_HW))
    clean_BCHW = torch.stack(images).float()
    for _ in range(40):
        optimiser.zero_grad()
        scanned_BCHW = (clean_BCHW + 15.0 * torch.randn(clean_BCHW.shape)).clamp(0, 255).to(torch.uint8)
        logits_BHW = network(scanned_BCHW, probability_only=True)["probability_logits"]
        torch.nn.functional.binary_cross_entropy_with_logits(logits_BHW, torch.stack(targets)).backward()
        optimiser.step()
    with torch.no_grad():  # so little seen makes steep maps, in which rounding errors grow
        for parameter in network.head.probability[-1].parameters():
            parameter.mul_(0.5)
    return network.eval()


def save_checkpoint(network: DBNet, path: Path) -> Path:
    """The network as a checkpoint that a training could have written."""
    weights = {f"network.{name}": value.clone() for name, value in network.state_dict().items()}
    for name, layer in network.named_modules():
        if isinstance(layer, torch.nn.BatchNorm2d):  # a rebuilt layer has the usual epsilon
            weights[f"network.{name}.running_var"] += layer.eps - 1e-5
    torch.save({"state_dict": weights, "config": CONFIG}, path)
    return path


def write_taught_run(place: Path, images: int) -> Path:
    """Write a run of a detector that finds words, with its data and that many images to validate with.

    Returns:
        The folder of the run, below ``outputs``.
    """
    data = write_drawn_data(place / "mine", {"train": 2, "val": images})
    folder = place / "outputs" / "a" / "2026-01-01_00-00-00"
    (folder / ".hydra").mkdir(parents=True)
    (folder / "checkpoints").mkdir()
    (folder / ".hydra" / "config.yaml").write_text(
        "task: detection\ndata:\n  root: mine\n  granularity: word\ntrainer:\n  max_epochs: 1\n"
    )
    (folder / ".hydra" / "hydra.yaml").write_text(f"hydra:\n  runtime:\n    cwd: {place}\n")
    save_checkpoint(learnt(data), folder / "checkpoints" / "best.ckpt")
    return folder
