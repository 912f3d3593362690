"""Lines, cyclomatic and cognitive complexity of functions.

Cyclomatic complexity (McCabe 1976) is ruff's rule C901, cognitive complexity (Campbell 2018) is complexipy's; both are
installed by ``make setup-dev``.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from complexipy import code_complexity

from ocr.types import InputError

RUFFS_WORDS = re.compile(r"is too complex \((\d+)")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Complexity:
    """The complexity of one function; methods and inner functions are counted separately.

    Attributes:
        lines: from ``def`` to the last statement, decorators left out.
        cyclomatic: linearly independent paths, 1 for a function without a branch.
        cognitive: breaks of the linear flow, weighted by nesting, 0 for a function without a branch.
    """

    lines: int
    cyclomatic: int
    cognitive: int


def functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, Function]]:
    """Every function of a module with its qualified name."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{prefix}{node.name}"
            if not isinstance(node, ast.ClassDef):
                yield name, node
            yield from functions(node, f"{name}.")
        else:
            yield from functions(node, prefix)


def cyclomatic(paths: list[Path]) -> dict[tuple[Path, int], int]:
    """McCabe's complexity of each function by file and line of its ``def``.

    Raises:
        InputError: ruff does not run, or a file is no Python.
    """
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--ignore-noqa", "--select=C901"]
    settings = ["--config=lint.mccabe.max-complexity=0", "--output-format=json", "--exit-zero"]
    done = subprocess.run(
        [*command, *settings, *(str(path) for path in paths)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise InputError(f"ruff could not measure the complexity ({done.stderr.strip()}); run `make setup-dev`")
    found = {}
    for row in json.loads(done.stdout):
        number = RUFFS_WORDS.search(row["message"])
        if number is None:
            raise InputError(f"{row['filename']}, line {row['location']['row']}: {row['message']}; fix it")
        found[Path(row["filename"]), row["location"]["row"]] = int(number.group(1))
    return found


def measure(paths: list[Path]) -> dict[Path, dict[str, Complexity]]:
    """The complexity of every function of some files, by its qualified name.

    Args:
        paths: Python files.

    Raises:
        InputError: ruff does not run, or a file is not Python.
    """
    if not paths:
        return {}
    branches = cyclomatic([path.resolve() for path in paths])
    return {path: measure_file(path, branches) for path in paths}


def measure_file(path: Path, branches: dict[tuple[Path, int], int]) -> dict[str, Complexity]:
    """The functions of one file; what an inner function adds counts for the outer one too."""
    measured: dict[str, Complexity] = {}
    for name, node in functions(ast.parse(path.read_text(encoding="utf-8"))):
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        cognitive = max(found.complexity for found in code_complexity(ast.unparse(node)).functions)
        measured[name] = Complexity(lines, branches[path.resolve(), node.lineno], cognitive)
    return measured
