"""The packages of a revision's lock: this environment if the locks are equal, otherwise a separate one."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

from ocr.types import InputError
from ocr.utils.path_utils import REPOSITORY_ROOT
from tools.processes import last_lines, run

LOCK = Path("requirements/base.lock")
INSTALL = Path("requirements/install.py")
MISSING = "not installed"
PIN = re.compile(r"^([a-zA-Z0-9][^#\\\n]*==[^\\\n]*?) *\\?$", re.MULTILINE)


def deviations(lock: Path) -> list[str]:
    """How this environment differs from a lock, as ``torch 2.14.0, locked 2.15.0``; tags like ``+cpu`` are let be."""
    found = []
    for line in PIN.findall(lock.read_text(encoding="utf-8")):
        pin = Requirement(line)
        if pin.marker is not None and not pin.marker.evaluate():
            continue
        (locked,) = (specifier.version for specifier in pin.specifier)
        try:
            installed = version(pin.name)
        except PackageNotFoundError:
            installed = MISSING
        if installed == MISSING or Version(installed).public != Version(locked).public:
            found.append(f"{pin.name} {installed}, locked {locked}")
    return found


def own_cuda_packages(deviating: list[str]) -> list[str]:
    """Without what another build of torch does not bring (``TORCH_BACKEND=cpu``)."""
    return [line for line in deviating if not re.match(r"(triton|nvidia-\S+|cuda-\S+) not installed", line)]


def pins(lock: Path) -> str:
    """A lock file without its comments, which say which file asked for a package."""
    return re.sub(r"^ *#.*\n", "", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)


def python_of(name: str, root: Path, kept: Path, log: Path) -> tuple[Path, str]:
    """The interpreter with a revision's packages.

    Args:
        name: the revision, for messages.
        root: its files.
        kept: folder of environments made earlier, one for each lock; new ones go there.
        log: gets the installer's output.

    Returns:
        The interpreter, and in words where its packages come from.

    Raises:
        InputError: the revision has no lock, its packages cannot be installed, or this environment does not match its
            own lock.
    """
    lock = root / LOCK
    if not lock.exists() or not (root / INSTALL).exists():
        raise InputError(f"{name} has no {LOCK} and {INSTALL}: it predates the lock; choose a later revision")
    if pins(lock) == pins(REPOSITORY_ROOT / LOCK):
        different = own_cuda_packages(deviations(lock))
        if different:
            shown = "; ".join(different[:5])
            raise InputError(f"{sys.prefix} does not match {LOCK} ({shown}): run `make setup`, or move .venv away")
        return Path(sys.executable), "the checkout's environment (equal locks)"
    backend = Path(sys.prefix) / ".torch-backend"
    chosen = backend.read_text(encoding="utf-8").strip() if backend.exists() else "pypi"
    home = kept / hashlib.sha256((pins(lock) + chosen).encode()).hexdigest()[:16]
    if not (home / "complete").exists():
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(root / LOCK.parent, home / LOCK.parent)
        done = run([sys.executable, INSTALL, "base"], cwd=home, stdout=log, env={"TORCH_BACKEND": chosen})
        if done.status:
            last = "; ".join(last_lines(log, 3))
            raise InputError(
                f"{name} cannot be installed ({INSTALL} exited with status {done.status}): {last}; see {log}"
            )
        (home / "complete").touch()
    return home / ".venv" / "bin" / "python", f"an environment of its own, from its {LOCK} ({chosen})"
