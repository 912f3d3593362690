"""File to polygons on real receipts, one thread: ours on ONNX Runtime against PP-OCRv6 tiny, run by rapidocr.

.venv-bench/bin/python benchmarks/prediction.py model=receipts.onnx [n=40] [sides=1024,1280,1536]

``model`` is what `runners/export.py` wrote. Both find text lines or words, not the same regions: what each finds is in
the row as recall at pixel level (how much of the annotated area is covered) and precision (how much of what is found
is annotated). Each receipt is a pair, measured in turn; the last row says where our time goes.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.exported import exported_model, is_held_out, postprocess_of, receipts, sample_of
from benchmarks.peers import TINY, Find, Missing
from benchmarks.row import Row, Skipped, main
from ocr.data.geometry_transforms import FitLongSide
from ocr.engines.onnx_runtime import OnnxRuntimeEngine
from ocr.images.decode import read_picture
from ocr.types import FloatArray, Record
from tools.pairs import interleaved, ratio

REACH = 0.5


def ours(model: Path, long_side: int | None = None) -> tuple[Find, Callable[[Path], dict[str, float]]]:
    """Ours, one thread; and the same with the time of each stage in seconds.

    Args:
        model: what ``runners/export.py`` wrote; it says itself how images are resized and maps read.
        long_side: another size than it says.
    """
    engine = OnnxRuntimeEngine(model, threads=1)
    sizes = {key: value for key, value in engine.card.transform.items() if key != "_target_"}
    transform = FitLongSide(**sizes if long_side is None else {**sizes, "long_side": long_side})
    postprocess = postprocess_of(engine.card)
    stride = engine.card.map_stride

    def find(path: Path) -> Sequence[FloatArray]:
        sample = sample_of(path, transform)
        (map_HW,) = engine(sample.image_CHW[None])
        return [found.points_N2 for found in postprocess(map_HW, sample.matrix_33, sample.original_size, stride)]

    def stages(path: Path) -> dict[str, float]:
        times = [time.perf_counter()]
        sample = sample_of(path, transform)
        times.append(time.perf_counter())
        (map_HW,) = engine(sample.image_CHW[None])
        times.append(time.perf_counter())
        postprocess(map_HW, sample.matrix_33, sample.original_size, stride)
        times.append(time.perf_counter())
        return dict(zip(("read and resize", "network", "postprocess"), np.diff(times), strict=True))

    return find, stages


def covered(polygons: Sequence[FloatArray], height: int, width: int) -> np.ndarray:
    """Bool (H, W): the pixels of all polygons."""
    mask_HW = np.zeros((height, width), np.uint8)
    for polygon in polygons:
        cv2.fillPoly(mask_HW, [np.int32(np.round(polygon))], 1)
    return mask_HW.astype(bool)


def quality(find: Find, records: Sequence[Record]) -> str:
    """Recall and precision of the covered area over all receipts."""
    common = true = found = 0
    for record in records:
        height, width = read_picture(record.image_path).image_HWC.shape[:2]
        truth_HW = covered([word.points_N2 for word in record.words.values()], height, width)
        found_HW = covered(find(record.image_path), height, width)
        common, true, found = common + (truth_HW & found_HW).sum(), true + truth_HW.sum(), found + found_HW.sum()
    return f"area recall {common / true:.3f}, precision {common / max(found, 1):.3f}"


def seconds(find: Find, path: Path) -> float:
    """Wall time of one receipt, in seconds."""
    started = time.perf_counter()
    find(path)
    return time.perf_counter() - started


def measure(model: Path, n: int, sides: Sequence[int]) -> list[Row]:
    """Find the same receipts' text with both, in turn, at each of our sizes.

    Raises:
        Skipped: there is no peer, or there are no receipts.
    """
    cv2.setNumThreads(1)
    held_out = [record for record in receipts() if is_held_out(record)][:n]
    try:
        their_version, theirs = TINY.version(), TINY.start()
    except Missing as reason:
        raise Skipped(str(reason)) from reason
    their_quality = quality(theirs, held_out)
    rows = []
    for side in sides:
        find, stages = ours(model, side)
        our_quality = quality(find, held_out)
        pairs = []
        for number, record in enumerate(held_out):
            path = record.image_path
            jobs = (lambda path=path: seconds(theirs, path)), (lambda path=path, find=find: seconds(find, path))
            pairs += interleaved(*jobs, 1) if number % 2 else [pair[::-1] for pair in interleaved(*jobs[::-1], 1)]
        measured = ratio(pairs)
        parts = [stages(record.image_path) for record in held_out]
        shares = ", ".join(f"{name} {np.median([part[name] for part in parts]) * 1e3:.0f} ms" for name in parts[0])
        rows.append(
            Row(
                f"prediction, file to polygons, one thread, long side {side}",
                f"{TINY.name}, {their_version}, default size",
                f"<= {REACH} of its time",
                f"{measured} of its time",
                f"{measured.b * 1e3:.0f} ms ({shares}), {measured.a * 1e3:.0f} ms",
                f"ours: {our_quality}; the peer: {their_quality}",
                measured.median <= REACH,
            )
        )
    return rows


if __name__ == "__main__":
    given = dict(argument.split("=", 1) for argument in sys.argv[1:])
    wanted = [int(side) for side in given.get("sides", "1024,1280,1536").split(",")]
    sys.exit(main(lambda: measure(exported_model(given), int(given.get("n", 40)), wanted)))
