from __future__ import annotations

import json
from pathlib import Path

import pytest

from ocr.validation.behaviour import Entry
from ocr.validation.cost import COMMANDS, costs
from ocr.validation.processes import Finished
from ocr.validation.proof import as_json, as_markdown, compare
from ocr.validation.revisions import resolve, worktrees
from ocr.validation.shape import Shape, shape
from ocr.validation.side import Side, write_injection

NOTHING = Shape({}, {})
SOURCE = {"ref": "HEAD~1 (1)", "tree": "working tree (2)", "machine": "2 cores", "environments": "shared"}


def side(work: Path, **parts: list[Entry]) -> Side:
    work.mkdir(exist_ok=True)
    return Side(work.name, Path("/checkout"), Path("/python"), work, work, parts)


def training(loss: float, rate: float) -> list[Entry]:
    return [Entry("step 1", "logged images_per_s", rate), Entry("step 1", "loss", loss)]


def test_clocks_are_left_out_and_told(tmp_path: Path) -> None:
    ref = side(tmp_path / "ref", training=training(1.0, 10.0), stop=training(1.0, 11.0))
    tree = side(tmp_path / "tree", training=training(1.0, 12.0), stop=training(1.0, 13.0))
    proof = compare(ref, tree, [], NOTHING, 0.0)
    assert proof.verdict == "equivalent"
    assert proof.left_out == ["images_per_s"]
    assert "two runs of REF differ in it: images_per_s" in as_markdown(proof, SOURCE)


def test_a_ref_without_a_seed_proves_nothing(tmp_path: Path) -> None:
    ref = side(tmp_path / "ref", training=training(1.0, 10.0), stop=training(1.5, 10.0))
    proof = compare(ref, ref, [], NOTHING, 0.0)
    assert proof.verdict == "REF is not the same as itself"
    assert not proof.equivalent
    assert "Two runs of REF differ in: loss" in as_markdown(proof, SOURCE)


def test_the_verdict_knows_a_tolerance_from_equality(tmp_path: Path) -> None:
    ref, near = (side(tmp_path / name, test=training(loss, 1.0)) for name, loss in (("ref", 1.0), ("near", 1.00001)))
    assert compare(ref, near, [], NOTHING, 0.0).verdict == "changed"
    within = compare(ref, near, [], NOTHING, 1e-4)
    assert within.verdict == "equivalent within 0.0001"
    assert "within 0.0001; bit by bit: step 1, loss: 1.0 -> 1.00001" in as_markdown(within, SOURCE)
    assert compare(ref, ref, [], NOTHING, 1e-4).verdict == "equivalent"


def test_no_tolerance_holds_for_what_a_person_types(tmp_path: Path) -> None:
    settings = [[Entry("train.yaml", "optimiser.lr", rate)] for rate in (0.003, 0.0030000001)]
    ref, tree = (
        Side(name, tmp_path, tmp_path, tmp_path, tmp_path, {"command line": entries})
        for name, entries in zip(("ref", "tree"), settings, strict=True)
    )
    assert compare(ref, tree, [], NOTHING, 1e-4).verdict == "changed"


def test_a_part_that_the_tree_lacks_has_changed(tmp_path: Path) -> None:
    ref, tree = side(tmp_path / "ref", predict=training(1.0, 1.0)), side(tmp_path / "tree")
    assert compare(ref, tree, [], NOTHING, 0.0).verdict == "changed"


def write_times(of: Side, label: str, *steps: tuple[float, float]) -> None:
    folder = of.recorded(label)
    rows = [json.dumps({"step": step, "wait_s": w, "step_s": s}) for step, (w, s) in enumerate(steps, start=1)]
    (folder / "times.jsonl").write_text("\n".join(rows) + "\n")


def test_costs_are_ratios_of_the_same_step(tmp_path: Path) -> None:
    ref, tree = side(tmp_path / "ref"), side(tmp_path / "tree")
    write_times(ref, "training", (9.0, 9.0), (0.002, 1.0), (0.004, 2.0), (0.002, 4.0))
    write_times(tree, "training", (9.0, 9.0), (0.004, 2.0), (0.008, 4.0))
    for label, megabytes in zip(COMMANDS, (100, 200, 300, 400, 500), strict=True):
        ref.finished[label] = Finished(0, 1.0, megabytes * 10**6)
        tree.finished[label] = Finished(0, 1.0, megabytes * 11 * 10**5)
    found = {cost.name: cost for cost in costs(ref, tree)}
    step = found["training step"].ratio
    assert (step.median, step.n) == (2.0, 2)  # the first step warms up, the fourth has no partner
    assert found["wait for data, a step"].ratio.median == 2.0
    assert found["peak memory of a process"].ratio.median == pytest.approx(1.1)
    assert json.dumps(as_json(compare(ref, tree, list(found.values()), NOTHING, 0.0), SOURCE))


def test_the_shape_of_a_change(repository: Path, tmp_path: Path) -> None:
    revisions = {"ref": resolve(repository, "HEAD~1"), "tree": resolve(repository, "HEAD")}
    with worktrees(repository, revisions, tmp_path / "work") as roots:
        commits = (revisions["ref"].commit, revisions["tree"].commit)
        found = shape(repository, roots["ref"], roots["tree"], *commits)
        same = shape(repository, roots["ref"], roots["ref"], commits[0], commits[0])
    assert found.places == {"notes.txt": (2, 0, 1), "ocr": (4, 2, 1)}
    assert found.total == (6, 2, 2)
    before, after = found.functions["ocr/a.py:one"]
    assert before is not None
    assert after is not None
    assert (before.lines, after.lines) == (4, 2)
    assert found.functions["ocr/a.py:two"][0] is None
    assert same == NOTHING


def test_lightning_finds_the_injected_recorder(tmp_path: Path) -> None:
    folder = write_injection(tmp_path / "injection")
    (entry,) = (folder / "prove_recorder-1.0.dist-info" / "entry_points.txt").read_text().splitlines()[1:]
    assert entry == "prove = prove_recorder:callbacks"
    assert "def callbacks()" in (folder / "prove_recorder.py").read_text()
