"""The verdict on two revisions, as plain data and as text for a pull request."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ocr.types import InputError
from tools.processes import last_lines, run
from tools.proof.behaviour import Divergence
from tools.proof.cost import Cost
from tools.proof.shape import Shape

SHOWN = 12
"""Lines of a list that the text has; the JSON has all."""
JUDGES = ("tools.proof.judge", "ocr.validation.judge")
"""Where a revision has its comparison, today and before."""


@dataclass(frozen=True, slots=True)
class Judges:
    """The comparison that counts, and whose it is.

    Attributes:
        ruling: the comparison that counts: REF's, or the tree's if REF has none of this form.
        whose: whose it is, as text.
        disagreement: how the tree's differs from REF's, as text; empty if it does not or there is only one.
    """

    ruling: Mapping[str, Any]
    whose: str
    disagreement: str


@dataclass(frozen=True, slots=True)
class Proof:
    """All results of a proof.

    Attributes:
        judges: the comparison.
        costs: paired ratios.
        shape: lines and complexity.
        tol: the requested tolerance.
        absent: the jobs that REF cannot run, with the reason.
    """

    judges: Judges
    costs: Sequence[Cost]
    shape: Shape
    tol: float
    absent: Sequence[str] = ()

    @property
    def unseen(self) -> list[str]:
        """Jobs that REF cannot run, changed code that no job ran, commands left out, judges that disagree."""
        found = self.judges.ruling
        lines = [f"{line} (REF)" for line in found["unseen"]["ref"]] + found["unseen"]["tree"]
        judges = [self.judges.disagreement] if self.judges.disagreement else []
        return [*self.absent, *lines, *(f"not run as REF has it: {command}" for command in found["not_run"]), *judges]

    @property
    def verdict(self) -> str:
        """In this order: ``REF is not the same as itself``, ``changed``, ``not seen``, ``equivalent [within TOL]``."""
        found = self.judges.ruling
        if found["unsteady"]:
            return "REF is not the same as itself"
        if any(row["beyond"] for row in found["rows"]):
            return "changed"
        if self.unseen:
            return "not seen"
        return f"equivalent within {self.tol:g}" if any(row["exact"] for row in found["rows"]) else "equivalent"

    @property
    def exit_status(self) -> int:
        """0: equivalent, 3: not seen, 1: anything else."""
        return 0 if self.verdict.startswith("equivalent") else 3 if self.verdict == "not seen" else 1


def judge(proof: Path, roots: Mapping[str, Path], tol: float) -> Judges:
    """Ask the tree's comparison, and REF's where it is another of the same form.

    Args:
        proof: the folder of the proof.
        roots: the files of ``old`` and ``new``.
        tol: tolerance.

    Raises:
        InputError: the tree's comparison fails.
    """
    same = validation(roots["old"]) == validation(roots["new"])
    asked = ["new"] if same or judge_of(roots["old"]) is None else ["new", "old"]
    with ThreadPoolExecutor() as pool:  # each reads all records, in a process of its own
        mine, *others = pool.map(lambda name: opinion(proof, roots[name], name, tol), asked)
    if isinstance(mine, str):
        raise InputError(f"the records could not be compared: {mine}")
    if same:
        return Judges(mine, "REF's comparison, which the tree has unchanged", "")
    if not others:
        return Judges(mine, "the tree's own comparison: REF has none of this form", "")
    (refs,) = others
    if isinstance(refs, str):
        return Judges(mine, "the tree's own comparison", f"REF's comparison does not read the records: {refs}")
    return Judges(refs, "REF's comparison; the tree has another", disagreement(refs, mine))


def judge_of(root: Path) -> str | None:
    """The module of a revision's comparison, if it has one."""
    return next((name for name in JUDGES if (root / f"{name.replace('.', '/')}.py").exists()), None)


def validation(root: Path) -> dict[str, bytes]:
    """The files that run and compare."""
    files = [root / f"{name.replace('.', '/')}.py" for name in JUDGES]
    folders = [file.parent for file in files if file.exists()]
    return {str(path.relative_to(root)): path.read_bytes() for each in folders for path in each.rglob("*.py")}


def opinion(proof: Path, root: Path, name: str, tol: float) -> dict[str, Any] | str:
    """What a revision's comparison says of the records, or why it says nothing."""
    out, err = proof / f"judge-{name}.json", proof / f"judge-{name}.err"
    command: list[str | Path] = [sys.executable, "-m", judge_of(root) or JUDGES[0], proof, str(tol)]
    done = run(command, cwd=root, stdout=out, stderr=err, env={"PYTHONPATH": str(root)})
    if done.status:
        return "; ".join(last_lines(err, 2))
    return dict(json.loads(out.read_text(encoding="utf-8")))


