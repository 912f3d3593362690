"""Runs as their folders describe them, without a training."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from made_runs import make_run
from ocr.pipeline.launching import check_settings
from ocr.pipeline.run_comparison import differences, over_seeds, spread
from ocr.pipeline.run_files import curves, log_tail
from ocr.pipeline.runs import RunReader, report_runs
from ocr.types import InputError
from ocr.utils.interruption import Stopped
from ocr.utils.run_record import outcome, read_record, record_begin, record_end
from ocr.utils.runs import hold


def test_a_folder_is_read_again_only_when_a_file_of_it_changes(tmp_path: Path) -> None:
    folders = [make_run(tmp_path, seed) for seed in range(5)]
    reader = RunReader()
    assert len(reader.runs(tmp_path)) == 5
    assert len(reader.runs(tmp_path)) == 5
    assert reader.reads == 5
    record_end(folders[0], 2.0, RuntimeError("out of memory"))
    states = {run.folder: run.state for run in reader.runs(tmp_path)}
    assert states.pop(folders[0]) == "failed"
    assert set(states.values()) == {"finished"}
    assert reader.reads == 6


def test_the_latest_comes_first_and_what_is_in_a_run_is_no_run(tmp_path: Path) -> None:
    first, second = (make_run(tmp_path, seed) for seed in range(2))
    shutil.copytree(first, second / "logs" / "copy")
    shutil.copytree(first, tmp_path / ".hidden" / "run")
    assert [run.folder for run in RunReader().runs(tmp_path)] == [second, first]
    assert RunReader().runs(tmp_path / "none") == []


def test_what_another_program_leaves_is_no_run(tmp_path: Path) -> None:
    """`tune.py` and `check.py` describe themselves in `.hydra` as well."""
    (tmp_path / "tune" / ".hydra").mkdir(parents=True)
    (tmp_path / "tune" / ".hydra" / "config.yaml").write_text("checkpoint_path: a.ckpt\nseed: 0\n", encoding="utf-8")
    assert RunReader().runs(tmp_path) == []


def test_a_run_of_a_version_without_a_record_has_finished_or_was_killed(tmp_path: Path) -> None:
    finished, killed = (make_run(tmp_path, seed) for seed in range(2))
    for folder in (finished, killed):
        (folder / ".hydra" / "run.json").unlink()
    (killed / "metrics.json").unlink()
    states = {run.folder: (run.state, run.wall_time_s) for run in RunReader().runs(tmp_path)}
    assert states == {finished: ("finished", 34.0), killed: ("killed", None)}


def test_a_lock_says_that_it_runs_whatever_its_record_says(tmp_path: Path) -> None:
    folder = make_run(tmp_path, 0)
    lock = hold(folder / ".lock")
    assert lock is not None
    assert RunReader().run(folder).state == "running"


def test_a_finished_run_that_was_continued_and_killed_was_killed(tmp_path: Path) -> None:
    folder = make_run(tmp_path, 0)
    record_begin(folder)
    assert (folder / "metrics.json").exists()
    assert RunReader().run(folder).state == "killed"


def test_the_parts_of_a_run_add_up(tmp_path: Path) -> None:
    record_begin(tmp_path)
    started = read_record(tmp_path)["started"]
    record_end(tmp_path, 10.0, Stopped(15, None, "saved"))
    record_begin(tmp_path)
    record_end(tmp_path, 5.0, None)
    record = read_record(tmp_path)
    assert (record["wall_time_s"], record["started"], record["state"]) == (15.0, started, "finished")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, ("finished", 0, "")),
        (Stopped(15, None, "saved a.ckpt"), ("stopped", 143, "SIGTERM: saved a.ckpt")),
        (SystemExit("InputError: data.root=x"), ("failed", 1, "InputError: data.root=x")),
        (ValueError("nan"), ("failed", 1, "ValueError: nan")),
    ],
)
def test_what_ended_a_run(error: BaseException | None, said: tuple[str, int, str]) -> None:
    assert outcome(error) == said


def test_a_checkpoint_is_seen_when_it_is_written(tmp_path: Path) -> None:
    folder, reader = make_run(tmp_path, 0), RunReader()
    assert not reader.run(folder).resumable
    (folder / "checkpoints").mkdir(exist_ok=True)
    (folder / "checkpoints" / "last.ckpt").touch()
    assert reader.run(folder).resumable


def test_the_last_row_of_a_history_may_be_half_written(tmp_path: Path) -> None:
    folder = make_run(tmp_path, 0)
    history = folder / "logs" / "csv" / "metrics.csv"
    whole = curves(folder)
    assert whole["train/loss"] == [(9, 2.0), (19, 1.0)]
    assert whole["val/cleval/hmean"] == [(19, 0.5)]
    with history.open("a", encoding="utf-8") as stream:
        stream.write("1,29,0.2")
    assert curves(folder) == whole
    assert RunReader().run(folder).epochs == 1


def test_the_validation_of_the_best_network_is_no_epoch_and_on_no_curve(tmp_path: Path) -> None:
    folder = make_run(tmp_path, 0)
    config = folder / ".hydra" / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("max_epochs: 1", "max_epochs: 12"), encoding="utf-8")
    assert curves(folder)["val/cleval/hmean"] == [(19, 0.5)]
    assert RunReader().run(folder).epochs == 1
    record_begin(folder)  # it is continued: metrics.json is that of before
    assert curves(folder)["val/cleval/hmean"] == [(19, 0.5), (20, 0.5)]


def test_a_bar_of_progress_is_shown_once(tmp_path: Path) -> None:
    (tmp_path / "console.log").write_text("start\n1%\r50%\r100%\n\nend", encoding="utf-8")
    assert log_tail(tmp_path) == ["start", "100%", "end"]


def test_settings_that_differ_and_figures_over_seeds(tmp_path: Path) -> None:
    same = [make_run(tmp_path, seed, hmean=hmean) for seed, hmean in ((0, 0.5), (1, 0.7), (2, 0.9))]
    other = make_run(tmp_path, 3, hmean=0.1, lr=0.1)
    for seed in (4, 5):  # of which code and data are unknown
        make_run(tmp_path, seed, state="killed")
    assert differences([same[0], same[1], other]) == {
        "seed": ["0", "1", "3"],
        "optimiser.lr": ["0.003", "0.003", "0.1"],
    }
    runs = RunReader().runs(tmp_path)
    (group,) = over_seeds(runs)
    assert {run.folder for run in group} == set(same)
    hmean = spread(group)["val/cleval/hmean"]
    assert (hmean.mean, hmean.low, hmean.high, hmean.count) == (pytest.approx(0.7), 0.5, 0.9, 3)
    assert hmean.deviation == pytest.approx(0.2)  # of the sample: (0.04 + 0 + 0.04) / 2


def test_brackets_in_a_reason_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are no markup of the table."""
    record_end(make_run(tmp_path, 0, state="failed"), 2.0, ValueError("files [/data/a.jpg] [dbnet, east]"))
    report_runs(str(tmp_path), None)
    shown = "".join(letter for letter in capsys.readouterr().out if letter not in " \n│")
    assert "[/data/a" in shown
    assert "[dbnet,east]" in shown
    assert "1run,1failed" in shown


