"""A recogniser's file gives what torch gives, whatever runs with a line or pads it. Blocking."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.engines.base import COLUMNS, LineEngine
from ocr.engines.torch_engine import TorchLineEngine
from ocr.images.crops import LineCrop
from ocr.images.decode import read_picture
from ocr.recognition.models import Recognizer
from ocr.types import InputError, UInt8Array
from ocr.utils.path_utils import REPOSITORY_ROOT
from ocr.weights.card import ModelCard
from small_recogniser import CHARSET, CONFIG, scribbles, small_recogniser

SROIE = Path(os.environ.get("OCR_SROIE_DIR", REPOSITORY_ROOT.parent / "shared" / "data" / "sroie"))
TOLERANCE = 1e-4
CARD = ModelCard(
    "recognition", CONFIG["data"]["transform"], CONFIG["postprocess"], None, "line", 20, {"checkpoint": "best.ckpt"}
)


@pytest.fixture(scope="module")
def network() -> Recognizer:
    return small_recogniser()


@pytest.fixture(scope="module")
def files(network: Recognizer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The network's file: as it is, ``half`` the size, and with products in ``int8``."""
    for package in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(package, reason="onnx and onnxruntime are not installed: `make setup-export` brings them")
    from ocr.engines.export import half_stored, line_graph, save_model
    from ocr.engines.quantise import quantised_products

    folder = tmp_path_factory.mktemp("lines")
    graph = line_graph(network, 32)
    integers, count = quantised_products(graph)
    assert count == 7, "collapse, local mix, query key value, project, widen, narrow, head"
    graphs = {"float": graph, "int8": integers}
    for name, each in graphs.items():
        save_model(each, CARD, folder / f"{name}.onnx")
    half_stored(graph)
    save_model(graph, CARD, folder / "half.onnx")
    return {name: folder / f"{name}.onnx" for name in (*graphs, "half")}


@pytest.fixture(scope="module")
def engines(network: Recognizer, files: dict[str, Path]) -> tuple[LineEngine, LineEngine]:
    from ocr.engines.onnx_runtime import OnnxRuntimeLineEngine

    return TorchLineEngine(network, torch.device("cpu")), OnnxRuntimeLineEngine(files["float"], threads=1)


def padded(crop_HWC: UInt8Array, width: int) -> UInt8Array:
    """uint8 (3, 32, width)."""
    image_CHW = np.zeros((3, 32, width), np.uint8)
    image_CHW[:, :, : crop_HWC.shape[1]] = crop_HWC.transpose(2, 0, 1)
    return image_CHW


