"""Reading a folder of images, as a user types it."""

import csv
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from ocr.formats.native import read_native
from ocr.utils.path_utils import REPOSITORY_ROOT
from patience import PATIENCE_S, wait_until
from refusals import assert_refused

WEIGHTS = REPOSITORY_ROOT / "weights"
FAST = ("data.long_side=320", "device=cpu", "num_workers=0")
SMALL = (f"detector={WEIGHTS / 'receipts.safetensors'}", f"recogniser={WEIGHTS / 'lines.safetensors'}", *FAST)


@pytest.fixture(scope="module")
def photos(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two receipts, one of them in a sub-folder, and a file that is no image in spite of its name."""
    folder = tmp_path_factory.mktemp("photos")
    one, two = sorted((tiny_data / "images" / "val").iterdir())[:2]
    (folder / "more").mkdir()
    shutil.copy(one, folder / "one.png")
    shutil.copy(two, folder / "more" / "two.png")
    (folder / "text.png").write_text("no image", encoding="utf-8")
    return folder


def test_reads_the_rest_when_an_image_is_broken(run_runner, photos: Path, tmp_path: Path) -> None:
    options = ("formats=[json,text,csv]", "visualize=true", "table=true", "extractor=rules", *SMALL)
    process = run_runner("read", f"input={photos}", "output=read", *options, cwd=tmp_path)
    assert_refused(process, "1 of 3 images left out", "text.png: is not an image")
    assert "more/two.png" in process.stdout
    files = {path.relative_to(tmp_path / "read").as_posix() for path in (tmp_path / "read").rglob("*.*")}
    assert files == {
        *("predictions.json", "predictions.csv", "receipts.csv", "items.csv", "text/one.txt", "text/more/two.txt"),
        *("overlays/one.png", "overlays/more/two.png"),
    }
    content = json.loads((tmp_path / "read" / "predictions.json").read_text(encoding="utf-8"))["images"]
    assert list(content) == ["more/two.png", "one.png"]
    for name, text in (("one.png", "one.txt"), ("more/two.png", "more/two.txt")):
        words = content[name]["words"].values()
        rows = (tmp_path / "read" / "text" / text).read_text(encoding="utf-8").splitlines()
        assert len(rows) == len({word["row"] for word in words if word["transcription"]}) == 4
        assert all("TOTAL" in row.upper() for row in rows)
        with Image.open(tmp_path / "read" / "overlays" / name) as overlay:
            assert overlay.height == content[name]["img_h"]
            assert overlay.width > 2 * content[name]["img_w"]
    with (tmp_path / "read" / "predictions.csv").open(encoding="utf-8", newline="") as stream:
        table = list(csv.DictReader(stream))
    assert [(row["filename"], row["text"]) for row in table] == [
        (name, word["transcription"]) for name, image in content.items() for word in image["words"].values()
    ]
    with (tmp_path / "read" / "receipts.csv").open(encoding="utf-8", newline="") as stream:
        receipts = {row["filename"]: row for row in csv.DictReader(stream)}
    assert list(receipts) == list(content)
    for name, image in content.items():
        assert {key: receipts[name][key] for key in image["fields"]} == image["fields"] != {}
        assert receipts[name]["sums"] == image["sums"]["verdict"]
        assert receipts[name]["total_value"] == image["facts"]["fields"].get("total", {"value": ""})["value"]
    records = read_native(tmp_path / "read" / "predictions.json")
    assert {record.name: record.fields for record in records} == {
        Path(name).name: image["fields"] for name, image in content.items()
    }
    again = run_runner("read", f"input={photos}", "output=read", *SMALL, cwd=tmp_path)
    assert_refused(again, "overwrite=true")


def test_parts_merge_into_what_one_process_writes(run_runner, photos: Path, tmp_path: Path) -> None:
    options = (f"input={photos}/**/*o*.png", "formats=[csv]", "granularity=word", "recogniser=lines.onnx")
    options = (*options, "detector=receipts.onnx", "extractor=rules", *FAST)
    pytest.importorskip("onnxruntime")
    for name in ("lines.onnx", "receipts.onnx"):
        shutil.copy(WEIGHTS / name, tmp_path / name)
    for shard in ("null", "1/2", "2/2"):
        output = "whole" if shard == "null" else "parts"
        process = run_runner("read", *options, f"output={output}", f"shard={shard}", cwd=tmp_path)
        assert process.returncode == 0, process.stderr
    process = run_runner("merge", "input=parts", "csv=true", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    for name in ("predictions.json", "predictions.csv", "receipts.csv", "items.csv"):
        whole, parts = (tmp_path / folder / name for folder in ("whole", "parts"))
        assert whole.read_bytes() == parts.read_bytes()
    assert not (tmp_path / "whole" / "text").exists()
    records = read_native(tmp_path / "whole" / "predictions.json")
    assert len({word.line for word in records[0].words.values()}) < len(records[0].words)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("formats=[json,hocrs]",), "formats: 'hocrs' is unknown; use some of json, csv, text"),
        (("granularity=letter",), "granularity=letter: must be line or word"),
        (("extractor=weights/lines.safetensors",), "task=recognition, not for extraction"),
        (("min_confidence=2",), "min_confidence=2: must be 0 to 1"),
        (("recogniser=weights/receipts.safetensors",), "task=detection, not for recognition"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_written(
    run_runner, photos: Path, tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    process = run_runner("read", f"input={photos}", f"output={tmp_path / 'read'}", *options, *FAST)
    assert_refused(process, message)
    assert not (tmp_path / "read").exists()


def test_nothing_is_written_through_a_link_out_of_the_folder(run_runner, photos: Path, tmp_path: Path) -> None:
    for folder in ("read/text", "elsewhere"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "read" / "text" / "more").symlink_to(tmp_path / "elsewhere")
    process = run_runner("read", f"input={photos}/more", "output=read", *SMALL, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    shutil.rmtree(tmp_path / "read" / "text")
    (tmp_path / "read" / "text").symlink_to(tmp_path / "elsewhere")
    process = run_runner("read", f"input={photos}/more", "output=read", "overwrite=true", *SMALL, cwd=tmp_path)
    assert_refused(process, "a link leads out of read")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_signal_writes_what_has_been_read(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    for number in range(400):
        (tmp_path / "many" / f"{number:03d}.png").hardlink_to(photos / "one.png")
    command = [sys.executable, str(REPOSITORY_ROOT / "runners" / "read.py"), "input=many", "output=read", *SMALL]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: list(tmp_path.glob("read/text/*.txt")), process)
        process.send_signal(signal.SIGTERM)
        _, stderr = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 128 + signal.SIGTERM, stderr
    count = len(read_native(tmp_path / "read" / "predictions.json"))
    assert 0 < count < 400
    assert count == len(list(tmp_path.glob("read/text/*.txt")))
    assert f"stopped by SIGTERM: wrote the predictions of {count} of 400 images to read/predictions.json" in stderr
    assert "Traceback" not in stderr
