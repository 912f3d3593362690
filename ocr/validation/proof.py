"""The verdict over two revisions, as plain data and as the text of a pull request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ocr.validation.behaviour import Divergence, Entry, first_divergence, unsteady
from ocr.validation.cost import Cost
from ocr.validation.shape import Shape
from ocr.validation.side import Side

EXACT = frozenset({"command line", "errors", "generator"})
"""Parts in which nothing is rounded: a tolerance does not hold there."""
LOGGED, FIGURE = "logged ", "figure "
"""Only what a training logs may differ between two runs of one revision: a clock is among it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the behaviour.

    Attributes:
        name: ``training``, ``predict``, ...
        values: how many values of REF were compared.
        exact: where the two part bit by bit, if they do.
        beyond: where they part by more than the tolerance, if they do.
    """

    name: str
    values: int
    exact: Divergence | None
    beyond: Divergence | None


@dataclass(frozen=True, slots=True)
class Proof:
    """All that was found.

    Attributes:
        parts: in the order in which they were run.
        costs: paired ratios.
        shape: lines and complexity.
        tol: the tolerance that was asked for.
        left_out: logged quantities that REF itself gives two values for.
        unsteady: quantities that must not, and do.
    """

    parts: Sequence[Part]
    costs: Sequence[Cost]
    shape: Shape
    tol: float
    left_out: Sequence[str]
    unsteady: Sequence[str]

    @property
    def equivalent(self) -> bool:
        """No part differs by more than the tolerance, and REF is the same as itself."""
        return not self.unsteady and all(part.beyond is None for part in self.parts)

    @property
    def verdict(self) -> str:
        """``equivalent``, ``equivalent within TOL``, ``changed``, or ``REF is not the same as itself``."""
        if self.unsteady:
            return "REF is not the same as itself"
        if not self.equivalent:
            return "changed"
        return "equivalent" if all(part.exact is None for part in self.parts) else f"equivalent within {self.tol:g}"


def compare(ref: Side, tree: Side, costs: Sequence[Cost], shape: Shape, tol: float) -> Proof:
    """Compare everything that was seen of two revisions."""
    twice = unsteady(ref.parts.get("training", ()), ref.parts.get("stop", ()), tol)
    clocks = {what.removeprefix(LOGGED) for what in twice if what.startswith(LOGGED)}
    left_out = frozenset(f"{prefix}{name}" for prefix in (LOGGED, FIGURE) for name in clocks)
    parts = []
    for name, seen in ref.parts.items():
        other: Sequence[Entry] = tree.parts.get(name, ())
        exact = first_divergence(seen, other, left_out=left_out)
        rounded = tol and name not in EXACT
        beyond = first_divergence(seen, other, tol=tol, left_out=left_out) if rounded else exact
        values = sum(entry.what not in left_out for entry in seen)
        parts.append(Part(name, values, exact, beyond))
    return Proof(parts, costs, shape, tol, sorted(clocks), sorted(twice - left_out))


def as_json(proof: Proof, source: Mapping[str, Any]) -> dict[str, Any]:
    """What ``report.json`` holds.

    Args:
        proof: the comparison.
        source: the two revisions, machine and settings as plain values.
    """
    return {
        **source,
        "verdict": proof.verdict,
        "equivalent": proof.equivalent,
        "tol": proof.tol,
        "behaviour": [asdict(part) for part in proof.parts],
        "left_out": list(proof.left_out),
        "unsteady": list(proof.unsteady),
        "costs": [cost.as_dict() for cost in proof.costs],
        "shape": proof.shape.as_dict(),
    }


def as_markdown(proof: Proof, source: Mapping[str, Any]) -> str:
    """The block for a pull request or a commit message."""
    lines = [f"**Proof**: `{source['tree']}` against `{source['ref']}`: **{proof.verdict}**.", ""]
    if proof.unsteady:
        lines += [
            f"Two runs of REF differ in: {', '.join(proof.unsteady)}. Nothing can be said of another revision.",
            "",
        ]
    lines += ["| behaviour | values | first divergence |", "| --- | ---: | --- |"]
    lines += [f"| {part.name} | {part.values} | {divergence_cell(part, proof.tol)} |" for part in proof.parts]
    lines += ["", "| cost | REF | this tree | ratio (quartiles, pairs) |", "| --- | ---: | ---: | --- |"]
    lines += [
        f"| {cost.name} | {cost.ratio.a:.4g} {cost.unit} | {cost.ratio.b:.4g} {cost.unit} | {cost.ratio} |"
        for cost in proof.costs
    ]
    lines += ["", *shape_lines(proof.shape), "", f"{source['machine']}; {source['environments']}."]
    if proof.left_out:
        lines.append(f"Not compared, since two runs of REF differ in it: {', '.join(proof.left_out)}.")
    return "\n".join([*lines, ""])


def divergence_cell(part: Part, tol: float) -> str:
    """``identical``, or where the two part, fit for a table."""
    if part.exact is None:
        return "identical"
    prefix = f"within {tol:g}; bit by bit: " if tol and part.beyond is None else ""
    return (prefix + str(part.beyond or part.exact)).replace("|", "\\|").replace("\n", " ")


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
