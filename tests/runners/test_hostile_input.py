"""Predicting on a folder of anything, as a user types it: every input is predicted or named, and nothing leaks out."""

import csv
from pathlib import Path

from hostile_folder import write_images, write_others
from ocr.formats.native import read_native
from ocr.utils.path_utils import REPOSITORY_ROOT
from ocr.utils.printable import printable
from refusals import assert_refused

WEIGHTS = REPOSITORY_ROOT / "weights" / "receipts.safetensors"


def files_below(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()}


def test_every_input_is_predicted_or_named(run_runner, tmp_path: Path) -> None:
    output = "photos/found"  # where a hostile folder can reach it
    photos, elsewhere = tmp_path / "photos", tmp_path / "elsewhere"
    photos.mkdir()
    elsewhere.mkdir()
    (elsewhere / "precious.jpg").write_bytes(b"precious")
    good = write_images(photos)
    bad = write_others(photos, elsewhere)
    overlays = tmp_path / output / "overlays"
    overlays.mkdir(parents=True)
    (overlays / "plain.jpg").symlink_to(elsewhere / "precious.jpg")  # replaced, not written through
    (overlays / "folder.jpg").symlink_to(elsewhere)  # a way out: the picture that it is on is left out
    before = files_below(elsewhere) | files_below(photos)

    process = run_runner(
        "predict", f"checkpoint_path={WEIGHTS}", "input=photos", f"output={output}", "data.long_side=64",
        "csv=true", "visualize=true", "table=true", cwd=tmp_path,
    )  # fmt: skip
    assert_refused(process)

    good.remove("folder.jpg/inside.jpg")
    predicted = [record.image_path.as_posix() for record in read_native(tmp_path / output / "predictions.json")]
    assert sorted(predicted) == sorted(good)
    named = process.stderr[process.stderr.index(" images left out:") :].splitlines()[1:]
    assert f"{len(bad) + 1} of {len(good) + len(bad) + 1} images left out:" in process.stderr
    for name in {*bad, "folder.jpg/inside.jpg"}:
        assert sum(line.startswith(f"photos/{printable(name)}: ") for line in named) == 1, name
    with (tmp_path / output / "predictions.csv").open(encoding="utf-8", newline="") as stream:
        shown = ("'-rf.jpg" if name == "-rf.jpg" else name for name in good)  # for a spreadsheet that is a formula
        assert sorted(row["filename"] for row in csv.DictReader(stream)) == sorted(shown)

    after = files_below(elsewhere) | files_below(photos)
    assert {path: after[path] for path in before} == before
    assert all(path.is_relative_to(tmp_path / output) for path in after.keys() - before.keys())
    drawn = {path.relative_to(overlays).as_posix() for path in files_below(overlays)}
    assert drawn == good
    assert not (overlays / "plain.jpg").is_symlink()