@pytest.mark.parametrize(("columns", "origin"), [(80, False), (140, True)])
def test_the_table_fits_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int, origin: bool
) -> None:
    make_run(tmp_path / "a_name_of_twenty_one", 0)
    monkeypatch.setenv("COLUMNS", str(columns))
    report_runs(str(tmp_path), None)
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= columns
    assert "…" not in shown
    for whole in ("2026-01-01_00-00-00", "finished", "1/1", "0:00:34", "val/cleval/hmean 0.5000"):
        assert whole in shown
    assert all((part in shown) == origin for part in ("seed", "01234567", "abcdef01"))


def test_a_run_that_has_just_ended_is_not_starting(tmp_path: Path) -> None:
    """Its process may print to the log for a while after it has given the lock back."""
    folder = make_run(tmp_path, 0)
    wait = [sys.executable, "-c", "input()"]
    with (
        (folder / "console.log").open("a") as log,
        subprocess.Popen(wait, stdin=subprocess.PIPE, stdout=log) as process,
    ):
        os.utime(folder / ".hydra" / "run.json", (0, 0))
        assert starts(folder)
        record_end(folder, 2.0, None)
        os.utime(folder / ".hydra" / "run.json", (2**32, 2**32))  # later than whatever writes to the log
        assert not starts(folder)
        process.communicate(b"\n")
    assert not starts(folder)


def starts(folder: Path) -> bool:
    """Whether the table has a run as running that has not begun."""
    (run,) = RunReader().runs(folder.parents[1])
    assert RunReader().run(folder) == run
    assert run.starting == (run.state == "running")
    return run.starting


@pytest.mark.parametrize("override", ["resume=auto", "--multirun", "hydra.run.dir=x"])
def test_what_contradicts_the_folder_of_a_run_is_refused(override: str, tmp_path: Path) -> None:
    assert check_settings([override], tmp_path).startswith(f"{override}: not from here")


def test_the_table_as_a_file(tmp_path: Path) -> None:
    make_run(tmp_path / "runs", 0)
    report_runs(str(tmp_path / "runs"), str(tmp_path / "runs.csv"))
    header, line = (tmp_path / "runs.csv").read_text(encoding="utf-8").splitlines()
    row = dict(zip(header.split(","), line.split(","), strict=True))
    assert (row["state"], row["seed"], row["val/cleval/hmean"]) == ("finished", "0", "0.5")
    report_runs(str(tmp_path / "runs"), str(tmp_path / "runs.json"))
    assert json.loads((tmp_path / "runs.json").read_text(encoding="utf-8"))[0]["epochs"] == 1
    for output, said in {"runs.csv": "overwrite=true", "runs.txt": ".csv or .json"}.items():
        with pytest.raises(InputError, match=said):
            report_runs(str(tmp_path / "runs"), str(tmp_path / output))
    with pytest.raises(InputError, match="no such folder"):
        report_runs(str(tmp_path / "nowhere"), None)
