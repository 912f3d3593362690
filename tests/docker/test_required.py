"""Tests in containers that were asked for are not skipped, however make hands on what it was given."""

import contextlib
import fcntl
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from containers import LOCK, PREFIX, MissingError, check_disk, remove_leftovers
from patience import PATIENCE_S

REPOSITORY = Path(__file__).resolve().parents[2]


def test_without_docker_what_is_required_fails(tmp_path: Path) -> None:
    (tmp_path / "python").symlink_to(sys.executable)  # and no docker on the PATH
    test = "tests/docker/test_image.py::test_too_little_shared_memory_is_said_with_the_remedy"
    env = {**os.environ, "PATH": str(tmp_path), "MAKEFLAGS": " -- DOCKER_TEST=required", "DOCKER_TEST": "required"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--docker=required", "-m", "docker", test]
    done = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False)
    assert "1 error" in done.stdout, done.stdout
    assert done.returncode != 0


def test_leftovers_of_killed_tests_are_removed_and_what_runs_is_not(tmp_path: Path) -> None:
    killed, reused, running, others = (tmp_path / name for name in (f"{PREFIX}a", f"{PREFIX}b", f"{PREFIX}c", "d"))
    for folder in (killed, reused, running, others):
        (folder / "root").mkdir(parents=True)
        (folder / LOCK).touch()
    with contextlib.ExitStack() as stack:
        fcntl.flock(stack.enter_context((running / LOCK).open()), fcntl.LOCK_EX)
        sleeping = [sys.executable, "-c", "import time; print(flush=True); time.sleep(1e6)"]
        processes = []
        for folder, argument in ((killed, str(killed)), (reused, "another program")):
            process = subprocess.Popen([*sleeping, argument], stdout=subprocess.PIPE)
            stack.enter_context(process)
            stack.callback(process.kill)
            assert process.stdout is not None
            process.stdout.readline()  # it has its command line
            (folder / "pid").write_text(str(process.pid))
            processes.append(process)
        remove_leftovers(tmp_path)
        assert sorted(tmp_path.iterdir()) == sorted([running, others])
        daemon, stranger = processes
        assert daemon.wait(timeout=PATIENCE_S) == -signal.SIGTERM
        assert stranger.poll() is None


def test_a_full_disk_is_reported_before_anything_is_built(tmp_path: Path) -> None:
    check_disk(Path("/"), need_gb=0)
    message = f"{re.escape(str(tmp_path))}: .* GB are free, the images need 1000000: .*DOCKER_TEST_ROOT="
    with pytest.raises(MissingError, match=message):
        check_disk(tmp_path, need_gb=1_000_000)
