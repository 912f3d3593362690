"""What can be chosen for a training: the files in ``configs/`` and their keys, with the comments that explain them.

The files are read as they stand. Which of them Hydra would combine, and whether a value is valid, only the runner
knows (`ocr.pipeline.launching.check_settings`); here they are gathered to be shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ocr.utils.path_utils import CONFIG_DIR

LINE = re.compile(r"^( *)([\w.]+):(?: +(?!# )(.*?))?(?: +# (.*))?$")
"""A key with its indentation, value and comment."""
GROUPS = ("experiment", "task", "model", "data", "charset", "trainer", "debug")
"""The groups that a training chooses from."""
FIXED = {"defaults", "hydra"}


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting.

    Attributes:
        key: dotted key, as on the command line.
        value: its value as the files have it.
        help: the comment beside it.
    """

    key: str
    value: str
    help: str = ""


def choices(group: str, configs: Path = CONFIG_DIR) -> dict[str, str]:
    """The files of a group by name, each with the comment at its top."""
    return {path.stem: head(path) for path in sorted((configs / group).glob("*.yaml"))}


def head(path: Path) -> str:
    """The comment at the top of a file."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        if "@package" not in line:
            lines.append(line.removeprefix("#").strip())
    return " ".join(lines)


def chosen_files(wanted: Mapping[str, str], configs: Path = CONFIG_DIR) -> dict[str, str]:
    """The file of each group: those wanted, else those that the files themselves name.

    Args:
        wanted: names of files by group.
        configs: folder of the configuration.
    """
    files = {group: name for _, group, name in named(configs / "train.yaml", "") if name}
    files |= wanted
    for group in ("experiment", "task"):  # an experiment chooses the task, which chooses data and model
        if group in files:
            override = {of: name for _, of, name in named(configs / group / f"{files[group]}.yaml", group) if name}
            files = {**files, **override, **wanted} if group == "experiment" else {**override, **files}
    return {group: name for group, name in files.items() if (configs / group / f"{name}.yaml").is_file()}


def named(path: Path, group: str) -> Iterator[tuple[bool, str, str | None]]:
    """The files that a file names in its defaults: whether it is of the same group, the group, the name."""
    if not path.is_file():
        return
    for entry in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("defaults", []):
        if isinstance(entry, dict):
            ((key, name),) = entry.items()
            yield False, str(key).removeprefix("override ").removeprefix("optional ").lstrip("/"), name
        elif entry != "_self_":
            yield True, group, str(entry)


def settings(wanted: Mapping[str, str], configs: Path = CONFIG_DIR) -> dict[str, Setting]:
    """All settings of a training by key, as the chosen files have them.

    Args:
        wanted: names of files by group.
        configs: folder of the configuration.
    """
    files = chosen_files(wanted, configs)
    last = [group for group in ("experiment", "debug") if group in files]
    found: dict[str, Setting] = {}
    gather(configs / "train.yaml", "", found, configs)
    for group in [*(name for name in files if name not in last), *last]:
        gather(configs / group / f"{files[group]}.yaml", group, found, configs)
    return dict(sorted(found.items()))


def gather(path: Path, group: str, found: dict[str, Setting], configs: Path) -> None:
    """Add the settings of a file, and of the files of its group that it builds on, to those found before."""
    for same, _, name in named(path, group):
        if same:
            gather(configs / group / f"{name}.yaml", group, found, configs)
    prefix = "" if not group or "@package _global_" in path.read_text(encoding="utf-8").splitlines()[0] else f"{group}."
    for setting in read_settings(path):
        key = f"{prefix}{setting.key}"
        before = found.get(key)
        found[key] = Setting(key, setting.value, setting.help or (before.help if before else ""))


def read_settings(path: Path) -> Iterator[Setting]:
    """The settings of a file with the comment beside each, or beside the section it is in."""
    above: list[tuple[int, str, str]] = []  # indentation, key and comment of the sections around a line
    for line in path.read_text(encoding="utf-8").splitlines():
        match = LINE.match(line)
        if match is None:
            continue
        depth, key, value, comment = len(match[1]), match[2], match[3], match[4] or ""
        above = [section for section in above if section[0] < depth]
        if FIXED & {key, *(section[1] for section in above[:1])}:
            above = [*above, (depth, key, comment)]
        elif not value:
            above.append((depth, key, comment))
        elif not key.startswith("_"):
            about = comment or next((section[2] for section in reversed(above) if section[2]), "")
            yield Setting(".".join([*(section[1] for section in above), key]), value, about)


def as_overrides(wanted: Mapping[str, str], changed: Mapping[str, Any]) -> list[str]:
    """The choices and changed settings as arguments of the runner."""
    return [f"{name}={value}" for name, value in (*wanted.items(), *changed.items())]
