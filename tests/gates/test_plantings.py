"""What the slow tests plant fits the code of today: a planting that has become stale is found by `make test`."""

import ast
import importlib.util
import shutil
import sys
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import pytest

from planted_checkout import REPOSITORY, Planting
from proof_plantings import REFACTORS

MODULES = [
    path
    for path in sorted((REPOSITORY / "tests").rglob("*.py"))
    if "Planting(" in path.read_text("utf-8") and path.name not in {Path(__file__).name, "planted_checkout.py"}
]


def plantings_in(value: Any) -> Iterator[Planting]:
    """Those of a module's values; tables and dataclasses are looked into."""
    if isinstance(value, Planting):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from plantings_in(part)
    elif isinstance(value, dict):
        yield from plantings_in(list(value.values()))
    elif is_dataclass(value) and not isinstance(value, type):
        yield from plantings_in(list(vars(value).values()))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_planting_fits_the_code(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location(f"plantings_of_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    plantings = list(dict.fromkeys(plantings_in(vars(module))))
    assert plantings
    stale = []
    for planting in plantings:
        (tmp_path / planting.file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / planting.file, tmp_path / planting.file)
        try:
            planting(tmp_path)
        except AssertionError as error:
            stale.append(str(error))
    assert stale == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_planting_is_made_where_it_is_found(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Lambda)]
    calls = {node.lineno for function in functions for node in ast.walk(function) if isinstance(node, ast.Call)
             and ast.unparse(node.func) == "Planting"}  # fmt: skip
    assert calls == set(), "lines of plantings that are made in functions, not at the top level"


def test_every_refactor_fits_the_code(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "ocr", tmp_path / "ocr", ignore=shutil.ignore_patterns("__pycache__"))
    for name, (refactor, _) in REFACTORS.items():
        before = {path: path.read_text("utf-8") for path in (tmp_path / "ocr").rglob("*.py")}
        refactor(tmp_path)
        assert any(path.read_text("utf-8") != text for path, text in before.items()), name


def test_a_planting_that_does_not_fit_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\ntwo\ntwo\n")
    Planting("a.py", "one", "1")(tmp_path)
    assert (tmp_path / "a.py").read_text() == "1\ntwo\ntwo\n"
    with pytest.raises(AssertionError, match=r"a\.py: 'two' stands there 2 times"):
        Planting("a.py", "two", "2")(tmp_path)
    with pytest.raises(AssertionError, match=r"a\.py: 'one' stands there 0 times"):
        Planting("a.py", "one", "1")(tmp_path)
