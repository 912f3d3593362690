"""The effect of a refactor on the code: lines, files, complexity."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tools.gates.complexity import Complexity, measure
from tools.revisions import git

CODE = ("ocr", "runners")


@dataclass(frozen=True, slots=True)
class Shape:
    """The difference of two revisions.

    Attributes:
        places: lines added, lines removed and files, by top-level place.
        functions: complexity before and after of each function that is new, gone or changed in it.
    """

    places: dict[str, tuple[int, int, int]]
    functions: dict[str, tuple[Complexity | None, Complexity | None]]

    @property
    def total(self) -> tuple[int, int, int]:
        """Lines added, lines removed, files."""
        added, removed, files = (sum(row[column] for row in self.places.values()) for column in range(3))
        return added, removed, files


def shape(root: Path, ref: Path, tree: Path, ref_commit: str, tree_commit: str) -> Shape:
    """Compare two revisions.

    Args:
        root: the checkout.
        ref: REF's files.
        tree: the working tree's files.
        ref_commit: REF's commit.
        tree_commit: the working tree's commit, or that of its snapshot.
    """
    places: dict[str, tuple[int, int, int]] = {}
    changed = []
    for row in git(root, "diff", "--numstat", "--no-renames", ref_commit, tree_commit).splitlines():
        added, removed, name = row.split("\t")
        place = name.split("/")[0]
        old = places.get(place, (0, 0, 0))
        lines = (0 if added == "-" else int(added), 0 if removed == "-" else int(removed))  # "-": not text
        places[place] = (old[0] + lines[0], old[1] + lines[1], old[2] + 1)
        if name.endswith(".py") and place in CODE:
            changed.append(name)
    before, after = (measured(folder, changed) for folder in (ref, tree))
    functions = {
        name: (before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }
    return Shape(dict(sorted(places.items())), functions)


def measured(folder: Path, names: list[str]) -> dict[str, Complexity]:
    """Complexity of the functions of some files by ``<file>:<function>``."""
    paths = {folder / name: name for name in names if (folder / name).exists()}
    return {
        f"{paths[path]}:{function}": complexity
        for path, functions in measure(list(paths)).items()
        for function, complexity in functions.items()
    }
