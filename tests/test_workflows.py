"""The workflows call Make targets, which are the list of gates; they may do nothing but read, with pinned actions."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace
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
    """Each target of .ci/run is called by the workflow too; smoke and the types are part of the checklist and hooks.

    The long tests are the scheduled workflow's; `make docker-test` is root's, for the owners of its volumes.
    """
    script = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
    here = set().union(*map(made, re.findall(r"^\s*(make .+)$", script, flags=re.MULTILINE)))
    there = set().union(*map(made, commands(REPOSITORY / ".github" / "workflows" / "ci.yaml")))
    elsewhere = {"docker-test", "test-slow"}
    assert here - there <= {"lint", "typecheck", "smoke", "setup-data", "setup-docs", "setup-dev", *elsewhere}


def in_order(folder: Path, day: int) -> list[str]:
    """What .ci/run calls on a day, with programs in the place of those that it calls."""
    programs = {"make": "echo make $*", "date": f"echo $(( {day} * 86400 + 4000 ))", "id": "echo 0"}
    programs |= dict.fromkeys(("dockerd", "apt-get"), "echo $(basename $0) $1")
    for name, line in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}:/usr/bin:/bin"}
    done = subprocess.run([REPOSITORY / ".ci" / "run"], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_three_days_run_all_of_the_long_tests(tmp_path: Path) -> None:
    """And each day everything else, the containers last; what they need is installed where it is missing."""
    days = [in_order(tmp_path, day) for day in (20000, 20001, 20002)]
    thirds = [re.findall(r"THIRD=(\d)", "\n".join(day)) for day in days]
    assert sorted(thirds) == [["1"], ["2"], ["3"]]
    for day in days:
        assert day[0].startswith("make hooks")
        assert day[-1] == "make docker-test DOCKER_TEST=required"
        assert "apt-get install" in day
        assert {"make test", "make data-test"} <= set(day)


def test_the_thirds_are_a_whole(request: pytest.FixtureRequest) -> None:
    """Each test is in one of them, the same whatever tests there are beside it."""
    conftest = request.config.pluginmanager.get_plugin(str(REPOSITORY / "tests" / "conftest.py"))
    tests = [SimpleNamespace(nodeid=f"tests/test_a.py::test_{number}") for number in range(99)]

    def chosen(third: int | None, among: list[SimpleNamespace]) -> list[str]:
        left = list(among)
        hook = SimpleNamespace(pytest_deselected=lambda items: None)  # noqa: ARG005
        conftest.pytest_collection_modifyitems(SimpleNamespace(getoption=lambda _: third, hook=hook), left)
        return [test.nodeid for test in left]

    thirds = [chosen(third, tests) for third in (1, 2, 3)]
    assert sorted(itertools.chain(*thirds)) == sorted(chosen(None, tests)) == sorted(test.nodeid for test in tests)
    assert min(map(len, thirds)) > 20
    assert chosen(2, tests[::2]) == [name for name in chosen(2, tests) if int(name.rpartition("_")[2]) % 2 == 0]


def test_every_supported_python_is_tested() -> None:
    job = read(REPOSITORY / ".github" / "workflows" / "ci.yaml")["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]


def test_the_gpu_machine_is_off_until_it_is_switched_on_and_closed_to_pull_requests() -> None:
    workflow = read(REPOSITORY / ".github" / "workflows" / "gpu.yaml")
    assert workflow["jobs"]["gpu"]["if"] == "vars.GPU_RUNNER == 'true'"
    assert set(workflow[True]) == {"push", "workflow_dispatch"}  # YAML 1.1 reads `on` as true
