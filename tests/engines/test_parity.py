"""Torch and ONNX Runtime say the same: maps within 1e-4, and the same polygons. Blocking."""

import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hydra.utils import instantiate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drawn_receipts import draw_receipt
from ocr.data.geometry_transforms import FitLongSide
from ocr.engines.base import Engine
from ocr.engines.torch_engine import TorchEngine
from ocr.images.decode import read_picture
from ocr.types import Detection, UInt8Array
from ocr.utils.path_utils import REPOSITORY_ROOT
from ocr.weights.kinds import build

SROIE = Path(os.environ.get("OCR_SROIE_DIR", REPOSITORY_ROOT.parent / "shared" / "data" / "sroie"))
TOLERANCE = 1e-4


@pytest.fixture(scope="session")
def engines(detector: SimpleNamespace, exported: Path) -> tuple[Engine, Engine]:
    from ocr.engines.onnx_runtime import OnnxRuntimeEngine

    return TorchEngine(detector.network, torch.device("cpu")), OnnxRuntimeEngine(exported, threads=1)


def assert_same(engines: tuple[Engine, Engine], card, path: Path, long_side: int) -> list[Detection]:
    """Compare the maps and the polygons of one image; what was found in it."""
    image_HWC = read_picture(path).image_HWC
    input_HWC, matrix_33 = FitLongSide(long_side=long_side)(image_HWC)
    images_BCHW = np.ascontiguousarray(input_HWC.transpose(2, 0, 1))[None]
    maps = [engine(images_BCHW) for engine in engines]
    np.testing.assert_allclose(maps[1], maps[0], rtol=0, atol=TOLERANCE)
    postprocess = build("postprocess", card.postprocess)
    of_torch, of_runtime = (postprocess(each[0], matrix_33, image_HWC.shape[1::-1]) for each in maps)
    assert len(of_torch) == len(of_runtime)
    for one, other in zip(of_torch, of_runtime, strict=True):
        np.testing.assert_array_equal(one.points_N2, other.points_N2)
        assert one.score == pytest.approx(other.score, abs=TOLERANCE)
    return of_torch


@pytest.mark.parametrize("long_side", [320, 448])
def test_the_same_on_drawn_receipts(engines, detector, tmp_path: Path, long_side: int) -> None:
    rng = np.random.default_rng(7)
    paths = [tmp_path / f"{number}.png" for number in range(4)]
    for path in paths:
        draw_receipt(path, rng)
    found = [len(assert_same(engines, detector.card, path, long_side)) for path in paths]
    assert min(found) > 0


@pytest.mark.skipif(not SROIE.is_dir(), reason=f"SROIE is not in {SROIE} (OCR_SROIE_DIR)")
@pytest.mark.parametrize("name", ["001", "101", "201", "301", "401"])
def test_the_same_on_real_receipts(engines, detector, name: str) -> None:
    assert_same(engines, detector.card, SROIE / "images" / f"{name}.jpg", 1024)


@pytest.fixture(scope="session")
def receipt(tmp_path_factory: pytest.TempPathFactory) -> UInt8Array:
    path = tmp_path_factory.mktemp("receipt") / "receipt.png"
    draw_receipt(path, np.random.default_rng(3))
    return np.tile(read_picture(path).image_HWC, (2, 2, 1))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=st.integers(1, 4), rows=st.integers(1, 9), columns=st.integers(1, 9), seed=st.integers(0, 99))
def test_any_number_of_images_of_any_size(engines, receipt, batch: int, rows: int, columns: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rolled = [np.roll(receipt, rng.integers(0, 300, 2), (0, 1))[: 32 * rows, : 32 * columns] for _ in range(batch)]
    images_BCHW = np.ascontiguousarray(np.stack(rolled).transpose(0, 3, 1, 2))
    of_torch, of_runtime = (engine(images_BCHW) for engine in engines)
    assert of_runtime.shape == (batch, 32 * rows, 32 * columns)
    assert of_runtime.dtype == np.float32
    np.testing.assert_allclose(of_runtime, of_torch, rtol=0, atol=TOLERANCE)


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["dbnet_resnet18", "dbnetpp_resnet50"])
def test_the_other_presets_too(exported: Path, tmp_path: Path, preset: str) -> None:  # noqa: ARG001 - skips without onnx
    from hydra import compose, initialize_config_dir

    from engine_cards import CARD
    from ocr.engines.export import onnx_graph, save_model
    from ocr.engines.onnx_runtime import OnnxRuntimeEngine
    from ocr.utils.path_utils import CONFIG_DIR

    with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
        model = compose("train", overrides=[f"model={preset}", "model.encoder.pretrained=false"]).model
    torch.manual_seed(0)
    network = instantiate(model).eval()
    save_model(onnx_graph(network, network.stride), CARD, tmp_path / "model.onnx")
    images_BCHW = np.random.default_rng(0).integers(0, 256, (2, 3, 160, 96), dtype=np.uint8)
    of_torch = TorchEngine(network, torch.device("cpu"))(images_BCHW)
    of_runtime = OnnxRuntimeEngine(tmp_path / "model.onnx", threads=1)(images_BCHW)
    np.testing.assert_allclose(of_runtime, of_torch, rtol=0, atol=TOLERANCE)
