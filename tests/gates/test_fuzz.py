"""The harness of `make fuzz` sees what it is there to see."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import corruptions
import fuzz
from drawn_receipts import write_drawn_data

REPOSITORY = Path(__file__).resolve().parents[2]
FINE = {"check": 0, "raise": 0, "skip": 0, "lines": 0, "predict": 0}
TEXTS = {"check": "", "raise": "", "skip": "", "lines": "", "predict": "5 regions in 3 images: predictions.json"}
SKIPPED = "WARNING - skipped: train_0.png: the file is empty"


@pytest.fixture
def folder(tmp_path):
    write_drawn_data(tmp_path / "data", {"train": 2, "val": 1})
    return tmp_path


def case(**statuses):
    return fuzz.Case(0, ["planted"], FINE | statuses)


@pytest.mark.parametrize(
    ("status", "text", "fault"),
    [
        (0, "all is well", None),
        (1, "ImageError: train_0.png: the file is empty", None),
        (1, "something is wrong", "names no cause"),
        (1, "Traceback (most recent call last):\nKeyError: 'train_0.png'", "ended with 1"),
        (fuzz.CRASH, "train_0.png", "ended with 70"),
        (-11, "", "ended with -11"),
    ],
)
def test_a_command_that_crashes_or_names_no_cause_is_a_fault(folder, status, text, fault):
    judged = case(predict=status)
    fuzz.judge(judged, "predict", text, folder / "data")
    assert [fault in found for found in judged.faults] == ([True] if fault else [])


@pytest.mark.parametrize(
    ("statuses", "changed", "said"),
    [
        ({}, {}, None),
        ({}, {"predict": "5 regions in 2 images: x"}, "3 files to predict on, 2 are"),
        ({"predict": 1}, {"predict": "InputError: 'train/a.png' and 'train/b.png' look the same"}, None),
        ({"predict": 1}, {"predict": "5 regions in 2 images: x\n1 of 3 images left out:"}, None),
        ({"raise": 1, "skip": 1}, {}, "the check finds no error"),
        ({"check": 1, "raise": 1}, {}, "names nothing"),
        ({"skip": 1}, {}, "reads everything"),
        ({"check": 1, "raise": 1}, {"skip": SKIPPED}, "pages and lines do not skip the same"),
        ({}, {"skip": SKIPPED}, "does not"),
        ({"check": 1, "raise": 1}, {"skip": SKIPPED, "lines": SKIPPED}, None),
        ({}, {"lines": SKIPPED}, "pages and lines do not skip the same"),
        ({"lines": 1}, {"lines": SKIPPED}, None),
    ],
)
def test_contradictions_are_faults(folder, statuses, changed, said):
    judged = case(**statuses)
    fuzz.add_up(judged, folder, TEXTS | changed)
    assert [said in found for found in judged.faults[:1]] == ([True] if said else [])


def test_counts_of_the_check_that_do_not_add_up_are_a_fault(folder):
    tally = {"checked": 2, "clean": 1, "with_findings": 0, "unreadable": 0}
    report = {"annotation_files": tally | {"clean": 2}, "images": {"train": tally}, "words": {}}
    (folder / "checked").mkdir()
    (folder / "checked" / "report.json").write_text(json.dumps(report))
    judged = case()
    fuzz.add_up(judged, folder, TEXTS)
    assert "do not add up" in judged.faults[0]


@pytest.mark.parametrize("group", ["IMAGE", "BYTES", "ENTRY", "WORD"])
def test_every_corruption_changes_the_folder(tmp_path, group):
    for name, corruption in getattr(corruptions, group).items():
        data = write_drawn_data(tmp_path / name, {"train": 2, "val": 1})
        before = contents(data)
        rng = np.random.default_rng(3)
        assert any(corruption(data, rng) and contents(data) != before for _ in range(4)), name


def test_a_seed_gives_the_same_corruptions(tmp_path):
    for name in "ab":
        data = write_drawn_data(tmp_path / name, {"train": 2, "val": 1})
        corruptions.corrupt(data, np.random.default_rng([0, 7]))
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def contents(data: Path) -> dict[str, object]:
    def content(path: Path) -> object:
        if path.is_symlink():
            return path.readlink()
        return path.read_bytes() if path.is_file() else path.stat().st_mode

    return {str(path.relative_to(data)): content(path) for path in data.rglob("*")}


@pytest.mark.slow
def test_a_few_cases_from_end_to_end():
    environment = {**os.environ, "PYTHONPATH": f"{REPOSITORY / 'tests' / 'support'}", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "tests/gates/fuzz.py", "cases=6", "seed=5", "jobs=2"]
    ended = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    record = json.loads(ended.stdout)
    assert record["cases"] == 6
    assert record["corruptions"] >= 6
    assert record["faults"] == []