@settings(max_examples=12, deadline=None)
@given(batch=st.integers(1, 4), columns=st.integers(1, 40), seed=st.integers(0, 99))
def test_any_number_of_lines_of_any_width(engines, batch: int, columns: int, seed: int) -> None:
    rng, width = np.random.default_rng(seed), COLUMNS * columns
    crops = [scribbles(rng, int(rng.integers(1, width + 1))) for _ in range(batch)]
    images_BCHW = np.stack([padded(crop, width) for crop in crops])
    for crop_HWC, of_torch, of_runtime in zip(crops, *(engine(images_BCHW) for engine in engines), strict=True):
        assert of_runtime.shape == of_torch.shape == (-(-crop_HWC.shape[1] // 4), len(CHARSET) + 1)
        assert of_runtime.dtype == np.float32
        np.testing.assert_allclose(of_runtime.sum(1), 1.0, atol=1e-5)
        np.testing.assert_allclose(of_runtime, of_torch, rtol=0, atol=TOLERANCE)


@settings(max_examples=8, deadline=None)
@given(width=st.integers(1, 200), more=st.integers(0, 20), seed=st.integers(0, 99))
def test_padding_and_neighbours_change_nothing_in_the_file(engines, width: int, more: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    crop_HWC = scribbles(rng, width)
    narrow = -(-width // COLUMNS) * COLUMNS
    (alone,) = engines[1](padded(crop_HWC, narrow)[None])
    wide = narrow + COLUMNS * more
    neighbour = padded(scribbles(rng, wide), wide)
    _, among = engines[1](np.stack([neighbour, padded(crop_HWC, wide)]))
    np.testing.assert_allclose(among, alone, rtol=0, atol=1e-5)


@pytest.mark.skipif(not SROIE.is_dir(), reason=f"SROIE is not in {SROIE} (OCR_SROIE_DIR)")
def test_the_same_on_real_lines(engines) -> None:
    image_HWC = read_picture(SROIE / "images" / "101.jpg").image_HWC
    rows = (SROIE / "boxes" / "101.csv").read_text(encoding="utf-8", errors="replace").splitlines()
    polygons = [np.array(row.split(",")[:8], np.float32).reshape(4, 2) for row in rows]
    assert len(polygons) > 20
    for points_N2 in polygons:
        crop_HWC = LineCrop()(image_HWC, points_N2)
        image_BCHW = padded(crop_HWC, -(-crop_HWC.shape[1] // COLUMNS) * COLUMNS)[None]
        (of_torch,), (of_runtime,) = (engine(image_BCHW) for engine in engines)
        np.testing.assert_allclose(of_runtime, of_torch, rtol=0, atol=TOLERANCE)


def test_the_file_alone_says_what_it_takes_and_what_its_characters_are(files: dict[str, Path]) -> None:
    import onnx

    from ocr.engines.onnx_runtime import OnnxRuntimeLineEngine

    card = OnnxRuntimeLineEngine(files["float"]).card
    assert card == CARD
    assert card.postprocess["characters"] == CHARSET
    assert "map_stride" not in card.to_metadata(), "a recogniser has no map"
    model = onnx.load(files["float"])
    (given,) = model.graph.input
    assert given.type.tensor_type.elem_type == onnx.TensorProto.UINT8
    sizes = [dim.dim_param or dim.dim_value for dim in given.type.tensor_type.shape.dim]
    assert sizes == ["batch", 3, 32, "8*columns"]
    assert [output.name for output in model.graph.output] == ["probability", "steps"]
    assert str(REPOSITORY_ROOT).encode() not in files["float"].read_bytes()


def test_half_of_the_size_gives_the_same_numbers(files: dict[str, Path]) -> None:
    from ocr.engines.onnx_runtime import OnnxRuntimeLineEngine

    images_BCHW = padded(scribbles(np.random.default_rng(1), 120), 120)[None]
    (exact,), (half,) = (OnnxRuntimeLineEngine(files[name], threads=1)(images_BCHW) for name in ("float", "half"))
    np.testing.assert_array_equal(half, exact)
    assert files["half"].stat().st_size < 0.8 * files["float"].stat().st_size


def test_integers_give_nearly_the_same(files: dict[str, Path]) -> None:
    from ocr.engines.onnx_runtime import OnnxRuntimeLineEngine

    images_BCHW = padded(scribbles(np.random.default_rng(1), 120), 120)[None]
    (exact,), (integers,) = (OnnxRuntimeLineEngine(files[name], threads=1)(images_BCHW) for name in ("float", "int8"))
    assert 0 < np.abs(integers - exact).mean() < 0.02
    assert files["int8"].stat().st_size < 0.8 * files["float"].stat().st_size


def test_a_network_without_products_stays_as_it_is() -> None:
    onnx = pytest.importorskip("onnx", reason="`make setup-export` brings it")
    pytest.importorskip("onnxruntime", reason="`make setup-export` brings it")
    from ocr.engines.quantise import quantised_products

    ends = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in ("images", "x")]
    node = onnx.helper.make_node("Relu", ["images"], ["x"])
    graph = onnx.helper.make_model(onnx.helper.make_graph([node], "none", ends[:1], ends[1:]))
    with pytest.raises(InputError, match="no matrix product that integers make faster"):
        quantised_products(graph)


@pytest.mark.parametrize(("asked", "used"), [(None, 1), (2, 3)])
def test_lines_run_in_one_thread_unless_told_and_the_process_keeps_its_own(
    network: Recognizer, asked: int | None, used: int
) -> None:
    before, seen = torch.get_num_threads(), []
    handle = network.register_forward_hook(lambda *_: seen.append(torch.get_num_threads()))
    try:
        engine = TorchLineEngine(network, torch.device("cpu"), asked)
        torch.set_num_threads(3)
        engine(np.full((1, 3, 32, COLUMNS), 255, np.uint8))
        assert (seen, torch.get_num_threads()) == ([used], 3)
    finally:
        handle.remove()
        torch.set_num_threads(before)
