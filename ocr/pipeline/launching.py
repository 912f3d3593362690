"""Check, start, stop and continue trainings as processes of their own, which need nobody who watches them.

A training runs in a session of its own and prints to ``console.log`` in its folder. Whether it runs, and which process
it is, is asked of the kernel (`ocr.utils.holders`): whoever looks later, or after a restart, finds the same.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from itertools import dropwhile
from pathlib import Path
from typing import Any

import yaml

from ocr.pipeline.jobs import detach
from ocr.pipeline.run_files import LOG, is_starting, read_text
from ocr.types import InputError
from ocr.utils.arguments import quoted
from ocr.utils.holders import is_locked, signal_holder, writers_began
from ocr.utils.path_utils import REPOSITORY_ROOT
from ocr.utils.runs import DESCRIPTION, LOCK, POINTS, STAMPS, run_folder

RUNNER = REPOSITORY_ROOT / "runners" / "train.py"
ONLY_CHECK = "+callbacks.only_check={enabled:true,spec:{_target_:ocr.training.only_check.OnlyCheck}}"
NAME = re.compile(r"[\w.-]*\w[\w.-]*")
FOLDER = "hydra.run.dir"
OF_ITS_OWN = ("resume=", "-m", "--multirun", FOLDER)
"""What would contradict the folder that a run gets here."""


def check_settings(overrides: Sequence[str], cwd: Path) -> str:
    """Let the runner build everything that a training needs, and train nothing.

    Args:
        overrides: the settings as on the command line (``trainer.max_epochs=2``).
        cwd: folder to which paths in them are relative.

    Returns:
        Why the runner refuses the settings, in its own words; empty if it accepts them.
    """
    if unfit := [each for each in overrides if each.startswith(OF_ITS_OWN)]:
        return f"{unfit[0]}: not from here: a run is continued by its button, and a sweep is started in a terminal"
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run(
            [*command(), *overrides, folder_setting(Path(place) / "run"), ONLY_CHECK],
            cwd=cwd, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, errors="replace", check=False,
        )  # fmt: skip
    if done.returncode == 0:
        return ""
    said = [line for line in done.stderr.splitlines() if line.strip()]
    tracebacks = [number for number, line in enumerate(said) if line.startswith("Traceback ")]
    if tracebacks:  # its end, which may have several lines
        said = list(dropwhile(lambda line: line.startswith(" "), said[tracebacks[-1] + 1 :]))
    # Of what Hydra says, the overrides have one that nobody gave here; to a misspelt key it advises to add it.
    said = [line for line in said if not line.startswith("Error executing job with overrides: ")]
    said = [line for line in said if " is not a setting of " in line] or said
    return "\n".join(said) or f"the runner ended with status {done.returncode} and said nothing"


def start_training(runs: Path, name: str, overrides: Sequence[str], cwd: Path) -> Path:
    """Start a training in a new folder ``<runs>/<name>/<date>_<time>``.

    Returns:
        The folder.

    Raises:
        InputError: the name cannot be that of a folder, or the folder cannot be made.
    """
    check_name(name)
    parent = runs.absolute() / name
    folder = Path(run_folder(str(parent), None, datetime.now().strftime(STAMPS[0])))
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made ({error.strerror}); check runs= and its permissions") from error
    launch(folder, [*overrides, f"exp_name={name}", folder_setting(folder)], cwd)
    return folder


def check_name(name: str) -> None:
    """Check the name of a run.

    Raises:
        InputError: it cannot be that of a folder.
    """
    if not NAME.fullmatch(name):
        raise InputError(f"exp_name={name}: give letters, digits, '-', '_' and '.', since it names a folder")


def continue_training(folder: Path) -> None:
    """Continue a run that was stopped, failed or killed, from its last checkpoint and with its own settings.

    Raises:
        InputError: it is running, or has no checkpoint.
    """
    if is_locked(folder / LOCK) or is_starting(folder, writers_began(LOG)):
        raise InputError(f"{folder}: this run is running already; stop it first, or start a new run")
    if not any((folder / "checkpoints" / name).exists() for name in POINTS):
        raise InputError(f"{folder}: has no checkpoint to continue from; start a new run with the same settings")
    resume = quoted(f"resume={folder.absolute()}", ("resume",))
    launch(folder, [*settings_of(folder), resume], started_in(folder))


def stop_training(folder: Path) -> int:
    """Ask a run to save its state and to end, with SIGTERM; it exits with 143.

    Returns:
        Its process id.

    Raises:
        InputError: it is not running, or its process cannot be signalled from here.
    """
    return signal_holder(folder / LOCK, signal.SIGTERM)


def settings_of(folder: Path) -> list[str]:
    """The settings that a run was started with, less what it was continued from."""
    content = yaml.safe_load(read_text(folder / DESCRIPTION / "overrides.yaml")) or []
    return [str(setting) for setting in content if not str(setting).startswith("resume=")]


def started_in(folder: Path) -> Path:
    """The folder that a run was started in, to which its settings are relative; if it is gone, the current one."""
    content: Any = yaml.safe_load(read_text(folder / DESCRIPTION / "hydra.yaml"))
    try:
        place = Path(content["hydra"]["runtime"]["cwd"])
    except (KeyError, TypeError):
        return Path.cwd()
    return place if place.is_dir() else Path.cwd()


def folder_setting(folder: Path) -> str:
    """The setting that makes a run write to a folder."""
    return quoted(f"{FOLDER}={folder}", (FOLDER,))


def command() -> list[str]:
    """The program that trains.

    Raises:
        InputError: the package is installed without it.
    """
    if not RUNNER.exists():
        raise InputError(f"{RUNNER}: trainings are started from a checkout of the repository; this is none")
    return [sys.executable, str(RUNNER)]


def environment() -> dict[str, str]:
    """Of a training: lines of the log are not broken, and are written at once."""
    return {**os.environ, "COLUMNS": "200", "PYTHONUNBUFFERED": "1"}


def launch(folder: Path, arguments: Sequence[str], cwd: Path) -> None:
    """Start the runner, with its log in the run's folder.

    Raises:
        InputError: the log cannot be written.
    """
    detach([*command(), *arguments], folder / LOG, cwd, environment(), mode="ab")
