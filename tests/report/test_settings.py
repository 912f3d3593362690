"""Settings side by side, and every one that was tried."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ocr.report.settings import print_settings, write_tried


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
