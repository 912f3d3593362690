"""The law of ARCHITECTURE.md: every contract finds its breach; all are planted in one copy of the tree."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]

FORBIDDEN = [
    ("ocr.formats", "ocr.data"),
    ("ocr.data", "ocr.training"),
    ("ocr.detection.models", "ocr.detection.losses"),
    ("ocr.recognition.models", "ocr.recognition.losses"),
    ("ocr.recognition.targets", "torch"),
    ("ocr.recognition", "ocr.detection"),
    ("ocr.text", "ocr.images"),
    ("ocr.utils", "ocr.types"),
    ("ocr.report", "runners"),
    ("ocr.data", "tools"),
    ("tools", "runners"),
    ("ocr.training", "hydra"),
    ("ocr.data", "omegaconf"),
    ("ocr.engines", "pytorch_lightning"),
    ("ocr.metrics", "torch"),
    ("ocr.engines.onnx_runtime", "torch"),
    ("ocr.detection.models", "timm"),
    ("runners", "timm"),
    ("ocr.report", "onnx"),
    ("runners", "onnxruntime"),
    ("ocr.data", "matplotlib"),
    ("ocr.cli", "ocr.detection"),
    ("ocr.service", "ocr.images"),
    ("ocr.service", "torch"),
    ("ocr.pipeline", "ocr.service"),
    ("ocr.report", "fastapi"),
    ("runners", "uvicorn"),
    ("ocr.console", "ocr.service"),
    ("ocr.console", "ocr.formats"),
    ("ocr.report", "streamlit"),
    ("runners", "streamlit"),
    ("tools", "hydra"),
]
"""One or more for each contract."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the packages and of the configuration."""
    for name in ("ocr", "runners", "tools"):
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    return tmp_path


def plant(tree: Path, importer: str, imported: str) -> str:
    """Add an import to a room, in a module of its own where the room is a package; the importing module's name."""
    path = tree / importer.replace(".", "/")
    if path.is_dir():
        module = f"{importer}.planted_{imported.replace('.', '_')}"
        path /= f"planted_{imported.replace('.', '_')}"
    else:
        module = importer
    file = path.with_suffix(".py")
    present = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text(f"{present}\nimport {imported}\n", encoding="utf-8")
    return module


def lint_imports(tree: Path) -> tuple[int, str]:
    """Exit code and output of lint-imports in a tree."""
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "PYTHONSAFEPATH": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, re.sub(r"\s+", " ", done.stdout + done.stderr)


def test_every_breach_is_found(tree: Path) -> None:
    planted = [(plant(tree, importer, imported), imported) for importer, imported in FORBIDDEN]
    code, output = lint_imports(tree)
    assert code == 1
    missed = [pair for pair in planted if not re.search(rf"{re.escape(pair[0])} -> {re.escape(pair[1])}\b", output)]
    assert missed == []


def test_a_room_that_the_law_does_not_know_is_found(tree: Path) -> None:
    (tree / "ocr" / "attic").mkdir()
    (tree / "ocr" / "attic" / "__init__.py").touch()
    code, output = lint_imports(tree)
    assert code == 1
    assert "ocr.attic" in output
