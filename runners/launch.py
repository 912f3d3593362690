"""What every runner starts through: Hydra, with the near names of a misspelt override and plain words for bad input."""

from __future__ import annotations

import functools
import os
import shlex
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import hydra
from omegaconf import DictConfig, OmegaConf

from ocr.utils.arguments import NoSuchUserError, flat_keys, home, homes, near, quoted, without_line_ends
from ocr.utils.interruption import Stopped, end_children, hold_signals
from ocr.utils.path_utils import CONFIG_DIR
from ocr.utils.runs import run_folder

MULTIRUN = {"-m", "--multirun"}
Task = Callable[[DictConfig], None]
Item = TypeVar("Item")


def hydra_main(
    config_name: str, text: tuple[str, ...] = (), *, stoppable: bool = False
) -> Callable[[Task], Callable[[], None]]:
    """Decorate a runner's function: compose ``configs/<config_name>.yaml`` with the command line and call it.

    Args:
        config_name: name of the configuration without its ending.
        text: keys whose values are paths or globs, taken as they are typed, whatever Hydra's grammar makes of
            brackets, commas, blanks and equals signs in them; ``~`` and ``~user`` are home folders in all settings.
        stoppable: the function looks for SIGINT and SIGTERM at points where it can stop (`ocr.utils.interruption`).
    """

    def decorate(task: Task) -> Callable[[], None]:
        entry = hydra.main(version_base="1.3", config_path=str(CONFIG_DIR), config_name=config_name)(plain_errors(task))

        def run() -> None:
            typed = prepare(text, stoppable=stoppable)
            try:
                entry()
            except Stopped as stop:
                sys.exit(stopped(stop, typed))
            except SystemExit as stop:
                if stop.code == 1:
                    for hint in near_names(config_name, sys.argv[1:]):
                        print(hint, file=sys.stderr)
                raise
            finally:
                if stoppable:
                    end_children()

        return run

    return decorate


def prepare(text: tuple[str, ...], *, stoppable: bool) -> list[str]:
    """Quote the command line for Hydra, hold the signals, and return the command line as it was typed."""
    typed = [*sys.argv[:1], *map(without_line_ends, sys.argv[1:])]
    try:
        sys.argv[1:] = [quoted(argument, text) for argument in typed[1:]]
    except NoSuchUserError as error:
        sys.exit(str(error))

    def folder(parent: str, resume: str | None, stamp: str) -> str:
        return run_folder(parent, resume and home(resume), stamp)

    OmegaConf.register_new_resolver("run_folder", folder, replace=True)
    if MULTIRUN & set(typed) and any(argument.startswith("resume=") for argument in typed):
        sys.exit("resume= continues one run; give its command without --multirun")
    # Said at each evaluation by the trainer's own code, and for figures that are the same in all processes already.
    warnings.filterwarnings("ignore", message=r".*isinstance\(treespec, LeafSpec\)")
    warnings.filterwarnings("ignore", message=r".*when logging on epoch level in distributed setting")
    # Of odd metadata, without the file's name; what cannot be read is told with it.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    if stoppable:
        hold_signals()
    if started_by_lightning():
        from ocr.data.workers import end_with_parent

        end_with_parent()
    return typed


def started_by_lightning() -> bool:
    """This process serves a further device of a run whose first process started it."""
    return os.environ.get("LOCAL_RANK", "0") != "0" and "TORCHELASTIC_RUN_ID" not in os.environ


def stopped(stop: Stopped, typed: list[str]) -> int:
    """Say in one line, in the first process alone, what was saved and how to go on; return the exit status.

    The processes that Lightning starts for further devices end with 0: the first process, which speaks for all of them,
    would be killed on another status.
    """
    rank = next((os.environ[name] for name in ("RANK", "SLURM_PROCID", "LOCAL_RANK") if name in os.environ), "0")
    if rank != "0":
        return 0 if started_by_lightning() else stop.exit_status
    python = Path(sys.executable)
    program = [str(python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python), typed[0]]
    if MULTIRUN & set(typed):
        print(f"{stop}; the sweep ends here", file=sys.stderr)
    elif stop.checkpoint is None:
        print(f"{stop}; start again with: {shlex.join([*program, *typed[1:], *stop.again])}", file=sys.stderr)
    else:
        same = [argument for argument in typed[1:] if not argument.startswith("resume=")]
        run = os.path.relpath(stop.checkpoint.parent.parent)
        print(f"{stop}; continue with: {shlex.join([*program, *same, f'resume={run}'])}", file=sys.stderr)
    return stop.exit_status


def plain_errors(task: Task) -> Task:
    """End with the message alone, without a traceback, where the user's input is missing or wrong."""

    @functools.wraps(task)
    def guarded(cfg: DictConfig) -> None:
        missing = sorted(OmegaConf.missing_keys(cfg))
        if missing:
            sys.exit(f"{' and '.join(f'{key}=' for key in missing)} must be given; see configs/")
        try:
            for key, path in homes(OmegaConf.to_container(cfg)):
                OmegaConf.update(cfg, key, path)
            task(cfg)
        except ValueError as error:
            from ocr.types import InputError

            if not isinstance(error, InputError | NoSuchUserError):
                raise
            sys.exit(f"{type(error).__name__}: {error}")

    return guarded


def near_names(config_name: str, arguments: list[str]) -> Iterator[str]:
    """A line for each override whose key the configuration does not have."""
    from hydra.core.global_hydra import GlobalHydra

    keys = [argument.split("=", 1)[0].lstrip("~") for argument in arguments if "=" in argument]
    wanted = [key for key in keys if not key.startswith(("+", "-", "hydra."))]
    GlobalHydra.instance().clear()
    with hydra.initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
        plain = OmegaConf.to_container(hydra.compose(config_name), resolve=False)
        known = {*flat_keys(plain), *(path.name for path in CONFIG_DIR.iterdir() if path.is_dir())}
    for key in wanted:
        if key not in known:
            yield f"{key!r} is not a setting of {config_name}.yaml; near names: {', '.join(near(key, known)) or 'none'}"


def instantiate_enabled(group: DictConfig) -> list[Any]:
    """The objects of a group whose members have a switch ``enabled`` and a ``spec``."""
    from hydra.utils import instantiate

    return [instantiate(member.spec) for member in group.values() if member.enabled]


def new_file(path: Path, *, overwrite: bool, setting: str = "output") -> Path:
    """The path, where nothing is lost by writing there.

    Args:
        path: where to.
        overwrite: what is there may be lost.
        setting: name of the one that the path comes from.

    Raises:
        InputError: the file exists and ``overwrite`` is off, or it is a folder.
    """
    if path.is_dir() or (path.exists() and not overwrite):
        from ocr.types import InputError

        if path.is_dir():
            raise InputError(f"{path} is a folder, where a file is to be written; choose another {setting}=")
        raise InputError(f"{path} exists; choose another {setting}= or give overwrite=true to replace it")
    return path


def progress(items: Iterable[Item], title: str, total: int) -> Iterator[Item]:
    """The items, with a bar on the terminal's error stream."""
    from rich.console import Console
    from rich.progress import track

    yield from track(items, title, total, console=Console(stderr=True))
