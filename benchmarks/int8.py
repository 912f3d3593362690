"""Compare the exported network with 8-bit convolutions to float32: time and accuracy.

    .venv-bench/bin/python benchmarks/int8.py model=receipts.onnx [n=40] [sides=1024,1280,1536]

``model`` is what `runners/export.py` wrote without int8. It is quantised here, calibrated on 32 receipts that are not
among those that both are scored on; one thread, processor time of the network alone.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.exported import exported_model, is_held_out, postprocess_of, receipts, sample_of
from benchmarks.row import Row, main
from ocr.data.geometry_transforms import FitLongSide
from ocr.engines.onnx_runtime import OnnxRuntimeEngine
from ocr.metrics import DetectionEvaluator, ImageCounts
from ocr.types import Record
from tools.pairs import ratio

CALIBRATION = 32
FIGURES = {"cleval/hmean": "CLEval H", "iou50/hmean": "IoU50 H", "iou70/hmean": "IoU70 H"}


def quantise(model: Path, records: Sequence[Record], written: Path) -> None:
    """Write the int8 form of an exported file, calibrated at the size that it names."""
    import onnx

    from ocr.engines.export import save_model
    from ocr.engines.quantise import quantised

    card = OnnxRuntimeEngine(model).card
    transform = FitLongSide(long_side=int(card.transform["long_side"]))
    images = (sample_of(record.image_path, transform).image_CHW[None] for record in records)
    graph, _ = quantised(onnx.load(model), images)
    save_model(graph, card, written)


def compared(engines: Sequence[OnnxRuntimeEngine], records: Sequence[Record], side: int) -> Row:
    """Both engines on each receipt in turn."""
    postprocess, evaluator = postprocess_of(engines[0].card), DetectionEvaluator(iou_thresholds=[0.5, 0.7])
    counts: tuple[list[ImageCounts], list[ImageCounts]] = ([], [])
    pairs = []
    for number, record in enumerate(records):
        sample, spent = sample_of(record.image_path, FitLongSide(long_side=side)), [0.0, 0.0]
        for which in (0, 1) if number % 2 else (1, 0):
            started = time.process_time()
            (map_HW,) = engines[which](sample.image_CHW[None])
            spent[which] = time.process_time() - started
            found = postprocess(map_HW, sample.matrix_33, sample.original_size, engines[which].card.map_stride)
            counts[which].append(evaluator.evaluate_image(list(record.words.values()), found))
        pairs.append((spent[0], spent[1]))
    measured = ratio(pairs[1:])  # the first image of a size makes room for it
    floats, integers = (evaluator.summarise(each) for each in counts)
    figures = ", ".join(f"{label} {integers[name]:.4f} ({floats[name]:.4f})" for name, label in FIGURES.items())
    return Row(
        f"network in int8, long side {side}, one thread",
        "the same in float32",
        "-",
        f"{measured} of its time",
        f"{measured.b * 1e3:.0f} ms, {measured.a * 1e3:.0f} ms",
        f"{figures} on {len(records)} receipts, float32's in brackets",
        None,
    )


def measure(model: Path, n: int, sides: Sequence[int]) -> list[Row]:
    """Quantise, then compare at each size.

    Raises:
        Skipped: there are no receipts.
    """
    records = receipts()
    held_out = [record for record in records if is_held_out(record)][:n]
    others = [record for record in records if not is_held_out(record)]
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "int8.onnx"
        quantise(model, others[:: len(others) // CALIBRATION][:CALIBRATION], written)
        engines = [OnnxRuntimeEngine(path, threads=1) for path in (model, written)]
        return [compared(engines, held_out, side) for side in sides]


if __name__ == "__main__":
    given = dict(argument.split("=", 1) for argument in sys.argv[1:])
    wanted = [int(side) for side in given.get("sides", "1024,1280,1536").split(",")]
    sys.exit(main(lambda: measure(exported_model(given), int(given.get("n", 40)), wanted)))
