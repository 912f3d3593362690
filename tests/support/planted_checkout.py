"""A copy of this checkout in a repository of its own, in which something is planted."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from patience import PATIENCE_S

REPOSITORY = Path(__file__).resolve().parents[2]
AUTHOR = ("-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "core.hooksPath=/dev/null")


def git(root: Path, *arguments: str) -> str:
    """What a git command prints."""
    command = ["git", "-C", str(root), *AUTHOR, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def copy_files(folder: Path) -> Path:
    """Every file that git would commit here, with its time."""
    for name in git(REPOSITORY, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if name and (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, folder / name)
    return folder


def copy_checkout(folder: Path) -> Path:
    """Every file that git would commit here, committed there; the environment is shared, mypy's cache a copy."""
    copy_files(folder)
    copy_ignored(folder, ".mypy_cache")
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / ".git" / "info" / "exclude").write_text("/.venv\n")
    (folder / ".venv").symlink_to(sys.prefix)
    commit(folder, "as it is")
    return folder


def copy_ignored(folder: Path, name: str) -> None:
    """A folder that git ignores and that takes long to make, where it is here and not there."""
    if (REPOSITORY / name).is_dir() and not (folder / name).exists():
        with contextlib.suppress(shutil.Error):  # what somebody is writing there: the rest is of use
            shutil.copytree(REPOSITORY / name, folder / name)


def commit(folder: Path, message: str) -> None:
    """Commit everything."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", message)


@dataclass(frozen=True)
class Planting:
    """A change of behaviour: ``planting(folder)`` makes it in a copy of the checkout.

    Made at the top level of a test's module, where `test_plantings.py` finds it and checks it against the code.

    Attributes:
        file: path in the checkout.
        old: the piece that is replaced; it must stand there exactly once.
        new: what stands there afterwards.
    """

    file: str
    old: str
    new: str

    def __call__(self, folder: Path) -> None:
        text = (folder / self.file).read_text(encoding="utf-8")
        assert text.count(self.old) == 1, f"{self.file}: {self.old!r} stands there {text.count(self.old)} times"
        assert self.new != self.old, f"{self.file}: {self.old!r} stays as it is"
        (folder / self.file).write_text(text.replace(self.old, self.new), encoding="utf-8")


def environment(folder: Path) -> dict[str, str]:
    """So that the copy imports itself, not the checkout that the environment was made for."""
    return {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}


def run_runner(folder: Path, name: str, *overrides: str) -> subprocess.CompletedProcess[str]:
    """``python runners/<name>.py ...`` in the copy."""
    command = [sys.executable, f"runners/{name}.py", *overrides]
    return subprocess.run(
        command, cwd=folder, env=environment(folder), capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )


def validated(folder: Path, *gates: str) -> dict[str, dict[str, Any]]:
    """Outcomes of some gates of the copy, as the report of ``make validate`` tells them."""
    command = ["make", "validate", "FAST=1", f"ARGS=only=[{','.join(gates)}]"]
    done = subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, text=True, check=False)
    report = json.loads((folder / "outputs" / "validation" / "report.json").read_text(encoding="utf-8"))
    assert report["passed"] == (done.returncode == 0), done.stderr
    return {gate["name"]: gate for gate in report["gates"] if gate["name"] in gates}
