"""The workflows call Make targets, which are the list of gates; they may do nothing but read, with pinned actions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yaml"))
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
PINNED = re.compile(r"^\s+- uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def made(command: str) -> set[str]:
    """The targets of a `make` command."""
    words = command.split()
    assert words[0] == "make", command
    return {word for word in words[1:] if "=" not in word}


def commands(path: Path) -> list[str]:
    return [step["run"] for job in read(path)["jobs"].values() for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_runs_targets_of_the_makefile_alone(path: Path) -> None:
    rules = "".join(file.read_text(encoding="utf-8") for file in (REPOSITORY / "Makefile", *REPOSITORY.glob("*/*.mk")))
    asked = set().union(*map(made, commands(path)))
    assert asked
    assert asked <= set(TARGET.findall(rules))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_read_alone_and_ends_in_time(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["permissions"] == {"contents": "read"}
        assert job["timeout-minutes"] <= 240


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_by_its_commit(path: Path) -> None:
    used = [line for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert used
    assert [line for line in used if not PINNED.match(line)] == []


def test_what_guards_a_push_here_guards_it_there() -> None:
    """Each target of .ci/run is called by the workflow too; smoke and the types are part of the checklist and hooks."""
    script = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
    here = set().union(*map(made, re.findall(r"^\s*(make .+)$", script, flags=re.MULTILINE)))
    there = set().union(*map(made, commands(REPOSITORY / ".github" / "workflows" / "ci.yaml")))
    assert here - there <= {"lint", "typecheck", "smoke", "setup-data", "setup-docs", "setup-dev", "docker-test"}


def test_every_supported_python_is_tested() -> None:
    job = read(REPOSITORY / ".github" / "workflows" / "ci.yaml")["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]


def test_the_gpu_machine_is_off_until_it_is_switched_on_and_closed_to_pull_requests() -> None:
    workflow = read(REPOSITORY / ".github" / "workflows" / "gpu.yaml")
    assert workflow["jobs"]["gpu"]["if"] == "vars.GPU_RUNNER == 'true'"
    assert set(workflow[True]) == {"push", "workflow_dispatch"}  # YAML 1.1 reads `on` as true
