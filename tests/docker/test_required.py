"""Tests in containers that were asked for are not skipped, however make hands on what it was given."""

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def test_without_docker_what_is_required_fails(tmp_path: Path) -> None:
    (tmp_path / "python").symlink_to(sys.executable)  # and no docker on the PATH
    test = "tests/docker/test_image.py::test_too_little_shared_memory_is_said_with_the_remedy"
    env = {**os.environ, "PATH": str(tmp_path), "MAKEFLAGS": " -- DOCKER_TEST=required", "DOCKER_TEST": "required"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--docker=required", "-m", "docker", test]
    done = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False)
    assert "1 error" in done.stdout, done.stdout
    assert done.returncode != 0
