"""Which keys of its configuration a runner reads, found in its code and in the signatures that it hands sections to."""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hydra.utils import get_object
from omegaconf import OmegaConf

from ocr.utils.path_utils import CONFIG_DIR, REPOSITORY_ROOT

POSTPROCESS = ("ocr.detection.postprocess.db.DBPostprocessor",)
DATA = ("ocr.data.datamodule.ReceiptDataModule", "ocr.data.geometry_transforms.FitLongSide")
HANDED_ON: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "calibrate": {"": ("ocr.pipeline.calibrate.Calibrate",)},
    "check": {"": ("ocr.pipeline.check.Check",)},
    "convert": {"": ("ocr.pipeline.convert.Conversion",)},
    "data": {"": ("ocr.pipeline.data.DataFolder",)},
    "evaluate": dict.fromkeys(("", "data"), ("ocr.pipeline.evaluate.Evaluation",)),
    "export": {"postprocess": POSTPROCESS},
    "predict": {"postprocess": POSTPROCESS},
    "prove": {"": ("tools.proof.run.Proving",)},
    "read": {"postprocess": POSTPROCESS},
    "synthesize": {"": ("ocr.pipeline.synthesize.write_corpus",)},
    "test": {"data": DATA, "postprocess": POSTPROCESS},
    "tune": {
        "data": DATA,
        "postprocess": POSTPROCESS,
        "grids": POSTPROCESS,
        "text": ("ocr.training.tune_common.TextSettings",),
        "text.language": ("ocr.training.tune_common.LanguageSettings",),
        "text.grids": ("ocr.recognition.postprocess.beam.BeamCTC",),
    },
    "validate": {"": ("tools.gates.plan.Plan",)},
}
"""Sections that a runner hands on whole, and whose parameters their keys become in the end; ``""`` is everything."""

SWITCHED = re.compile(r"(callbacks|logger)\.\w+\.enabled")
"""What ``runners.launch.instantiate_enabled`` reads of each member."""


def parameters_of(path: str) -> dict[str, inspect.Parameter]:
    """What a class or function takes by name; a class that hands ``**settings`` on also takes what its bases take."""
    taken = get_object(path)
    found: dict[str, inspect.Parameter] = {}
    makers = [cls.__init__ for cls in taken.__mro__ if "__init__" in vars(cls)] if inspect.isclass(taken) else [taken]
    for maker in makers:
        parameters = inspect.signature(maker).parameters
        named = {name: each for name, each in parameters.items() if each.kind is not each.VAR_KEYWORD}
        found = {**named, **found}
        if len(named) == len(parameters):
            break
    found.pop("self", None)
    return found


def target_of(group: str, name: str) -> str:
    """The ``_target_`` of a group's file, or of the file of that group that it extends; "" without one."""
    file = OmegaConf.load(CONFIG_DIR / group / f"{name}.yaml")
    if "_target_" in file:
        return str(file["_target_"])
    bases = [base for base in file.get("defaults", []) if isinstance(base, str) and base != "_self_"]
    return target_of(group, bases[0]) if bases else ""


def extends(group: str, name: str) -> bool:
    """Whether a file's own defaults list names another file of its group."""
    entries = OmegaConf.load(CONFIG_DIR / group / f"{name}.yaml").get("defaults", [])
    return any(isinstance(entry, str) and entry != "_self_" for entry in entries)


def chosen_groups(group: str, name: str) -> dict[str, str]:
    """The choices in a file's own defaults list, by group: ``{"data": "lines"}`` of ``task=recognition``."""
    entries = OmegaConf.load(CONFIG_DIR / group / f"{name}.yaml").get("defaults", [])
    chosen = [entry for entry in entries if not isinstance(entry, str)]
    return {key.removeprefix("override ").lstrip("/"): value for entry in chosen for key, value in entry.items()}


def task_of(group: str, name: str) -> str | None:
    """The task that a choice belongs to; ``None``: it belongs to all.

    An experiment says it itself. A choice of a group that tasks choose from belongs to the one whose own choice has its
    class in the same module, or to the only one that chooses from this group. Other files may end with a task's name. A
    task that extends another one, as recognition_attention does, adds no choices of its own to this.
    """
    if group == "task":
        return name
    tasks = sorted(task.stem for task in CONFIG_DIR.glob("task/*.yaml"))
    own = {task: chosen_groups("task", task) for task in tasks if not extends("task", task)}
    if "task" in (chosen := chosen_groups(group, name)):
        return chosen["task"]
    choosing = [task for task, groups in own.items() if group in groups]
    module = target_of(group, name).rpartition(".")[0]
    alike = [task for task in choosing if target_of(group, own[task][group]).rpartition(".")[0] == module]
    if choosing:
        assert len(alike) == 1, f"configs/{group}/{name}.yaml belongs to no one task: {alike}"
        return alike[0]
    return next((task for task in tasks if name.endswith(f"_{task}")), None)


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
        for name, parameter in ((n, p) for path in targets for n, p in parameters_of(path).items()):
            if not section or section in read:
                read.add(f"{section}.{name}".lstrip("."))
            if not section and str(parameter.annotation).startswith(("dict[", "Mapping[")):
                mappings.add(name)
    return [
        key
        for key in plain_keys(config)
        if not (key in read or SWITCHED.fullmatch(key) or key.partition(".")[0] in mappings)
    ]
