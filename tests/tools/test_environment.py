import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from ocr.types import InputError
from ocr.utils.path_utils import REPOSITORY_ROOT
from tools.proof.environment import LOCK, deviations, own_cuda_packages, python_of


def test_deviations_are_named(tmp_path: Path) -> None:
    lock = tmp_path / "base.lock"
    lock.write_text(
        f"numpy=={version('numpy')} \\\n    --hash=sha256:aa\n"
        "torch==0.0.1 \\\n    --hash=sha256:bb\n    # via -r base.in\n"
        "no-such-package==1.0\n"
        "colorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:cc\n"
    )
    assert deviations(lock) == [f"torch {version('torch')}, locked 0.0.1", "no-such-package not installed, locked 1.0"]


def test_cuda_packages_may_be_missing_but_not_differ() -> None:
    lines = ["nvidia-nccl not installed, locked 2", "triton 1, locked 2", "numpy not installed, locked 2"]
    assert own_cuda_packages(lines) == lines[1:]


def test_equal_locks_share_this_environment(tmp_path: Path) -> None:
    for name in (LOCK, Path("requirements/install.py")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((REPOSITORY_ROOT / name).read_bytes())
    python, words = python_of("REF", tmp_path, tmp_path / "kept", tmp_path / "log")
    assert python == Path(sys.executable)
    assert "equal locks" in words


def test_another_lock_gets_an_environment_once(tmp_path: Path) -> None:
    """The installer is a stand-in that makes what the real one makes; the real one is run by the gates' own test."""
    requirements = tmp_path / "ref" / "requirements"
    requirements.mkdir(parents=True)
    (requirements / "base.lock").write_text("numpy==1\n")
    (requirements / "install.py").write_text(
        "from pathlib import Path\n"
        "python = Path('.venv/bin/python')\n"
        "python.parent.mkdir(parents=True)\n"
        "python.touch()\n"
        "print('installed once')\n"
    )
    first, words = python_of("REF", tmp_path / "ref", tmp_path / "kept", tmp_path / "log")
    second, _ = python_of("REF", tmp_path / "ref", tmp_path / "kept", tmp_path / "other.log")
    assert first == second
    assert first.exists()
    assert first.is_relative_to(tmp_path / "kept")
    assert "of its own" in words
    assert not (tmp_path / "other.log").exists()


def test_a_revision_without_a_lock_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"REF=old has no requirements/base.lock .* predates the lock"):
        python_of("REF=old", tmp_path, tmp_path / "kept", tmp_path / "log")
