"""A gate that ended well has passed only where it did what is recorded, and skipped what it may skip here."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from ocr.types import InputError
from ocr.utils.path_utils import CONFIG_DIR, REPOSITORY_ROOT
from tools.gates.floors import judged, missing_here, read_floors, write_floors
from tools.gates.gates import Outcome
from tools.gates.plan import Plan

ABSENT = {"gpu"}
MAY_SKIP = {"no CUDA GPU": "gpu", "no openssl": "program openssl"}


def verdict(
    counts: Mapping[str, int], skips: Mapping[str, int], floor: Mapping[str, int], *, whole: bool = True
) -> Outcome:
    done = Outcome("resume", "passed", "figure", counts=counts, skips=skips)
    return judged(done, floor, MAY_SKIP, ABSENT.__contains__, whole=whole)


@pytest.mark.parametrize(
    ("counts", "skips", "floor", "status", "said"),
    [
        ({"tests": 4}, {}, {"tests": 4}, "passed", ""),
        ({"tests": 5}, {}, {"tests": 4}, "passed", ""),
        ({"tests": 3}, {}, {"tests": 4}, "failed", "3 tests, recorded are 4"),
        ({}, {}, {"tests": 4}, "failed", "0 tests"),
        ({"sites": 0}, {}, {"sites": 0}, "failed", "nothing shows that it did anything"),
        ({"files": 9, "clean": 0}, {}, {"files": 9, "clean": 1}, "failed", "0 clean, recorded are 1"),
        ({"tests": 4}, {}, {}, "failed", "no floor"),
        ({"tests": 0}, {"because": 4}, {"tests": 4}, "failed", "4 skipped for a reason that `may_skip` does not list"),
        ({"tests": 3}, {"expected to fail: no CUDA": 1}, {"tests": 4}, "failed", "expected to fail"),
        ({"tests": 3}, {"no CUDA GPU here": 1}, {"tests": 4}, "passed", "1 skipped: no CUDA GPU here"),
        ({"tests": 0}, {"no CUDA GPU here": 4}, {"tests": 4}, "skipped", "4 skipped: no CUDA GPU here"),
        ({"tests": 0}, {"no CUDA GPU here": 3}, {"tests": 4}, "failed", "3 tests, recorded are 4"),
        ({"tests": 3}, {"no openssl to use": 1}, {"tests": 4}, "failed", "this machine has program openssl"),
    ],
)
def test_the_verdict(
    counts: dict[str, int], skips: dict[str, int], floor: dict[str, int], status: str, said: str
) -> None:
    outcome = verdict(counts, skips, floor)
    assert outcome.status == status
    assert said in outcome.reason
    assert bool(outcome.reason) == bool(said)


def test_a_gate_is_skipped_as_a_whole_only_where_it_may_be() -> None:
    outcome = verdict({"tests": 0}, {"no CUDA GPU here": 4}, {"tests": 4}, whole=False)
    assert outcome.status == "failed"
    assert "skipped as a whole" in outcome.reason
    shipped = plan()
    assert shipped.may_be_skipped == ["devices-gpu"]
    assert shipped.may_skip.keys() == {"devices-gpu", "test"}


@pytest.mark.parametrize(
    ("what", "missing"),
    [
        ("program python3", False),
        ("program no-such-program", True),
        ("package pytest", False),
        ("package no_such_package", True),
        (f"file {REPOSITORY_ROOT / 'Makefile'}", False),
        (f"file {REPOSITORY_ROOT / 'nowhere'}", True),
        ("target test", True),
        ("target nowhere", False),
    ],
)
def test_what_is_missing_is_looked_at(what: str, missing: bool) -> None:
    assert missing_here(what) == missing


def test_a_condition_that_cannot_be_looked_at_is_an_error() -> None:
    with pytest.raises(InputError, match="may_skip: bad weather"):
        missing_here("bad weather")


def plan(**changes: Any) -> Plan:
    """The shipped settings, with some of them changed on the command line."""
    settings: Any = OmegaConf.to_container(OmegaConf.load(CONFIG_DIR / "validate.yaml"))
    shipped = {key: value for key, value in settings.items() if key not in {"defaults", "hydra", "output"}}
    floors = read_floors(REPOSITORY_ROOT / shipped["floors"])
    return Plan(**{**shipped, "floors": floors, "typed": changes.keys(), **changes})


def test_every_gate_has_a_floor_and_every_floor_a_gate() -> None:
    shipped = plan()
    for mode in ("fast", "all"):
        assert {*shipped.floors[mode], *shipped.floors["full"]} == set(shipped.gates), mode
        assert all(floor and all(floor.values()) for floor in shipped.floors[mode].values()), mode
    assert set(shipped.floors["full"]) == set(shipped.only_full)


def test_the_template_of_a_pull_request_lists_every_gate() -> None:
    template = (REPOSITORY_ROOT / ".github" / "pull_request_template.md").read_text(encoding="utf-8")
    assert re.findall(r"^- \[ \] `([a-z-]+)`$", template, flags=re.MULTILINE) == plan().gates


def test_the_configuration_leaves_out_no_gate_by_itself() -> None:
    with pytest.raises(InputError, match="only is only for the command line"):
        plan(only=["lint"], typed=[])
    assert plan(only=["lint"]).only == ["lint"]
    with pytest.raises(InputError, match="record is only for the command line"):
        plan(record=True, typed=["only"])


def test_a_gate_that_is_gone_has_failed() -> None:
    (gone,) = plan(gates=[name for name in plan().gates if name != "resume"]).gone()
    assert (gone.name, gone.status) == ("resume", "failed")
    assert "not among the gates" in gone.reason


def outcome_of(a_plan: Plan, name: str, folder: Path) -> Outcome:
    (folder / "Makefile").write_text(f"{name}: ; @true\n")
    return a_plan.outcome_of(name, folder, folder, lambda _: None)


def test_a_gate_may_wait_for_full_where_the_record_has_it_so(tmp_path: Path) -> None:
    assert outcome_of(plan(), "full", tmp_path).status == "skipped"
    moved = outcome_of(plan(only_full=["resume", "full", "test"]), "resume", tmp_path)
    assert (moved.status, "left for FULL=1" in moved.reason) == ("failed", True)


@pytest.mark.parametrize("name", plan().gates)
def test_a_target_that_does_nothing_has_not_passed(tmp_path: Path, name: str) -> None:
    outcome = outcome_of(plan(full=True), name, tmp_path)
    assert outcome.status == "failed"
    assert "recorded are" in outcome.reason


def test_the_record_is_what_the_gates_did(tmp_path: Path) -> None:
    floors = {"fast": {"lint": {"files": 3}, "gone": {"tests": 1}}, "all": {"lint": {"files": 4}}}
    outcomes = [
        Outcome("resume", "passed", counts={"tests": 2}, skips={"no CUDA GPU here": 1}),
        Outcome("typecheck", "passed", counts={"files": 480}),  # of the files a tenth may go
        Outcome("config", "failed", counts={"tests": 9}),
    ]
    new = plan(floors=floors, fast=True).recorded(outcomes)
    assert new == {
        "fast": {"lint": {"files": 3}, "resume": {"tests": 3}, "typecheck": {"files": 432}},
        "all": {"lint": {"files": 4}},
        "full": {},
    }
    write_floors(tmp_path / "floors.json", new)
    assert read_floors(tmp_path / "floors.json") == new
