import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from ocr.utils.path_utils import REPOSITORY_ROOT
from planted_checkout import commit, git
from tools.processes import Finished
from tools.proof import proof as proofs
from tools.proof.behaviour import Entry
from tools.proof.cost import START_UP, costs
from tools.proof.jobs import PARTS, Inputs
from tools.proof.judge import judged
from tools.proof.programme import planned
from tools.proof.proof import Judges, Proof, as_json, as_markdown, judge
from tools.proof.run import comparable
from tools.proof.shape import Shape, shape
from tools.proof.side import Side
from tools.revisions import resolve, worktrees

NOTHING = Shape({}, {})
SOURCE = {"ref": "HEAD~1 (1)", "tree": "working tree (2)", "machine": "2 cores", "environments": "shared"}
INPUTS = Inputs("/data", "/given")
Record = Callable[..., dict[str, Any]]


def steps(loss: float, rate: float, at: str = "step 1") -> list[Entry]:
    return [Entry(at, "logged images_per_s", rate), Entry(at, "logged other_rate", rate), Entry(at, "loss", loss)]


@pytest.fixture
def record(tmp_path: Path, repository: Path) -> Record:
    """``record(parts, old={...}, new={...})``: files that jobs left, by path in a side's folder, and the judgement."""
    commits = [git(repository, "rev-parse", f"HEAD~{number}") for number in (1, 0)]
    roots = [tmp_path / "before", repository]
    git(repository, "worktree", "add", "--quiet", "--detach", str(roots[0]), commits[0])

    def judgement(parts: list[str], tol: float = 0.0, **sides: Mapping[str, str]) -> dict[str, Any]:
        (tmp_path / "inputs.json").write_text(json.dumps({"inputs": asdict(INPUTS), "parts": parts}))
        for name, root, id_ in zip(("old", "new"), roots, commits, strict=True):
            work = tmp_path / name
            work.mkdir(exist_ok=True)
            about = {"root": str(root), "work": str(work), "commit": id_, "repository": str(repository)}
            (work / "about.json").write_text(json.dumps(about))
            for path, content in sides[name].items():
                (work / path).parent.mkdir(parents=True, exist_ok=True)
                (work / path).write_text(content)
        return judged(tmp_path, tol)

    return judgement


def lines(*rows: Any) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def trained(loss: float, rate: float) -> str:
    return lines(*({"at": entry.at, "what": entry.what, "value": entry.value} for entry in steps(loss, rate)))


def of(found: Mapping[str, Any], tol: float = 0.0, disagreement: str = "") -> Proof:
    return Proof(Judges(found, "REF's comparison", disagreement), [], NOTHING, tol)


def seen(found: dict[str, Any]) -> dict[str, Any]:
    """As if every command and every changed line had been run."""
    return {**found, "not_run": [], "unseen": {"ref": [], "tree": []}}


def test_clocks_are_left_out_and_told(record: Record) -> None:
    old = {"records/training/steps.jsonl": trained(1.0, 10.0), "records/stop/steps.jsonl": trained(1.0, 11.0)}
    new = {"records/training/steps.jsonl": trained(1.0, 12.0), "records/stop/steps.jsonl": trained(1.0, 13.0)}
    proof = of(seen(record(["training"], old=old, new=new)))
    assert proof.verdict == "equivalent"
    assert proof.judges.ruling["left_out"].keys() == {"images_per_s", "other_rate"}
    assert "Left out as no behaviour, with how often: images_per_s (2), other_rate (2)" in as_markdown(proof, SOURCE)


def test_a_ref_without_a_seed_proves_nothing(record: Record) -> None:
    old = {"records/training/steps.jsonl": trained(1.0, 10.0), "records/stop/steps.jsonl": trained(1.5, 10.0)}
    proof = of(seen(record(["training"], old=old, new=old)))
    assert (proof.verdict, proof.exit_status) == ("REF is not the same as itself", 1)
    assert "Two runs of REF differ in: loss" in as_markdown(proof, SOURCE)


