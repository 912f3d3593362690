"""The front door, as far as it goes without installing anything: what `make -n` would do."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile and the files its rules look at, and no environment."""
    shutil.copy(REPOSITORY / "Makefile", tmp_path)
    shutil.copytree(REPOSITORY / "docker", tmp_path / "docker")
    shutil.copytree(REPOSITORY / "requirements", tmp_path / "requirements")
    return tmp_path


def make(folder: Path, *arguments: str) -> str:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "TORCH"))
    }
    done = subprocess.run(
        ["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def install_all(folder: Path, backend: str, *roles: str) -> None:
    """Leave what a finished installation leaves."""
    (folder / ".venv").mkdir()
    (folder / ".venv" / ".torch-backend").write_text(f"{backend}\n", encoding="utf-8")
    for role in roles:
        (folder / ".venv" / f".installed-{backend}-{role}").touch()


def test_dvc_learns_once_of_data_that_were_there_before_it(checkout: Path) -> None:
    install_all(checkout, "pypi", "base", "data")
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir()
    python.write_text('#!/bin/sh\necho "called $*"\n', encoding="utf-8")
    python.chmod(0o755)
    assert "called" not in make(checkout, "setup-data")
    (checkout / "data").mkdir()
    assert "called runners/data.py" in make(checkout, "setup-data")
    (checkout / ".dvc" / "cache").mkdir(parents=True)
    assert "called" not in make(checkout, "setup-data")


def test_the_second_call_installs_nothing(checkout: Path) -> None:
    install_all(checkout, "pypi", "base", "dev")
    assert "install.py" not in make(checkout, "-n", "setup", "lint", "train")


def test_a_changed_lock_is_installed(checkout: Path) -> None:
    install_all(checkout, "pypi", "base", "dev")
    lock = checkout / "requirements" / "dev.lock"
    os.utime(lock, (lock.stat().st_atime, (checkout / ".venv/.installed-pypi-dev").stat().st_mtime + 10))
    steps = make(checkout, "-n", "lint")
    assert "install.py dev" in steps
    assert "install.py base" not in steps


def test_the_environment_keeps_its_build_of_torch(checkout: Path) -> None:
    assert "TORCH_BACKEND=cu130 " in make(checkout, "-n", "setup", "TORCH_BACKEND=cu130")
    install_all(checkout, "cpu", "base")
    assert "install.py" not in make(checkout, "-n", "train")
    assert "TORCH_BACKEND=pypi " in make(checkout, "-n", "setup", "TORCH_BACKEND=pypi")


def test_clean_leaves_the_environment_and_the_data(checkout: Path) -> None:
    for name in ("data", "outputs", ".venv/lib/__pycache__", "ocr/__pycache__", ".mypy_cache"):
        (checkout / name).mkdir(parents=True)
    make(checkout, "clean")
    left = {path.name for path in checkout.iterdir()}
    assert left == {"Makefile", "docker", "requirements", "data", ".venv", "ocr"}
    assert (checkout / ".venv/lib/__pycache__").exists()
    assert not (checkout / "ocr/__pycache__").exists()


def test_the_demo_reads_what_is_given_and_else_draws_receipts(checkout: Path) -> None:
    install_all(checkout, "pypi", "base")
    drawn, given = make(checkout, "-n", "demo"), make(checkout, "-n", "demo", "ARGS=input=photos table=false")
    assert "runners/synthesize.py output=outputs/demo/receipts" in drawn
    assert "runners/synthesize.py" not in given
    (job,) = [step for step in given.replace("\\\n", " ").splitlines() if "runners/" in step]
    program, *options = shlex.split(job)[1:]
    assert program == "runners/read.py"
    assert {"formats=[json,text,pdf]", "visualize=true", "overwrite=true"} <= set(options)
    assert options[-2:] == ["input=photos", "table=false"]  # the last value of a setting holds


@pytest.mark.parametrize("target", ["data-check", "tune", "compare", "likeness"])
@pytest.mark.parametrize("name", ["data my", """-x it's "a",b=[c]{d}(e);b&c"""])
def test_a_folder_of_any_name_is_one_argument(checkout: Path, target: str, name: str) -> None:
    steps = make(checkout, "-n", target, f"DATA={name}").replace("\\\n", " ").splitlines()
    (job,) = [step for step in steps if "runners/" in step or "benchmarks/" in step][-1:]
    values = [argument.split("=", 1)[-1] for argument in shlex.split(job)]
    assert (f"{name}:train:word" if target == "likeness" else name) in {*values, shlex.split(job)[-1]}
    drawn = any("runners/data.py" in step for step in steps)
    assert drawn is (target == "likeness")  # which has the default data beside one's own
