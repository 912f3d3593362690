"""What can be said of the image's files without building anything."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from containers import CODE

REPOSITORY = Path(__file__).resolve().parents[2]
DOCKERFILE = (REPOSITORY / "docker" / "Dockerfile").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command", [["hadolint", "docker/Dockerfile"], ["shellcheck", "docker/entrypoint.sh", "docker/train.sh"]]
)
def test_the_linters_are_content(command: list[str]) -> None:
    if not (BIN / command[0]).exists():
        pytest.skip(f"{command[0]} is not installed: make setup-dev")
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_base_has_the_cuda_version_of_the_locks_torch(default_base: str) -> None:
    """NVIDIA's image refuses drivers that are too old for its version: they would be too old for torch as well."""
    lock = (REPOSITORY / "requirements" / "base.lock").read_text(encoding="utf-8")
    (wanted,) = re.findall(r"^cuda-toolkit==(\d+\.\d+)", lock, re.MULTILINE)
    assert re.fullmatch(rf"nvidia/cuda:{re.escape(wanted)}\.\d+-base-ubuntu\d+\.\d+", default_base)


def test_the_build_is_given_the_code_alone() -> None:
    """What `make docker-test` sees in the image follows from this file."""
    ignored = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[1] == "*"
    given = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert {name.split("/")[0] for name in given} == CODE
    assert [name for name in given if not (REPOSITORY / name).exists()] == []


def test_the_code_comes_after_everything_that_takes_long() -> None:
    final = DOCKERFILE[DOCKERFILE.index("AS runtime") :]
    steps = re.findall(r"^(RUN|COPY.*)", final, re.MULTILINE)
    assert steps == ["COPY --from=environment /app/.venv .venv", "RUN", "COPY . ."]


def test_compose_builds_and_runs_this_image() -> None:
    content = yaml.safe_load((REPOSITORY / "docker" / "compose.yaml").read_text(encoding="utf-8"))
    assert content["services"].keys() == {"smoke", "train"}
    for service in content["services"].values():
        assert service["build"]["args"].keys() <= set(re.findall(r"^ARG (\w+)", DOCKERFILE, re.MULTILINE))
        assert (REPOSITORY / "docker" / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
        assert {volume.split(":")[1] for volume in service["volumes"]} == {"/app/data", "/app/outputs"}
        assert service["shm_size"]
        (device,) = service["deploy"]["resources"]["reservations"]["devices"]
        assert device["capabilities"] == ["gpu"]
        assert (REPOSITORY / service["command"][0]).is_file()


def test_the_dev_container_builds_a_stage_that_there_is() -> None:
    text = (REPOSITORY / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    content = json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))
    build = content["build"]
    assert (REPOSITORY / ".devcontainer" / build["dockerfile"]).resolve() == REPOSITORY / "docker" / "Dockerfile"
    assert re.search(rf"^FROM \S+ AS {build['target']}$", DOCKERFILE, re.MULTILINE)
    assert content["workspaceFolder"] == "/app"
