"""Fit the calibration of a recogniser's confidences on synthesised lines, and store it in the recogniser's file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from ocr.metrics.calibration import calibration_figures
from ocr.metrics.text import compare_texts
from ocr.pipeline.export import imported
from ocr.pipeline.recognizer import LineReader
from ocr.recognition.postprocess.calibration import BetaCalibration, fit
from ocr.report.figures import print_figures
from ocr.synthesis.lines import render_lines
from ocr.types import BoolArray, InputError
from ocr.utils.digest import file_sha256
from ocr.utils.font_files import FontMissingError
from ocr.utils.printable import say
from ocr.utils.progress import until_stopped
from ocr.utils.provenance import git_revision
from ocr.utils.runs import checkpoint_held
from ocr.weights.recognition import CALIBRATION

SPLIT = "calibration"
"""Split of the synthesised receipts; no training draws it."""
ROUND = 4
"""Of so many receipts one is printed in the fonts that no training sees."""
STORES = {".onnx": "ocr.engines.export"}
"""What stores settings in a file, by its suffix; imported when needed, as ONNX is optional."""


@dataclass(frozen=True)
class Calibrate:
    """Settings of a calibration.

    Attributes:
        checkpoint_path: a checkpoint, a weights file or an exported model of a recogniser; it is changed.
        receipts: number of receipts whose lines are read, about 55 each.
        korean: share of Korean receipts, 0 to 1.
        seed: of the receipts.
        write: store the calibration in the file.
        device: torch device.
        threads: CPU threads of the network.
    """

    checkpoint_path: str
    receipts: int = 120
    korean: float = 0.0
    seed: int = 0
    write: bool = True
    device: str = "auto"
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A synthesised line that was read.

    Attributes:
        receipt: number of its receipt.
        confidence: of the reading, 0 to 1.
        right: whether the text is the drawn one without letter case and spaces, as line accuracy has it.
    """

    receipt: int
    confidence: float
    right: bool


def calibrate(wanted: Calibrate) -> None:
    """Read synthesised lines, fit the calibration to them, print what it changes, and store it.

    The figures are of two halves of the receipts, each calibrated by the other; what is stored is fitted to all.

    Raises:
        InputError: the file cannot be used or written, a setting or a result is out of range, too few lines are read
            right or wrong, or the fonts are not installed.
        Stopped: a signal arrived; the file is unchanged.
    """
    if wanted.receipts < 2 * ROUND or not 0 <= wanted.korean <= 1 or wanted.seed < 0:
        raise InputError(
            f"receipts={wanted.receipts}, korean={wanted.korean}, seed={wanted.seed}: receipts must be {2 * ROUND} or "
            "more, korean 0 to 1, seed 0 or more"
        )
    path = Path(wanted.checkpoint_path)
    # What an earlier calibration has made of the confidences is not what this one starts from.
    reader = LineReader.load(path, device=wanted.device, threads=wanted.threads, calibration=())
    sha256 = file_sha256(path)
    receipts = until_stopped(range(wanted.receipts), "lines", wanted.receipts, f"{path} is unchanged")
    lines = list(chain.from_iterable(read_drawn(reader, n, seed=wanted.seed, korean=wanted.korean) for n in receipts))
    numbers = [round(number, 4) for number in fitted(lines)]
    if not CALIBRATION.holds(numbers):  # what could not be read again is not written
        raise InputError(f"calibration={numbers}: must be {CALIBRATION.says}; give more receipts=")
    figures = held_out_figures(lines)
    print_figures(figures)
    about = {"receipts": wanted.receipts, "lines": len(lines), "seed": wanted.seed, "korean": wanted.korean}
    say(f"{', '.join(f'{name}={value}' for name, value in about.items())}: calibration={numbers}")
    if not wanted.write:
        say(f"{path} is unchanged: write=false")
        return
    note = {
        "calibrated_on": f"synthesised lines, split {SPLIT}",
        **about,
        "figures": figures,
        "git_revision": git_revision(),
    }
    with checkpoint_held(path):
        store = imported(STORES.get(path.suffix, "ocr.weights.stored")).store_settings
        store(path, sha256, {"calibration": numbers}, note)
    say(f"{path} has the calibration")


def read_drawn(
    reader: LineReader, receipt: int, *, seed: int, korean: float = 0.0, split: str = SPLIT
) -> Iterator[Judged]:
    """The lines of a synthesised receipt with what a reader makes of them.

    Args:
        reader: cuts and reads them.
        receipt: number of the receipt.
        seed: of the receipts.
        korean: share of Korean receipts, 0 to 1.
        split: of the receipts.

    Raises:
        InputError: the fonts are not installed.
    """
    try:
        drawn = render_lines(receipt, seed=seed, split=split, korean=korean, held_out=is_held_out(receipt))
    except FontMissingError as error:
        raise InputError(f"a recogniser is calibrated on synthesised lines: {error}") from error
    readings = reader.read_crops([reader.transform(line.image_HWC, line.points_N2) for line in drawn])
    for line, reading in zip(drawn, readings, strict=True):
        yield Judged(receipt, reading.confidence, bool(compare_texts(line.text, reading.text).bare_exact))


def is_held_out(receipt: int) -> bool:
    """Whether a receipt is printed in the fonts that no training sees: every `ROUND`-th is."""
    return receipt % ROUND == ROUND - 1


def fitted(lines: Sequence[Judged]) -> tuple[float, float, float]:
    """The numbers of the calibration of lines."""
    return fit([line.confidence for line in lines], [line.right for line in lines])


def held_out_figures(lines: Sequence[Judged]) -> dict[str, float]:
    """Figures before and after a calibration that has not seen the line: ``before/*`` and ``calibrated/*``.

    Of all lines, and of those in the fonts that training sees and does not see.
    """
    # Rounds, not receipts, take turns: otherwise one half would have all receipts in unseen fonts.
    second_N = np.array([line.receipt // ROUND % 2 == 1 for line in lines])
    before_N = np.array([line.confidence for line in lines])
    right_N = np.array([line.right for line in lines])
    unseen_N = np.array([is_held_out(line.receipt) for line in lines])
    after_N = before_N.copy()
    for half_N in (second_N, ~second_N):
        after_N[half_N] = BetaCalibration(fit(before_N[~half_N], right_N[~half_N])).mapped(before_N[half_N])
    parts: dict[str, BoolArray] = {"all": unseen_N | ~unseen_N, "fonts of training": ~unseen_N, "other fonts": unseen_N}
    figures: dict[str, float] = {}
    for column, confidence_N in (("before", before_N), ("calibrated", after_N)):
        for part, of_N in parts.items():
            each = {
                "lines": int(of_N.sum()),
                "accuracy": float(right_N[of_N].mean()),
                "confidence": float(confidence_N[of_N].mean()),
                **calibration_figures(confidence_N[of_N], right_N[of_N]),
            }
            figures |= {f"{column}/{part}, {name}": value for name, value in each.items()}
    return figures
