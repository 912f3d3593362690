"""A file with integer convolutions says nearly what the file in floating point says."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from drawn_receipts import draw_receipt
from ocr.data.geometry_transforms import FitLongSide
from ocr.images.decode import read_picture
from ocr.types import InputError, UInt8Array

onnx = pytest.importorskip("onnx", reason="`make setup-export` brings it")
pytest.importorskip("onnxruntime", reason="`make setup-export` brings it")

MEAN_DISTANCE = 0.01
"""Between the maps of the two files, over all pixels: what int8 may cost."""
MOVED = 0.005
"""Share of the pixels that may be text in one file and not in the other."""


@pytest.fixture(scope="module")
def receipts(tmp_path_factory: pytest.TempPathFactory) -> list[UInt8Array]:
    """Six drawn receipts as the network gets them, uint8 (1, 3, H, W)."""
    folder, rng = tmp_path_factory.mktemp("receipts"), np.random.default_rng(5)
    images = []
    for number in range(6):
        path = folder / f"{number}.png"
        draw_receipt(path, rng)
        input_HWC, _ = FitLongSide(long_side=320)(read_picture(path).image_HWC)
        images.append(np.ascontiguousarray(input_HWC.transpose(2, 0, 1))[None])
    return images


@pytest.fixture(scope="module")
def quantised_file(
    exported: Path, detector: SimpleNamespace, receipts: list[UInt8Array], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The exported file's graph, calibrated on four of the receipts."""
    from ocr.engines.export import save_model
    from ocr.engines.quantise import quantised

    graph = onnx.load(exported)
    before = graph.SerializeToString()
    integers, count = quantised(graph, receipts[:4])
    assert graph.SerializeToString() == before
    assert count == 5, "four of the pyramid, one of the head"
    path = tmp_path_factory.mktemp("int8") / "int8.onnx"
    save_model(integers, detector.card, path)
    return path


def test_maps_are_close_and_text_is_where_it_was(
    exported: Path, quantised_file: Path, detector: SimpleNamespace, receipts: list[UInt8Array]
) -> None:
    from ocr.engines.onnx_runtime import OnnxRuntimeEngine

    floats, integers = OnnxRuntimeEngine(exported, threads=1), OnnxRuntimeEngine(quantised_file, threads=1)
    assert integers.card == detector.card
    for image_BCHW in receipts[4:]:
        expected_BHW, map_BHW = floats(image_BCHW), integers(image_BCHW)
        assert 0 < np.abs(map_BHW - expected_BHW).mean() < MEAN_DISTANCE
        text_BHW, expected_text_BHW = map_BHW > 0.5, expected_BHW > 0.5
        assert expected_text_BHW.mean() > 0.02
        assert (text_BHW != expected_text_BHW).mean() < MOVED


def test_the_weights_of_the_heavy_layers_are_bytes(exported: Path, quantised_file: Path) -> None:
    from ocr.engines.quantise import heavy_convolutions

    graph = onnx.load(quantised_file).graph
    floats = onnx.load(exported)
    heavy = set(heavy_convolutions(floats))
    weights = {node.input[1] for node in floats.graph.node if node.name in heavy}
    integers = {tensor.name for tensor in graph.initializer if tensor.data_type == onnx.TensorProto.INT8}
    assert {f"{name}_quantized" for name in weights} <= integers
    assert quantised_file.stat().st_size < exported.stat().st_size


def graph_of(*weights: tuple[int, ...], group: int = 1) -> onnx.ModelProto:
    """A chain of convolutions whose weights have these shapes."""
    nodes, tensors = [], []
    for number, shape in enumerate(weights):
        given, result = ("images" if number == 0 else f"x{number}"), f"x{number + 1}"
        nodes.append(onnx.helper.make_node("Conv", [given, f"w{number}"], [result], f"conv{number}", group=group))
        tensors.append(onnx.numpy_helper.from_array(np.zeros(shape, np.float32), f"w{number}"))
    kind = onnx.TensorProto.FLOAT
    ends = [onnx.helper.make_tensor_value_info(name, kind, None) for name in ("images", f"x{len(weights)}")]
    return onnx.helper.make_model(onnx.helper.make_graph(nodes, "chain", ends[:1], ends[1:], tensors))


def test_first_and_pointwise_and_depthwise_convolutions_stay_as_they_are() -> None:
    from ocr.engines.quantise import heavy_convolutions, quantised

    assert heavy_convolutions(graph_of((8, 3, 3, 3), (8, 8, 1, 1), (8, 8, 3, 3), (8, 8, 1, 5))) == ["conv2", "conv3"]
    assert heavy_convolutions(graph_of((8, 4, 3, 3), group=2)) == []
    with pytest.raises(InputError, match="no convolution that integers make faster"):
        quantised(graph_of((8, 8, 1, 1)), [])
