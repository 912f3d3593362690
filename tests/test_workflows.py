"""What guards a push leaves no long test out, whichever day it comes."""

import itertools
import os
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


def in_order(folder: Path, day: int) -> list[str]:
    """What .ci/run calls on a day, with programs in the place of those that it calls."""
    programs = {"make": "echo make $*", "date": f"echo $(( {day} * 86400 + 4000 ))", "id": "echo 0"}
    programs |= dict.fromkeys(("dockerd", "apt-get", "pdftotext"), "echo $(basename $0) $1")
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
