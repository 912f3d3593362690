"""The recogniser as a program exports and uses it."""

import importlib
import itertools
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ocr import Detector, LineReader
from ocr.engines.onnx_runtime import OnnxModel
from ocr.images.crops import LineCrop
from ocr.metrics.text import compare_texts
from ocr.pipeline.calibrate import STORES
from ocr.pipeline.export import Export, export
from ocr.recognition.models import AttentionRecognizer
from ocr.recognition.postprocess.calibration import BetaCalibration
from ocr.synthesis.fonts import is_wide
from ocr.synthesis.lines import LinePicture, render_lines
from ocr.types import InputError, Reading
from ocr.utils.digest import file_sha256
from ocr.utils.path_utils import REPOSITORY_ROOT
from ocr.weights.weights_file import read_weights
from small_recogniser import CHARSET, SIZES, save_checkpoint, small_recogniser

MISSING = "onnx and onnxruntime are not installed: `make setup-export` brings them"
UNWANTED = ("hydra", "omegaconf", "pytorch_lightning", "lightning", "lightning_fabric")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_checkpoint(small_recogniser(), tmp_path_factory.mktemp("recogniser") / "best.ckpt")


@pytest.fixture(scope="module")
def files(checkpoint: Path) -> dict[str, Path]:
    """The checkpoint's two exported files."""
    pytest.importorskip("onnxruntime", reason=MISSING)
    pytest.importorskip("onnxscript", reason=MISSING)
    found = {name: checkpoint.with_suffix(f".{name}") for name in ("safetensors", "onnx")}
    for name, path in found.items():
        export(Export(str(checkpoint), str(path), name))
    return found


@pytest.fixture(scope="module")
def lines() -> list[LinePicture]:
    return render_lines(3, seed=0, split="test")[:24]


@pytest.fixture(scope="module")
def page(lines: list[LinePicture]) -> tuple[np.ndarray, list[np.ndarray]]:
    """The lines one below the other in an image, and their polygons in it."""
    tops = np.cumsum([0] + [line.image_HWC.shape[0] for line in lines])
    image_HWC = np.full((tops[-1], max(line.image_HWC.shape[1] for line in lines), 3), 255, np.uint8)
    for line, top in zip(lines, tops[:-1], strict=True):
        image_HWC[top : top + line.image_HWC.shape[0], : line.image_HWC.shape[1]] = line.image_HWC
    return image_HWC, [line.points_N2 + np.float32([0, top]) for line, top in zip(lines, tops[:-1], strict=True)]


@pytest.mark.parametrize("engine", ["torch", "onnxruntime"])
def test_the_shipped_weights_for_korean_read_it(engine: str) -> None:
    pytest.importorskip(engine, reason=MISSING)
    reader = LineReader.load(engine=engine, device="cpu", threads=1, language="korean")
    drawn = [line for n in range(3) for line in render_lines(n, seed=0, split="shipped", korean=1.0, varied=False)]
    read = reader.read_crops([reader.transform(line.image_HWC, line.points_N2) for line in drawn])
    korean = [(line.text, each.text) for line, each in zip(drawn, read, strict=True) if any(map(is_wide, line.text))]
    right = sum(bool(compare_texts(*pair).bare_exact) for pair in korean)
    assert right >= 0.8 * len(korean) > 20, korean


def test_a_language_without_weights_is_refused() -> None:
    with pytest.raises(InputError, match="language=thai: must be english or korean"):
        LineReader.load(language="thai")


def test_both_files_read_a_page_alike_and_each_line_as_alone(files: dict[str, Path], page) -> None:
    image_HWC, polygons = page
    readers = {name: LineReader.load(path, device="cpu", threads=1) for name, path in files.items()}
    readings = {name: reader.read(image_HWC, polygons) for name, reader in readers.items()}
    assert [reading.text for reading in readings["onnx"]] == [reading.text for reading in readings["safetensors"]]
    assert len({reading.text for reading in readings["onnx"]}) > 10, "nonsense, but of its own for each line"
    assert set("".join(reading.text for reading in readings["onnx"])) <= set(CHARSET)
    for name, reader in readers.items():
        backwards = reader.read(image_HWC, polygons[::-1])[::-1]
        alone = [reader.read(image_HWC, [points_N2])[0] for points_N2 in polygons]
        for reading, other, single in zip(readings[name], backwards, alone, strict=True):
            assert reading.text == other.text == single.text
            np.testing.assert_allclose(reading.confidences, single.confidences, atol=1e-5)
            assert len(reading.confidences) == len(reading.text)
    assert readers["onnx"].read(image_HWC, []) == []


