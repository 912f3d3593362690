from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest

from ocr.metrics import DetectionEvaluator, compare
from ocr.metrics.comparison import differing_sizes
from ocr.types import Detection, InputError, Record, Word
from shapes import box

WORDS = (Word(box(0, 0, 50, 10), "abcde"), Word(box(0, 50, 50, 10), "fg"), Word(box(0, 90, 50, 10), ignore=True))
ALL = [Detection(word.points_N2, 0.5) for word in WORDS]


def test_counts_what_was_there_and_names_what_is_missing() -> None:
    evaluator = DetectionEvaluator()
    result = compare({"a": WORDS, "b": WORDS, "c": ()}, {"a": ALL, "c": []}, evaluator)
    report = result.report(evaluator)

    assert result.missing == ("b",)
    assert (report["images"], report["images_without_predictions"]) == (3, 1)
    assert (report["regions"], report["ignored_regions"], report["detections"]) == (4, 2, 3)
    assert report["figures"]["cleval/recall"] == 0.5
    assert report["figures"]["iou70/precision"] == 1.0
    assert report["iou_thresholds"] == [0.5, 0.7]
    assert report["faults"] == {"missed": 2, "split": 0, "partial": 0, "false": 0, "merged": 0}
    assert "per_image" not in report


def test_images_stand_worst_first_and_those_without_text_last() -> None:
    evaluator = DetectionEvaluator()
    truth = {"empty": (), "good": WORDS, "half": WORDS, "none": WORDS}
    result = compare(truth, {"good": ALL, "half": ALL[:1], "empty": []}, evaluator)
    images = result.report(evaluator, per_image=True)["per_image"]

    assert [image["image"] for image in images] == ["none", "half", "good", "empty"]
    assert images[2]["cleval/hmean"] == 1.0
    assert [image["faults"]["missed"] for image in images] == [2, 1, 0, 0]


def test_equal_characters_are_told_apart_by_iou() -> None:
    evaluator = DetectionEvaluator([0.9])
    loose = [Detection(word.points_N2 + np.float32([[0, -2], [0, -2], [0, 2], [0, 2]]), 1.0) for word in WORDS[:2]]
    result = compare({"tight": WORDS, "loose": WORDS}, {"tight": ALL, "loose": loose}, evaluator)

    assert [row["image"] for row in result.report(evaluator, per_image=True)["per_image"]] == ["loose", "tight"]


def test_detections_of_an_unknown_image_are_an_error_that_names_it() -> None:
    with pytest.raises(InputError, match="2 of 3 images not in the ground truth: 'x', 'y'; remove"):
        compare({"a": WORDS}, {"x": [], "a": [], "y": []}, DetectionEvaluator())


def test_progress_sees_every_image() -> None:
    seen: list[str] = []

    def progress(names: Sequence[str]) -> Iterable[str]:
        for name in names:
            yield name
            seen.append(name)

    compare({"a": WORDS, "b": ()}, {}, DetectionEvaluator(), progress)
    assert seen == ["a", "b"]


def test_what_makes_figures_odd_is_told() -> None:
    around = Word(box(-5, -5, 80, 30), ignore=True)
    assert compare({"a": WORDS}, {"a": ALL}, DetectionEvaluator()).warnings("t.json", "p.json") == []
    result = compare({"a": (*WORDS, around), "b": WORDS}, {"a": ALL}, DetectionEvaluator())
    assert result.report(DetectionEvaluator())["regions_in_ignored_ones"] == 1
    missing, swallowed = result.warnings("t.json", "p.json")
    assert missing == "p.json lacks 1 of 2 images: 'b'; they are scored as if nothing had been found"
    assert swallowed.startswith("1 of 4 regions of t.json lie inside ignored regions; IoU leaves out their detections")
    (nothing,) = compare({"a": WORDS[2:]}, {"a": []}, DetectionEvaluator()).warnings("t.json", "p.json")
    assert nothing == "t.json has no region to find besides 1 ignored; recall and H-mean are 0"


def sized(**sizes: tuple[int | None, int | None]) -> dict[str, Record]:
    return {name: Record(Path(name), {}, *size) for name, size in sizes.items()}


def test_sizes_that_contradict_each_other_are_told() -> None:
    truth = sized(a=(200, 100), b=(200, 100), c=(None, None), d=(200, 100))
    assert differing_sizes(truth, sized(a=(200, 100), b=(None, 100), c=(1, 1), x=(9, 9))) == []
    (told,) = differing_sizes(truth, sized(d=(None, 50), a=(100, 200), b=(200, 100)))
    assert told.startswith("predictions and ground truth state different sizes of 2 images")
    assert "'a': img_w and img_h are 200 x 100 in the ground truth, 100 x 200 in the predictions; 'd': " in told
    assert "200 x 100 in the ground truth, ? x 50 in the predictions; scale them" in told
