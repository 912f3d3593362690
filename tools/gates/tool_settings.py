"""The settings of the checking tools and of the gates' recipes, and which changes of them loosen a check."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

Settings = dict[str, Any]
"""Dotted key: a number, a text, a truth value, or a list of texts."""

LOOSENS = re.compile(
    r"ignore|exclude|allow|skip|limit|max-|line-length|external|unmatched|extend-words|extend-identifiers"
)
"""Settings for which more is looser; for all others, less is."""

EXACT = re.compile(r"pytest\.ini_options\.(addopts|testpaths)|\.args$|^make |^gates\.(?!limits)")
"""Settings for which another value is another check."""


GATES = ("gates", "only_full", "counted", "may_skip", "may_be_skipped", "limits_s")
"""Keys of ``configs/validate.yaml`` that define what the gates require."""


def flattened(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    """The leaves of nested settings; entries of a list of sections are called by their id or module."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from flattened(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        for inner in value:
            name = inner.get("id") or inner.get("module") or inner.get("repo")
            yield from flattened(inner, f"{key}[{','.join(name) if isinstance(name, list) else name}]")
    else:
        yield key, value


DIRECTIVE = re.compile(
    r"^(?:[-s]?include|(?:un)?export|override|(?:un)?define|vpath|\.(?!PHONY)[A-Z_]+|MAKEFLAGS|SHELL)\b.*", re.MULTILINE
)
"""A line of a Makefile that changes what every recipe does."""


def recipes(makefile: str, targets: Collection[str]) -> Iterator[tuple[str, Any]]:
    """The rules of some targets of a Makefile, the variables that they are made of, and what changes every recipe.

    A target that has several rules, or variables of its own, has all of them.
    """
    text = makefile.replace("\\\n", " ")
    found: dict[str, list[str]] = {}
    for names, needs, recipe in re.findall(
        r"^([^\s:=#][^:=#\n]*):(?!=)([^#\n]*)[^\n]*\n((?:\t[^\n]*\n)*)", text, re.MULTILINE
    ):
        for name in names.split():
            found.setdefault(name, []).extend([needs.strip(), *recipe.replace("\t", "").splitlines()])
    variables = dict(re.findall(r"^([A-Z_]+) *[:?+]?= *(.*)$", text, re.MULTILINE))
    yield "make directives", DIRECTIVE.findall(text)
    yield from ((f"make {name}", found.get(name)) for name in targets)
    waiting = [line for name in targets for line in found.get(name, [])]
    while waiting:
        for name in re.findall(r"[$(, ]([A-Z_]+)", waiting.pop()):
            if name in variables:
                value = variables.pop(name)
                waiting.append(value)
                yield f"make {name}", value


def assertions(path: Path) -> int:
    """How much a file of tests asserts: its ``assert`` statements, and what must raise."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    raises = sum(isinstance(node, ast.Attribute) and node.attr in {"raises", "fail"} for node in nodes)
    return sum(isinstance(node, ast.Assert) for node in nodes) + raises


def tool_settings(root: Path) -> Settings:
    """What ``pyproject.toml``, the hooks, the gates' recipes and their configuration say, one leaf a key."""
    tools = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    hooks = yaml.safe_load((root / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    gates = yaml.safe_load((root / "configs" / "validate.yaml").read_text(encoding="utf-8"))
    makefiles = [root / "Makefile", *sorted(root.glob("*/*.mk"))]
    makefile = "\n".join(path.read_text(encoding="utf-8") for path in makefiles)
    found = [
        *flattened({name: value for name, value in tools.items() if name != "uv"}, ""),
        *flattened(hooks, "pre-commit"),
        *flattened({name: gates[name] for name in GATES}, "gates"),
        (".gitignore", (root / ".gitignore").read_text(encoding="utf-8").splitlines()),  # ruff and the hooks heed it
        *((f"assertions in {path.name}", assertions(path)) for path in (root / "tests" / "gates").glob("*.py")),
        *recipes(makefile, ["validate", *gates["gates"]]),
    ]
    return dict(sorted((key, value) for key, value in found if not key.endswith((".id", ".name"))))


def looser(found: Mapping[str, Any], recorded: Mapping[str, Any]) -> list[str]:
    """A line for each setting that is looser than recorded, or not recorded."""
    wrong = [f"{key} = {found[key]!r} is not recorded" for key in found.keys() - recorded.keys()]
    wrong += [f"{key} is gone" for key in recorded.keys() - found.keys() if not LOOSENS.search(key)]
    for key in found.keys() & recorded.keys():
        new, old = found[key], recorded[key]
        if new != old and is_looser(key, new, old):
            wrong.append(f"{key} = {new!r}, recorded is {old!r}")
    return sorted(wrong)


def is_looser(key: str, new: Any, old: Any) -> bool:
    """Whether a changed setting is looser."""
    if type(new) is not type(old) or isinstance(new, str) or EXACT.search(key):
        return True
    if isinstance(new, list):
        more, less = set(new) - set(old), set(old) - set(new)
        return bool(more if LOOSENS.search(key) else less)
    return bool(new > old if LOOSENS.search(key) else new < old)
