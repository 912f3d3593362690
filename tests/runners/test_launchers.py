"""Two processes that a launcher starts: torchrun itself, and what srun would set for two tasks."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from ocr.utils.path_utils import REPOSITORY_ROOT
from patience import PATIENCE_S

pytestmark = pytest.mark.slow
TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2")
THRESHOLDS = ("postprocess.binary_thresh=0.01", "postprocess.box_thresh=0.0")


def runner(name: str) -> str:
    return str(REPOSITORY_ROOT / "runners" / f"{name}.py")


def by_torchrun(folder: Path, *arguments: str) -> list[subprocess.Popen[str]]:
    """One launcher, which starts both."""
    command = [*TORCHRUN, *arguments]
    return [subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)]


def by_srun(folder: Path, *arguments: str) -> list[subprocess.Popen[str]]:
    """Both tasks of a job on one machine, with the environment that SLURM gives them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    job = {"SLURM_JOB_ID": "7", "SLURM_JOB_NAME": "train", "SLURM_NODEID": "0", "SLURM_NODELIST": "localhost"}
    counts = {"SLURM_NTASKS": "2", "SLURM_NTASKS_PER_NODE": "2", "SLURM_NNODES": "1"}
    shared = {**os.environ, **job, **counts, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    return [
        subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            env={**shared, "SLURM_PROCID": str(rank), "SLURM_LOCALID": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(2)
    ]


def finish(processes: list[subprocess.Popen[str]]) -> str:
    """What they printed; they must end well."""
    output = "".join(process.communicate(timeout=PATIENCE_S)[0] for process in processes)
    assert [process.returncode for process in processes] == [0] * len(processes), output
    return output


@pytest.mark.parametrize("launch", [by_torchrun, by_srun])
def test_a_training_in_two_processes_is_one_run(tiny_data: Path, tmp_path: Path, launch) -> None:
    devices = ("trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp")
    settings = ("debug=fast", "exp_name=two", "data.batch_size=1", "data.num_workers=0", f"data.root={tiny_data}")
    output = finish(launch(tmp_path, runner("train"), *settings, *devices))
    assert "All distributed processes registered. Starting with 2 processes" in output
    assert "MEMBER: 2/2" in output
    (written,) = (tmp_path / "outputs" / "two").rglob("metrics.json")
    assert {"val", "test"} <= json.loads(written.read_text(encoding="utf-8")).keys()
    assert {path.name for path in tmp_path.rglob("*.ckpt")} >= {"best.ckpt", "last.ckpt"}
    assert {path.parent.parent for path in tmp_path.rglob("*.ckpt")} == {written.parent}


@pytest.mark.parametrize("launch", [by_torchrun, by_srun])
def test_a_folder_predicted_by_two_processes_is_that_of_one(
    run_runner, tiny_training: SimpleNamespace, tiny_data: Path, tmp_path: Path, launch
) -> None:
    (tmp_path / "photos").mkdir()
    for number, path in enumerate(sorted((tiny_data / "images").rglob("*.png"))):
        shutil.copy(path, tmp_path / "photos" / f"{number}.png")
    checkpoint = f"checkpoint_path={tiny_training.last}"
    given = (checkpoint, "input=photos", "threads=1", *THRESHOLDS)
    whole = run_runner("predict", *given, "output=whole", cwd=tmp_path)
    assert whole.returncode == 0, whole.stderr
    finish(launch(tmp_path, runner("predict"), *given, "output=parts", "shard=auto"))
    assert len(list((tmp_path / "parts").glob("predictions-*-of-002.json"))) == 2
    merged = run_runner("merge", "input=parts", cwd=tmp_path)
    assert merged.returncode == 0, merged.stderr
    one, two = ((tmp_path / name / "predictions.json").read_bytes() for name in ("whole", "parts"))
    assert one == two
    assert b"points" in one
