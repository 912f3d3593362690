"""The front door, as far as it goes without installing anything: what `make -n` would do."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
TARGETS = (
    "setup",
    "lint",
    "format",
    "typecheck",
    "test",
    "test-slow",
    "smoke",
    "train",
    "data",
    "data-push",
    "data-test",
    "hooks",
    "docs",
    "clean",
    "lock",
    "setup-bench",
    "bench",
    "help",
)

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


def test_help_is_the_default_and_lists_every_target_with_a_line(checkout: Path) -> None:
    listed = dict(re.findall(r"^([a-z-]+) +(\S.*)$", make(checkout), flags=re.MULTILINE))
    text = "".join((REPOSITORY / name).read_text(encoding="utf-8") for name in ("Makefile", "docker/docker.mk"))
    phony = " ".join(re.findall(r"^\.PHONY: ((?:.*\\\n)*.*)$", text, flags=re.MULTILINE)).replace("\\\n", " ").split()
    assert len(phony) > 30
    assert set(phony) - listed.keys() == {"try-parity", "docker-folders"}  # steps of other targets


@pytest.mark.parametrize("target", ["smoke", "train", "data"])
def test_a_job_brings_the_base_environment_alone(checkout: Path, target: str) -> None:
    steps = make(checkout, "-n", target)
    assert steps.count("install.py base") == 1
    assert "install.py dev" not in steps
    assert steps.index("install.py base") < steps.index("runners/data.py")


@pytest.mark.parametrize("target", ["lint", "typecheck"])
def test_a_check_brings_the_development_environment_and_no_data(checkout: Path, target: str) -> None:
    steps = make(checkout, "-n", target)
    assert steps.index("install.py base") < steps.index("install.py dev")
    assert "runners/" not in steps


@pytest.mark.parametrize("file", ["config", "config.local"])
def test_data_bring_dvc_where_a_remote_is_set(checkout: Path, file: str) -> None:
    assert "install.py data" not in make(checkout, "-n", "data")
    (checkout / ".dvc").mkdir()
    (checkout / ".dvc" / file).write_text("[core]\n    remote = store\n['remote \"store\"']\n    url = /x\n", "utf-8")
    steps = make(checkout, "-n", "data")
    assert steps.index("install.py data") < steps.index("runners/data.py")


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


def test_overrides_reach_the_runner(checkout: Path) -> None:
    install_all(checkout, "pypi", "base")
    assert (
        make(checkout, "-n", "train", "ARGS=trainer.max_epochs=1 seed=3")
        .splitlines()[-1]
        .endswith("runners/train.py trainer.max_epochs=1 seed=3")
    )


def test_the_demo_draws_receipts_where_no_pictures_are_given(checkout: Path) -> None:
    install_all(checkout, "pypi", "base")
    steps = make(checkout, "-n", "demo")
    assert steps.index("runners/synthesize.py output=outputs/demo/receipts") < steps.index("runners/predict.py")
    steps = make(checkout, "-n", "demo", "ARGS=input=mine")
    assert "synthesize" not in steps
    assert "rm -rf outputs/demo/overlays\n" in steps
    assert "visualize=true table=true input=mine\n" in steps


def test_tuning_brings_the_default_data_where_it_is_wanted(checkout: Path) -> None:
    install_all(checkout, "pypi", "base")
    assert "runners/data.py" in make(checkout, "-n", "tune", "CHECKPOINT=best.ckpt")
    steps = make(checkout, "-n", "tune", "CHECKPOINT=a b.ckpt", "DATA=mine", "SPLIT=dev", "ARGS=folds=0")
    assert "runners/data.py" not in steps
    assert steps.endswith("tune.py checkpoint_path='a b.ckpt' data.root='mine' split='dev' folds=0\n")


def test_clean_leaves_the_environment_and_the_data(checkout: Path) -> None:
    for name in ("data", "outputs", ".venv/lib/__pycache__", "ocr/__pycache__", ".mypy_cache"):
        (checkout / name).mkdir(parents=True)
    make(checkout, "clean")
    left = {path.name for path in checkout.iterdir()}
    assert left == {"Makefile", "docker", "requirements", "data", ".venv", "ocr"}
    assert (checkout / ".venv/lib/__pycache__").exists()
    assert not (checkout / "ocr/__pycache__").exists()


def test_peers_have_an_environment_of_their_own(checkout: Path) -> None:
    steps = make(checkout, "-n", "bench").splitlines()
    (install,) = (step for step in steps if "install.py bench weights" in step)
    assert install.startswith("OCR_VENV=.venv-bench ")
    assert steps[-1].startswith(".venv-bench/bin/python benchmarks/run.py")


@pytest.mark.parametrize("target", ["data-check", "tune", "compare", "likeness"])
@pytest.mark.parametrize("name", ["my data", "data my", "it's", 'say "a"', "a=b", "a,b", "[c]{d}(e)", "-x", "a;b&c"])
def test_a_folder_of_any_name_is_one_argument(checkout: Path, target: str, name: str) -> None:
    steps = make(checkout, "-n", target, f"DATA={name}").replace("\\\n", " ").splitlines()
    (job,) = [step for step in steps if "runners/" in step or "benchmarks/" in step][-1:]
    values = [argument.split("=", 1)[-1] for argument in shlex.split(job)]
    assert (f"{name}:train:word" if target == "likeness" else name) in {*values, shlex.split(job)[-1]}
    drawn = any("runners/data.py" in step for step in steps)
    assert drawn is (target == "likeness")  # which has the default data beside one's own


@pytest.mark.parametrize("target", ["data-check", "tune", "compare"])
def test_the_default_data_are_made_where_they_are_meant(checkout: Path, target: str) -> None:
    for arguments in ((), ("DATA=data",)):
        assert "runners/data.py" in make(checkout, "-n", target, *arguments)
