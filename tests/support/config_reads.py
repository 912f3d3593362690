"""Which keys of its configuration a runner reads, found in its code and in the signatures that it hands sections to."""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hydra.utils import get_object

from ocr.utils.path_utils import CONFIG_DIR, REPOSITORY_ROOT

POSTPROCESS = ("ocr.detection.postprocess.db.DBPostprocessor",)
DATA = ("ocr.data.datamodule.ReceiptDataModule", "ocr.data.geometry_transforms.FitLongSide")
HANDED_ON: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "check": {"": ("ocr.pipeline.check.Check",)},
    "convert": {"": ("ocr.pipeline.convert.Conversion",)},
    "data": {"": ("ocr.pipeline.data.DataFolder",)},
    "evaluate": dict.fromkeys(("", "data"), ("ocr.pipeline.evaluate.Evaluation",)),
    "export": {"postprocess": POSTPROCESS},
    "predict": {"postprocess": POSTPROCESS},
    "prove": {"": ("tools.proof.run.Proving",)},
    "synthesize": {"": ("ocr.pipeline.synthesize.write_corpus",)},
    "test": {"data": DATA, "postprocess": POSTPROCESS},
    "tune": {"data": DATA, "postprocess": POSTPROCESS, "grids": POSTPROCESS},
    "validate": {"": ("tools.gates.plan.Plan",)},
}
"""Sections that a runner hands on whole, and whose parameters their keys become in the end; ``""`` is everything."""

SWITCHED = re.compile(r"(callbacks|logger)\.\w+\.enabled")
"""What ``runners.launch.instantiate_enabled`` reads of each member."""


def named_in(runner: str) -> set[str]:
    """What a runner reads of ``cfg``: ``cfg.data.root`` as written, and names in texts, as ``plain(cfg, "data")``."""
    tree = ast.parse((REPOSITORY_ROOT / "runners" / f"{runner}.py").read_text(encoding="utf-8"))
    functions = [inner for node in tree.body if isinstance(node, ast.FunctionDef) for inner in ast.walk(node)]
    texts = {node.value for node in functions if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    read = {ast.unparse(node).removeprefix("cfg.") for node in functions if isinstance(node, ast.Attribute)}
    return read | texts


def plain_keys(config: Any, prefix: str = "") -> Iterator[str]:
    """Keys that no ``_target_`` takes, in dotted form: what they mean is for a runner to read."""
    if isinstance(config, dict) and "_target_" not in config:
        for key, value in config.items():
            if not isinstance(value, dict):
                yield f"{prefix}{key}"
            yield from plain_keys(value, f"{prefix}{key}.")


def unread_keys(runner: str, config: Any) -> list[str]:
    """Plain keys that the runner does not read, and that no other key refers to.

    A section that is mentioned as a whole is not read by that: its keys are where `HANDED_ON` names the signatures that
    they become parameters of, and that have them; all keys of a parameter that is a mapping are read.
    """
    read, mappings = named_in(runner), set()
    text = (CONFIG_DIR / f"{runner}.yaml").read_text(encoding="utf-8") + repr(
        config
    )  # Hydra's own section is not in it
    read |= set(re.findall(r"\$\{([\w.]+)\}", text)) | set(re.findall(r"\$\{run_folder:.*?\$\{(\w+)\}", text))
    for section, targets in HANDED_ON.get(runner, {}).items():
        for name, parameter in (
            (n, p) for path in targets for n, p in inspect.signature(get_object(path)).parameters.items()
        ):
            if not section or section in read:
                read.add(f"{section}.{name}".lstrip("."))
            if not section and str(parameter.annotation).startswith(("dict[", "Mapping[")):
                mappings.add(name)
    return [
        key
        for key in plain_keys(config)
        if not (key in read or SWITCHED.fullmatch(key) or key.partition(".")[0] in mappings)
    ]
