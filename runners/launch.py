"""Start every runner: Hydra, with suggestions for misspelt overrides and plain messages for bad input."""

from __future__ import annotations

import functools
import logging
import os
import shlex
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf

from ocr.utils import printable as terminal
from ocr.utils.arguments import NoSuchUserError, flat_keys, home, homes, near, quoted, without_line_ends
from ocr.utils.errors import InputError, unusable_place
from ocr.utils.interruption import Stopped, end_children, hold_signals, lost_worker, raise_signals
from ocr.utils.limits import check_settings
from ocr.utils.path_utils import CONFIG_DIR
from ocr.utils.runs import DESCRIPTION, RunFolder

MULTIRUN = {"-m", "--multirun"}
STARTED_BY = "OCR_STARTED_BY"
"""Environment variable with the id of the process from which Lightning starts others."""
Task = Callable[..., None]
say = terminal.say
"""The print function of the runners."""


def hydra_main(
    config_name: str, text: tuple[str, ...] = (), *, stoppable: bool = False, resumable: bool = False
) -> Callable[[Task], Callable[[], None]]:
    """Decorate a runner's function: compose ``configs/<config_name>.yaml`` with the command line and call it.

    Args:
        config_name: name of the configuration without its ending.
        text: keys whose values are paths or globs, taken literally in spite of Hydra's grammar for brackets, commas,
            spaces and equals signs; ``~`` and ``~user`` are home folders in all settings.
        stoppable: the function checks for SIGINT and SIGTERM at points where it can stop (`ocr.utils.interruption`).
        resumable: the function also gets the run's folder, locked, and decides itself when to begin writing there.
    """

    def decorate(task: Task) -> Callable[[], None]:
        def run() -> None:
            folder = RunFolder(first=rank() == 0)
            if not stoppable:
                raise_signals()
            typed = prepare(text, stoppable=stoppable)

            def chosen(parent: str, resume: str | None, stamp: str) -> str:
                return folder.choose(parent, resume and home(resume), stamp)

            OmegaConf.register_new_resolver("run_folder", chosen, replace=True)
            held = in_folder(task, folder) if resumable else task
            entry = hydra.main(version_base="1.3", config_path=str(CONFIG_DIR), config_name=config_name)
            refused = False
            try:
                entry(plain_errors(held))()
            except (Exception, Stopped) as error:
                refused = isinstance(error, HydraException | OSError)
                sys.exit(ending(error, config_name, typed, folder.point()))
            except SystemExit as stop:
                refused = isinstance(stop.code, str)
                raise
            finally:
                folder.leave(refused=refused, error=sys.exc_info()[1])
                end_children()

        return run

    return decorate


def prepare(text: tuple[str, ...], *, stoppable: bool) -> list[str]:
    """Quote the command line for Hydra, hold the signals, and return the original command line."""
    typed = [*sys.argv[:1], *map(without_line_ends, sys.argv[1:])]
    try:
        sys.argv[1:] = [quoted(argument, text) for argument in typed[1:]]
    except NoSuchUserError as error:
        sys.exit(str(error))
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")  # let Hydra pass errors on instead of printing a traceback
    if MULTIRUN & set(typed) and any(argument.startswith("resume=") for argument in typed):
        sys.exit("resume= continues a single run; use it without --multirun")
    logging.setLogRecordFactory(terminal.PrintableRecord)
    # Raised at each evaluation by the trainer's own code, and for figures that are already the same in all processes.
    warnings.filterwarnings("ignore", message=r".*isinstance\(treespec, LeafSpec\)")
    warnings.filterwarnings("ignore", message=r".*when logging on epoch level in distributed setting")
    # About odd metadata, without the file's name; unreadable files are reported with it.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    if stoppable:
        hold_signals()
    if started_by_lightning():
        from ocr.utils.workers import end_with_parent

        end_with_parent(int(os.environ.get(STARTED_BY, os.getppid())))
    os.environ[STARTED_BY] = str(os.getpid())
    return typed


def in_folder(task: Task, folder: RunFolder) -> Task:
    """Call the function with the run's folder, locked; the files of Hydra are not written before the run begins.

    Raises:
        InputError: another run holds the folder.
    """

    @functools.wraps(task)
    def held(cfg: DictConfig) -> None:
        about = HydraConfig.get()
        texts = {"config": cfg, "hydra": HydraConfig.instance().cfg, "overrides": about.overrides.task}
        path = Path(cfg.output_dir)
        files = {f"{DESCRIPTION}/{name}.yaml": OmegaConf.to_yaml(text) for name, text in texts.items()}
        if not folder.enter(path, files, f"{about.job.name}.log"):
            raise InputError(
                f"{path}: another training is writing there; wait until it ends, or start a new run without resume="
            )
        task(cfg, folder)
        folder.leave(refused=False)

    return held


