"""DVC's cache and remote, between which a pointer's data are moved. DVC runs as a separate program."""

from __future__ import annotations

import configparser
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ocr.utils.data_pointer import (
    DigestError,
    damaged_objects,
    holds,
    listed,
    read_pointer,
    stored,
    verify,
    write_pointer,
)
from ocr.utils.digest import DirectoryDigest
from ocr.utils.errors import InputError
from ocr.utils.printable import say
from ocr.utils.workers import end_with_parent


class StoreError(InputError):
    """DVC is missing or failed, or its cache or remote lacks data."""


@dataclass(frozen=True, slots=True)
class Store:
    """The DVC repository of one pointer.

    Attributes:
        pointer: the ``.dvc`` file.
        folder: top folder of the DVC repository, the one that holds ``.dvc/``.
        dvc: the command that runs DVC; ``None`` if it is not installed.
        remote: name of the default remote; ``None`` if none is set.
    """

    pointer: Path
    folder: Path
    dvc: tuple[str, ...] | None
    remote: str | None

    @property
    def usable(self) -> bool:
        """Whether DVC is installed and the folder is a git checkout, which DVC needs."""
        return self.dvc is not None and (self.folder / ".git").exists()

    def run(self, *arguments: str) -> None:
        """Run DVC with its output on the terminal.

        Raises:
            StoreError: DVC is not installed or exits with a status other than 0.
        """
        # DVC ends with this program, however that ends: the next call resumes an interrupted transfer.
        ends = partial(end_with_parent, os.getpid())
        code = subprocess.run([*self._dvc(), *arguments], cwd=self.folder, check=False, preexec_fn=ends).returncode
        if code:
            raise StoreError(f"`dvc {' '.join(arguments)}` failed with exit status {code}: see its message above")

    def pull(self) -> None:
        """Fetch the missing objects, verify every object of the folder, then check the folder out.

        Objects that an interrupted call fetched are not fetched again. DVC refuses to replace files that are not in its
        cache.

        Raises:
            StoreError: the remote cannot be read, lacks objects or holds damaged ones, or DVC refuses.
        """
        md5 = read_pointer(self.pointer).md5
        self.run("fetch", self._target())
        if damaged := self.remove_damaged(self.cache()):
            say("damaged objects removed from DVC's cache and fetched again:", *listed(damaged))
            self.run("fetch", self._target())
        if damaged := self.remove_damaged(self.cache()):
            raise StoreError(
                f"the remote {self.remote!r} holds {len(damaged)} damaged objects:",
                *listed(damaged),
                f"Delete them there, together with {stored(Path(), md5)} (if that listing exists, DVC assumes that "
                "its files were sent), then run `make data-push` in a checkout that has the data.",
            )
        if not stored(self.cache(), md5).exists():
            raise StoreError(f"the remote {self.remote!r} does not hold {md5} of {self.pointer.name}: was it pushed?")
        self.run("checkout", self._target())

    def save(self) -> None:
        """Store the verified folder in DVC's cache, unless it is there intact: `dvc status` compares with the cache.

        Raises:
            StoreError: DVC is not installed or fails.
        """
        md5 = read_pointer(self.pointer).md5
        cache = self.folder / ".dvc" / "cache"
        if not holds(cache, md5):
            cache = self.cache()
        damaged = self.remove_damaged(cache)
        if damaged:
            say("damaged objects removed from DVC's cache and stored again:", *listed(damaged))
        if damaged or not holds(cache, md5):
            self.run("commit", "--quiet", self._target())

    def push(self) -> None:
        """Send the objects of the verified folder that the remote lacks.

        Raises:
            StoreError: no remote is set, or DVC is not installed or fails.
        """
        if self.remote is None:
            raise StoreError("no DVC remote is set; name one with `.venv/bin/dvc remote add -d NAME URL`")
        self.save()
        self.run("push", self._target())

    def cache(self) -> Path:
        """DVC's cache folder, as configured.

        Raises:
            StoreError: DVC is not installed or fails.
        """
        done = subprocess.run(
            [*self._dvc(), "cache", "dir"], cwd=self.folder, stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            raise StoreError(f"`dvc cache dir` failed with exit status {done.returncode}: see its message above")
        return self.folder / done.stdout.strip()

    def remove_damaged(self, cache: Path) -> dict[str, str]:
        """Remove the cached objects whose content does not match their name.

        Returns:
            Their names below the cache folder, and the data file that each stores.
        """
        damaged = dict(damaged_objects(cache, read_pointer(self.pointer).md5))
        for path in damaged:
            path.unlink()
        return {path.relative_to(cache).as_posix(): file for path, file in damaged.items()}

    def _dvc(self) -> tuple[str, ...]:
        if self.dvc is None:
            raise StoreError(
                f"DVC is not installed{f', and the remote {self.remote!r} is set' if self.remote else ''}: "
                "run `make setup-data`"
            )
        return self.dvc

    def _target(self) -> str:
        return os.path.relpath(self.pointer.resolve(), self.folder)


def find_store(pointer: Path) -> Store | None:
    """Find the DVC repository that contains a pointer; ``None`` if there is none."""
    folder = next((folder for folder in pointer.resolve().parents if (folder / ".dvc").is_dir()), None)
    if folder is None:
        return None
    config = configparser.ConfigParser(interpolation=None)
    config.read([folder / ".dvc" / "config", folder / ".dvc" / "config.local"], encoding="utf-8")
    program = shutil.which("dvc")
    installed = (sys.executable, "-m", "dvc") if importlib.util.find_spec("dvc") else (program,) if program else None
    return Store(pointer, folder, installed, config.get("core", "remote", fallback="").strip() or None)


def obtain(root: Path, pointer: Path, generate: Callable[[Path], None] | None, repair: bool = True) -> DirectoryDigest:
    """Make sure that the folder matches its pointer: pull it if a remote is set, otherwise generate it.

    Args:
        root: the data folder.
        pointer: its ``.dvc`` file.
        generate: makes the folder if it is missing and no remote is set; ``None`` if it cannot be generated.
        repair: pull an existing folder that does not match the pointer.

    Raises:
        FileNotFoundError: the pointer is missing, or the folder is and cannot be made.
        DigestError: the folder does not match the pointer, and no remote is set or ``repair`` is off.
        StoreError: the remote is not available or lacks data.
    """
    store = find_store(pointer)
    shared = store is not None and store.remote is not None
    if (
        generate is not None and not shared and not (root.is_dir() and any(root.iterdir()))
    ):  # a mounted volume exists but is empty
        generate(root)
    try:
        digest = verify(root, pointer)
    except (DigestError, FileNotFoundError):
        if store is None or not shared or not pointer.exists() or (root.exists() and not repair):
            raise
        why = f"{root} does not match {pointer.name}" if root.exists() else f"no {root}/ yet"
        say(f"{why}: pulling it from the remote {store.remote!r}")
        store.pull()
        digest = verify(root, pointer)
    if store is not None and store.usable:
        store.save()
    return digest


def record(root: Path, pointer: Path) -> DirectoryDigest:
    """Record the folder's current content in its pointer, and in DVC's cache if DVC is installed.

    Raises:
        FileNotFoundError: there is no such folder.
        DigestError: the folder is not in the pointer's folder or below it.
        StoreError: DVC fails.
    """
    digest = write_pointer(root, pointer)
    store = find_store(pointer)
    if store is not None and store.usable:
        store.save()
    return digest


def push(pointer: Path) -> None:
    """Send the objects of a verified folder that the remote lacks.

    Raises:
        StoreError: the pointer is not in a DVC repository, no remote is set, or DVC is not installed or fails.
    """
    store = find_store(pointer)
    if store is None:
        raise StoreError(f"{pointer} is not in a DVC repository; create one with `dvc init`")
    store.push()