@pytest.mark.parametrize("ending", ["ckpt", "safetensors", "onnx"])
def test_a_calibration_is_kept_by_every_kind_of_file_and_changes_confidences_alone(
    files: dict[str, Path], checkpoint: Path, lines: list[LinePicture], tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"copy.{ending}"
    shutil.copy({"ckpt": checkpoint, **files}[ending], path)
    before = LineReader.load(path, device="cpu", threads=1)
    numbers, note = [2.0, 0.5, 0.25], {"lines": 24}
    store = importlib.import_module(STORES.get(path.suffix, "ocr.weights.stored")).store_settings
    sha256 = file_sha256(path)
    store(path, sha256, {"calibration": numbers}, note)
    after, raw = (LineReader.load(path, device="cpu", threads=1, **how) for how in ({}, {"calibration": ()}))
    crops = [before.transform(line.image_HWC, line.points_N2) for line in lines]
    for old, new, same in zip(*(reader.read_crops(crops) for reader in (before, after, raw)), strict=True):
        assert same == old
        assert (new.text, new.places) == (old.text, old.places)
        assert new.confidences == pytest.approx(tuple(BetaCalibration(numbers).mapped(old.confidences)))
    with pytest.raises(InputError, match="has changed in the meantime"):
        store(path, sha256, {"calibration": []}, note)
    # Exported again, it is calibrated too; the record says what was before.
    if ending == "onnx":
        onnx = pytest.importorskip("onnx", reason=MISSING)
        assert onnx.load(path).graph == onnx.load(files["onnx"]).graph
        card = OnnxModel(path).card
    else:
        export(Export(str(path), str(tmp_path / "again.safetensors"), "safetensors"))
        card, _ = read_weights(tmp_path / "again.safetensors")
    assert card.postprocess == {"kind": "greedy", "characters": CHARSET, "calibration": numbers}
    (entry,) = card.provenance["tuning"]
    assert entry == {"lines": 24, "before": {"kind": "greedy", "characters": CHARSET}}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"calibration": (1.0,)}, "calibration=.*must be three numbers"),
        ({"kind": "sequence"}, "this network's postprocess is greedy or beam"),
        ({"box_thresh": 0.5}, "box_thresh: the postprocess 'greedy' has no such setting"),
    ],
)
def test_a_setting_of_the_decoding_that_is_none_is_told(
    checkpoint: Path, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        LineReader.load(checkpoint, device="cpu", **settings)


@pytest.mark.parametrize("read", ["attention", "ctc"])
def test_a_recogniser_with_a_decoder_is_exported_and_reads(tmp_path: Path, lines: list[LinePicture], read: str) -> None:
    pytest.importorskip("onnxscript", reason=MISSING)
    torch.manual_seed(0)
    sizes = {"characters": CHARSET, "decoder_heads": 3, "longest": 20, "read": read, **SIZES}
    network = AttentionRecognizer(**sizes)
    decodes = {"kind": "sequence" if read == "attention" else "greedy", "characters": CHARSET}
    described = {
        "model": {"kind": "attention-recognizer", **sizes},
        "loss": {"kind": "permuted", "characters": CHARSET},
    }
    checkpoint = save_checkpoint(network, tmp_path / "best.ckpt", **described, postprocess=decodes)
    export(Export(str(checkpoint), str(tmp_path / "lines.onnx"), "onnx"))
    one, other = (LineReader.load(path, device="cpu", threads=1) for path in (checkpoint, tmp_path / "lines.onnx"))
    crops = [one.transform(line.image_HWC, line.points_N2) for line in lines]
    assert [reading.text for reading in one.read_crops(crops)] == [reading.text for reading in other.read_crops(crops)]
    assert b"decoder" not in (tmp_path / "lines.onnx").read_bytes() or read == "attention"


@pytest.mark.parametrize("shade", [0, 255])
def test_an_image_without_text_is_read(checkpoint: Path, shade: int) -> None:
    image_HWC = np.full((40, 200, 3), shade, np.uint8)
    reader = LineReader.load(checkpoint, device="cpu")
    (reading,) = reader.read(image_HWC, [[[0, 0], [200, 0], [200, 40], [0, 40]]])
    assert len(reading.confidences) == len(reading.text)
    (nothing,) = reader.read_crops([np.zeros((32, 100, 3), np.uint8)])
    assert (nothing.text, nothing.confidence) == ("", 0.0)


@pytest.mark.parametrize(
    "polygon", [[[0, 0], [9, 9]], [[0, 0, 0]] * 4, [[0, 0], [9, 0], [9, np.nan], [0, 9]], [0, 1, 2, 3], []]
)
def test_what_is_no_polygon_is_told(checkpoint: Path, polygon: Any) -> None:
    good = [[0, 0], [30, 0], [30, 10], [0, 10]]
    with pytest.raises(InputError, match=r"polygons\[1\] has shape .*; give at least three points"):
        LineReader.load(checkpoint, device="cpu").read(np.zeros((40, 40, 3), np.uint8), [good, polygon])


def test_the_files_say_where_they_come_from_and_are_small(files: dict[str, Path], checkpoint: Path) -> None:
    from ocr.engines.onnx_runtime import OnnxRuntimeLineEngine

    card, weights = read_weights(files["safetensors"])
    made = OnnxRuntimeLineEngine(files["onnx"]).card
    assert made.provenance["checkpoint"] == card.provenance["checkpoint"] == checkpoint.name
    assert made.provenance["half"] is card.provenance["half"] is True
    assert (made.transform, made.postprocess, made.granularity) == (card.transform, card.postprocess, card.granularity)
    numbers = sum(tensor.numel() for tensor in weights.values())
    assert files["safetensors"].stat().st_size < 2 * numbers + 10_000


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"int8": "data/images"}, "int8=data/images: a recogniser is not calibrated on images; use int8=dynamic"),
        ({"long_side": 640}, "transform has 'long_side'"),
        ({"int8": "dynamic", "format": "safetensors"}, "is for format=onnx"),
    ],
)
def test_settings_that_are_not_for_recognisers_are_told(
    checkpoint: Path, tmp_path: Path, settings: dict[str, Any], message: str
) -> None:
    pytest.importorskip("onnxruntime", reason=MISSING)
    pytest.importorskip("onnxscript", reason=MISSING)
    output = tmp_path / f"a.{settings.get('format', 'onnx')}"
    with pytest.raises(InputError, match=message):
        export(Export(str(checkpoint), str(output), **settings))
    assert list(tmp_path.iterdir()) == []