def disagreement(refs: Mapping[str, Any], mine: Mapping[str, Any]) -> str:
    """In words, the jobs of which the tree's comparison says something else than REF's."""
    rows = [{row["job"]: bool(row["beyond"]) for row in found["rows"]} for found in (refs, mine)]
    differing = [job for job in rows[0] if rows[0][job] != rows[1].get(job)]
    new = [job for job, changed in rows[1].items() if changed and job not in rows[0]]
    if not differing and not new:
        return ""
    return f"the tree's comparison says something else than REF's of: {', '.join([*differing, *new])}"


def as_json(proof: Proof, source: Mapping[str, Any]) -> dict[str, Any]:
    """What ``report.json`` holds.

    Args:
        proof: the comparison.
        source: the two revisions, machine and settings as plain values.
    """
    found = proof.judges.ruling
    return {
        **source,
        "verdict": proof.verdict,
        "equivalent": proof.exit_status == 0,
        "tol": proof.tol,
        "judge": proof.judges.whose,
        "behaviour": found["rows"],
        "not_seen": proof.unseen,
        "not_entered": found["not_entered"],
        "left_out": found["left_out"],
        "unsteady": found["unsteady"],
        "moved": found.get("moved", []),
        "costs": [cost.as_dict() for cost in proof.costs],
        "shape": asdict(proof.shape),
    }


def as_markdown(proof: Proof, source: Mapping[str, Any]) -> str:
    """The block for a pull request or a commit message."""
    found = proof.judges.ruling
    lines = [f"**Proof**: `{source['tree']}` against `{source['ref']}`: **{proof.verdict}**.", ""]
    if found["unsteady"]:
        lines += [f"Two runs of REF differ in: {', '.join(found['unsteady'])}. Nothing can be said of a tree.", ""]
    lines += listed("Of these nothing is known: no job ran them.", proof.unseen)
    lines += ["| behaviour | values | first divergence |", "| --- | ---: | --- |"]
    lines += [f"| {row['job']} | {row['values']} | {divergence_cell(row, proof.tol)} |" for row in found["rows"]]
    lines += ["", "| cost | REF | this tree | ratio (quartiles, pairs) |", "| --- | ---: | ---: | --- |"]
    lines += [
        f"| {cost.name} | {cost.ratio.a:.4g} {cost.unit} | {cost.ratio.b:.4g} {cost.unit} | {cost.ratio} |"
        for cost in proof.costs
    ]
    lines += ["", *shape_lines(proof.shape), ""]
    lines += listed("Moved, and the same but for that:", found.get("moved", []))
    lines += listed("Functions of the changed files that no job entered:", found["not_entered"])
    left_out = ", ".join(f"{name} ({count})" for name, count in found["left_out"].items()) or "nothing"
    lines += [f"Judged by {proof.judges.whose}. Left out as no behaviour, with how often: {left_out}.", ""]
    return "\n".join([*lines, f"{source['machine']}; {source['environments']}.", ""])


def listed(title: str, lines: Sequence[str]) -> list[str]:
    """A list with its title, truncated; nothing if the list is empty."""
    if not lines:
        return []
    more = [f"- and {len(lines) - SHOWN} more, in report.json"] if len(lines) > SHOWN else []
    return [title, "", *(f"- {line}" for line in lines[:SHOWN]), *more, ""]


def divergence_cell(row: Mapping[str, Any], tol: float) -> str:
    """``identical``, or where the two part for the first time, fit for a table."""
    if not row["exact"]:
        return "identical"
    first = str(Divergence(**(row["beyond"] or row["exact"])[0]))
    prefix = f"within {tol:g}; bit by bit: " if tol and not row["beyond"] else ""
    others = len(row["beyond"] or row["exact"]) - 1
    more = f" (and {others} other places)" if others else ""
    return (prefix + first + more).replace("|", "\\|").replace("\n", " ")


def shape_lines(shape: Shape) -> list[str]:
    """Lines and files by place, then each function whose size or complexity changed."""
    added, removed, files = shape.total
    if not files:
        return ["The files are the same."]
    places = ", ".join(f"{place} +{row[0]} -{row[1]}" for place, row in shape.places.items())
    lines = [f"{files} files, {added} lines added, {removed} removed ({places})."]
    if shape.functions:
        lines += ["", "| function | lines | cyclomatic | cognitive |", "| --- | --- | --- | --- |"]
        for name, (before, after) in shape.functions.items():
            cells = [
                f"{getattr(before, measure, '-')} -> {getattr(after, measure, '-')}"
                for measure in ("lines", "cyclomatic", "cognitive")
            ]
            lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return lines
