"""Find the parts of a change that no job has run, about which there is no verdict."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.proof.code import Function, Unit, mentions, names_given, renamed, statements, units_of, with_old_names
from tools.revisions import git

HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
NOT_RUN = ("tests/", "docs/")
"""Python that is no part of what the jobs run, and of no one's receipts."""
WATCHING = ("tools/", "ocr/validation/")
"""What watches this repository, today and before. Its own tests run it; nobody's receipts pass through it."""


@dataclass(frozen=True)
class Change:
    """The Python code of one revision that differs from the other.

    Attributes:
        root: the revision's files.
        lines: by file, the lines that the other does not have.
        units: functions and statements that the other does not have, under any name and in any file.
        known: all units of the changed files.
        users: functions of any file that use a changed name of a module or class.
    """

    root: Path
    lines: Mapping[str, frozenset[int]]
    units: Sequence[Unit]
    known: Sequence[Unit]
    users: Sequence[Unit]

    @property
    def files(self) -> list[str]:
        """The files whose lines must be traced."""
        return sorted({*self.lines, *(unit.file for unit in self.users)})


def changed_lines(repository: Path, commits: Sequence[str]) -> list[dict[str, frozenset[int]]]:
    """By file, the lines that only one revision has: those of the first and of the second."""
    command = ("diff", "-U0", "--no-renames", "--no-ext-diff", *commits, "--", "*.py")
    sides: list[dict[str, frozenset[int]]] = [{}, {}]
    for piece in git(repository, *command).split("\ndiff --git "):
        name = piece.split("\n", 1)[0].rsplit(" b/", 1)[-1]
        if not name or name.startswith(NOT_RUN):
            continue
        hunks = [[int(number or 1) for number in found] for found in HUNK.findall(piece)]
        for side, (start, count) in zip(sides, ((0, 1), (2, 3)), strict=True):
            spans = (range(hunk[start], hunk[start] + hunk[count]) for hunk in hunks)
            side[name] = frozenset(line for span in spans for line in span)
    return sides


def changes(repository: Path, roots: Sequence[Path], commits: Sequence[str]) -> list[Change]:
    """What each of two revisions has and the other does not."""
    lines = changed_lines(repository, commits)
    known = [[unit for file in side for unit in units_of(root, file)] for root, side in zip(roots, lines, strict=True)]
    names = renamed(known[0], known[1])
    texts = [[unit.text for unit in known[0]], [with_old_names(unit.text, names) for unit in known[1]]]
    found = []
    for this, other in ((0, 1), (1, 0)):
        there = set(texts[other])
        new = [unit for unit, text in zip(known[this], texts[this], strict=True) if text not in there]
        given = frozenset(name for unit in new for name in names_given(unit))
        users = [unit for unit in every_unit(roots[this]) if mentions(unit, given)] if given else []
        found.append(Change(roots[this], lines[this], new, known[this], users))
    return found


def every_unit(root: Path) -> list[Unit]:
    """The units of all that jobs run."""
    files = [path for top in ("ocr", "runners", "benchmarks") for path in sorted((root / top).rglob("*.py"))]
    return [unit for path in files for unit in units_of(root, str(path.relative_to(root)))]


@dataclass(frozen=True)
class Run:
    """The code of a revision that the jobs ran.

    Attributes:
        lines: (file, line) of statements.
        entered: (file, first line) of functions.
    """

    lines: frozenset[tuple[str, int]]
    entered: frozenset[tuple[str, int]]

    @classmethod
    def read(cls, log: Path, root: Path) -> Run:
        """Read the log of ``injected/startup.py``."""
        noted = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        found: dict[str, set[tuple[str, int]]] = {":": set(), ">": set()}
        for line in set(noted):
            path, mark, number = re.split(r"([:>])(?=\d+$)", line)[:3]
            found[mark].add((str(Path(path).relative_to(root)), int(number)))
        return cls(frozenset(found[":"]), frozenset(found[">"]))


def unseen(change: Change, run: Run) -> list[str]:
    """The changed code that no job ran, as ``<file>:<line>, <function>``."""
    found = {}
    for unit in change.units:
        if unit.file.startswith(WATCHING):
            continue
        for node, span in statements(unit):
            changed = change.lines[unit.file].intersection(span)
            if not changed:
                continue
            if isinstance(node, Function) and node is unit.node:
                done = (unit.file, unit.first) in run.entered
            else:
                done = any((unit.file, line) in run.lines for line in span)
            if not done:
                found[unit.file, min(changed)] = f"{unit.file}:{min(changed)}, {unit.name or 'module'}"
    for unit in change.users:
        if not unit.file.startswith(WATCHING) and (unit.file, unit.first) not in run.entered:
            found[unit.file, unit.first] = f"{unit.file}:{unit.first}, {unit.name} uses a changed name"
    return [found[place] for place in sorted(found)]


def not_entered(change: Change, run: Run) -> list[str]:
    """Functions of the changed files that no job entered, changed or not."""
    functions: Iterable[Unit] = (unit for unit in change.known if unit.name and not unit.file.startswith(WATCHING))
    return [f"{unit.file}:{unit.name}" for unit in functions if (unit.file, unit.first) not in run.entered]
