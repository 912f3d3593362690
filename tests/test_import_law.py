"""The law of ARCHITECTURE.md: what it forbids fails, what it allows passes.

Every breach is planted in a copy of the tree, one module each, and the tools are run once on all of them.
"""

from __future__ import annotations

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
    ("ocr.utils", "ocr.types"),
    ("ocr.report", "runners"),
    ("ocr.data", "tools"),
    ("tools", "runners"),
    ("ocr.training", "hydra"),
    ("ocr.data", "omegaconf"),
    ("ocr.engines", "pytorch_lightning"),
    ("ocr.cli", "ocr.formats"),
    ("ocr.pipeline", "ocr.cli"),
    ("ocr.metrics", "torch"),
    ("ocr.engines.onnx_runtime", "torch"),
    ("ocr.detection.models", "timm"),
    ("runners", "timm"),
    ("ocr.report", "onnx"),
    ("runners", "onnxruntime"),
    ("ocr.data", "matplotlib"),
]
"""One or more for each contract."""
ALLOWED = [
    ("ocr.training", "ocr.data"),
    ("ocr.training", "pytorch_lightning"),
    ("ocr.data", "ocr.formats"),
    ("ocr.report", "matplotlib"),
    ("ocr.cli", "ocr.pipeline"),
    ("ocr.engines", "onnx"),
    ("ocr.engines", "torch"),
    ("runners", "hydra"),
    ("runners", "ocr.detection.models"),
]


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


def test_what_the_law_allows_passes(tree: Path) -> None:
    for pair in ALLOWED:
        plant(tree, *pair)
    code, output = lint_imports(tree)
    assert code == 0, output


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


@pytest.mark.parametrize(
    ("file", "source", "rule"),
    [
        ("runners/planted.py", "import torch\n", "TID253"),
        ("runners/planted.py", "from ocr.data import dataset\n", "TID253"),
        ("ocr/data/planted.py", "from PIL import ImageDraw\n", "TID251"),
        ("ocr/detection/targets/planted.py", "from PIL.ImageDraw import Draw\n", "TID251"),
        ("ocr/detection/models/planted.py", "def late() -> None:\n    import math\n", "PLC0415"),
        ("ocr/detection/models/planted.py", "from . import head\n", "TID252"),
    ],
)
def test_ruff_finds_what_the_contracts_cannot_see(tree: Path, file: str, source: str, rule: str) -> None:
    assert rule in ruff(tree, file, source)


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("runners/planted.py", "def late() -> None:\n    import torch\n"),
        ("ocr/report/planted.py", "from PIL import ImageDraw\n"),
        ("ocr/synthesis/planted.py", "from PIL import ImageFont\n"),
        ("ocr/data/planted.py", "import torch\n"),
    ],
)
def test_ruff_lets_pass_what_the_law_allows(tree: Path, file: str, source: str) -> None:
    assert ruff(tree, file, source) == ""


def ruff(tree: Path, file: str, source: str) -> str:
    """The import rules that a file breaks, as ruff tells them."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--quiet",
        "--no-cache",
        "--output-format=concise",
        "--config=pyproject.toml",
    ]
    done = subprocess.run(
        # Nothing is selected here: a rule that leaves the project's configuration is missed.
        [*command, "--extend-ignore=F,D,I", f"--stdin-filename={file}", "-"],
        cwd=tree,
        input=source,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr
