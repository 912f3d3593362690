"""The comparison of engines, batches and threads on two small receipts, and what counts as a difference."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.backends import difference, main
from ocr.page import Page, TextLine
from ocr.synthesis.receipt import render_receipt
from ocr.types import InputError
from pages_read import box
from small_recogniser import save_checkpoint, small_recogniser


def lines(*texts: str) -> tuple[TextLine, ...]:
    return tuple(TextLine(box(0, 30 * row, 90, 30 * row + 20), text, 0.9, 0.9) for row, text in enumerate(texts))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("receipts")
    (folder / "images" / "test").mkdir(parents=True)
    for index in (1, 3):
        picture, _ = render_receipt(2, "test", index)
        picture.resize((picture.width // 2, picture.height // 2)).save(folder / "images" / "test" / f"{index}.png")
    return folder


def test_differences_by_hand() -> None:
    reference = Page((100, 100), lines("SHOP", "MILK", "1.50"))
    assert difference(reference, reference).texts == ()
    assert difference(reference, reference).distances == (0, 0, 0)

    moved = replace(reference.lines[2], text="1.60", points_N2=reference.lines[2].points_N2 + np.float32([3, 4]))
    found = difference(Page((100, 100), (*reference.lines[:2], moved)), reference)
    assert found.texts == (("1.50", "1.60"),)
    assert found.distances == (0, 0, 5)

    fewer = difference(Page((100, 100), reference.lines[2:]), reference)
    assert (fewer.texts, fewer.distances) == ((("SHOP", None), ("MILK", None)), (0,))
    more = difference(reference, Page((100, 100), reference.lines[2:]))
    assert more.texts == ((None, "SHOP"), (None, "MILK"))
    assert difference(Page((9, 9), ()), Page((9, 9), ())).texts == ()


@pytest.mark.slow
def test_every_way_reads_the_same(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([f"data={data}"])
    rows = [
        [cell.strip() for cell in row.split("│")[1:-1]] for row in capsys.readouterr().out.splitlines() if "│" in row
    ]
    assert len(rows) == 8
    assert {row[1] for row in rows} == {"2"}
    assert int(rows[0][2]) > 40
    assert {row[2] for row in rows} == {rows[0][2]}
    assert {row[3] for row in rows[1:]} == {"0"}


def test_a_text_that_differs_ends_with_status_1(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = save_checkpoint(small_recogniser(), tmp_path / "other.ckpt")
    twice = "detectors=weights/receipts.onnx,weights/receipts.onnx"
    with pytest.raises(SystemExit, match=r"^\d+ texts differ$") as ended:
        main([f"data={data}", "n=1", twice, f"recognisers=weights/lines.onnx,{other}", "batches=1", "workers=0"])
    assert int(str(ended.value).split()[0]) > 20
    assert "1.png: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("detectors=a.onnx", "must be as many"),
        ("batches=0", "batches=0: must be a whole number of at least 1"),
        ("recognisers=weights/lines.onnx,weights/receipts.onnx", "its network is for task=detection"),
    ],
)
def test_wrong_options(argument: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        main([argument])
