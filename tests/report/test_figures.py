"""Figures and settings as tables and files."""

import csv
import json
from pathlib import Path

import pytest

from ocr.report.figures import in_digits, print_figures, print_settings, write_figures, write_tried

FIGURES = {"val/cleval/hmean": 0.98765, "val/cleval/split": 12.0, "test/cleval/hmean": 0.5}


def test_the_table_has_a_column_a_split(capsys: pytest.CaptureFixture[str]) -> None:
    print_figures(FIGURES)
    lines = [
        [cell.strip() for cell in line.split("│") if cell.strip()] for line in capsys.readouterr().out.splitlines()
    ]
    assert ["cleval/hmean", "0.9877", "0.5000"] in lines
    assert ["cleval/split", "12"] in lines


@pytest.mark.parametrize(("value", "text"), [(0.0, "0.0000"), (1.0, "1.0000"), (30.0, "30"), (1.25, "1.2500")])
def test_counts_are_whole_and_rates_have_digits(value: float, text: str) -> None:
    assert in_digits(value) == text


def test_the_file_is_nested_by_split(tmp_path: Path) -> None:
    write_figures(FIGURES, {"seed": 3}, tmp_path / "metrics.json")
    assert json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8")) == {
        "val": {"cleval/hmean": 0.98765, "cleval/split": 12.0},
        "test": {"cleval/hmean": 0.5},
        "seed": 3,
    }


def test_settings_stand_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    print_settings({"before": {"a": 1, "b": None}, "tuned": {"a": 2, "b": None}})
    lines = [line.replace("│", " ").split() for line in capsys.readouterr().out.splitlines() if line[:1] == "│"]
    assert lines == [["a", "1", "2"], ["b", "None", "None"]]


def test_rows_with_other_columns_share_a_table(tmp_path: Path) -> None:
    write_tried([{"images": "val", "a": 1}, {"images": "fold 1, 2", "b": 0.5}], tmp_path / "new" / "tried.csv")
    with (tmp_path / "new" / "tried.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.DictReader(stream)) == [
            {"images": "val", "a": "1", "b": ""},
            {"images": "fold 1, 2", "a": "", "b": "0.5"},
        ]
