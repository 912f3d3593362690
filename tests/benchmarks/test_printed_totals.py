"""How totals are printed and annotated, counted."""

import json
from pathlib import Path

import pytest

from benchmarks.printed_totals import kind_of, main


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["TOTAL", "RM", "33.90"], "alone"),
        (["TOTAL RM33.90"], "joined"),
        (["TOTAL: RM 33.90"], "spaced"),
        (["$ 33.90", "133.90", "33.905", "33.90.1"], "spaced"),
        (["RM 33.90", "33.90"], "several"),
        (["TOTAL 3.90"], "nowhere"),
    ],
)
def test_how_a_number_is_printed(texts: list[str], expected: str) -> None:
    assert kind_of("33.90", texts) == expected


def test_the_counts_of_a_split(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two of three receipts with a space are annotated without the currency: one rule gets these two and the joined."""
    points = [[0, 0], [90, 0], [90, 12], [0, 12]]
    images = {
        f"{number}.jpg": {
            "img_w": 100,
            "img_h": 100,
            "words": {"0001": {"points": points, "transcription": printed}},
            "fields": {"total": total},
        }
        for number, (printed, total) in enumerate(
            [("RM 3.90", "3.90"), ("RM 5.00", "RM 5.00"), ("RM 7.10", "7.10"), ("RM9.90", "RM9.90")]
        )
    }
    (tmp_path / "jsons").mkdir()
    (tmp_path / "jsons" / "val.json").write_text(json.dumps({"images": images}), encoding="utf-8")
    main([f"data={tmp_path}", "split=val"])
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in capsys.readouterr().out.splitlines()]
    assert ["spaced", "1", "2", "2"] in rows
    assert ["joined", "1", "0", "1"] in rows
    assert ["all", "", "", "3 (75.0%)"] in rows
