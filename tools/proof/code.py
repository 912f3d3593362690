"""Split Python files into units that a refactor moves, renames or changes: functions, and statements outside them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef
OWN = {"ocr", "runners", "tools"}
"""Packages of this repository."""


@dataclass(frozen=True)
class Unit:
    """A function with what is in it, or one statement outside of functions.

    Attributes:
        file: relative to the root of the revision.
        name: qualified name of a function, ``""`` of a statement.
        node: the syntax tree.
        text: the tree as text, without documentation and places; equal where the code is.
    """

    file: str
    name: str
    node: ast.stmt
    text: str

    @property
    def first(self) -> int:
        """The line by which the interpreter knows the function: that of its first decorator, if it has one."""
        decorators = self.node.decorator_list if isinstance(self.node, Function) else []
        return min([self.node.lineno, *(decorator.lineno for decorator in decorators)])


def units_of(root: Path, file: str) -> list[Unit]:
    """The units of a file, none where it is not there or is no Python."""
    path = root / file
    if not path.exists():
        return []
    try:
        tree = ast.parse(path.read_bytes())
    except SyntaxError:
        return []
    undocumented(tree)
    return [Unit(file, name, node, ast.dump(node)) for name, node in outermost(tree.body, "")]


def undocumented(tree: ast.AST) -> None:
    """Take the documentation out: texts that stand by themselves."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            if isinstance(body, list):
                setattr(node, field, [one for one in body if not is_text(one)])


def is_text(node: ast.AST) -> bool:
    """A string as a statement."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def outermost(body: Iterable[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.stmt]]:
    """Functions and methods, inner ones as a part of theirs; every other statement by itself."""
    for node in body:
        if isinstance(node, Function):
            yield f"{prefix}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield "", ast.ClassDef(node.name, node.bases, node.keywords, [], node.decorator_list, **place(node))
            yield from outermost(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in OWN:
            for name in node.names:  # from wherever: where it lives is no behaviour
                yield "", ast.ImportFrom("", [name], 0, **place(name))
        else:
            yield "", node


def place(node: ast.stmt | ast.alias) -> dict[str, int]:
    """Line numbers for a node that stands for the head of another."""
    return {"lineno": node.lineno, "end_lineno": node.lineno, "col_offset": 0, "end_col_offset": 0}


def renamed(ref: Iterable[Unit], tree: Iterable[Unit]) -> dict[str, str]:
    """New name -> old name of functions that are the same but for it."""
    old = {unit.text.replace(repr(bare(unit)), "?"): bare(unit) for unit in ref if unit.name}
    new = {unit.text.replace(repr(bare(unit)), "?"): bare(unit) for unit in tree if unit.name}
    pairs = {name: old[text] for text, name in new.items() if text in old and old[text] != name}
    kept = {bare(unit) for unit in ref}
    return {name: was for name, was in pairs.items() if name not in kept}


def bare(unit: Unit) -> str:
    """A function's name without that of its class."""
    return unit.name.rsplit(".", 1)[-1]


def with_old_names(text: str, names: Mapping[str, str]) -> str:
    """A unit's text as it would be had nothing been renamed."""
    return re.sub(r"'(\w+)'", lambda found: repr(names.get(found.group(1), found.group(1))), text)


def statements(unit: Unit) -> Iterator[tuple[ast.AST, range]]:
    """Every statement of a unit with its lines; of one that holds others, the lines of its head."""
    for node in ast.walk(unit.node):
        if not isinstance(node, ast.stmt | ast.ExceptHandler) or isinstance(node, ast.Global | ast.Nonlocal):
            continue
        first = unit.first if node is unit.node else node.lineno
        body = getattr(node, "body", None)
        if isinstance(body, list) and body:
            yield node, range(first, max(node.lineno, body[0].lineno - 1) + 1)
        else:
            yield node, range(first, (node.end_lineno or node.lineno) + 1)


def names_given(unit: Unit) -> frozenset[str]:
    """The names that a statement outside of functions gives values to."""
    targets = [node for node in ast.walk(unit.node) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return frozenset(node.id for node in targets) if not unit.name else frozenset()


def mentions(unit: Unit, names: frozenset[str]) -> bool:
    """A function uses one of the names."""
    return bool(unit.name) and any(f"'{name}'" in unit.text for name in names)
