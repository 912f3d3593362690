"""Tests in containers that were asked for are not skipped, however make hands on what it was given."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("asked", "outcome"), [("required", "1 error"), ("1", "1 skipped")])
def test_without_docker_what_is_required_fails(asked: str, outcome: str, tmp_path: Path) -> None:
    (tmp_path / "python").symlink_to(sys.executable)  # and no docker on the PATH
    command = ["make", "-n", "--no-print-directory", "docker-test", f"DOCKER_TEST={asked}", "ARGS=-q"]
    recipe = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    (line,) = [line for line in recipe.splitlines() if "pytest" in line]
    assert f"--docker={asked} " in line
    arguments = ["-m", "pytest", "-p", "no:cacheprovider", f"--docker={asked}", "-m", "docker"]
    test = "tests/docker/test_image.py::test_too_little_shared_memory_is_said_with_the_remedy"
    env = {**os.environ, "PATH": str(tmp_path), "MAKEFLAGS": f" -- ARGS=-q DOCKER_TEST={asked}", "DOCKER_TEST": asked}
    done = subprocess.run(
        [sys.executable, *arguments, test], cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False
    )
    assert outcome in done.stdout, done.stdout
    assert (done.returncode == 0) == (asked == "1")
