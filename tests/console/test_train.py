"""The page Train, in a real browser, with real trainings: nothing is lost by killing the console."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console_pages import fits_every_window
from drawn_receipts import write_drawn_data
from gate_trainings import SPLITS, Training, figures, held, history, processes_with, small, start_training, weights_hash
from ocr.utils.holders import is_locked, lock_holder
from ocr.utils.run_record import read_record
from patience import wait_until
from running_console import MARK, Console

STATES = {"running": "▶", "finished": "✔", "stopped": "■", "failed": "✖", "killed": "†"}


@pytest.fixture(scope="session")
def gate_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_drawn_data(tmp_path_factory.mktemp("console_data"), SPLITS)


def settings(data: Path, *more: str) -> str:
    """A small training as it is typed into the form."""
    given = [setting for setting in small("detection") if not setting.startswith("exp_name=")]
    return "\n".join(f'"{setting}"' for setting in (*given, f"data.root={data}", "data.num_workers=0", *more))


def open_form(page: Any) -> None:
    """Unfold the form, where it is folded since there are runs."""
    form = page.locator("details", has_text="New training")
    form.wait_for()
    if form.get_attribute("open") is None:
        form.locator("summary").click()


def fill(page: Any, name: str, overrides: str) -> None:
    """Fill the form in."""
    open_form(page)
    for label, text in (("Name", name), ("Further overrides", overrides)):
        field = page.get_by_label(label, exact=True)
        field.fill(text)
        field.press("Control+Enter" if label != "Name" else "Enter")
    page.get_by_text(f"exp_name={name} ").wait_for()
    page.get_by_text(overrides.splitlines()[-1].strip('"').split("=")[0]).last.wait_for()


def shows(page: Any, state: str) -> None:
    """Wait until the page shows the state of a run."""
    page.get_by_text(f"{STATES[state]} {state}", exact=True).wait_for()


def stop_button(page: Any, *, disabled: bool) -> Any:
    """The training's; while a page is being made, Streamlit has a button of that name above it."""
    return page.get_by_test_id("stMain").get_by_role("button", name="Stop", disabled=disabled)


def only_run(folder: Path) -> Path:
    (run,) = (folder / "outputs" / "gate").iterdir()
    return run


@pytest.mark.slow
def test_nothing_is_lost_with_the_console(
    start_console: Callable[..., Console], look: Callable[..., Any], gate_data: Path, hold: Path, tmp_path: Path
) -> None:
    first = start_console()
    page = look(first)
    fill(page, "gate", settings(gate_data, held(hold)))
    page.get_by_role("button", name="Start").click()
    shows(page, "running")
    run = only_run(tmp_path)
    wait_until(Path(f"{hold}.reached").exists)
    training = lock_holder(run / ".lock")
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    page.close()

    second = start_console()
    page, stale = look(second), look(second)
    shows(page, "running")
    shows(stale, "running")
    assert lock_holder(run / ".lock") == training
    stop_button(page, disabled=False).click()
    shows(page, "stopped")
    assert read_record(run)["status"] == 143
    assert read_record(run)["state"] == "stopped"
    assert (run / "checkpoints" / "last.ckpt").exists()
    wait_until(lambda: processes_with(f"{MARK}={first.mark}") == [])

    shows(stale, "stopped")
    page.get_by_role("button", name="Continue", disabled=False).click()
    stale.get_by_role("button", name="Continue").dispatch_event("click")  # which may be too late or refused
    shows(page, "running")
    shows(stale, "running")
    page.get_by_role("button", name="Continue", disabled=True).wait_for()
    wait_until(lambda: len(processes_with(f"{MARK}={second.mark}")) == 2)  # the console and one training
    hold.unlink()
    shows(page, "finished")
    whole = start_training(tmp_path, gate_data, "data.num_workers=0", "exp_name=whole")
    output = whole.finish()
    assert whole.process.returncode == 0, output
    (undisturbed,) = (tmp_path / "outputs" / "whole").iterdir()
    for name in ("last.ckpt", "best.ckpt"):
        assert weights_hash(run / "checkpoints" / name) == weights_hash(undisturbed / "checkpoints" / name)
    assert figures(run) == figures(undisturbed)
    assert history(run) == history(undisturbed)
    assert only_run(tmp_path) == run