def test_a_detector_is_not_stored_in_half_precision(tmp_path: Path) -> None:
    detector = str(REPOSITORY_ROOT / "weights" / "receipts.safetensors")
    with pytest.raises(InputError, match="half=true is for a recogniser"):
        export(Export(detector, str(tmp_path / "a.safetensors"), "safetensors", half=True))


def test_a_file_that_reads_something_else_is_not_written(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxruntime", reason=MISSING)
    onnx = pytest.importorskip("onnx", reason=MISSING)
    pytest.importorskip("onnxscript", reason=MISSING)
    from ocr.pipeline import export_lines, line_parity

    right = export_lines.line_graph

    def wrong(*arguments: Any) -> Any:
        graph = right(*arguments)
        (head,) = (tensor for tensor in graph.graph.initializer if tensor.name == "network.head.bias")
        bias = onnx.numpy_helper.to_array(head)
        head.CopyFrom(onnx.numpy_helper.from_array(bias + np.eye(1, len(bias), 3, dtype=np.float32)[0], head.name))
        return graph

    monkeypatch.setattr(export_lines, "line_graph", wrong)
    monkeypatch.setattr(line_parity, "RECEIPTS", 1)
    with pytest.raises(InputError, match=r"lines have the text that the checkpoint reads.* at most 0\.0001 is allowed"):
        export(Export(str(checkpoint), str(tmp_path / "a.onnx"), half=False))
    assert list(tmp_path.iterdir()) == []


def test_weights_that_half_precision_spoils_are_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ocr.pipeline import line_parity

    monkeypatch.setattr(line_parity, "RECEIPTS", 1)
    network = small_recogniser()
    network.head.bias.data[3] = 1e5  # beyond what half precision has
    path = save_checkpoint(network, tmp_path / "best.ckpt")
    with pytest.raises(InputError, match=r"half: .*Export it with half=false"):
        export(Export(str(path), str(tmp_path / "a.safetensors"), "safetensors"))
    export(Export(str(path), str(tmp_path / "a.safetensors"), "safetensors", half=False))
    assert {tensor.dtype.itemsize for tensor in read_weights(tmp_path / "a.safetensors")[1].values()} == {4, 8}


def reader(*texts: str) -> LineReader:
    """Reads these texts in turn, whatever the lines."""
    left = itertools.cycle(texts)
    return LineReader(
        lambda images_BCHW: [np.zeros((1, 2), np.float32)] * len(images_BCHW), LineCrop(), lambda _: Reading(next(left))
    )


def test_a_reader_that_reads_nothing_is_refused_but_not_an_untrained_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from ocr.pipeline import line_parity

    monkeypatch.setattr(line_parity, "RECEIPTS", 1)
    mostly_silent = reader(*[""] * 12, "TOTAL")
    parity = line_parity.compared(mostly_silent, reader(""), CHARSET)
    assert parity.alike >= 0.9 * parity.lines, "that few lines differ"
    with pytest.raises(InputError, match=r"x: reads nothing in the \d+ of \d+ synthesised lines .*Report"):
        parity.check("x", "Report", alike=0.9)
    untrained = line_parity.compared(reader(""), reader(""), CHARSET)
    untrained.check("x", "Report")
    assert "reads nothing in" in str(untrained)
    assert "prove nothing" in str(untrained)
    assert str(line_parity.compared(reader("a"), reader("a"), CHARSET)).endswith("lines read as by torch")


@pytest.mark.parametrize(("charset", "shares"), [(CHARSET, [0.0]), (CHARSET + "합계", [0.0, 1.0])])
def test_korean_lines_are_compared_if_the_charset_has_them(
    monkeypatch: pytest.MonkeyPatch, charset: str, shares: list[float]
) -> None:
    from ocr.pipeline import line_parity

    asked: list[float] = []

    def draw(*_: int, korean: float, **__: Any) -> list[LinePicture]:
        asked.append(korean)
        return [LinePicture(np.full((32, 90, 3), 200, np.uint8), np.float32([[4, 4], [84, 4], [84, 28], [4, 28]]), "x")]

    monkeypatch.setattr(line_parity, "RECEIPTS", 1)
    monkeypatch.setattr(line_parity, "render_lines", draw)
    line_parity.compared(reader("a"), reader("a"), charset)
    assert asked == shares


@pytest.mark.parametrize("allowed", [0.0, 1.1])
def test_8_bit_products_are_written_if_enough_lines_read_alike(
    checkpoint: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    allowed: float,
) -> None:
    pytest.importorskip("onnxruntime", reason=MISSING)
    pytest.importorskip("onnxscript", reason=MISSING)
    from ocr.engines.onnx_runtime import OnnxRuntimeLineEngine
    from ocr.pipeline import export_lines, line_parity

    monkeypatch.setattr(line_parity, "RECEIPTS", 1)
    monkeypatch.setattr(export_lines, "ALIKE_INT8", allowed)
    wanted = Export(str(checkpoint), str(tmp_path / "a.onnx"), int8="dynamic")
    if allowed > 1:
        with pytest.raises(InputError, match="export it without int8"):
            export(wanted)
        return
    export(wanted)
    assert "7 matrix products in int8, " in capsys.readouterr().out
    assert OnnxRuntimeLineEngine(tmp_path / "a.onnx").card.provenance["int8"] == {"products": 7}


def test_a_network_of_another_task_is_told(files: dict[str, Path]) -> None:
    for ending, path in files.items():
        with pytest.raises(InputError, match="its network is for task=recognition, not for detection"):
            Detector.load(path)
        with pytest.raises(InputError, match="its network is for task=detection, not for recognition"):
            LineReader.load(REPOSITORY_ROOT / "weights" / f"receipts.{ending}")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"threads": 0}, "threads=0: must be a whole number from 1 to 1024"),
        ({"path": "none.onnx", "engine": "torch"}, "engine=torch cannot run none.onnx"),
        ({"path": "none.onnx"}, "none.onnx: no such file"),
    ],
)
def test_what_cannot_be_meant_is_told(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        LineReader.load(**settings)


@pytest.mark.skipif((REPOSITORY_ROOT / "weights" / "lines.onnx").exists(), reason="the weights are there")
@pytest.mark.parametrize("engine", ["torch", "onnxruntime"])
def test_missing_weights_are_told(engine: str) -> None:
    with pytest.raises(InputError, match=r"lines\.(safetensors|onnx): is missing"):
        LineReader.load(engine=engine)


def test_nothing_that_only_training_needs_is_loaded(files: dict[str, Path]) -> None:
    for ending, path in files.items():
        unwanted = UNWANTED if ending == "safetensors" else (*UNWANTED, "torch")
        code = (
            "import sys, numpy as np, ocr\n"
            f"reader = ocr.LineReader.load({str(path)!r}, device='cpu')\n"
            "page, line = np.full((40, 90, 3), 200, np.uint8), np.float32([[5, 5], [80, 5], [80, 30], [5, 30]])\n"
            "assert len(reader.read(page, [line])) == 1\n"
            f"print(*[name for name in {unwanted} if name in sys.modules])\n"
        )
        environment = {"PYTHONPATH": str(REPOSITORY_ROOT)}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.split() == []
