"""A folder predicted in parts, as a user or a scheduler starts them; one is killed and run again alone."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from ocr.utils.path_utils import REPOSITORY_ROOT
from patience import PATIENCE_S, wait_until
from refusals import assert_refused

THRESHOLDS = ("postprocess.binary_thresh=0.01", "postprocess.box_thresh=0.0")


@pytest.fixture
def photos(tiny_data: Path, tmp_path: Path) -> Path:
    """As many receipts as are not done before a busy machine has sent a signal."""
    files = sorted((tiny_data / "images").rglob("*.png"))
    (tmp_path / "photos" / "more").mkdir(parents=True)
    for number in range(60):
        shutil.copy(files[number % len(files)], tmp_path / "photos" / ("more" if number % 3 else "") / f"{number}.png")
    return tmp_path / "photos"


def command(training: SimpleNamespace, *overrides: str) -> list[str]:
    checkpoint = f"checkpoint_path={training.last}"
    program = str(REPOSITORY_ROOT / "runners" / "predict.py")
    return [sys.executable, program, checkpoint, "input=photos", *THRESHOLDS, "csv=true", *overrides]


@pytest.mark.slow
def test_a_killed_part_is_run_again_alone_and_the_whole_is_the_same(
    run_runner, tiny_training: SimpleNamespace, photos: Path
) -> None:
    folder = photos.parent
    subprocess.run(command(tiny_training, "output=whole"), cwd=folder, check=True, timeout=PATIENCE_S)

    # Rank 0 of two, as torchrun says it, is killed in the middle of its work; the other is done.
    slow = command(tiny_training, "output=parts", "shard=auto", "visualize=true", "num_workers=0")
    environment = {**os.environ, "RANK": "0", "WORLD_SIZE": "2", "TORCHELASTIC_RUN_ID": "1"}
    with subprocess.Popen(slow, cwd=folder, env=environment) as process:
        wait_until(lambda: list(folder.glob("parts/overlays/*")), process)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert list(folder.glob("parts/*.json")) == []
    subprocess.run(command(tiny_training, "output=parts", "shard=2/2"), cwd=folder, check=True, timeout=PATIENCE_S)

    failed = run_runner("merge", "input=parts", "csv=true", cwd=folder)
    assert_refused(failed, "1 of 2 shards missing; run the same command again with shard=1/2")

    subprocess.run(command(tiny_training, "output=parts", "shard=1/2"), cwd=folder, check=True, timeout=PATIENCE_S)
    merged = run_runner("merge", "input=parts", "csv=true", cwd=folder)
    assert merged.returncode == 0, merged.stderr
    assert "60 images: parts/predictions.json" in merged.stdout
    for name in ("predictions.json", "predictions.csv"):
        assert (folder / "parts" / name).read_bytes() == (folder / "whole" / name).read_bytes()


def test_a_part_that_is_stopped_leaves_no_half_file(tiny_training: SimpleNamespace, photos: Path) -> None:
    folder = photos.parent
    slow = command(tiny_training, "output=parts", "shard=1/2", "visualize=true", "num_workers=0")
    with subprocess.Popen(slow, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: list(folder.glob("parts/overlays/*")), process)
        process.send_signal(signal.SIGTERM)
        _, stderr = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 128 + signal.SIGTERM, stderr
    assert "stopped by SIGTERM: shard 1/2 had done" in stderr
    assert "nothing was written; start again with: " in stderr
    assert list(folder.glob("parts/predictions*")) == []
