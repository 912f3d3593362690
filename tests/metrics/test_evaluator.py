import pytest

from ocr.metrics import CLEvalCounts, DetectionEvaluator, ImageCounts, IoUCounts
from ocr.types import Detection, InputError, Word
from shapes import box


def test_totals_are_figures_of_summed_counts_not_means_of_figures() -> None:
    evaluator = DetectionEvaluator()
    long, short = Word(box(0, 0, 90, 10), "a" * 9), Word(box(0, 0, 10, 10), "b")
    counts = [
        evaluator.evaluate_image([long], [Detection(long.points_N2, 0.9)]),
        evaluator.evaluate_image([short, short], []),
    ]
    figures = evaluator.summarise(counts)

    assert figures["cleval/recall"] == pytest.approx(9 / 11)
    assert figures["cleval/precision"] == 1.0
    assert figures["cleval/hmean"] == pytest.approx(2 * (9 / 11) / (1 + 9 / 11))
    assert figures["iou50/recall"] == pytest.approx(1 / 3)
    assert figures["iou50/hmean"] == pytest.approx(2 / 4)
    assert all(isinstance(value, float) for value in figures.values())


def test_names_follow_the_thresholds() -> None:
    evaluator = DetectionEvaluator([0.5, 0.29])
    region = Word(box(0, 0, 100, 10), "abc")
    figures = evaluator.summarise([evaluator.evaluate_image([region], [Detection(box(50, 0, 100, 10), 1.0)])])

    # 500 of 1500 in common: IoU 0.33.
    assert (figures["iou50/hmean"], figures["iou29/hmean"]) == (0.0, 1.0)
    names = {name.split("/")[0] for name in figures}
    assert names == {"cleval", "iou50", "iou29"}


def test_no_image_at_all_scores_zero() -> None:
    figures = DetectionEvaluator().summarise([])
    assert set(figures.values()) == {0.0}
    assert {
        f"{group}/{name}" for group in ("cleval", "iou50", "iou70") for name in ("hmean", "recall", "precision")
    } <= set(figures)


@pytest.mark.parametrize("thresholds", [[1.0], [-0.1], [0.5, 0.5], [0.505], [float("nan")]])
def test_thresholds_that_make_no_sense_are_refused(thresholds: list[float]) -> None:
    with pytest.raises(InputError, match="iou_thresholds"):
        DetectionEvaluator(thresholds)


def test_an_empty_image_without_detections_has_nothing_to_judge() -> None:
    evaluator = DetectionEvaluator()
    ignored = Word(box(0, 0, 10, 10), ignore=True)

    assert evaluator.evaluate_image([ignored], [Detection(box(0, 0, 10, 10), 1.0)]).nothing_to_judge
    assert not evaluator.evaluate_image([], [Detection(box(0, 0, 10, 10), 1.0)]).nothing_to_judge
    assert not evaluator.evaluate_image([Word(box(0, 0, 10, 10), "a")], []).nothing_to_judge
    assert not ImageCounts(CLEvalCounts(), (IoUCounts(truth=1),)).nothing_to_judge
