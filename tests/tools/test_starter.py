"""What is put on a revision's path: the starter, the lines that are followed, the signal at a file."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ocr.types import InputError
from tools.processes import Answering
from tools.proof.exercised import Run
from tools.proof.side import write_injection

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


FOLLOWED = '''"""Documentation."""
from __future__ import annotations
import functools

SEEN = []

class Thing:
    """A class."""

    @functools.cache  # head
    def of(self):
        """Its own."""
        return 1
    def other(self):
        pass  # not run

def work(x):
    """Its own."""
    global SEEN
    if x == 0:
        SEEN = [Thing().of()]
    elif x == 1:
        SEEN.append(2)
    else:  # head
        match x:
            case 3:  # head
                SEEN.append("three")
            case _:  # head
                SEEN.append(4)  # not run
    try:
        assert x < 3
    except ValueError:  # not run
        raise  # not run
    except AssertionError:
        SEEN.append(5)
    finally:  # head
        pass

for x in (0, 1, 3):
    work(x)
'''


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


def test_every_kind_of_statement_is_followed_and_does_what_it_did(start: Started, tmp_path: Path) -> None:
    module = tmp_path / "followed.py"
    module.write_text(FOLLOWED)
    start.script.write_text("import followed\nprint(followed.__doc__, followed.work.__doc__, followed.SEEN)\n")
    (tmp_path / "asked.json").write_text(json.dumps({"files": [str(module)], "log": str(tmp_path / "lines")}))
    said = "Documentation. Its own. [1, 2, 'three', 5]\n"
    lines = list(enumerate(FOLLOWED.splitlines(), 1))
    for _ in range(2):  # compiled, then as it was compiled before
        assert start(PROVE_LINES=str(tmp_path / "asked.json")) == (0, said, "")
        run = Run.read(tmp_path / "lines", tmp_path)
        expected = {number for number, line in lines if line and not line.endswith(("# head", "# not run"))}
        assert {number for _, number in run.lines} == expected
        assert {number for _, number in run.entered} == {10, 17}
        (tmp_path / "lines").unlink()
    assert start() == (0, said, "")  # no probe was left behind
    assert not (tmp_path / "lines").exists()


def test_a_starter_that_is_gone_is_said(start: Started) -> None:
    start.program.close()
    with pytest.raises(InputError, match=r"a program that runs the jobs has ended; see .*starter\.err"):
        start()
