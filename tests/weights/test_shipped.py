"""The weights that come with the package are networks in two files each."""

from pathlib import Path

import numpy as np
import pytest

from ocr.pipeline.detector import Detector
from ocr.pipeline.recognizer import LineReader
from ocr.synthesis.lines import render_lines
from ocr.types import InputError
from ocr.utils.digest import file_sha256
from ocr.weights import shipped
from ocr.weights.shipped import shipped_weights

MISSING = "onnx and onnxruntime are not installed: `make setup-export` brings them"


@pytest.mark.parametrize("name", ["receipts", "lines"])
def test_the_onnx_file_is_made_of_the_other_one(name: str) -> None:
    """Where this fails, weights/README.md has the command that makes it again."""
    pytest.importorskip("onnxruntime", reason=MISSING)
    from ocr.engines.onnx_runtime import OnnxModel
    from ocr.weights.weights_file import read_weights

    made = OnnxModel(shipped_weights(".onnx", name)).card
    source = shipped_weights(".safetensors", name)
    assert made.provenance["checkpoint"] == source.name
    assert made.provenance["checkpoint_sha256"] == file_sha256(source)
    card, _ = read_weights(source)
    assert (made.transform, made.postprocess, made.granularity) == (card.transform, card.postprocess, card.granularity)


def test_both_find_the_same_regions(tiny_data: Path) -> None:
    pytest.importorskip("onnxruntime", reason=MISSING)
    photo = sorted((tiny_data / "images" / "test").iterdir())[0]
    on_torch, on_onnxruntime = (
        Detector.load(engine=engine, device="cpu", long_side=640).detect(photo) for engine in ("torch", "onnxruntime")
    )
    assert len(on_torch) == len(on_onnxruntime) >= 4
    for one, other in zip(on_torch, on_onnxruntime, strict=True):
        np.testing.assert_allclose(one.points_N2, other.points_N2, atol=0.5)
        assert one.score == pytest.approx(other.score, abs=1e-3)


def test_both_read_the_same_text() -> None:
    pytest.importorskip("onnxruntime", reason=MISSING)
    pictures = [each for index in range(4) for each in render_lines(index, seed=0, split="shipped")[:12]]
    on_torch, on_onnxruntime = (
        [reader.read(each.image_HWC, [each.points_N2])[0].text for each in pictures]
        for reader in (LineReader.load(engine=engine, device="cpu") for engine in ("torch", "onnxruntime"))
    )
    assert on_torch == on_onnxruntime
    assert sum(text == each.text for text, each in zip(on_torch, pictures, strict=True)) > len(pictures) / 2


def test_files_of_the_installed_package_go_before_those_of_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shipped_weights(".onnx").parent.name == "weights"
    monkeypatch.setattr(shipped, "files", lambda _: tmp_path)
    (tmp_path / "receipts.onnx").touch()
    assert shipped_weights(".onnx") == tmp_path / "receipts.onnx"
    with pytest.raises(InputError, match=r"receipts\.pt: is missing"):
        shipped_weights(".pt")