def test_a_job_that_ref_cannot_run_is_told_and_no_error(record: Record, tmp_path: Path) -> None:
    jobs = [job for job in planned(INPUTS, PARTS) if job.name in {"training", "recognition"}]
    able, absent = comparable(jobs, tmp_path)
    assert [job.name for job in able] == ["training"]
    assert absent == ["recognition: REF has no configs/task/recognition.yaml"]
    assert comparable(jobs, REPOSITORY_ROOT) == (jobs, [])
    same = {"records/test/steps.jsonl": trained(1.0, 1.0)}
    proof = replace(of(seen(record(["test"], old=same, new=same))), absent=absent)
    assert (proof.verdict, proof.exit_status) == ("not seen", 3)
    assert f"- {absent[0]}\n" in as_markdown(proof, SOURCE)


def test_the_verdict_knows_a_tolerance_from_equality(record: Record) -> None:
    old, new = ({"records/test/steps.jsonl": trained(loss, 1.0)} for loss in (1.0, 1.00001))
    assert of(seen(record(["test"], old=old, new=new))).verdict == "changed"
    within = of(seen(record(["test"], 1e-4, old=old, new=new)), 1e-4)
    assert (within.verdict, within.exit_status) == ("equivalent within 0.0001", 0)
    assert "within 0.0001; bit by bit: steps: step 1, loss: 1.0 -> 1.00001" in as_markdown(within, SOURCE)
    assert of(seen(record(["test"], 1e-4, old=old, new=old)), 1e-4).verdict == "equivalent"


def test_no_tolerance_holds_for_what_a_person_types(record: Record) -> None:
    command = lines({"job": "help", "number": 1, "runner": "train", "asked": [], "status": 0})
    old, new = (
        {"commands.jsonl": command, "logs/help 1.out": f"lr: {rate}\n", "logs/help 1.err": ""}
        for rate in (0.003, 0.0030000001)
    )
    assert of(seen(record(["command line"], 1e-4, old=old, new=new)), 1e-4).verdict == "changed"


@pytest.mark.parametrize(
    ("file", "ref", "tree", "where"),
    [
        ("jobs/predict/a.json", '{"img_w": 1}', '{"img_w": 2}', "a.json: a.json, img_w"),
        ("jobs/predict/b.txt", None, "more", "files: files, b.txt"),
        ("logs/{0} 1.err", "warning: 2 are missing\n", "", "{0} 1 (predict), stderr: {0} 1.err, line 1"),
        ("logs/{0} 1.out", "a\n", "b\n", "{0} 1 (predict), stdout: {0} 1.out, line 1"),
    ],
)
def test_every_file_and_every_line_counts(
    record: Record, file: str, ref: str | None, tree: str | None, where: str
) -> None:
    job = "own checkpoint"
    path = file.format(job).replace("jobs/predict", f"jobs/{job}")
    commands = lines({"job": job, "number": 1, "runner": "predict", "asked": [], "status": 0})
    base = {"commands.jsonl": commands, f"logs/{job} 1.out": "", f"logs/{job} 1.err": ""}
    sides = [{**base, **({} if content is None else {path: content})} for content in (ref, tree)]
    found = record(["test"], old=sides[0], new=sides[1])
    (row,) = [row for row in found["rows"] if row["exact"]]
    first = row["exact"][0]
    assert f"{first['at']}, {first['what']}" == where.format(job)


def test_an_exit_status_and_a_mode_count(record: Record, tmp_path: Path) -> None:
    sides = [
        {"commands.jsonl": lines({"job": "stop", "number": 1, "runner": "train", "asked": [], "status": status}),
         "logs/stop 1.out": "", "logs/stop 1.err": "", "jobs/stop/a": ""}
        for status in (130, 0)
    ]  # fmt: skip
    (tmp_path / "new" / "jobs" / "stop").mkdir(parents=True)
    (tmp_path / "new" / "jobs" / "stop" / "a").touch(0o600)
    found = record(["training"], old=sides[0], new=sides[1])
    (row,) = [row for row in found["rows"] if row["exact"]]
    assert [(each["what"], each["ref"], each["tree"]) for each in row["exact"]] == [
        ("exit status", 130, 0),
        ("a", "0o100644", "0o100600"),
    ]


def test_what_was_not_run_is_not_seen(record: Record) -> None:
    found = record(["evaluate"], old={}, new={})
    assert found["not_run"][0].startswith("evaluate 1 1: evaluate ground_truth=/given/many/truth.json")
    assert found["unseen"]["tree"][:1] == ["ocr/a.py:2, one"]
    proof = of(found)
    assert (proof.verdict, proof.exit_status) == ("not seen", 3)
    text = as_markdown(proof, SOURCE)
    assert "no job ran them" in text
    assert "- ocr/a.py:2, one" in text
    assert as_json(proof, SOURCE)["equivalent"] is False


