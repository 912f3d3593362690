"""The table of a prediction."""

import numpy as np
import pytest

from ocr.report.found import Found, print_found
from ocr.types import Detection

SQUARE = np.array([[0, 0], [9, 0], [9, 9], [0, 9]], np.float32)


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in text.splitlines() if line[:1] == "│"]


def test_a_line_an_image_and_one_for_all(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    found = {
        "a.jpg": Found((20, 30), [Detection(SQUARE, 0.5), Detection(SQUARE, 0.75)], 0.25),
        "b.jpg": Found((40, 30), [], 0.5),
    }
    print_found(found)
    assert rows(capsys.readouterr().out) == [
        ["a.jpg", "20 x 30", "2", "0.500", "0.625", "0.25"],
        ["b.jpg", "40 x 30", "0", "", "", "0.50"],
        ["2 images", "", "2", "0.500", "0.625", "0.75"],
    ]


def test_what_was_read_has_headings_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    print_found({"a.jpg": Found((20, 30), [Detection(SQUARE, 0.5)], 0.25)}, "line", "confidence")
    heads = capsys.readouterr().out.partition("┡")[0]
    assert "lines" in heads
    assert heads.count("confidence") == 2
    assert not {"regions", "score"} & set(heads.split())


@pytest.mark.parametrize("count", [0, 1])
def test_one_image_has_no_sum_and_none_is_no_error(count: int, capsys: pytest.CaptureFixture[str]) -> None:
    print_found({"a.jpg": Found((20, 30), [Detection(SQUARE, 0.5)], 0.25)} if count else {})
    assert len(rows(capsys.readouterr().out)) == count


def test_a_name_is_text_whatever_it_is(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    print_found({"[red]a[/red]\x1b[2J\n.jpg": Found((20, 30), [], 0.5)})
    assert rows(capsys.readouterr().out)[0][0] == r"[red]a[/red]\x1b[2J\n.jpg"
