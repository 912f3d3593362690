"""Prints, as JSON, what a revision's command line offers: runners, every setting of every choice, targets.

With each target stands what it would run; the files besides the code that decide what a program meets (images, locks,
hooks, workflows) are there with their lines.

    python surface.py <root of a checkout>

One object: ``{"train.yaml": {"model.name": "...", ...}, "train.yaml experiment=smoke": {...}, ...}``; a choice beyond
the defaults lists the settings that it changes, adds or takes away alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from omegaconf import OmegaConf

GONE = "(not there)"
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
GROUP = re.compile(r"^  - ([a-z]+): \w+$", re.MULTILINE)
"""``  - data: receipts``, a line of a runner's defaults."""
INCLUDE = re.compile(r"^include (\S+)$", re.MULTILINE)

ASKED = (
    *(
        "FAST=1",
        "FULL=1",
        "DIRTY=1",
        "ARGS=arguments",
        "REF=a",
        "TOL=1",
        "KILLS=2",
        "CASES=3",
        "SEED=4",
        "DATA=my data",
    ),
    *("CHECKPOINT=a.ckpt", "SPLIT=part", "MODEL=a.onnx", "SMOKE_ARGS=b", "GRANULARITY=c", "GPUS=all", "RUN_ARGS=d"),
)
"""Every variable of the makefiles that a user sets, with a value like no default."""
UNSET = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "GATE_RESULT", *(each.split("=")[0] for each in ASKED)}
"""What a make or a gate that this runs under may have put into the environment."""
FILES = (
    *("docker", ".dockerignore", ".ci", ".github", ".devcontainer", ".pre-commit-config.yaml", ".gitmessage"),
    *("data.dvc", "requirements", "weights", "mkdocs.yml"),
)


def flat(config: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves of nested dictionaries by dotted key; a list is a leaf."""
    if isinstance(config, dict) and config:
        for key, value in config.items():
            yield from flat(value, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, config


def settings(name: str, *choices: str) -> dict[str, Any]:
    """The leaves of a composed configuration, interpolations as they are written."""
    try:
        return dict(flat(OmegaConf.to_container(compose(name, overrides=list(choices)), resolve=False)))
    except Exception as error:  # whatever a revision's configuration does wrong is part of its behaviour
        return {"error": f"{type(error).__name__}: {error}".splitlines()[0]}


def targets(root: Path, makefile: str) -> Iterator[str]:
    """The targets of a makefile and of those that it includes."""
    text = (root / makefile).read_text(encoding="utf-8")
    yield from TARGET.findall(text)
    for included in INCLUDE.findall(text):
        yield from targets(root, included)


def recipe(root: Path, target: str, *variables: str) -> list[str]:
    """The commands that a target would run, written out; the makefiles' own calls of make do nothing."""
    command = ["make", "-n", "--no-print-directory", target, "MAKE=:", *variables]
    env = {key: value for key, value in os.environ.items() if key not in UNSET}
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, env=env)
    return (done.stdout + done.stderr).splitlines()


def content(path: Path) -> list[str]:
    """The lines of a text, the digest of anything else; what git takes for its mode."""
    mode = "executable" if os.access(path, os.X_OK) else "plain"
    try:
        return [mode, *path.read_text(encoding="utf-8").splitlines()]
    except UnicodeDecodeError:
        return [mode, hashlib.sha256(path.read_bytes()).hexdigest()]


def files(root: Path) -> Iterator[tuple[str, list[str]]]:
    """What is no Python and no documentation, by name."""
    for name in FILES:
        for path in sorted([root / name, *(root / name).rglob("*")]):
            if path.is_file() and path.suffix not in {".py", ".pyc", ".md"}:
                yield str(path.relative_to(root)), content(path)


def surface(root: Path) -> dict[str, dict[str, Any]]:
    """Everything that can be typed."""
    configs = root / "configs"
    found: dict[str, dict[str, Any]] = {"runners": {}, "make targets": {}}
    for runner in sorted((root / "runners").glob("*.py")):
        if "__main__" in runner.read_text(encoding="utf-8"):
            found["runners"][runner.name] = "there"
    for target in targets(root, "Makefile"):
        found["make targets"][target] = recipe(root, target)
        found["make targets"][f"{target} with all variables"] = recipe(root, target, *ASKED)
    found["files"] = dict(files(root))
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(configs.absolute()), version_base="1.3"):
        for runner in sorted(configs.glob("*.yaml")):
            plain = found[runner.name] = settings(runner.stem)
            groups = set(GROUP.findall(runner.read_text(encoding="utf-8")))
            for choice in sorted(configs.glob("*/*.yaml")):
                if choice.parent.name in groups:
                    word = f"{choice.parent.name}={choice.stem}"
                    chosen = settings(runner.stem, word)
                    differing = {key: value for key, value in chosen.items() if plain.get(key, GONE) != value}
                    gone = dict.fromkeys(plain.keys() - chosen.keys(), GONE)
                    found[f"{runner.name} {word}"] = differing | gone
    return found


if __name__ == "__main__":
    json.dump(surface(Path(sys.argv[1])), sys.stdout, indent=1)
