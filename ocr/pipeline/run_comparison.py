"""Compare runs: their settings, and their figures over seeds."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ocr.pipeline.run_files import CONFIG, read_text
from ocr.pipeline.runs import Run
from ocr.utils.arguments import flat_keys

NAMES = frozenset({"exp_name", "output_dir", "resume"})
"""Settings that say where a run is kept, not what it learns."""
SEED = "seed"
ABSENT = "–"


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over runs that differ in the seed alone.

    Attributes:
        mean: its mean.
        deviation: sample standard deviation; 0 for one run.
        low: its minimum.
        high: its maximum.
        count: runs that have it.
    """

    mean: float
    deviation: float
    low: float
    high: float
    count: int


def flat_settings(folder: Path) -> dict[str, str]:
    """The settings of a run by dotted key, as its configuration has them; empty if that cannot be read."""
    try:
        config = yaml.load(read_text(folder / CONFIG), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return {}
    inner = list(flat_keys(config or {}))
    return {key: str(value) for key in inner if not isinstance(value := value_at(config, key), dict)}


def value_at(config: Mapping[str, Any], key: str) -> Any:
    """The value of a dotted key; a name within may hold dots itself."""
    if key in config:
        return config[key]
    name = next(name for name in config if key.startswith(f"{name}."))
    return value_at(config[name], key[len(name) + 1 :])


def differences(folders: Sequence[Path]) -> dict[str, list[str]]:
    """The settings in which runs differ, with the value of each run; a dash where a run has no such setting."""
    configs = [flat_settings(folder) for folder in folders]
    keys = dict.fromkeys(key for config in configs for key in config if key not in NAMES)
    rows = {key: [config.get(key, ABSENT) for config in configs] for key in keys}
    return {key: values for key, values in rows.items() if len(set(values)) > 1}


def over_seeds(runs: Sequence[Run]) -> list[list[Run]]:
    """Runs grouped by everything but the seed: settings, data and revision; groups with several seeds only.

    Runs of which one of these is unknown, such as those that have not finished, are in no group.
    """
    groups: dict[tuple[Any, ...], list[Run]] = {}
    for run in runs:
        config = flat_settings(run.folder)
        if not (config and run.data_md5 and run.git_revision):
            continue
        same = tuple(sorted((key, value) for key, value in config.items() if key not in {*NAMES, SEED}))
        groups.setdefault((same, run.data_md5, run.git_revision), []).append(run)
    return [group for group in groups.values() if len({run.seed for run in group}) > 1]


def spread(runs: Sequence[Run]) -> dict[str, Spread]:
    """Mean and spread of each figure that several of the runs have."""
    values: dict[str, list[float]] = {}
    for run in runs:
        for name, value in run.figures.items():
            values.setdefault(name, []).append(value)
    return {
        name: Spread(statistics.fmean(found), statistics.stdev(found), min(found), max(found), len(found))
        for name, found in values.items()
        if len(found) > 1
    }
