"""What a training leaves in its folder tells how it ended, whichever way that is: `runners/runs.py` says it."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drawn_receipts import write_drawn_data
from gate_trainings import SPLITS, held, start_training
from ocr.pipeline.runs import RunReader

TERM, INT, KILL = signal.SIGTERM, signal.SIGINT, signal.SIGKILL


@pytest.fixture(scope="session")
def gate_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight batches an epoch."""
    return write_drawn_data(tmp_path_factory.mktemp("gate_data"), SPLITS)


ONE = ("trainer.max_epochs=1", "data.num_workers=0")


@pytest.mark.parametrize(
    ("signum", "state", "status"),
    [(TERM, "stopped", 143), (INT, "stopped", 130), (KILL, "killed", -9), (0, "failed", 1)],
    ids=["SIGTERM", "SIGINT", "SIGKILL", "error"],
)
def test_a_run_that_was_ended_and_continued(
    gate_data: Path, hold: Path, tmp_path: Path, run_runner: Callable[..., Any], signum: int, state: str, status: int
) -> None:
    reader, outputs = RunReader(), tmp_path / "outputs"
    training = start_training(tmp_path, gate_data, held(hold), *ONE, "resume_points.every_n_steps=1")
    training.wait_for(Path(f"{hold}.reached").exists)
    (run,) = reader.runs(outputs)
    assert (run.state, run.epochs, run.max_epochs, run.seed, run.task) == ("running", 0, 1, 0, "detection")
    csv = run.folder / "logs" / "csv"
    if signum:
        training.send(signum, group=False)
    else:
        csv.rename(tmp_path / "moved")  # the history cannot be written any more
        csv.touch()
    hold.unlink()
    output = training.finish()
    assert training.process.returncode == status, output
    (run,) = reader.runs(outputs)
    assert (run.state, run.status) == (state, None if signum == KILL else status)
    assert run.resumable
    if signum in {TERM, INT}:
        assert run.reason.startswith(f"{signal.Signals(signum).name}: saved ")
    if not signum:
        assert str(csv) in run.reason
        csv.unlink()
        (tmp_path / "moved").rename(csv)

    hold.touch()
    Path(f"{hold}.reached").unlink()
    again = start_training(tmp_path, gate_data, held(hold), *ONE, "resume=auto")
    if signum not in {TERM, INT}:  # those two were stopped after the step before which it waits
        again.wait_for(Path(f"{hold}.reached").exists)
        assert [run.state for run in reader.runs(outputs)] == ["running"]
    hold.unlink()
    output = again.finish()
    assert again.process.returncode == 0, output
    (run,) = reader.runs(outputs)
    assert (run.state, run.status, run.reason, run.epochs) == ("finished", 0, "", 1)
    assert {"val/cleval/hmean", "test/cleval/hmean"} <= run.figures.keys()
    assert run.data_md5 is not None

    table = run_runner("runs", cwd=tmp_path)
    assert "1 finished" in table.stdout, table.stderr
    assert run_runner("runs", "output=runs.json", cwd=tmp_path).returncode == 0
    (row,) = json.loads((tmp_path / "runs.json").read_text(encoding="utf-8"))
    assert row["run"] == f"gate/{run.folder.name}"
    assert row["figures"]["val/loss"] == run.figures["val/loss"]


def test_a_run_refused_in_a_folder_made_for_it_says_why(tmp_path: Path, run_runner: Callable[..., Any]) -> None:
    folder = tmp_path / "outputs" / "gate" / "2026-01-02_03-04-05"
    folder.mkdir(parents=True)
    (folder / "console.log").touch()
    refused = run_runner("train", "debug=fast", f"hydra.run.dir={folder}", f"data.root={tmp_path}", cwd=tmp_path)
    assert refused.returncode == 1
    (run,) = RunReader().runs(tmp_path / "outputs")
    assert (run.state, run.status, run.resumable) == ("failed", 1, False)
    assert str(tmp_path) in run.reason
