import subprocess
import sys
from pathlib import Path

import pytest

from ocr.utils.path_utils import CONFIG_DIR, REPOSITORY_ROOT, setup_project_paths


def test_returns_the_checkout() -> None:
    root = setup_project_paths()
    assert root == Path(__file__).resolve().parents[2]
    assert (root / "ARCHITECTURE.md").exists() or (root / "pyproject.toml").exists()
    assert CONFIG_DIR.is_dir()


def test_puts_the_root_on_the_path_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", ["/elsewhere"])
    setup_project_paths()
    setup_project_paths()
    assert sys.path == [str(REPOSITORY_ROOT), "/elsewhere"]


def test_leaves_a_root_that_is_there_in_another_spelling(monkeypatch: pytest.MonkeyPatch) -> None:
    present = ["/elsewhere", f"{REPOSITORY_ROOT}/ocr/.."]
    monkeypatch.setattr(sys, "path", list(present))
    setup_project_paths()
    assert sys.path == present


def test_importing_it_loads_nothing_heavy() -> None:
    program = "import sys; before = set(sys.modules); import ocr.utils.path_utils; print(*set(sys.modules) - before)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY_ROOT, capture_output=True, text=True, check=True
    )
    foreign = {name.split(".")[0] for name in done.stdout.split()} - set(sys.stdlib_module_names)
    assert foreign == {"ocr"}
