"""The exported file carries all that prediction needs, and says what is wrong with a file that does not."""

import dataclasses
import json
from pathlib import Path

import pytest

from engine_cards import CARD
from ocr.utils.path_utils import REPOSITORY_ROOT
from ocr.weights.card import MAX_METADATA, ModelCard, ModelFileError


def test_a_card_survives_being_texts() -> None:
    metadata = CARD.to_metadata()
    assert all(isinstance(value, str) for value in metadata.values())
    assert ModelCard.from_metadata(metadata, Path("x.onnx")) == CARD


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": "receipt-ocr/0"}, "not 'receipt-ocr/2'"),
        ({"transform": "{"}, "metadata are damaged"),
        ({"postprocess": '{"_target_": "os.system", "command": "true"}'}, "postprocess is 'os.system'"),
        ({"transform": '{"_target_": "ocr.data.x", "a": {"_target_": "os.system"}}'}, "transform is 'ocr.data.x'"),
        ({"map_stride": "1000000000"}, "map_stride is 1000000000; it must be a whole number from 1 to 32"),
        ({"provenance": "[]"}, "its provenance is not a dictionary"),
        ({"provenance": json.dumps({"a": "b" * MAX_METADATA})}, "its metadata have 16777"),
        ({"transform": "[" * 1000000}, "metadata are damaged"),
    ],
)
def test_metadata_that_are_not_ours_are_refused(change: dict[str, str], message: str) -> None:
    with pytest.raises(ModelFileError, match=message):
        ModelCard.from_metadata({**CARD.to_metadata(), **change}, Path("x.onnx"))


def test_metadata_that_lack_something_are_refused() -> None:
    metadata = CARD.to_metadata()
    del metadata["map_stride"]
    with pytest.raises(ModelFileError, match="map_stride"):
        ModelCard.from_metadata(metadata, Path("x.onnx"))


def test_the_file_alone_says_what_it_takes_and_where_it_comes_from(exported: Path, detector) -> None:
    import onnx

    from ocr.engines.export import OPSET
    from ocr.engines.onnx_runtime import OnnxRuntimeEngine

    assert OnnxRuntimeEngine(exported).card == detector.card
    assert list(exported.parent.iterdir()) == [exported], "the weights are inside"
    model = onnx.load(exported)
    assert [each.version for each in model.opset_import if each.domain == ""] == [OPSET]
    (given,), (result,) = model.graph.input, model.graph.output
    assert given.type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert result.type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    sizes = [dim.dim_param or dim.dim_value for dim in given.type.tensor_type.shape.dim]
    assert sizes == ["batch", 3, "32*rows", "32*columns"]
    assert not [node for node in model.graph.node if "threshold" in node.name]
    assert str(REPOSITORY_ROOT).encode() not in exported.read_bytes(), "no path of the machine that it was made on"


def test_a_file_that_onnx_runtime_cannot_read_is_told(exported: Path, tmp_path: Path) -> None:
    from ocr.engines.onnx_runtime import OnnxRuntimeEngine

    (tmp_path / "half.onnx").write_bytes(exported.read_bytes()[:1000])
    with pytest.raises(ModelFileError, match=r"half.onnx: ONNX Runtime cannot read it"):
        OnnxRuntimeEngine(tmp_path / "half.onnx")
    with pytest.raises(ModelFileError, match="no such file"):
        OnnxRuntimeEngine(tmp_path / "none.onnx")


def test_a_full_disk_leaves_the_file_before(exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnx

    from ocr.engines.export import save_model

    path = tmp_path / "model.onnx"
    path.write_bytes(b"before")

    def full(self: Path, content: bytes) -> int:  # noqa: ARG001
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        save_model(onnx.load(exported), dataclasses.replace(CARD, map_stride=4), path)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
