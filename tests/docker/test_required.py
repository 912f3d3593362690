"""Tests in containers that were asked for are not skipped, however make hands on what it was given."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from containers import LOCK, PREFIX, MissingError, check_disk, remove_leftovers

REPOSITORY = Path(__file__).resolve().parents[2]


def test_without_docker_what_is_required_fails(tmp_path: Path) -> None:
    (tmp_path / "python").symlink_to(sys.executable)  # and no docker on the PATH
    test = "tests/docker/test_image.py::test_too_little_shared_memory_is_said_with_the_remedy"
    env = {**os.environ, "PATH": str(tmp_path), "MAKEFLAGS": " -- DOCKER_TEST=required", "DOCKER_TEST": "required"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--docker=required", "-m", "docker", test]
    done = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False)
    assert "1 error" in done.stdout, done.stdout
    assert done.returncode != 0


def test_what_killed_tests_left_is_removed_and_what_runs_is_not(tmp_path: Path) -> None:
    killed, running, others = (tmp_path / name for name in (f"{PREFIX}a", f"{PREFIX}b", "c"))
    for folder in (killed, running, others):
        (folder / "root").mkdir(parents=True)
        (folder / LOCK).touch()
    sleeping = [sys.executable, "-c", "import time; time.sleep(1e6)"]
    with (
        (running / LOCK).open() as held,
        subprocess.Popen([*sleeping, str(killed)]) as daemon,
        subprocess.Popen(sleeping) as stranger,
    ):
        fcntl.flock(held, fcntl.LOCK_EX)
        (killed / "pid").write_text(str(daemon.pid))
        remove_leftovers(tmp_path)
        assert sorted(tmp_path.iterdir()) == sorted([running, others])
        assert daemon.wait() < 0
        killed.mkdir()
        (killed / LOCK).touch()
        (killed / "pid").write_text(str(stranger.pid))  # the number was given to another program
        remove_leftovers(tmp_path)
        assert not killed.exists()
        assert stranger.poll() is None
        stranger.kill()


def test_a_disk_that_is_too_full_is_said_before_anything_is_built(tmp_path: Path) -> None:
    check_disk(Path("/"), need_gb=0)
    with pytest.raises(MissingError, match=f"{tmp_path}: .* GB are free, the images need 1000000: .*DOCKER_TEST_ROOT="):
        check_disk(tmp_path, need_gb=1_000_000)
