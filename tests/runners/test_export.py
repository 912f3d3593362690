"""A checkpoint exported and used as a user does it: the file alone, without torch."""

import csv
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from ocr.pipeline.export_onnx import CALIBRATION, calibration
from ocr.utils.path_utils import REPOSITORY_ROOT
from patience import PATIENCE_S, wait_until
from refusals import assert_refused

THRESHOLDS = ("postprocess.binary_thresh=0.01", "postprocess.box_thresh=0.0")

# Runs a runner and tells at the end which of the packages it has loaded.
WATCHED = """
import atexit, runpy, sys
atexit.register(lambda: print("loaded:", *[name for name in ("torch", "onnx", "onnxruntime") if name in sys.modules]))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def exported(run_runner, tiny_training: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny training's file; skipped where `make setup-export` has not run."""
    for package in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(package, reason="onnx and onnxruntime are not installed: `make setup-export` brings them")
    path = tmp_path_factory.mktemp("exported") / "tiny.onnx"
    checkpoint = tiny_training.last
    process = run_runner("export", f"checkpoint_path={checkpoint}", f"output={path}", "data.long_side=320", *THRESHOLDS)
    assert process.returncode == 0, process.stderr
    assert process.stdout.splitlines() == [f"opset 20, {path.stat().st_size / 2**20:.1f} MB: {path}"]
    return path


@pytest.fixture
def photos(tiny_data: Path, tmp_path: Path) -> Path:
    """Two receipts and a file that is no image."""
    (tmp_path / "photos").mkdir()
    for path in sorted((tiny_data / "images" / "val").iterdir()):
        shutil.copy(path, tmp_path / "photos")
    (tmp_path / "photos" / "text.png").write_text("no image", encoding="utf-8")
    return tmp_path / "photos"


def test_the_file_says_where_it_comes_from(exported: Path, tiny_training: SimpleNamespace) -> None:
    import onnx

    metadata = {prop.key: prop.value for prop in onnx.load(exported).metadata_props}
    provenance = json.loads(metadata["provenance"])
    checkpoint = tiny_training.last
    assert provenance["checkpoint_sha256"] == hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    assert provenance.keys() == {"checkpoint", "checkpoint_sha256", "git_revision", "versions"}
    assert json.loads(metadata["transform"])["long_side"] == 320
    assert json.loads(metadata["postprocess"])["binary_thresh"] == 0.01


