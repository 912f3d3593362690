"""Check that every lock file matches its ``.in``. Offline and fast; run by a hook and a gate; `make lock` repairs.

    .venv/bin/python tools/check_locks.py [folder]
    .venv/bin/python tools/check_locks.py record     # as `make lock` does at its end

A lock records for each package which file requires it (``# via -r dev.in``). These must be the packages that the file
requires now, in versions that it allows, and in the versions of the locks that it names with ``-c``. A newer release
does not make a lock stale. Manual edits of versions, hashes or packages, which these checks may miss, are found by the
digests that `make lock` writes to ``locks.sha256``.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)
DIGESTS = "locks.sha256"
ASKED_BY = re.compile(r"^    # +(?:via )?-r (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asked:
    """The requirements of a ``.in`` file and of the files that it includes.

    Attributes:
        by: the requirements of each file, by package.
        constraints: lock files whose versions hold here too.
    """

    by: dict[str, dict[str, Requirement]] = field(default_factory=dict)
    constraints: set[str] = field(default_factory=set)


def read_asked(path: Path, asked: Asked, name: str | None = None) -> Asked:
    """Add a ``.in`` file, and what it includes with ``-r``, to what is asked for.

    Args:
        path: the file.
        asked: what is added to.
        name: of the file as locks have it, with the folder that it lies in; ``None``: its own.

    Raises:
        FileNotFoundError: a file that is included is missing.
        InvalidRequirement: a line is no requirement.
    """
    own = asked.by.setdefault(name or path.name, {})
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.split(" #")[0].strip()
        if not text or text.startswith("#"):
            continue
        option, _, other = text.partition(" ")
        if option == "-r":
            read_asked(path.parent / other.strip(), asked, other.strip())
        elif option == "-c":
            asked.constraints.add(other.strip())
        else:
            requirement = Requirement(text)
            own[canonicalize_name(requirement.name)] = requirement
    return asked


def faults(source: Path) -> Iterator[str]:
    """The stale entries in the lock of one ``.in`` file, one line each."""
    lock = source.with_suffix(".lock")
    if not lock.is_file():
        yield "the lock is missing"
        return
    try:
        asked = read_asked(source, Asked())
    except (FileNotFoundError, InvalidRequirement) as error:
        yield f"{source.name} cannot be read: {error}"
        return
    text = lock.read_text(encoding="utf-8")
    yield from unasked(asked, text)
    yield from at_odds(source, asked.constraints, dict(PIN.findall(text)))


def unasked(asked: Asked, lock: str) -> Iterator[str]:
    """Differences between the packages that a lock has for each file and those that the file requires."""
    pins = dict(PIN.findall(lock))
    blocks = {match[1]: block for block in re.split(r"\n(?=[a-z0-9])", lock) if (match := PIN.match(block))}
    locked_for: dict[str, set[str]] = {file: set() for file in asked.by}
    for name, block in blocks.items():
        for file in ASKED_BY.findall(block):
            locked_for.setdefault(file, set()).add(name)
    for file, locked in locked_for.items():
        requirements = asked.by.get(file, {})
        yield from (f"{name} is required by {file} but not locked for it" for name in requirements.keys() - locked)
        yield from (
            f"{name} is locked for {file}, which no longer requires it" for name in locked - requirements.keys()
        )
        for name, requirement in requirements.items():
            if name in pins and not requirement.specifier.contains(pins[name], prereleases=True):
                yield f"{name}=={pins[name]} is locked, {file} requires {requirement}"


def at_odds(source: Path, constraints: set[str], pins: dict[str, str]) -> Iterator[str]:
    """Pins that differ from those of a lock that the file names with ``-c``."""
    for constraint in sorted(constraints):
        path = source.with_name(constraint)
        others = dict(PIN.findall(path.read_text(encoding="utf-8"))) if path.is_file() else {}
        for name in sorted(pins.keys() & others.keys()):
            if pins[name] != others[name]:
                yield f"{name}=={pins[name]} is locked, {constraint} has {others[name]}"


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every lock by its file's name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.lock"))}


def edited(folder: Path) -> Iterator[str]:
    """The locks that differ from what `make lock` wrote."""
    path = folder / DIGESTS
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    written = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    for name, digest in digests(folder).items():
        if digest != written.get(name):
            yield f"{name}: differs from what `make lock` wrote ({DIGESTS})"
    yield from (f"{name}: is in {DIGESTS} but missing" for name in written.keys() - digests(folder).keys())


def main(arguments: list[str]) -> int:
    """Name every stale or edited lock of a folder; the exit status says whether there was one."""
    here = Path(__file__).resolve().parents[1] / "requirements"
    if arguments == ["record"]:
        lines = "".join(f"{digest}  {name}\n" for name, digest in digests(here).items())
        (here / DIGESTS).write_text(lines, encoding="utf-8")
        return 0
    folder = Path(arguments[0]) if arguments else here
    sources = sorted(folder.glob("*.in"))
    wrong = [f"{source.stem}.lock: {fault}" for source in sources for fault in sorted(faults(source))]
    wrong += sorted(edited(folder))
    for line in wrong:
        print(line)
    if wrong:
        print(f"Run `make lock`, and commit the .in and .lock files and {DIGESTS} together.")
    else:
        print(f"{len(sources)} locks belong to their .in files")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
