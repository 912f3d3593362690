"""The result of a check: counts that add up, statistics, everything as JSON."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ocr.checks.catalogue import ABOUT, LEFT_OUT
from ocr.checks.duplicates import same_look, same_pixels
from ocr.checks.entry import CheckedEntry
from ocr.checks.findings import Finding, State, Tally
from ocr.checks.folder import Contents
from ocr.checks.kinds import Kind, Severity
from ocr.utils.whole_file import whole_file

PERCENTILES = (0, 5, 25, 50, 75, 95, 100)


@dataclass(slots=True)
class CheckResult:
    """A checked data folder.

    Attributes:
        splits: their names.
        entries: all checked images.
        findings: of the annotation files, the images and the words.
        files: states of the splits' annotation files.
        images: states of the images, by split.
        words: states of the words, by split.
    """

    splits: list[str]
    entries: list[CheckedEntry]
    findings: list[Finding]
    files: Tally
    images: dict[str, Tally]
    words: dict[str, Tally]

    @classmethod
    def of(cls, contents: Contents, entries: Sequence[CheckedEntry]) -> CheckResult:
        """Collect the findings of all images, and find duplicates among them.

        Args:
            contents: what there was to check.
            entries: one for each of its tasks, in the same order.
        """
        add_duplicates(entries)
        by_split: dict[str, list[CheckedEntry]] = {split: [] for split in contents.splits}
        for entry in entries:
            by_split[entry.task.split].append(entry)
        found = [
            *contents.findings,
            *(finding for split, each in by_split.items() for finding in without_text(split, each)),
            *(finding for split, each in by_split.items() for finding in without_lines(split, each)),
        ]
        of_files = defaultdict(list)
        for finding in found:
            if finding.image is None:
                of_files[finding.split].append(finding.kind)
        planned = Counter(task.split for task in contents.tasks)
        return cls(
            splits=contents.splits,
            entries=list(entries),
            findings=[*found, *(finding for entry in entries for finding in entry.findings)],
            files=Tally.of(len(contents.splits), (State.of(of_files[split]) for split in contents.splits)),
            images={split: Tally.of(planned[split], map(state_of, each)) for split, each in by_split.items()},
            words={split: sum((entry.words for entry in each), Tally()) for split, each in by_split.items()},
        )

    def tallies(self) -> dict[str, dict[str, int]]:
        """Number of checked items by state, for each split and in total, with printable keys."""
        rows = {"annotation files": self.files}
        for what, by_split in (("images", self.images), ("words", self.words)):
            rows |= {f"{what} of {split}": tally for split, tally in by_split.items()}
            rows[f"all {what}"] = sum(by_split.values(), Tally())
        return {name: {key.replace("_", " "): n for key, n in asdict(tally).items()} for name, tally in rows.items()}

    @property
    def severities(self) -> dict[Severity, int]:
        """Number of findings of each severity."""
        counts = Counter(finding.about.severity for finding in self.findings)
        return {severity: counts[severity] for severity in Severity}

    def by_kind(self) -> dict[Kind, list[Finding]]:
        """Findings by kind, worst kinds first, then the most frequent."""
        found: dict[Kind, list[Finding]] = defaultdict(list)
        for finding in self.findings:
            found[finding.kind].append(finding)
        rank = list(Severity)
        order = sorted(found, key=lambda kind: (rank.index(ABOUT[kind].severity), -len(found[kind]), kind))
        return {kind: sorted(found[kind], key=lambda each: -each.weight) for kind in order}

    def statistics(self) -> dict[str, dict[str, Any]]:
        """Counts and percentiles of each split."""
        return {split: statistics([e for e in self.entries if e.task.split == split]) for split in self.splits}

    def write(self, path: Path, about: Mapping[str, Any]) -> None:
        """Write everything as JSON, whole or not at all.

        Args:
            path: the file.
            about: what was checked, and how.
        """
        kinds = {
            kind: {**asdict(ABOUT[kind]), "count": len(found), "images": len({(f.split, f.image) for f in found})}
            for kind, found in self.by_kind().items()
        }
        content = {
            **about,
            "severities": self.severities,
            "annotation_files": asdict(self.files),
            "images": {split: asdict(tally) for split, tally in self.images.items()},
            "words": {split: asdict(tally) for split, tally in self.words.items()},
            "kinds": kinds,
            "statistics": self.statistics(),
            "findings": [
                {key: value for key, value in asdict(replace(finding, points=None)).items() if value not in (None, "")}
                for finding in self.findings
            ],
        }
        with whole_file(path) as temporary:
            temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def state_of(entry: CheckedEntry) -> State:
    """State of an image; flaws of its words leave it readable."""
    return State.of(entry.kinds, (finding.kind for finding in entry.findings))


def without_text(split: str, entries: Sequence[CheckedEntry]) -> list[Finding]:
    """A finding if a split has annotated images but no word that is not ignored."""
    annotated = [entry for entry in entries if entry.task.entry is not None]
    if not annotated or any(entry.regions for entry in annotated):
        return []
    ignored = sum(entry.ignored for entry in annotated)
    return [Finding(Kind.NO_TEXT, split, value=f"{len(annotated)} images, no word to find, {ignored} ignored")]


def without_lines(split: str, entries: Sequence[CheckedEntry]) -> list[Finding]:
    """A finding if a split has words without a line number."""
    unnumbered = sum(entry.unnumbered for entry in entries)
    value = f"{unnumbered} of {sum(entry.regions for entry in entries)} words"
    return [Finding(Kind.NO_LINE_NUMBERS, split, value=value)] if unnumbered else []


def add_duplicates(entries: Sequence[CheckedEntry]) -> None:
    """Add duplicates to the findings of the images; the one that is kept gets none."""

    def label(entry: CheckedEntry) -> str:
        return f"{entry.task.split}/{entry.task.name}"

    copies = same_pixels(
        [entry.digest for entry in entries],
        [entry.task.split for entry in entries],
        [not entry.kinds & LEFT_OUT for entry in entries],
    )
    for place, kept in copies.items():
        within = entries[place].task.split == entries[kept].task.split
        kind = Kind.DUPLICATE_IN_SPLIT if within else Kind.DUPLICATE_ACROSS_SPLITS
        task = entries[place].task
        entries[place].findings.append(Finding(kind, task.split, task.name, value=f"as {label(entries[kept])}"))
    looks = [b"" if place in copies else entry.look for place, entry in enumerate(entries)]
    for place, (earlier, distance) in sorted(same_look(looks).items()):
        task = entries[place].task
        value = f"like {label(entries[earlier])}, {distance} of 256 bits differ"
        entries[place].findings.append(Finding(Kind.NEAR_DUPLICATE, task.split, task.name, value=value))


def statistics(entries: Sequence[CheckedEntry]) -> dict[str, Any]:
    """Counts and percentiles of some images."""
    headers = [entry.header for entry in entries if entry.header is not None]
    sizes = [entry.size for entry in entries if entry.size is not None]
    annotated = [entry for entry in entries if entry.task.entry is not None]
    return {
        "images": len(entries),
        "words": sum(entry.words.checked for entry in entries),
        "ignored": sum(entry.ignored for entry in entries),
        "overlaps": sum(entry.figures.overlaps for entry in entries),
        "formats": dict(Counter(header.format for header in headers).most_common()),
        "modes": dict(Counter(header.mode for header in headers).most_common()),
        "width": spread(width for width, _ in sizes),
        "height": spread(height for _, height in sizes),
        "words_an_image": spread(entry.words.checked for entry in annotated),
        "text_height": spread(height for entry in entries for height in entry.figures.heights_N.tolist()),
    }


def spread(values: Iterable[float]) -> dict[str, float]:
    """Percentiles, to hundredths; empty if there are no values."""
    known = list(values)
    if not known:
        return {}
    return {
        f"p{share}": round(float(value), 2)
        for share, value in zip(PERCENTILES, np.percentile(known, PERCENTILES), strict=True)
    }
