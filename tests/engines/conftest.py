"""A network that has learnt drawn receipts in a moment, and the file that is exported from it."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from omegaconf import OmegaConf

from drawn_receipts import write_drawn_data
from engine_cards import CARD
from ocr.weights.card import ModelCard
from taught_network import learnt


@pytest.fixture(scope="session")
def detector(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """``network`` and its ``card``; the environment's OCR_CHECKPOINT names another than the one that is taught here."""
    checkpoint = os.environ.get("OCR_CHECKPOINT")
    if checkpoint:
        from ocr.training.evaluation import module_from_checkpoint

        module, kept = module_from_checkpoint(checkpoint, OmegaConf.create({}))
        card = ModelCard(
            "detection", kept["data"]["transform"], kept["postprocess"], 1, kept["data"]["granularity"], 20, {}
        )
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
