"""Which keys of its configuration a runner reads, found in the code of the functions that it can reach."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hydra.utils import get_object

from ocr.utils.path_utils import CONFIG_DIR, REPOSITORY_ROOT

POSTPROCESSOR = "ocr.detection.postprocess.db.DBPostprocessor"
HANDED_ON: Mapping[str, Mapping[str, str]] = {
    "export": {"postprocess": POSTPROCESSOR},
    "predict": {"postprocess": POSTPROCESSOR},
    "test": {"postprocess": POSTPROCESSOR},
    "tune": {"postprocess": POSTPROCESSOR, "grids": POSTPROCESSOR},
    "validate": {"": "tools.gates.plan.Plan"},
}
"""Sections that a runner hands on whole, and whose parameters their keys become in the end; ``""`` is everything."""

SWITCHED = re.compile(r"(callbacks|logger)\.\w+\.enabled")
"""What ``runners.launch.instantiate_enabled`` reads of each member."""


def functions_of(name: str) -> dict[str, ast.FunctionDef]:
    """The functions of a runner's module by name."""
    tree = ast.parse((REPOSITORY_ROOT / "runners" / f"{name}.py").read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def reached(runner: str) -> Iterator[ast.FunctionDef]:
    """The functions of a runner, and of those that runners share the ones whose names they mention."""
    shared = functions_of("build") | functions_of("stored")
    waiting = list(functions_of(runner).values())
    seen: set[str] = set()
    while waiting:
        function = waiting.pop()
        yield function
        mentioned = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)} & shared.keys() - seen
        seen |= mentioned
        waiting += [shared[name] for name in mentioned]


def accessed(tree: ast.AST) -> set[str]:
    """What code reads of a configuration that it calls ``cfg``: ``cfg.data.root`` and ``cfg["data"]`` as written.

    A method's name at the end is none of the configuration.
    """
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Subscript) and id(node) not in inner:
            found.add(re.sub(r"\.(get|items|keys|values)$", "", re.sub(r"\['(\w+)'\].*", r".\1", ast.unparse(node))))
    return {name.removeprefix("cfg.") for name in found if name.startswith("cfg.")}


def plain_keys(config: Any, prefix: str = "") -> Iterator[str]:
    """Keys that no ``_target_`` takes, in dotted form: what they mean is for a runner to read."""
    if isinstance(config, dict) and "_target_" not in config:
        for key, value in config.items():
            if not isinstance(value, dict):
                yield f"{prefix}{key}"
            yield from plain_keys(value, f"{prefix}{key}.")


def parameters_of(path: str) -> set[str]:
    """Names of the parameters of a class or a function."""
    return set(inspect.signature(get_object(path)).parameters)


def unread_keys(runner: str, config: Any) -> list[str]:
    """Plain keys that nothing which the runner reaches reads, and that no other key refers to.

    A section that is mentioned as a whole is not read by that: its keys are where `HANDED_ON` names the signature that
    they become parameters of, and that has them.
    """
    read = {name for function in reached(runner) for name in accessed(function)}
    text = (CONFIG_DIR / f"{runner}.yaml").read_text(encoding="utf-8") + repr(
        config
    )  # Hydra's own section is not in it
    read |= set(re.findall(r"\$\{([\w.]+)\}", text)) | set(re.findall(r"\$\{run_folder:.*?\$\{(\w+)\}", text))
    for section, target in HANDED_ON.get(runner, {}).items():
        if not section or section in read:
            read |= {f"{section}.{name}".lstrip(".") for name in parameters_of(target)}
    mappings = parameters_of(HANDED_ON[runner][""]) if "" in HANDED_ON.get(runner, {}) else set()
    return [
        key
        for key in plain_keys(config)
        if not (key in read or SWITCHED.fullmatch(key) or key.partition(".")[0] in mappings)
    ]