def test_judges_that_disagree_are_told() -> None:
    row = {"job": "a", "part": "a", "values": 1, "exact": [], "beyond": []}
    parted = {**row, "exact": [{"at": "x"}], "beyond": [{"at": "x"}]}
    assert proofs.disagreement({"rows": [row]}, {"rows": [row]}) == ""
    assert "REF's of: a" in proofs.disagreement({"rows": [row]}, {"rows": [parted]})
    assert "REF's of: b" in proofs.disagreement({"rows": [row]}, {"rows": [row, {**parted, "job": "b"}]})
    found = {"rows": [row], "unsteady": [], "not_run": [], "unseen": {"ref": [], "tree": []}, "left_out": {}}
    assert of(found, disagreement="the tree's comparison says something else").verdict == "not seen"


def test_ref_judges_a_tree_that_has_blinded_itself(tmp_path: Path, repository: Path) -> None:
    """The tree's comparison says nothing; REF's finds the difference."""
    found: dict[str, Any] = {"rows": [{"job": "a", "beyond": [1]}], "unsteady": []}
    program = repository / "ocr" / "validation" / "judge.py"
    program.parent.mkdir(parents=True)
    for package in (program.parent, program.parent.parent):
        (package / "__init__.py").touch()
    roots = {}
    for name, content in (("old", found), ("new", {**found, "rows": [{"job": "a", "beyond": []}]})):
        program.write_text(f"print({json.dumps(json.dumps(content))})\n")
        commit(repository, name)
        roots[name] = resolve(repository, "HEAD")
    with worktrees(repository, roots, tmp_path / "work") as places:
        both = judge(tmp_path, places, 0.0)
        same = judge(tmp_path, {"old": places["old"], "new": places["old"]}, 0.0)
        (places["old"] / "ocr" / "validation" / "judge.py").write_text("raise ValueError('other records')\n")
        broken = judge(tmp_path, places, 0.0)
        (places["old"] / "ocr" / "validation" / "judge.py").unlink()
        alone = judge(tmp_path, places, 0.0)
    assert both.ruling == found
    assert both.disagreement == "the tree's comparison says something else than REF's of: a"
    assert (same.whose, same.disagreement) == ("REF's comparison, which the tree has unchanged", "")
    assert "REF's comparison does not read the records: " in broken.disagreement
    assert "other records" in broken.disagreement
    assert alone.whose == "the tree's own comparison: REF has none of this form"


def side(work: Path) -> Side:
    work.mkdir(exist_ok=True)
    return Side(work.name, Path("/checkout"), Path("/python"), work, work, work)


def write_times(of_side: Side, *rows: tuple[float, float]) -> None:
    folder = of_side.work / "records" / "training"
    folder.mkdir(parents=True)
    content = [{"step": step, "wait_s": w, "step_s": s} for step, (w, s) in enumerate(rows, start=1)]
    (folder / "times.jsonl").write_text(lines(*content))


def test_costs_are_ratios_of_the_same_step(tmp_path: Path) -> None:
    ref, tree = side(tmp_path / "ref"), side(tmp_path / "tree")
    write_times(ref, (9.0, 9.0), (0.002, 1.0), (0.004, 2.0), (0.002, 4.0))
    write_times(tree, (9.0, 9.0), (0.004, 2.0), (0.008, 4.0))
    for label, megabytes in (("training 1", 100), ("evaluate 1 1", 200), (START_UP, 900), ("predict 1", 0)):
        ref.finished[label] = Finished(0, 1.0, megabytes * 10**6)
        tree.finished[label] = Finished(0, 2.0, megabytes * 11 * 10**5)
    found = {cost.name: cost for cost in costs(ref, tree)}
    step = found["training step"].ratio
    assert (step.median, step.n) == (2.0, 2)  # the first step warms up, the fourth has no partner
    assert found["wait for data, a step"].ratio.median == 2.0
    memory = found["peak memory of a process"].ratio
    assert (memory.median, memory.n) == (pytest.approx(1.1), 2)  # of a fork it is that of what it was forked from
    assert found["metric (runners/evaluate.py)"].ratio.median == 2.0


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
