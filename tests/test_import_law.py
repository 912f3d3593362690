"""The law of ARCHITECTURE.md, room by room: what it forbids fails, what it allows passes.

Every breach is planted in a copy of the tree, one module each, and the tools are run once on all of them.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]

# Room -> the rooms it may import (the table of ARCHITECTURE.md).
MAY_IMPORT = {
    "types": {"utils"},
    "utils": set(),
    "geometry": {"types"},
    "images": {"types", "utils"},
    "formats": {"geometry", "images", "types", "utils"},
    "checks": {"geometry", "images", "types", "formats", "utils"},
    "synthesis": {"geometry", "types", "formats", "utils"},
    "targets": {"geometry", "types"},
    "data": {"geometry", "images", "types", "formats", "utils"},
    "models": {"types"},
    "losses": {"types"},
    "engines": {"types", "utils"},
    "postprocess": {"geometry", "types"},
    "metrics": {"geometry", "types"},
    "report": {"geometry", "images", "types", "metrics", "utils"},
    "training": {"types", "utils"},
    "tuning": {"types"},
    "validation": {"types", "utils"},
}

# Third party -> the rooms that may not import it.
KEPT_OUT_OF = {
    "hydra": set(MAY_IMPORT),
    "omegaconf": set(MAY_IMPORT),
    "pytorch_lightning": set(MAY_IMPORT) - {"training"},  # and data.datamodule
    "timm": {*MAY_IMPORT, "runners"},  # but models.encoder
    "torch": {"formats", "geometry", "images", "targets", "postprocess", "metrics", "checks", "tuning", "validation"},
    "cv2": {"models", "losses", "engines"},
    "onnx": {*MAY_IMPORT, "runners"} - {"engines"},
    "onnxruntime": {*MAY_IMPORT, "runners"} - {"engines"},
    "matplotlib": {*MAY_IMPORT, "runners"} - {"report", "synthesis"},
}

ALLOWED = {
    "ocr.data.datamodule": "pytorch_lightning",
    "ocr.models.encoder": "timm",
    "ocr.training.planted_allowed": "pytorch_lightning",
    "ocr.validation.injected.recorder": "pytorch_lightning",
    "ocr.validation.injected.surface": "hydra",
    "ocr.report.planted_allowed": "matplotlib",
    "ocr.engines.planted_allowed": "torch",
    "runners.planted_allowed": "hydra",
}

FORBIDDEN = [
    *(
        (f"ocr.{room}", f"ocr.{other}")
        for room, other in itertools.permutations(MAY_IMPORT, 2)
        if other not in MAY_IMPORT[room]
    ),
    *((f"ocr.{room}", "runners") for room in MAY_IMPORT),
    *((f"ocr.{module}", "torch") for module in ("engines.onnx_runtime", "data.prediction")),
    *(
        (room if room == "runners" else f"ocr.{room}", library)
        for library, rooms in KEPT_OUT_OF.items()
        for room in rooms
    ),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the packages and of the configuration."""
    for name in ("ocr", "runners"):
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


def test_the_table_has_every_room(tree: Path) -> None:
    rooms = {path.stem for path in (tree / "ocr").iterdir() if path.suffix == ".py" or list(path.glob("*.py"))}
    assert rooms - {"__init__"} == MAY_IMPORT.keys()


def test_what_the_law_allows_passes(tree: Path) -> None:
    allowed = [(f"ocr.{room}", f"ocr.{other}") for room, others in MAY_IMPORT.items() for other in others]
    modules = [plant(tree, *pair) for pair in [*allowed, *(("runners", f"ocr.{room}") for room in MAY_IMPORT)]]
    for module, library in ALLOWED.items():
        file = tree / f"{module.replace('.', '/')}.py"
        file.write_text(f"import {library}\n", encoding="utf-8")
    code, output = lint_imports(tree)
    assert len(modules) > len(MAY_IMPORT)
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
        ("ocr/targets/planted.py", "from PIL.ImageDraw import Draw\n", "TID251"),
        ("ocr/models/planted.py", "def late() -> None:\n    import math\n", "PLC0415"),
        ("ocr/models/planted.py", "from . import head\n", "TID252"),
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