def ending(error: Exception | Stopped, config_name: str, typed: list[str], point: Path | None) -> int | str:
    """The exit status or last message for an error that is not a bug.

    Args:
        error: the error or stop.
        config_name: the runner's configuration.
        typed: the command line.
        point: the checkpoint to resume from, if there is one.

    Raises:
        Exception: the error itself, if it is a bug in the program.
    """
    if isinstance(error, Stopped):
        return stopped(error, typed)
    if isinstance(error, HydraException):
        say(*"\n".join(map(str, filter(None, [error, error.__cause__]))).splitlines(), error=True)
        for hint in near_names(config_name, sys.argv[1:]):
            say(hint, error=True)
        return 1
    place = unusable_place(error)
    if place is not None:
        return place
    if isinstance(error, RuntimeError) and lost_worker(error):
        return (
            f"a worker process was killed from outside ({error}), perhaps by the kernel for lack of memory. Fewer "
            f"workers (workers=, data.num_workers=) and smaller batches need less; {go_on(point, typed)}"
        )
    raise error


def rank() -> int:
    """The rank of this process in a run on several devices, from the environment variables of the launchers."""
    return int(next((os.environ[name] for name in ("RANK", "SLURM_PROCID", "LOCAL_RANK") if name in os.environ), "0"))


def started_by_lightning() -> bool:
    """Whether Lightning started this process for a further device of a run."""
    return os.environ.get("LOCAL_RANK", "0") != "0" and "TORCHELASTIC_RUN_ID" not in os.environ


def stopped(stop: Stopped, typed: list[str]) -> int:
    """Print what was saved and how to continue, in the first process only; return the exit status.

    The processes that Lightning starts for further devices exit with 0: with any other status, the first process, which
    reports for all of them, would be killed.
    """
    if rank() != 0:
        return 0 if started_by_lightning() else stop.exit_status
    say(f"{stop}; {go_on(stop.checkpoint, typed, *stop.again)}", error=True)
    return stop.exit_status


def go_on(checkpoint: Path | None, typed: list[str], *again: str) -> str:
    """The command that continues from a checkpoint, or that starts again if there is none."""
    python = Path(sys.executable)
    program = [str(python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python), typed[0]]
    if MULTIRUN & set(typed):
        return "the sweep ends here"
    if checkpoint is None:
        return f"start again with: {shlex.join([*program, *typed[1:], *again])}"
    same = [argument for argument in typed[1:] if not argument.startswith("resume=")]
    run = os.path.relpath(checkpoint.parent.parent)
    return f"continue with: {shlex.join([*program, *same, f'resume={run}'])}"


def plain_errors(task: Task) -> Task:
    """Exit with a message but without a traceback if the user's input is missing or wrong."""

    @functools.wraps(task)
    def guarded(cfg: DictConfig) -> None:
        missing = sorted(OmegaConf.missing_keys(cfg))
        if missing:
            sys.exit(f"{' and '.join(f'{key}=' for key in missing)} must be given; see configs/")
        try:
            for key, path in homes(OmegaConf.to_container(cfg)):
                OmegaConf.update(cfg, key, path)
            check_settings(OmegaConf.to_container(cfg))
            task(cfg)
        except InputError as error:
            sys.exit(f"{type(error).__name__}: {error}")

    return guarded


def near_names(config_name: str, arguments: list[str]) -> Iterator[str]:
    """A message for each override whose key the configuration does not have, and for each path without a key."""
    from hydra.core.global_hydra import GlobalHydra

    keys = [argument.split("=", 1)[0].lstrip("~") for argument in arguments if "=" in argument]
    wanted = [key for key in keys if not key.startswith(("+", "-", "hydra."))]
    GlobalHydra.instance().clear()
    with hydra.initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
        # With the chosen files of groups: postprocess=beam has other keys than the default.
        chosen = [
            f"{key}={value}"
            for key, _, value in (argument.partition("=") for argument in arguments)
            if value and (CONFIG_DIR / key / f"{value}.yaml").is_file()
        ]
        plain = OmegaConf.to_container(hydra.compose(config_name, chosen), resolve=False)
        known = {*flat_keys(plain), *(path.name for path in CONFIG_DIR.iterdir() if path.is_dir())}
    for path in filter(os.path.lexists, arguments):  # often of a glob that the shell has replaced by its files
        yield f"{path!r} is not KEY=VALUE; quote a glob: 'input=photos/*.jpg'"
    for key in wanted:
        if key not in known:
            yield f"{key!r} is not a setting of {config_name}.yaml; near names: {', '.join(near(key, known)) or 'none'}"


def instantiate_enabled(group: DictConfig) -> list[Any]:
    """Instantiate the enabled members of a group; each member has ``enabled`` and ``spec``."""
    from hydra.utils import instantiate

    return [instantiate(member.spec) for member in group.values() if member.enabled]


def plain(cfg: DictConfig, *names: str) -> dict[str, Any]:
    """Settings by name, resolved, with sections as plain dictionaries and lists."""
    values = {name: cfg[name] for name in names}
    return {n: OmegaConf.to_container(v, resolve=True) if OmegaConf.is_config(v) else v for n, v in values.items()}
