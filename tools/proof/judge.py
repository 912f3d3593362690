"""Compare two revisions from the files of a proof, and find the changed code that no job has run.

    python -m tools.proof.judge outputs/prove [tolerance]

Prints JSON. It is a separate program so that REF's version can run too: a tree that changes the comparison must not be
the only judge of itself.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tools.proof.behaviour import Divergence, Entry, first_divergence, read_entries, unsteady
from tools.proof.content import entries_of, stream_entries
from tools.proof.exercised import Run, changes, not_entered, unseen
from tools.proof.jobs import Inputs, Job
from tools.proof.normalise import CLOCKS, Normaliser
from tools.proof.places import moved
from tools.proof.programme import planned

EXACT = frozenset({"command line", "messages", "generator", "formats", "check"})
"""Parts without rounding, to which a tolerance does not apply."""
LOGGED = "logged "


@dataclass(frozen=True)
class Records:
    """What a proof has kept of one revision.

    Attributes:
        folder: holds ``about.json``, ``commands.jsonl``, ``lines``, ``logs/`` and ``jobs/``.
        normalise: makes it comparable.
    """

    folder: Path
    normalise: Normaliser

    def commands(self) -> list[dict[str, Any]]:
        """Job, number, command and exit status of each command that was run."""
        path = self.folder / "commands.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []

    def steps(self, job: str) -> list[Entry]:
        """What the recorder saw of a training or a test."""
        return read_entries(self.folder / "records" / job / "steps.jsonl")

    def sources(self, job: Job) -> Iterator[tuple[str, list[Entry]]]:
        """All that a job left, by where it stands: steps, exit statuses, streams, the list of files, each file."""
        steps = [entry for entry in self.steps(job.name) if not self.normalise.is_clock(entry.what)]
        yield "steps", steps
        done = [command for command in self.commands() if command["job"] == job.name]
        yield "exit status", [Entry(name(command), "exit status", command["status"]) for command in done]
        for command in done:
            for stream in ("err", "out"):
                path = self.folder / "logs" / f"{job.name} {command['number']}.{stream}"
                yield f"{name(command)}, std{stream}", stream_entries(path, self.normalise)
        top = self.folder / "jobs" / job.name
        paths = [path for path in sorted(top.rglob("*")) if "__pycache__" not in path.parts]
        comparable = dict(zip(paths, self.names(top, paths), strict=True))
        yield "files", [Entry("files", comparable[path], oct(path.lstat().st_mode)) for path in paths]
        for path in paths:
            if path.is_file():
                yield comparable[path], entries_of(path, self.normalise)

    def names(self, top: Path, paths: Sequence[Path]) -> Iterator[str]:
        """The paths as they are compared; of those that differ in a clock alone, with a number."""
        seen: Counter[str] = Counter()
        for path in paths:
            comparable = self.normalise(str(path.relative_to(top)))
            seen[comparable] += 1
            yield comparable if seen[comparable] == 1 else f"{comparable} ({seen[comparable]})"


def name(command: Mapping[str, Any]) -> str:
    """A command in a word or two."""
    return f"{command['job']} {command['number']} ({command['runner']})"


@dataclass(frozen=True)
class Row:
    """What came of comparing one job.

    Attributes:
        job: its name.
        part: what it belongs to.
        values: how many values of REF were compared.
        exact: where the two part bit by bit, in each place that they left.
        beyond: where they part by more than the tolerance.
    """

    job: str
    part: str
    values: int
    exact: list[Divergence]
    beyond: list[Divergence]


def compare_job(job: Job, ref: Records, tree: Records, tol: float) -> Row:
    """Walk through all that a job left in both revisions."""
    mine, other = dict(ref.sources(job)), dict(tree.sources(job))
    exact, beyond, values = [], [], 0
    for source in [*mine, *(source for source in other if source not in mine)]:
        a, b = mine.get(source, []), other.get(source, [])
        values += len(a)
        found = first_divergence(a, b)
        if found is not None:
            found = Divergence(f"{source}: {found.at}", found.what, found.ref, found.tree, found.difference)
            exact.append(found)
            if not tol or job.part in EXACT or first_divergence(a, b, tol=tol) is not None:
                beyond.append(found)
    return Row(job.name, job.part, values, exact, beyond)


def judged(proof: Path, tol: float) -> dict[str, Any]:
    """The whole comparison as plain data."""
    asked = json.loads((proof / "inputs.json").read_text(encoding="utf-8"))
    jobs = planned(Inputs(**asked["inputs"]), asked["parts"])
    jobs = [job for job in jobs if job.name in asked.get("jobs", (job.name,))]
    about = [json.loads((proof / side / "about.json").read_text(encoding="utf-8")) for side in ("old", "new")]
    bare = Records(proof / "old", Normaliser({}))
    differing = unsteady(bare.steps("training"), bare.steps("stop"), tol)
    clocks = {what.removeprefix(LOGGED) for what in differing if what.startswith(LOGGED)}
    known = CLOCKS | clocks
    ref, tree = (Records(proof / side, Normaliser.of(proof / side / "about.json", known)) for side in ("old", "new"))
    rows = [compare_job(job, ref, tree, tol) for job in jobs]
    sides = changes(Path(about[0]["repository"]), [Path(a["root"]) for a in about], [a["commit"] for a in about])
    runs = [Run.read(records.folder / "lines", change.root) for records, change in zip((ref, tree), sides, strict=True)]
    return {
        "rows": [asdict(row) for row in rows],
        "unsteady": sorted(what for what in differing if what.removeprefix(LOGGED) not in known),
        "left_out": dict(sorted(ref.normalise.used.items())),
        "moved": moved(ref.normalise.code, tree.normalise.code),
        "not_run": not_run(jobs, ref),
        "unseen": {side: unseen(change, run) for side, change, run in zip(("ref", "tree"), sides, runs, strict=True)},
        "not_entered": not_entered(sides[1], runs[1]),
    }


def not_run(jobs: list[Job], ref: Records) -> list[str]:
    """Commands that this judge knows and that were not run as it knows them: what a tree has left out."""
    ran = {(command["job"], command["number"]): command["asked"] for command in ref.commands()}
    wanted = {
        (job.name, number): [command.runner, *command.arguments]
        for job in jobs
        for number, command in enumerate(job.commands, 1)
    }
    return [
        f"{job} {number}: {' '.join(asked)}"
        for (job, number), asked in wanted.items()
        if ran.get((job, number)) != asked
    ]


if __name__ == "__main__":
    json.dump(judged(Path(sys.argv[1]), float(sys.argv[2])), sys.stdout)
