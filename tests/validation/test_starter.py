"""What is put on a revision's path: the starter, the lines that are followed, the signal at a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ocr.types import InputError
from ocr.validation.exercised import Run
from ocr.validation.processes import Answering
from ocr.validation.side import write_injection

SCRIPT = """
import os, signal, sys, threading

def never():
    return 0

def work(x):
    if x > 5:
        return 1
    return 2

if sys.argv[1:] == ["hang"]:
    threading.Event().wait()
if sys.argv[1:] == ["raise"]:
    raise ValueError("broken")
if sys.argv[1:] == ["open"]:
    open("a.png", "w")
    print("after")
if sys.argv[1:] == ["fork"]:
    child = os.fork()
    if not child:
        work(9)
        os._exit(0)
    os.waitpid(child, 0)
thread = threading.Thread(target=work, args=(1,))
thread.start()
thread.join()
print(__name__, os.environ.get("GIVEN"), os.getcwd(), sys.path[0])
sys.exit(sys.argv[1] if len(sys.argv) > 1 else 7)
"""


class Started:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.script = folder / "script.py"
        self.script.write_text(SCRIPT)
        injection = write_injection(folder / "injection")
        env = {"PYTHONPATH": str(injection), "PROVE_STARTER": "1"}
        command: list[str | Path] = [sys.executable, injection / "starter.py", "json,nowhere"]
        self.program = Answering(command, folder, folder / "starter.err", env)

    def __call__(self, *arguments: str, limit_s: float = 60.0, **env: str) -> tuple[int, str, str]:
        out, err = self.folder / "out", self.folder / "err"
        request: dict[str, Any] = {"command": [str(self.script), *arguments], "cwd": str(self.folder), "env": env}
        answer = self.program.ask({**request, "out": str(out), "err": str(err), "limit_s": limit_s})
        return answer["status"], out.read_text(), err.read_text()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Started]:
    started = Started(tmp_path)
    yield started
    started.program.close()


def test_a_program_runs_as_from_a_shell(start: Started, tmp_path: Path) -> None:
    assert start(GIVEN="x") == (7, f"__main__ x {tmp_path} {tmp_path}\n", "")
    assert start("bad input")[::2] == (1, "bad input\n")
    status, _, said = start("raise")
    assert status == 1
    assert "ValueError: broken" in said


def test_one_that_hangs_is_ended(start: Started) -> None:
    assert start("hang", limit_s=0.5)[0] == 137
    assert start()[0] == 7


def test_a_signal_comes_as_a_file_is_opened(start: Started) -> None:
    assert start("open", PROVE_SIGNAL="15 *a.png")[:2] == (143, "")
    assert start("open", PROVE_SIGNAL="15 *b.png")[1].startswith("after")


def test_lines_are_followed_in_threads_and_forks(start: Started, tmp_path: Path) -> None:
    asked = tmp_path / "asked.json"
    log = tmp_path / "lines"
    asked.write_text(json.dumps({"files": [str(start.script)], "log": str(log)}))
    start(PROVE_LINES=str(asked))
    run = Run.read(log, tmp_path)
    assert ("script.py", 7) in run.entered
    assert ("script.py", 4) not in run.entered
    assert {number for _, number in run.lines if 7 < number < 11} == {8, 10}
    start("fork", PROVE_LINES=str(asked))
    assert ("script.py", 9) in Run.read(log, tmp_path).lines


def test_a_starter_that_is_gone_is_said(start: Started) -> None:
    start.program.close()
    with pytest.raises(InputError, match=r"a program that runs the jobs has ended; see .*starter\.err"):
        start()
