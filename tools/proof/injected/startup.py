"""Runs first in every interpreter of a proof, as ``sitecustomize``: notes lines that are run, sends a signal in time.

``PROVE_LINES`` names a JSON file ``{"files": [...], "log": ...}``: of those files each statement that is run is written
to the log once a process, as ``<file>:<its line>``, and each function that is entered as ``<file>><its first line>``.
``PROVE_SIGNAL`` is ``<number> <glob>``: this process gets that signal when it first opens a file whose path matches.
Standard library only, nothing of ours.
"""

from __future__ import annotations

import ast
import builtins
import fnmatch
import json
import marshal
import os
import runpy
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any, cast

LINES, SIGNAL = "PROVE_LINES", "PROVE_SIGNAL"
LEFT, NOTE = "__prove_left__", "__prove_note__"
"""Built-ins that the probes use."""


def note_lines(files: frozenset[str], log: str) -> None:
    """Compile some files with a probe before each statement, here and in forked processes.

    Following every call of every package in Python instead (``sys.settrace``) takes half as long again as the programs.
    """
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)  # written at once: a worker may end without a goodbye
    left: set[str] = set()
    numbers = {path: number for number, path in enumerate(sorted(files))}

    def note(place: str) -> None:
        left.discard(place)
        os.write(out, f"{place}\n".encode())

    def probed(path: str) -> CodeType:
        kept = Path(f"{log}.{numbers[path]}")
        if not kept.exists():
            tree = ast.parse(Path(path).read_bytes(), path)
            places = add_probes(tree, path)
            written = kept.with_name(f"{kept.name}.{os.getpid()}")
            written.write_bytes(marshal.dumps((places, compile(tree, path, "exec", dont_inherit=True))))
            written.replace(kept)
        places, code = marshal.loads(kept.read_bytes())
        left.update(places)
        return cast(CodeType, code)

    def get_code(loader: Any, name: str) -> CodeType | None:
        path = loader.get_filename(name)
        return probed(path) if path in files else as_found(loader, name)

    def compiled(source: Any, path: str, *rest: Any, **more: Any) -> Any:
        return probed(path) if path in files else compile(source, path, *rest, **more)

    builtins.__dict__.update({LEFT: left, NOTE: note})
    as_found = SourceFileLoader.get_code
    # The one method that every import asks: what it gives is neither read from Python's caches nor written to them.
    SourceFileLoader.get_code = get_code  # type: ignore[assignment, method-assign]
    runpy.__dict__["compile"] = compiled  # programs and spawned processes begin there


def add_probes(tree: ast.Module, path: str) -> list[str]:
    """Put a probe before each statement of a file, and at the beginning of each function; the places it notes."""
    places: list[str] = []

    def probes(marks: list[str], at: ast.AST) -> list[ast.stmt]:
        places.extend(marks)
        texts = [f"if {mark!r} in {LEFT}: {NOTE}({mark!r})" for mark in marks]
        return [cast(ast.stmt, moved(ast.parse(text).body[0], at)) for text in texts]

    for node in list(ast.walk(tree)):
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            if not isinstance(body, list):
                continue
            waiting, new = [], []
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                waiting.append(f"{path}>{min([node.lineno, *(each.lineno for each in node.decorator_list)])}")
            if isinstance(node, ast.ExceptHandler):
                waiting.append(f"{path}:{node.lineno}")
            for one in body:
                waiting.append(f"{path}:{one.lineno}")
                if not must_come_first(one):
                    new += probes(waiting, one)
                    waiting = []
                new.append(one)
            setattr(node, field, new + (probes(waiting, body[-1]) if body else []))
    return places


def must_come_first(node: ast.stmt) -> bool:
    """No statement may stand before it: documentation, imports from the future, declarations."""
    text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
    return text or future or isinstance(node, ast.Global | ast.Nonlocal)


def moved(node: ast.AST, at: ast.AST) -> ast.AST:
    """A statement with the place of another."""
    for one in ast.walk(node):
        ast.copy_location(one, at)
    return node


def send_signal(number: int, pattern: str) -> None:
    """Let the process get a signal when it opens a file: at the same place in every run, whatever the clock says."""
    sent: list[int] = []

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and not sent and fnmatch.fnmatch(os.fsdecode(str(arguments[0])), pattern):
            sent.append(number)
            os.kill(os.getpid(), number)

    sys.addaudithook(heard)


def start() -> None:
    """What the environment asks for."""
    if LINES in os.environ:
        asked = json.loads(Path(os.environ[LINES]).read_text(encoding="utf-8"))
        note_lines(frozenset(asked["files"]), asked["log"])
    if SIGNAL in os.environ:
        number, _, pattern = os.environ[SIGNAL].partition(" ")
        send_signal(int(number), pattern)


if "PROVE_STARTER" not in os.environ:  # the starter's children ask for it, each for itself
    start()
