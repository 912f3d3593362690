"""The exported network with 8-bit convolutions against the same in float32: time, size, and what it finds.

    .venv-bench/bin/python benchmarks/int8.py model=receipts.onnx [n=40] [sides=1024,1280,1536]

``model`` is what `runners/export.py` wrote without int8. It is quantised here, calibrated on 32 receipts that are not
among those that both are scored on; one thread, processor time of the network alone.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.prediction import MODEL
from benchmarks.row import Row, Skipped, main, sroie
from ocr.data.geometry_transforms import FitLongSide
from ocr.data.prediction import read_sample
from ocr.engines.onnx_runtime import OnnxRuntimeEngine
from ocr.formats.sroie import read_sroie
from ocr.metrics import DetectionEvaluator, ImageCounts
from ocr.postprocess.db import DBPostprocessor
from ocr.types import Record, Sample
from ocr.validation.pairs import ratio

CALIBRATION = 32
FIGURES = {"cleval/hmean": "CLEval H", "iou50/hmean": "IoU50 H", "iou70/hmean": "IoU70 H"}


def sample_of(record: Record, side: int) -> Sample:
    """A receipt as the network gets it."""
    sample = read_sample(record.image_path, FitLongSide(long_side=side))
    if not isinstance(sample, Sample):
        raise RuntimeError(sample.message)
    return sample


def quantise(model: Path, records: Sequence[Record], written: Path) -> None:
    """Write the int8 form of an exported file, calibrated at the size that it names."""
    import onnx

    from ocr.engines.export import save_model
    from ocr.engines.quantise import quantised

    card = OnnxRuntimeEngine(model).card
    side = int(card.transform["long_side"])
    graph, _ = quantised(onnx.load(model), (sample_of(record, side).image_CHW[None] for record in records))
    save_model(graph, card, written)


def compared(engines: Sequence[OnnxRuntimeEngine], records: Sequence[Record], side: int) -> Row:
    """Both engines on each receipt in turn."""
    settings = {key: value for key, value in engines[0].card.postprocess.items() if key != "_target_"}
    postprocess, evaluator = DBPostprocessor(**settings), DetectionEvaluator(iou_thresholds=[0.5, 0.7])
    counts: tuple[list[ImageCounts], list[ImageCounts]] = ([], [])
    pairs = []
    for number, record in enumerate(records):
        sample, spent = sample_of(record, side), [0.0, 0.0]
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
        Skipped: there is no model, or there are no receipts.
    """
    if not model.is_file():
        raise Skipped(f"no exported model: model= or {MODEL} names none; runners/export.py makes it from a checkpoint")
    records = sorted(read_sroie(sroie()).records, key=lambda record: record.name)
    held_out = [record for record in records if record.image_path.stem[-1] in "16"][:n]
    others = [record for record in records if record.image_path.stem[-1] not in "16"]
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "int8.onnx"
        quantise(model, others[:: len(others) // CALIBRATION][:CALIBRATION], written)
        engines = [OnnxRuntimeEngine(path, threads=1) for path in (model, written)]
        return [compared(engines, held_out, side) for side in sides]


if __name__ == "__main__":
    given = dict(argument.split("=", 1) for argument in sys.argv[1:])
    wanted = [int(side) for side in given.get("sides", "1024,1280,1536").split(",")]
    file = Path(given.get("model") or os.environ.get(MODEL, "receipts.onnx"))
    sys.exit(main(lambda: measure(file, int(given.get("n", 40)), wanted)))
