"""Where a figure comes from: wall time, seed, data, revision, versions, machine."""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ocr.utils.digest import directory_digest, directory_files
from ocr.utils.path_utils import REPOSITORY_ROOT
from ocr.utils.printable import say

PACKAGES = ("torch", "pytorch-lightning", "timm", "numpy", "opencv-python-headless", "shapely")

LARGE = 10**9
"""Bytes of a data folder from which its digest takes so long that it is announced."""


class RunClock:
    """Starts when it is made; tells at the end what the run's figures come from."""

    def __init__(self) -> None:
        self.started = time.time()
        self._digests: dict[str, str | None] = {}

    def data_digest(self, root: str | Path) -> str | None:
        """`data_digest`, which reads every byte, once: what the folder held when it was first asked for."""
        if str(root) not in self._digests:
            self._digests[str(root)] = data_digest(str(root))
        return self._digests[str(root)]

    def provenance(self, seed: int, data_root: str | Path) -> dict[str, Any]:
        """Wall time in seconds, seed, data digest, git revision, versions and machine as plain values."""
        return {
            "wall_time_s": round(time.time() - self.started, 1),
            "seed": seed,
            "data": {"root": str(data_root), "md5": self.data_digest(data_root)},
            "git_revision": git_revision(),
            "versions": {"python": platform.python_version(), **{name: installed(name) for name in PACKAGES}},
            "machine": {"system": platform.system(), "machine": platform.machine(), "cores": os.cpu_count()},
        }


def machine() -> str:
    """The machine in a few words: ``2 cores, x86_64 Linux, Python 3.11.7, torch 2.15.0``."""
    kernel = f"{platform.machine()} {platform.system()}"
    return f"{os.cpu_count()} cores, {kernel}, Python {platform.python_version()}, torch {installed('torch')}"


def data_digest(root: str) -> str | None:
    """The digest of a data folder; ``None`` behind an address, from where nobody reads every byte once more."""
    return None if "://" in root else announced_digest(Path(root))


def announced_digest(root: Path) -> str:
    """`directory_digest`, which reads every byte; a line on the error stream says so where that takes minutes.

    Where a file cannot be read it says so instead: no figure of a run is lost for that.
    """
    try:
        if sum(path.stat().st_size for path in directory_files(root).values()) > LARGE:
            say(f"reading {root} once for its digest", error=True)
        return directory_digest(root)
    except OSError as error:
        return f"unknown ({error})"


def installed(package: str) -> str | None:
    """The version; ``None`` where there is no package of that name (OpenCV comes under several, or from conda)."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def git_revision() -> str | None:
    """The checkout's commit, with ``-dirty`` where files differ from it.

    Outside a repository, as in an image, the environment variable ``GIT_REVISION`` says it; else it is ``None``. An
    installed package is in none, though its environment may lie in somebody's.
    """
    command = ["git", "-C", str(REPOSITORY_ROOT), "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"]
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        if (REPOSITORY_ROOT / ".git").exists():
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return os.environ.get("GIT_REVISION") or None
