"""A network that has learnt drawn receipts in a moment, and the file that is exported from it."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from drawn_receipts import write_drawn_data
from engine_cards import CARD
from ocr.data.decode import read_image
from ocr.data.geometry_transforms import FitLongSide
from ocr.engines.base import ModelCard
from ocr.formats.native import read_native
from ocr.geometry import transform_points
from ocr.models import FPN, DBHead, DBNet, TimmEncoder


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
        image_HWC, matrix_33 = FitLongSide(long_side=320)(read_image(record.image_path))
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


@pytest.fixture(scope="session")
def detector(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """``network`` and its ``card``; the environment's OCR_CHECKPOINT names another than the one that is taught here."""
    checkpoint = os.environ.get("OCR_CHECKPOINT")
    if checkpoint:
        from runners.build import module_from_checkpoint

        module, kept = module_from_checkpoint(checkpoint, OmegaConf.create({}))
        card = ModelCard(kept["data"]["transform"], kept["postprocess"], 1, kept["data"]["granularity"], 20, {})
        return SimpleNamespace(network=module.network, card=card)
    root = write_drawn_data(tmp_path_factory.mktemp("taught"), {"train": 4})
    return SimpleNamespace(network=learnt(root), card=CARD)


@pytest.fixture(scope="session")
def exported(detector: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that is made of it; skipped where `make setup-export` has not run."""
    reason = "onnx and onnxruntime are not installed: `make setup-export` brings them"
    for package in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(package, reason=reason)
    from ocr.engines.export import onnx_graph, save_model

    path = tmp_path_factory.mktemp("exported") / "model.onnx"
    save_model(onnx_graph(detector.network, detector.network.stride), detector.card, path)
    return path
