"""The entry point, run as a user runs it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from patience import PATIENCE_S
from refusals import assert_refused

RUNNER = Path(__file__).resolve().parents[2] / "runners" / "evaluate.py"


def run(folder: Path, *overrides: str, python: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *python, str(RUNNER), *overrides]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S, check=False)


def word(x: float, text: str, line: int) -> dict[str, Any]:
    points = [[x, 10], [x + 40, 10], [x + 40, 30], [x, 30]]
    return {"points": points, "transcription": text, "ignore": False, "line": line}


def write(path: Path, images: dict[str, dict[str, dict[str, Any]]]) -> None:
    content = {"images": {name: {"img_w": 200, "img_h": 100, "words": words} for name, words in images.items()}}
    path.write_text(json.dumps(content), encoding="utf-8")


def test_prints_json_alone_and_imports_no_torch(tmp_path: Path) -> None:
    words = {"1": word(10, "가나", 1), "2": word(60, "cd", 1)}
    write(tmp_path / "truth.json", {"a.jpg": words, "b.jpg": words, "한글.jpg": words})
    found = {key: {"points": entry["points"], "score": 0.5} for key, entry in words.items()}
    write(tmp_path / "found.json", {"한글.jpg": {"1": found["1"]}, "a.jpg": found})
    overrides = ("ground_truth=truth.json", "predictions=found.json", "per_image=true")
    done = run(tmp_path, *overrides, python=("-X", "importtime"))

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["images"], report["images_without_predictions"]) == (3, 1)
    assert (report["regions"], report["detections"]) == (6, 3)
    assert report["figures"]["cleval/recall"] == report["figures"]["iou50/recall"] == 0.5
    assert [image["image"] for image in report["per_image"]] == ["b.jpg", "한글.jpg", "a.jpg"]
    assert "found.json lacks 1 of 3 images: 'b.jpg'; they are scored as if nothing had been found" in done.stderr
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert {"ocr.metrics.cleval", "shapely", "numpy"} <= imported
    assert not {name for name in imported if name.split(".")[0] in {"torch", "pytorch_lightning", "timm", "cv2"}}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["found.json", "truth.json"]


def test_lines_are_made_of_the_ground_truth_alone(tmp_path: Path) -> None:
    write(tmp_path / "truth.json", {"a.jpg": {"1": word(10, "ab", 1), "2": word(60, "cd", 1)}})
    line = {"points": [[10, 10], [100, 10], [100, 30], [10, 30]]}
    write(tmp_path / "found.json", {"a.jpg": {"1": line}})
    done = run(tmp_path, "ground_truth=truth.json", "predictions=found.json", "granularity=line")

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["regions"] == 1
    assert report["figures"]["iou70/hmean"] == report["figures"]["cleval/hmean"] == 1.0


def test_what_was_read_is_scored_beside_what_was_found(tmp_path: Path) -> None:
    truth = {"1": word(10, "TOTAL", 1), "2": word(60, "4.50", 2), "3": word(120, "thanks", 3)}
    read = {"1": word(10, "Total", 1), "2": word(60, "4.60", 2)}
    found = {key: {"points": entry["points"]} for key, entry in read.items()}
    write(tmp_path / "truth.json", {"a.jpg": truth, "b.jpg": truth})
    write(tmp_path / "found.json", {"a.jpg": found, "b.jpg": found})
    write(tmp_path / "read.json", {"a.jpg": read, "b.jpg": truth})
    overrides = ("ground_truth=truth.json", "per_image=true")
    detected = run(tmp_path, *overrides, "predictions=found.json")
    done = run(tmp_path, *overrides, "predictions=read.json", python=("-X", "importtime"))
    assert (detected.returncode, done.returncode) == (0, 0), done.stderr
    alone, report = json.loads(detected.stdout), json.loads(done.stdout)

    assert "lines" not in alone
    assert {name.split("/")[0] for name in alone["figures"]} == {"cleval", "iou50", "iou70"}
    assert report["lines"] == {"matched": 5, "missed": 1, "added": 0}
    assert report["figures"]["text_matched/line_accuracy"] == 4 / 5
    assert report["figures"]["text_all/cer_bare"] == (1 + 6) / 30
    assert report["figures"]["text_page/amounts_wrong"] == 1 / 2
    assert report["figures"]["cleval_e2e/recall_bare"] == (8 + 15) / 30
    worst, best = report["per_image"]
    assert (worst["image"], worst["text_all/line_accuracy"], worst["lines"]["missed"]) == ("a.jpg", 1 / 3, 1)
    assert (best["text_words/hmean"], best["text_all/cer"]) == (1, 0)
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert not {name for name in imported if name.split(".")[0] in {"torch", "pytorch_lightning", "timm", "cv2"}}

    both = {"1": found["1"], "2": read["2"]}
    write(tmp_path / "some.json", {"a.jpg": both})
    some = run(tmp_path, *overrides, "predictions=some.json")
    assert "some.json has no transcription for 1 of 2 words (the first: image 'a.jpg', word '1')" in some.stderr
    assert json.loads(some.stdout)["figures"]["text_matched/cer"] == (5 + 1) / 9
    same = {name: value for name, value in json.loads(some.stdout)["per_image"][1].items() if name in alone["figures"]}
    assert same == {name: value for name, value in alone["per_image"][0].items() if name in same}

    nothing = run(tmp_path, "ground_truth=found.json", "predictions=read.json")
    assert nothing.returncode == 0
    assert "warning: found.json has no text to find, so what read.json read is not scored" in nothing.stderr
    assert "lines" not in json.loads(nothing.stdout)
    write(tmp_path / "broken.json", {"a.jpg": {"1": {**found["1"], "transcription": 4.5}}})
    refused = run(tmp_path, "ground_truth=truth.json", "predictions=broken.json")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "broken.json: image 'a.jpg', word '1': Expected `str | null`, got `float`" in refused.stderr


def test_predictions_of_another_size_are_told(tmp_path: Path) -> None:
    words = {"1": word(10, "ab", 1)}
    write(tmp_path / "truth.json", {"a.jpg": words})
    (tmp_path / "found.json").write_text(json.dumps({"images": {"a.jpg": {"img_w": 2, "img_h": 1, "words": words}}}))
    done = run(tmp_path, "ground_truth=truth.json", "predictions=found.json")

    assert done.returncode == 0, done.stderr
    assert "warning: predictions and ground truth state different sizes of 1 image" in done.stderr
    assert "'a.jpg': img_w and img_h are 200 x 100 in the ground truth, 2 x 1 in the predictions" in done.stderr


@pytest.mark.parametrize("granularity", ["word", "line"])
def test_a_round_trip_of_an_unknown_text_through_an_empty_one_changes_no_figure(
    tmp_path: Path, granularity: str
) -> None:
    """Formats without a null are written with an empty text in its place."""
    words = {"1": word(10, "ab", 1), "2": word(60, "cd", 1), "3": word(120, "ef", 2)}
    reports = []
    for blank in (None, "", " ", "\u200b"):
        changed = {**words, "2": {**words["2"], "transcription": blank}, "3": {**words["3"], "transcription": blank}}
        write(tmp_path / "truth.json", {"a.jpg": changed})
        write(tmp_path / "found.json", {"a.jpg": {"1": words["1"], "2": words["3"]}})
        done = run(tmp_path, "ground_truth=truth.json", "predictions=found.json", f"granularity={granularity}")
        assert done.returncode == 0, done.stderr
        reports.append(json.loads(done.stdout))
    assert reports[1:] == reports[:1] * 3
    assert 0 < reports[0]["figures"]["cleval/hmean"] < 1


def test_wrong_input_is_one_line_that_names_it(tmp_path: Path) -> None:
    write(tmp_path / "truth.json", {"a.jpg": {}})
    write(tmp_path / "other.json", {"b.jpg": {}})
    broken = {"7": {"points": [[1, 1], [2, 2]]}}
    write(tmp_path / "broken.json", {"a.jpg": broken})

    refused = run(tmp_path, "ground_truth=truth.json", "predictions=broken.json")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.count("\n") == 1
    assert "broken.json: image 'a.jpg', word '7': points has 2 points" in refused.stderr

    unknown = run(tmp_path, "ground_truth=truth.json", "predictions=other.json")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "'b.jpg'" in unknown.stderr
    assert "Traceback" not in unknown.stderr
    write(tmp_path / "truth.json", {"a.jpg": {"3": {"points": [[1, 1], [9, 1], [9, 9], [1, 9]]}}})
    lines = run(tmp_path, "ground_truth=truth.json", "predictions=truth.json", "granularity=line")
    assert (lines.returncode, lines.stdout) == (1, "")
    assert "a.jpg: word '3' has no line number" in lines.stderr
    assert "evaluate.py: granularity=word" in lines.stderr


def test_predictions_of_any_shape_and_place_are_scored(tmp_path: Path) -> None:
    write(tmp_path / "truth.json", {"a.jpg": {"1": word(10, "ab", 1)}})
    shapes = {
        "whole": word(10, "ab", 1)["points"],
        "outside": [[195, 10], [230, 10], [230, 30], [195, 30]],
        "crossing": [[100, 10], [140, 30], [140, 10], [100, 30]],
        "flat": [[60, 10], [90, 10], [75, 10]],
        "point": [[5, 5], [5, 5], [5, 5]],
        "far": [[1e30, 0], [2e30, 0], [2e30, 1e30], [1e30, 1e30]],
    }
    write(tmp_path / "found.json", {"a.jpg": {name: {"points": points} for name, points in shapes.items()}})
    done = run(tmp_path, "ground_truth=truth.json", "predictions=found.json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["detections"] == 6
    assert report["figures"]["iou70/recall"] == report["figures"]["cleval/recall"] == 1.0
    assert report["figures"]["iou70/precision"] == pytest.approx(1 / 6)

    strict = run(tmp_path, "ground_truth=found.json", "predictions=truth.json")
    assert (strict.returncode, strict.stdout) == (1, "")
    assert "found.json: image 'a.jpg', word 'crossing'" in strict.stderr


def test_paths_are_taken_as_they_are_typed(tmp_path: Path) -> None:
    folder = tmp_path / "run [1], new=x"
    folder.mkdir()
    write(folder / "truth.json", {"a.jpg": {"1": word(10, "ab", 1)}})
    done = run(tmp_path, f"ground_truth={folder}/truth.json", f"predictions={folder}/truth.json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["figures"]["iou70/hmean"] == 1.0


def test_a_report_shows_the_errors_and_leaves_the_json_as_it_is(tmp_path: Path) -> None:
    for folder in ("jsons", "images/val"):
        (tmp_path / folder).mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "images" / "val" / "a.png"), np.full((100, 200, 3), 255, np.uint8))
    two = {"1": word(10, "ab", 1), "2": word(60, "<cd>", 2)}
    write(tmp_path / "jsons" / "val.json", {"a.png": two, "gone.png": {"1": two["1"]}})
    write(tmp_path / "found.json", {"a.png": {"1": two["1"]}, "gone.png": {"1": two["1"]}})
    files = ("ground_truth=jsons/val.json", "predictions=found.json")
    plain, reported = run(tmp_path, *files), run(tmp_path, *files, "report=out/errors, 1.html")

    assert reported.returncode == 0, reported.stderr
    assert reported.stdout == plain.stdout
    page = (tmp_path / "out" / "errors, 1.html").read_text(encoding="utf-8")
    assert page.index("a.png</bdi>") < page.index("gone.png</bdi>")
    assert page.count('class="region missed"') == 1
    assert "<title>region missed &lt;cd&gt;</title>" in page
    assert page.count("data:image/jpeg;base64,") == page.count("The image cannot be read") == 1
    assert "jsons/val.json: 3 regions (word), 0 ignored" in page


def test_a_report_replaces_nothing_and_needs_the_images(tmp_path: Path) -> None:
    write(tmp_path / "truth.json", {"a.jpg": {}})
    files = ("ground_truth=truth.json", "predictions=truth.json", "report=truth.json")
    there = run(tmp_path, *files)
    assert (there.returncode, there.stdout) == (1, "")
    assert "truth.json exists; choose another report= or" in there.stderr
    assert "overwrite=true" in there.stderr
    nowhere = run(tmp_path, *files[:2], "report=new.html", "images=no/folder")
    assert (nowhere.returncode, nowhere.stdout) == (1, "")
    assert "no/folder: no such folder" in nowhere.stderr
    assert not (tmp_path / "new.html").exists()


def shares(word: dict[str, Any]) -> dict[str, Any]:
    return {**word, "points": [[x / 200, y / 100] for x, y in word["points"]]}


@pytest.mark.parametrize("wrong", ["truth.json", "found.json"])
def test_shares_of_the_sides_are_no_pixels_in_either_file(tmp_path: Path, wrong: str) -> None:
    words = {"1": word(10, "ab", 1), "2": word(60, "cd", 1)}
    for name in ("truth.json", "found.json"):
        odd = {"1": shares(words["1"])} if name == wrong else words
        write(tmp_path / name, {"a.jpg": words, "b.jpg": odd})
    refused = run(tmp_path, "ground_truth=truth.json", "predictions=found.json")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"{wrong}: image 'b.jpg': all coordinates of its 1 words lie between 0 and 1" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_regions_in_ignored_ones_are_counted(tmp_path: Path) -> None:
    words = {"1": word(10, "ab", 1), "2": word(60, "cd", 1)}
    around = {"points": [[0, 0], [200, 0], [200, 90], [0, 90]], "ignore": True}
    write(tmp_path / "truth.json", {"a.jpg": {**words, "3": around}})
    write(tmp_path / "found.json", {"a.jpg": words})
    done = run(tmp_path, "ground_truth=truth.json", "predictions=found.json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["regions_in_ignored_ones"] == 2
    assert "warning: 2 of 2 regions of truth.json lie inside ignored regions" in done.stderr


def test_names_in_two_normal_forms_are_the_same(tmp_path: Path) -> None:
    words = {"1": word(10, "ab", 1), "2": word(60, "cd", 1)}
    write(tmp_path / "truth.json", {"caf\u00e9.jpg": words})
    write(tmp_path / "found.json", {"cafe\u0301.jpg": words})
    done = run(tmp_path, "ground_truth=truth.json", "predictions=found.json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["images_without_predictions"], report["figures"]["iou70/hmean"]) == (0, 1.0)


def test_a_page_of_lines_needs_predictions_with_texts_that_lie_on_regions(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    write(tmp_path / "truth.json", {"a.jpg": {"1": word(10, "ab", 1)}})
    given = ("ground_truth=truth.json", "predictions=found.json", "images=images", "text_report=page.html")
    elsewhere, unread = word(120, "ab", 1), {"points": word(10, "", 1)["points"]}
    for found in (elsewhere, unread):
        write(tmp_path / "found.json", {"a.jpg": {"1": found}})
        done = run(tmp_path, *given)
        assert done.returncode != 0
        assert (
            "text_report: no word of found.json has a transcription and lies on a region of truth.json" in done.stderr
        )
    write(tmp_path / "found.json", {"a.jpg": {"1": {**word(12, "ab", 1), "confidence": "high"}}})
    assert "confidence" in run(tmp_path, *given).stderr
    assert not (tmp_path / "page.html").exists()


def test_calibration_is_scored_if_the_confidences_are_probabilities(tmp_path: Path) -> None:
    write(tmp_path / "truth.json", {"a.jpg": {"1": word(10, "ab", 1), "2": word(60, "cd", 1)}})
    figures = {}
    for low, high in ((0.25, 0.5), (25, 50)):
        found = {"1": {**word(10, "ab", 1), "confidence": low}, "2": {**word(60, "cx", 1), "confidence": high}}
        write(tmp_path / "found.json", {"a.jpg": found})
        done = run(tmp_path, "ground_truth=truth.json", "predictions=found.json")
        assert done.returncode == 0, done.stderr
        figures[high] = json.loads(done.stdout)["figures"]
        warned = "has a confidence of 25.0 (image 'a.jpg', word '1'), so its confidences are not scored" in done.stderr
        assert warned == (high == 50)
    assert figures[0.5]["text_matched/ece"] == pytest.approx((0.75 + 0.5) / 2)
    assert figures[0.5].keys() - figures[50].keys() == {"text_matched/ece", "text_matched/brier"}


def test_each_region_is_compared_with_the_prediction_that_lies_on_it(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    cv2.imwrite(str(tmp_path / "images" / "a.png"), np.full((100, 200, 3), 255, np.uint8))
    write(tmp_path / "truth.json", {"a.png": {"1": word(10, "left 1.50", 1), "2": word(60, "right", 1)}})
    found = {"1": word(64, "right", 1), "2": {**word(13, "left 1.60", 1), "confidence": 0.75}, "3": word(25, "none", 1)}
    write(tmp_path / "found.json", {"a.png": found})
    done = run(tmp_path, "ground_truth=truth.json", "predictions=found.json", "images=images", "text_report=page.html")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("<li ") == page.count("<img") == 1
    assert "<b>12 %</b> wrong (1 of 8), confidence 0.75" in page
    assert 'data-kinds="amount sure"' in page


def test_two_reports_in_one_file_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "truth.json", {"a.jpg": {"1": word(10, "ab", 1)}})
    both = ("report=errors.html", f"text_report={tmp_path}/errors.html")
    done = run(tmp_path, "ground_truth=truth.json", "predictions=truth.json", *both)
    assert done.returncode == 1
    assert "report=errors.html and text_report=" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["truth.json"]


def test_facts_are_scored_where_both_files_state_them(tmp_path: Path) -> None:
    named = {**word(10, "KOPI", 1), "field": "menu.nm", "item": 1}
    priced = {**word(120, "4.50", 1), "field": "menu.price", "item": 1}
    truth = {
        "img_w": 200,
        "img_h": 100,
        "words": {"1": named, "2": priced},
        "fields": {"total": "4.50", "company": "A"},
    }
    found = {
        "img_w": 200, "img_h": 100, "words": {"1": word(10, "KOPI 4.50", 1)}, "fields": {"total": "RM4.50"},
        "items": [{"menu.nm": "KOPI", "menu.price": "4.60"}],
    }  # fmt: skip
    for name, image in (("truth", truth), ("found", found)):
        content = {"images": {"a.jpg": image, "b.jpg": truth}}
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    overrides = ("ground_truth=truth.json", "per_image=true")
    done = run(tmp_path, *overrides, "predictions=found.json", python=("-X", "importtime"))
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    figures = report["figures"]
    assert (figures["fields/total/exact"], figures["fields/total/same"]) == (0.5, 1.0)
    assert (figures["fields/company/exact"], figures["fields/company/same"]) == (0.5, 0.5)
    # Of 1 for the menu, 1 for the item, 2 for its fields and 8 characters one is wrong, in one of two receipts.
    assert figures["items/tree"] == pytest.approx(1 - 1 / 12 / 2)
    assert figures["text_all/cer"] > 0
    of_image = {row["image"]: row for row in report["per_image"]}
    assert (of_image["a.jpg"]["fields/same"], of_image["b.jpg"]["fields/same"]) == (0.5, 1.0)
    assert not [line for line in done.stderr.splitlines() if line.endswith(" torch")]

    silent = {name: value for name, value in found.items() if name in ("img_w", "img_h", "words")}
    (tmp_path / "silent.json").write_text(json.dumps({"images": {"a.jpg": silent}}), encoding="utf-8")
    without = run(tmp_path, *overrides, "predictions=silent.json")
    assert not [name for name in json.loads(without.stdout)["figures"] if name.startswith(("fields", "items"))]
    (tmp_path / "wrong.json").write_text(json.dumps({"images": {"a.jpg": {**silent, "items": [1]}}}), encoding="utf-8")
    refused = run(tmp_path, *overrides, "predictions=wrong.json")
    assert_refused(refused, "wrong.json: image 'a.jpg', items: Expected `object`, got `int`", "write a list of texts")
