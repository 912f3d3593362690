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
LOADER = ("ocr.data.datamodule.ReceiptDataModule", "ocr.data.geometry_transforms.FitLongSide")
HANDED_ON: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "check": {"": ("ocr.pipeline.check.Check",)},
    "convert": {"": ("ocr.pipeline.convert.Conversion",)},
    "data": {"": ("ocr.pipeline.data.DataFolder",)},
    "evaluate": {"": ("ocr.pipeline.evaluate.Evaluation",), "data": ("ocr.pipeline.evaluate.Evaluation",)},
    "export": {"postprocess": (POSTPROCESSOR,)},
    "predict": {"postprocess": (POSTPROCESSOR,)},
    "prove": {"": ("tools.proof.run.Proving",)},
    "synthesize": {"": ("ocr.pipeline.synthesize.synthesize",)},
    "test": {"postprocess": (POSTPROCESSOR,), "data": LOADER},
    "tune": {"postprocess": (POSTPROCESSOR,), "grids": (POSTPROCESSOR,), "data": LOADER},
    "validate": {"": ("tools.gates.plan.Plan",)},
}
"""Sections that a runner hands on whole, and whose parameters their keys become in the end; ``""`` is everything."""

SWITCHED = re.compile(r"(callbacks|logger)\.\w+\.enabled")
"""What ``runners.launch.instantiate_enabled`` reads of each member."""


def accessed(tree: ast.AST) -> set[str]:
    """What code reads of a configuration that it calls ``cfg``: ``cfg.data.root`` and ``cfg["data"]`` as written.

    So are keys that stand in it as text, as in ``plain(cfg, "data")``. A method's name at the end is none of the
    configuration.
    """
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Subscript) and id(node) not in inner:
            found.add(re.sub(r"\.(get|items|keys|values)$", "", re.sub(r"\['(\w+)'\].*", r".\1", ast.unparse(node))))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return texts | {name.removeprefix("cfg.") for name in found if name.startswith("cfg.")}


def plain_keys(config: Any, prefix: str = "") -> Iterator[str]:
    """Keys that no ``_target_`` takes, in dotted form: what they mean is for a runner to read."""
    if isinstance(config, dict) and "_target_" not in config:
        for key, value in config.items():
            if not isinstance(value, dict):
                yield f"{prefix}{key}"
            yield from plain_keys(value, f"{prefix}{key}.")


def parameters_of(path: str) -> dict[str, str]:
    """Parameters of a class or a function by name, with their annotations."""
    return {name: str(each.annotation) for name, each in inspect.signature(get_object(path)).parameters.items()}


def unread_keys(runner: str, config: Any) -> list[str]:
    """Plain keys that the runner does not read, and that no other key refers to.

    A section that is mentioned as a whole is not read by that: its keys are where `HANDED_ON` names the signature that
    they become parameters of, and that has them.
    """
    tree = ast.parse((REPOSITORY_ROOT / "runners" / f"{runner}.py").read_text(encoding="utf-8"))
    read = {name for node in tree.body if isinstance(node, ast.FunctionDef) for name in accessed(node)}
    text = (CONFIG_DIR / f"{runner}.yaml").read_text(encoding="utf-8") + repr(config)  # Hydra's section is in the file
    read |= set(re.findall(r"\$\{([\w.]+)\}", text)) | set(re.findall(r"\$\{run_folder:.*?\$\{(\w+)\}", text))
    whole: dict[str, str] = {}
    for section, targets in HANDED_ON.get(runner, {}).items():
        parameters = {name: kind for target in targets for name, kind in parameters_of(target).items()}
        if not section:
            whole = parameters
        elif section in read or "" in HANDED_ON[runner]:
            read |= {f"{section}.{name}" for name in parameters}
    return [
        key
        for key in plain_keys(config)
        if not (
            key in read
            or key in whole
            or SWITCHED.fullmatch(key)
            or whole.get(key.split(".")[0], "").startswith("dict")
        )
    ]