def test_predicts_what_torch_does_from_the_file_alone_and_loads_no_torch(
    run_runner, exported: Path, tiny_training: SimpleNamespace, photos: Path, tmp_path: Path
) -> None:
    given = (f"input={photos}", "csv=true", "visualize=true")
    program = str(REPOSITORY_ROOT / "runners" / "predict.py")
    shutil.copy(exported, tmp_path / "alone.onnx")
    runtime = subprocess.run(
        [sys.executable, "-c", WATCHED, program, "checkpoint_path=alone.onnx", "output=runtime", "threads=1", *given],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    checkpoint = f"checkpoint_path={tiny_training.last}"
    torch = run_runner(
        "predict", checkpoint, "output=torch", "threads=1", "data.long_side=320", *THRESHOLDS, *given, cwd=tmp_path
    )
    assert "loaded: onnxruntime\n" in runtime.stdout
    for process in (runtime, torch):
        assert_refused(process, "1 of 3 images left out", "text.png: is not an image")
    rows = []
    for name in ("runtime", "torch"):
        assert len(list((tmp_path / name / "overlays").iterdir())) == 2
        with (tmp_path / name / "predictions.csv").open(encoding="utf-8", newline="") as stream:
            rows.append({row["filename"]: row["polygons"] for row in csv.DictReader(stream)})
    assert rows[0].keys() == rows[1].keys()
    assert any(rows[0].values())
    for name in rows[0]:
        # What an untrained network finds hangs on single pixels: the same number of regions, nearly the same points.
        one, other = ([np.array(text.split(), float) for text in each[name].split("|")] for each in rows)
        assert len(one) == len(other)


@pytest.mark.slow
def test_int8_is_calibrated_on_the_images_that_are_named(
    run_runner,
    exported: Path,  # noqa: ARG001 - skips without onnx
    tiny_training: SimpleNamespace,
    photos: Path,
    tmp_path: Path,
) -> None:
    from ocr.engines.onnx_runtime import OnnxRuntimeEngine

    given = (f"checkpoint_path={tiny_training.last}", "output=int8.onnx", f"int8={photos}")
    process = run_runner("export", *given, cwd=tmp_path)
    assert_refused(process, "text.png: is not an image")
    assert not (tmp_path / "int8.onnx").exists()

    (photos / "text.png").unlink()
    process = run_runner("export", *given, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert process.stdout.startswith("opset 20, 5 convolutions in int8, ")
    card = OnnxRuntimeEngine(tmp_path / "int8.onnx").card
    assert card.provenance["int8"] == {
        "convolutions": 5,
        "calibrated_on": sorted(path.name for path in photos.iterdir()),
    }
    process = run_runner(
        "predict", "checkpoint_path=int8.onnx", f"input={photos}", "output=found", *THRESHOLDS, cwd=tmp_path
    )
    assert process.returncode == 0, process.stderr

    process = run_runner("export", given[0], "output=x.safetensors", "format=safetensors", given[2], cwd=tmp_path)
    assert_refused(process, "is for format=onnx")


@pytest.mark.parametrize("engine", ["torch", "onnxruntime"])
def test_an_engine_that_cannot_run_the_file_is_told(
    run_runner, exported: Path, tiny_training: SimpleNamespace, photos: Path, tmp_path: Path, engine: str
) -> None:
    file = exported if engine == "torch" else tiny_training.last
    process = run_runner(
        "predict", f"checkpoint_path={file}", f"engine={engine}", f"input={photos}", "output=x", cwd=tmp_path
    )
    assert_refused(process, f"engine={engine} cannot run")


def test_nothing_is_written_over_and_no_other_format_is_known(
    run_runner, exported: Path, tiny_training: SimpleNamespace
) -> None:
    checkpoint = f"checkpoint_path={tiny_training.last}"
    process = run_runner("export", checkpoint, f"output={exported}")
    assert_refused(process, "overwrite=true")
    process = run_runner("export", checkpoint, "output=other", "format=tflite")
    assert_refused(process, "format=tflite: must be one of onnx")


def test_the_mean_of_several_files(run_runner, tiny_training: SimpleNamespace, tmp_path: Path) -> None:
    other = torch.load(tiny_training.last, weights_only=True)
    for weight in other["state_dict"].values():
        if weight.is_floating_point():
            weight.add_(1.0)
    torch.save(other, tmp_path / "other.ckpt")
    files = {}
    for name, average in (("one", "[]"), ("mean", "[other.ckpt]")):
        wanted = (f"output={name}.safetensors", "format=safetensors", f"average={average}")
        process = run_runner("export", f"checkpoint_path={tiny_training.last}", *wanted, cwd=tmp_path)
        assert process.returncode == 0, process.stderr
        files[name] = load_file(tmp_path / f"{name}.safetensors")
    for name, weight in files["one"].items():
        if weight.is_floating_point():
            torch.testing.assert_close(files["mean"][name], weight + 0.5)
    lines = REPOSITORY_ROOT / "weights" / "lines.safetensors"
    wanted = ("output=x.safetensors", "format=safetensors", f"average=[{lines}]")
    process = run_runner("export", f"checkpoint_path={tiny_training.last}", *wanted, cwd=tmp_path)
    assert_refused(process, f"average={lines}: its task is another")


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_writes_what_has_been_found(exported: Path, photos: Path, tmp_path: Path, signum: int) -> None:
    (tmp_path / "many").mkdir()
    for number in range(400):
        os.link(next(photos.glob("val_*")), tmp_path / "many" / f"{number:03d}.png")
    command = [sys.executable, str(REPOSITORY_ROOT / "runners" / "predict.py"), f"checkpoint_path={exported}"]
    command += ["input=many", "output=found", "visualize=true", "data.long_side=640", "threads=1"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: list(tmp_path.glob("found/overlays/*")), process)
        process.send_signal(signum)
        _, stderr = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 128 + signum, stderr
    found = json.loads((tmp_path / "found" / "predictions.json").read_text(encoding="utf-8"))["images"]
    assert 0 < len(found) < 400
    assert len(found) == len(list(tmp_path.glob("found/overlays/*")))


@pytest.mark.parametrize("there_are", [1, 33, 40])
def test_calibration_takes_images_from_all_of_the_folder(tmp_path: Path, there_are: int) -> None:
    for number in range(there_are):
        (tmp_path / f"{number:03d}.jpg").touch()
    names, _ = calibration(str(tmp_path), {})
    places = [int(Path(name).stem) for name in names]
    assert len(set(places)) == min(there_are, CALIBRATION)
    assert places[0] == 0
    assert there_are - places[-1] <= 2
