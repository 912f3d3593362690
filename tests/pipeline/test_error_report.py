"""The errors of a split whose faults are known by hand."""

from pathlib import Path

import pytest

from judged_split import write_judged_split
from ocr.pipeline.error_report import errors_of, lines_page
from ocr.pipeline.evaluate import Evaluation
from ocr.report.errors import with_fault
from ocr.types import InputError

NONE = {"missed": 0, "split": 0, "partial": 0, "false": 0, "merged": 0, "wrong text": 0, "wrong field": 0}


def settings(root: Path) -> Evaluation:
    return Evaluation(str(root / "jsons" / "val.json"), str(root / "predictions.json"), "line", (0.5, 0.7))


def test_each_image_has_its_faults_worst_first(tmp_path: Path) -> None:
    write_judged_split(tmp_path)
    errors = errors_of(settings(tmp_path))
    assert {image.name: image.faults for image in errors.images} == {
        "missed.png": {**NONE, "missed": 1, "false": 1, "wrong field": 1},
        "parted.png": {**NONE, "split": 1, "merged": 1},
        "misread.png": {**NONE, "wrong text": 1, "wrong field": 1},
        "right.png": NONE,
    }
    assert errors.images[-1].name == "right.png"
    names = [image.name for image in errors.images]
    shown = with_fault(errors.images)
    of = {kind: [name for name, is_shown in zip(names, each, strict=True) if is_shown] for kind, each in shown.items()}
    assert of["wrong field: company"] == ["missed.png"]
    assert of["wrong field: total"] == ["misread.png"]
    assert errors.figures["fields/same"] == 0.75
    # 4 + 3 + 1 + 4 lines have a reading on them, one of which is wrong.
    assert errors.figures["text_matched/line_accuracy"] == pytest.approx(11 / 12)
    (misread,) = (image for image in errors.images if image.name == "misread.png")
    assert [(line.truth, line.text) for line in misread.misread] == [("TOTAL 9.00", "TOTAL 8.00")]
    page = lines_page(misread, errors.read)
    assert "with an error</dt><dd>1</dd>" in page
    assert page.count("data:image/jpeg") == 1


def test_images_that_are_nowhere_are_refused(tmp_path: Path) -> None:
    write_judged_split(tmp_path)
    (tmp_path / "images").rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="images/val: no such folder"):
        errors_of(settings(tmp_path))
