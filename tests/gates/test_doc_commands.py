"""What README and docs tell a reader to type works. `make docs-commands`; doc_commands.yaml says how it is tried."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from doc_commands import PAGES, RUNNER, Command, all_commands, class_of, filled, read_classes, variables_of
from drawn_receipts import write_drawn_data
from ocr.utils.path_utils import REPOSITORY_ROOT
from patience import PATIENCE_S
from planted_checkout import copy_checkout, environment

pytestmark = pytest.mark.gate
COMMANDS = all_commands()
CLASSES = read_classes()
MAKEFILES = [REPOSITORY_ROOT / "Makefile", REPOSITORY_ROOT / "docker" / "docker.mk"]
RUN = "outputs/train/2026-01-02_03-04-05"
SLOW = (pytest.mark.slow,)
RUN_PAGES = [page for page in PAGES if any(c.page == page and class_of(c, CLASSES)[0] == "run" for c in COMMANDS)]


def tried(name: str) -> list[Any]:
    """The commands of a class, each text once, where it stands first; with FAST=1 those of the README alone."""
    first = {command.typed: command for command in reversed(COMMANDS) if class_of(command, CLASSES)[0] == name}
    return [
        pytest.param(command, id=str(command), marks=() if command.page == "README.md" else SLOW)
        for command in first.values()
    ]


def shell(folder: Path, line: str) -> str:
    """What a line prints in a shell with the environment's programs; it must end well."""
    variables = {name: value for name, value in environment(folder).items() if not name.startswith(("MAKE", "MFLAGS"))}
    variables["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{variables['PATH']}"
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    assert done.returncode == 0, f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def composed(folder: Path, line: str) -> None:
    """Hydra makes the configuration of a command of a runner, with everything given that must be."""
    command = re.search(r"\S*python3? runners/.*?(?= \|\| | # |$)", line)
    assert command
    words = shlex.split(command[0])
    if "--multirun" in words:  # the first value of each sweep
        words = [re.sub(r",[^=\]]*$", "", word) for word in words if word != "--multirun"]
    assert "???" not in shell(folder, f"{shlex.join(words)} --cfg job"), line


@pytest.mark.parametrize("command", tried("composed"))
def test_a_command_of_a_runner_composes(command: Command) -> None:
    composed(REPOSITORY_ROOT, filled(command.typed, RUN))


@pytest.fixture(scope="module")
def front_door(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Makefile and what its rules look at; nothing is installed, and nothing is run but to plan."""
    folder = tmp_path_factory.mktemp("front_door")
    shutil.copy(REPOSITORY_ROOT / "Makefile", folder)
    shutil.copytree(REPOSITORY_ROOT / "docker", folder / "docker")
    shutil.copytree(REPOSITORY_ROOT / "requirements", folder / "requirements")
    return folder


@pytest.mark.parametrize("command", tried("planned"))
def test_a_call_of_make_is_planned_and_the_runners_in_it_compose(front_door: Path, command: Command) -> None:
    typed = filled(command.typed, RUN)
    makefiles = "".join(path.read_text(encoding="utf-8") for path in MAKEFILES)
    assert [
        name for name in variables_of(typed) if f"$({name})" not in makefiles and f",{name})" not in makefiles
    ] == []
    steps = shell(front_door, typed.replace("make ", "make --dry-run ", 1)).replace("\\\n", " ")
    for line in steps.splitlines():
        if RUNNER.search(line) and "synthesize" not in line:
            composed(REPOSITORY_ROOT, line)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, gate_checkpoint: Path) -> Path:
    """A checkout as a reader has it who has come so far: a training, photos, data of one's own, also as SROIE."""
    folder = copy_checkout(tmp_path_factory.mktemp("reader"))
    shutil.copytree(gate_checkpoint.parents[1], folder / RUN)
    write_drawn_data(folder / "data", {"train": 4, "val": 2, "test": 2})
    shutil.copytree(folder / "data" / "images" / "test", folder / "photos")
    truth = "format=native input=data/jsons/train.json split=train to=sroie output=as_sroie"
    shell(folder, f".venv/bin/python runners/convert.py {truth}")
    shutil.copytree(folder / "as_sroie" / "train", folder / "sroie")
    return folder


@pytest.mark.parametrize("page", [pytest.param(page, marks=() if page == "README.md" else SLOW) for page in RUN_PAGES])
def test_the_commands_of_a_page_run_in_their_order(reader: Path, page: str) -> None:
    written = ("found", "read", "documents", "draft", "boxes", "repaired", "mine", "errors.html", "theirs", "sharded")
    for name in (*written, "receipts.onnx", "lines.onnx", "lines-int8.onnx", "lines.safetensors"):
        path = reader / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    shutil.copytree(reader / "data", reader / "mine")
    shutil.copy(reader / RUN / "checkpoints" / "best.ckpt", reader / "best.ckpt")
    for command in COMMANDS:
        name, appended = class_of(command, CLASSES)
        if command.page == page and name == "run":
            shell(reader, f"{filled(command.typed, RUN)} {appended}")
