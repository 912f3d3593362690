from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in (*REQUIREMENTS.glob("*.in"), *REQUIREMENTS.glob("*.lock"), REQUIREMENTS / "locks.sha256"):
        shutil.copy(path, tmp_path)
    shutil.copytree(REQUIREMENTS / "package", tmp_path / "package")
    return tmp_path


def check(*folder: Path) -> tuple[int, str]:
    command = [sys.executable, str(REQUIREMENTS.parent / "tools" / "check_locks.py"), *map(str, folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_locks_of_this_repository_are_fresh() -> None:
    assert check() == (0, "9 locks belong to their .in files\n")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("hypothesis\n", "hypothesis\nresponses\n", "dev.lock: responses is asked for by dev.in and not locked"),
        ("hypothesis\n", "", "dev.lock: hypothesis is locked for dev.in, which asks for it no more"),
        ("mypy\n", "mypy<1.0\n", "dev.in asks for mypy<1.0"),
        ("mypy\n", "mypy ???\n", "dev.lock: dev.in cannot be read"),
        ("-r base.in\n", "", "dev.lock: tensorboard is locked for base.in, which asks for it no more"),
    ],
)
def test_a_changed_in_file_makes_its_lock_stale(folder: Path, old: str, new: str, said: str) -> None:
    change(folder / "dev.in", old, new)
    status, output = check(folder)
    assert status == 1
    assert said in output
    assert "make lock" in output


def test_a_change_of_base_makes_every_lock_stale_that_includes_it(folder: Path) -> None:
    change(folder / "package" / "core.in", "pillow\n", "pillow\nresponses\n")
    status, output = check(folder)
    assert status == 1
    stale = {line.split(":")[0] for line in output.splitlines() if "responses" in line}
    assert stale == {f"{role}.lock" for role in ("base", "bench", "data", "dev", "docs", "export", "tracking")}


def test_a_lock_that_was_made_anew_alone_is_at_odds_with_its_constraints(folder: Path) -> None:
    change(folder / "base.lock", "\npillow==", "\npillow==9.")
    status, output = check(folder)
    assert status == 1
    assert "dev.lock: pillow==" in output
    assert "base.lock has 9." in output


def test_a_missing_lock_is_stale(folder: Path) -> None:
    (folder / "docs.lock").unlink()
    assert check(folder) == (
        1,
        "docs.lock: there is no such lock\n"
        "docs.lock: it is in locks.sha256 and not there\n"
        "Run `make lock`, and commit the .in and .lock files and locks.sha256 together.\n",
    )


@pytest.mark.parametrize(
    ("pattern", "new"),
    [
        (r"^six==[\d.]+", "six==1.0.0"),
        (r"--hash=sha256:[0-9a-f]{8}", "--hash=sha256:00000000"),
        (r"^six==(?:.*\n)+?(?=\S)", ""),
        (r"\Z", "surprise==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\n    # via torch\n"),
    ],
    ids=["version", "hash", "package-removed", "package-added"],
)
def test_a_lock_that_was_edited_by_hand_is_found(folder: Path, pattern: str, new: str) -> None:
    """Of packages that others ask for nothing else need be at odds."""
    lock = folder / "bench.lock"
    text, changes = re.subn(pattern, lambda _: new, lock.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert changes == 1
    lock.write_text(text, encoding="utf-8")
    status, output = check(folder)
    assert status == 1
    assert "bench.lock: it is not what `make lock` wrote (locks.sha256)" in output


def test_a_lock_that_was_never_recorded_is_found(folder: Path) -> None:
    (folder / "locks.sha256").unlink()
    status, output = check(folder)
    assert (status, output.count("it is not what `make lock` wrote")) == (1, 9)
