"""What a run through images leaves behind when something ends it."""

import subprocess
import sys
from pathlib import Path

import pytest

from ocr.pipeline.loop import Job, Wanted, work_through
from ocr.types import InputError

PROGRAM = """
import os, signal, sys
from pathlib import Path
from ocr.data.skipping import Broken
from ocr.pipeline.loop import Job, Wanted, work_through
from ocr.utils.interruption import Stopped, hold_signals

def load(path):
    if path.name == "2.png":
        os.kill(os.getpid(), signal.SIGTERM)
    return Broken(path, f"{path.name}: is not an image")

hold_signals()
job = Job(load, work=None, write=lambda results, path, **_: path.write_text("{}") and [], unit="line")
try:
    work_through("in", Path("model"), Wanted(Path("."), overwrite=True, num_workers=0), lambda names: job)
except Stopped as stopped:
    print(stopped)
"""


@pytest.mark.parametrize("before", [False, True])
def test_a_signal_after_images_that_all_failed(tmp_path: Path, before: bool) -> None:
    """No new file is left in the way of the next attempt; one that ``overwrite=true`` was to replace is replaced."""
    (tmp_path / "in").mkdir()
    for number in range(1, 5):
        (tmp_path / "in" / f"{number}.png").write_text("text", encoding="utf-8")
    predictions = tmp_path / "predictions.json"
    if before:
        predictions.write_text("before", encoding="utf-8")
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    kept = "wrote the predictions of 0 of 4 images to predictions.json"
    lost = "it had done 0 of 4 images, nothing was written"
    assert done.stdout.splitlines()[-1:] == [f"stopped by SIGTERM: {kept if before else lost}"], done.stderr
    assert "2 of 4 images left out:\n1.png: is not an image\n2.png: is not an image" in done.stderr
    assert (predictions.read_text(encoding="utf-8") if predictions.exists() else None) == ("{}" if before else None)


def test_an_error_before_the_first_result_replaces_nothing(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.png").write_text("image", encoding="utf-8")
    (tmp_path / "predictions.json").write_text("before", encoding="utf-8")

    def no_space(*_: object) -> list[str]:
        raise InputError("no space")

    def write(_: object, path: Path, **__: object) -> list[str]:
        path.write_text("{}", encoding="utf-8")
        return []

    job = Job(lambda path: path, no_space, write, "line")
    wanted = Wanted(tmp_path, overwrite=True, num_workers=0)
    with pytest.raises(InputError, match="no space"):
        work_through(str(tmp_path / "in"), tmp_path / "model", wanted, lambda _: job)
    assert (tmp_path / "predictions.json").read_text(encoding="utf-8") == "before"