def test_the_form_keeps_what_was_typed(start_console: Callable[..., Console], look: Callable[..., Any]) -> None:
    page = look(start_console())
    fill(page, "mine", "trainer.max_steps=7")
    for name in ("Runs", "Train"):
        page.get_by_role("link", name=name).click()
        page.get_by_role("heading", level=1, name=name).wait_for()
    page.get_by_text("exp_name=mine trainer.max_steps=7").wait_for()


def test_wrong_settings_are_told_before_the_start(
    start_console: Callable[..., Console], look: Callable[..., Any], gate_data: Path, tmp_path: Path
) -> None:
    page = look(start_console())
    for wrong, said in {
        "trainer.max_epoch=2": "near names: trainer.max_epochs",
        "data.batch_size=0": "data.batch_size=0: must be a whole number from 1 to 65536",
        f"data.root={tmp_path / 'nowhere'}": "nowhere",
    }.items():
        fill(page, "gate", settings(gate_data, wrong))
        page.get_by_role("button", name="Start").click()
        page.get_by_text("The runner refuses these settings.").wait_for()
        page.get_by_text(said).last.wait_for()
        assert not (tmp_path / "outputs").exists()


@pytest.mark.parametrize("end", ["failed", "killed"])  # stopped and finished: above
def test_each_end_is_told_right_after_it(
    start_console: Callable[..., Console],
    look: Callable[..., Any],
    gate_data: Path,
    hold: Path,
    tmp_path: Path,
    end: str,
) -> None:
    broken = tmp_path / "broken"
    often = "resume_points.every_n_steps=1"  # so that there is something to continue from
    training: Training = start_training(tmp_path, gate_data, held(hold), often, "data.num_workers=0")
    training.wait_for(Path(f"{hold}.reached").exists)
    page = look(start_console())
    shows(page, "running")
    run = training.run
    if end == "failed":  # what no run survives: its history cannot be written any more
        (run / "logs" / "csv").rename(broken)
        (run / "logs" / "csv").touch()
    else:
        training.send(signal.SIGKILL, group=False)
    hold.unlink()
    output = training.finish()
    assert not is_locked(run / ".lock")
    shows(page, end)
    fits_every_window(page)
    assert training.process.returncode == {"failed": 1, "killed": -9}[end], output
    if end == "failed":
        page.get_by_text("metrics.csv").first.wait_for()
    stop_button(page, disabled=True).wait_for()
    page.get_by_role("button", name="Continue", disabled=False).wait_for()


@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_starts_and_stops_leave_no_orphan(
    start_console: Callable[..., Console], look: Callable[..., Any], gate_data: Path, tmp_path: Path, times: int
) -> None:
    console = start_console()
    page = look(console)
    fill(page, "gate", settings(gate_data, "data.num_workers=2", "trainer.max_epochs=1000"))
    for _ in range(times):
        runs = list(tmp_path.glob("outputs/gate/*"))
        if runs and list(max(runs).glob("checkpoints/*.ckpt")):
            page.get_by_role("button", name="Continue", disabled=False).click()
        else:  # it was stopped before there was anything to save
            open_form(page)
            page.get_by_role("button", name="Start").click()
        shows(page, "running")
        run = max(tmp_path.glob("outputs/gate/*"))
        training = lock_holder(run / ".lock")
        assert training
        os.kill(training, signal.SIGSTOP)  # so that it does not end before the page says that it will
        stop_button(page, disabled=False).click()
        page.get_by_text("… stopping", exact=True).wait_for()
        stop_button(page, disabled=True).wait_for()
        os.kill(training, signal.SIGCONT)
        shows(page, "stopped")
        wait_until(lambda: processes_with(f"{MARK}={console.mark}") == [console.process.pid])
        assert read_record(run)["status"] == 143
