"""Programs that are started and left alone: a check of the data, and a run's network on a split."""

import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from drawn_receipts import write_drawn_data
from ocr.pipeline.check_reports import REPORT, latest_log, reports_of, start_check
from ocr.pipeline.jobs import cancel_job, is_running, last_words, setting, share_done, start_job
from ocr.pipeline.split_predictions import SplitPredictions
from ocr.types import InputError
from ocr.utils.holders import opened_by
from patience import wait_until
from taught_network import write_taught_run


def ended(log: Path) -> None:
    wait_until(lambda: not is_running(log), every_s=0.1)


def test_a_check_leaves_a_report_that_is_found_for_its_folder_alone(tmp_path: Path) -> None:
    data, runs = write_drawn_data(tmp_path / "my data", {"train": 1, "val": 2}), tmp_path / "outputs"
    (data / "images" / "val" / "val_1.png").unlink()
    log = start_check(runs, data)
    assert latest_log(runs, data) == log
    assert latest_log(runs, tmp_path) is None
    assert reports_of(runs, data) == []
    ended(log)
    assert share_done(log) == 1.0, last_words(log)
    (report,) = reports_of(runs, data)
    assert report.folder == log.parent
    assert report.content["severities"]["error"] == 1
    assert "val_1.png" in report.page
    assert reports_of(runs, tmp_path) == []
    assert not (log.parent / ".hydra").exists(), "it is no run of a training"


def test_the_words_of_a_program_that_fails_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "console.txt"
    start_job("check", log, [setting("input", tmp_path / "a,b {c}"), "hydra.run.dir=."], tmp_path)
    ended(log)
    assert last_words(log).startswith(f"InputError: input={tmp_path}/a,b {{c}}: no such folder")
    assert not (tmp_path / REPORT).exists()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_taught_run(tmp_path, images=12)


def test_predictions_of_a_run_are_made_once_and_kept(run: Path) -> None:
    wanted = SplitPredictions.of(run, "val")
    assert (wanted.state, wanted.granularity) == ("none", "word")
    wanted.start()
    assert wanted.state == "running"
    with pytest.raises(InputError, match="a process is writing it"):
        wanted.start()
    ended(wanted.log)
    assert wanted.state == "ready", last_words(wanted.log)
    found = json.loads(wanted.predictions.read_text())["images"]
    assert sorted(found) == sorted(path.name for path in wanted.images.iterdir())
    later = wanted.predictions.stat().st_mtime + 10
    os.utime(wanted.checkpoint, (later, later))
    assert SplitPredictions.of(run, "val").state == "outdated"


def test_a_program_that_is_killed_has_failed_and_can_be_started_again(run: Path) -> None:
    wanted = SplitPredictions.of(run, "val")
    wanted.start()
    for process, _ in opened_by(wanted.log):
        os.kill(process, signal.SIGKILL)
    ended(wanted.log)
    assert wanted.state == "failed"
    wanted.start()
    ended(wanted.log)
    assert wanted.state == "ready", last_words(wanted.log)


def test_a_program_that_is_cancelled_ends_and_can_be_started_again(run: Path) -> None:
    wanted = SplitPredictions.of(run, "val")
    wanted.start()
    processes = {process for process, _ in opened_by(wanted.log)}
    assert cancel_job(wanted.log) in processes
    ended(wanted.log)
    assert wanted.state == "cancelled"
    assert last_words(wanted.log)
    wanted.predictions.touch()  # one that is cancelled later leaves what it has found so far
    assert wanted.state == "cancelled"
    with pytest.raises(InputError, match="it has ended"):
        cancel_job(wanted.log)
    wanted.start()
    ended(wanted.log)
    assert wanted.state == "ready", last_words(wanted.log)


def test_a_run_without_a_network_or_with_another_task_is_refused(run: Path) -> None:
    shutil.move(run / "checkpoints" / "best.ckpt", run / "kept.ckpt")
    with pytest.raises(InputError, match=r"best\.ckpt: is missing"):
        SplitPredictions.of(run, "val").start()
    shutil.move(run / "kept.ckpt", run / "checkpoints" / "best.ckpt")
    config = run / ".hydra" / "config.yaml"
    config.write_text(config.read_text().replace("detection", "captions"))
    with pytest.raises(InputError, match="task=captions finds nothing on images"):
        SplitPredictions.of(run, "val").start()
    config.write_text("task: detection\n")
    with pytest.raises(InputError, match=r"says no data\.root"):
        SplitPredictions.of(run, "val")
