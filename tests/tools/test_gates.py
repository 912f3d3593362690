import json
from pathlib import Path

import pytest

from patience import PATIENCE_S
from tools.gates.gates import RESULT, Outcome, run_gate, tell
from tools.gates.run import as_json, as_markdown, verdict

MAKEFILE = """
good: ; @echo fine
bad: ; @echo before; echo why; exit 3
told: ; @echo '{"figure": "1.2 times", "limit": "1.3", "counts": {"pairs": 5}}' > $$GATE_RESULT
hidden: ; @echo '{"counts": {"tests": 3}, "failed": true}' > $$GATE_RESULT; echo 1 failed
files: ; @echo 3 files; echo 4 files; echo fine
fast: ; @echo fast is $(FAST)
slow: ; @sleep 86400
args: ; @echo got $(ARGS).
"""


@pytest.fixture
def gates(tmp_path: Path) -> Path:
    (tmp_path / "Makefile").write_text(MAKEFILE)
    return tmp_path


def outcome_of(
    gates: Path, name: str, *settings: str, timeout_s: float = PATIENCE_S, limit_s: float | None = None
) -> Outcome:
    return run_gate(name, gates, gates, settings, timeout_s, lambda _: None, limit_s)


@pytest.mark.parametrize(
    ("name", "settings", "status", "figure", "reason"),
    [
        ("good", (), "passed", "fine", ""),
        ("bad", (), "failed", "", "exit status 2; before; why; make"),
        ("told", (), "passed", "1.2 times", ""),
        ("hidden", (), "failed", "", "exit status 0; 1 failed"),
        ("nowhere", (), "failed", "", "exit status 2; make"),
        ("fast", ("FAST=1",), "passed", "fast is 1", ""),
        ("args", (), "passed", "got .", ""),
    ],
)
def test_what_became_of_a_gate(
    gates: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    settings: tuple[str, ...],
    status: str,
    figure: str,
    reason: str,
) -> None:
    monkeypatch.setenv("ARGS", "only=[lint]")  # for `validate`, not for its gates
    outcome = outcome_of(gates, name, *settings)
    assert (outcome.status, outcome.figure) == (status, figure)
    assert outcome.reason.startswith(reason)
    assert (outcome.limit, outcome.counts) == {"told": ("1.3", {"pairs": 5}), "hidden": ("", {"tests": 3})}.get(
        name, ("", {})
    )


def test_a_gate_without_end_has_failed(gates: Path) -> None:
    outcome = outcome_of(gates, "slow", timeout_s=0.3)
    assert outcome.status == "failed"
    assert "not done after 0 s" in outcome.reason


def test_what_a_log_says_is_counted(gates: Path) -> None:
    patterns = {"files": r"^(\d+) files$", "fine": "^fine$", "bad": "^bad$"}
    counts = run_gate("files", gates, gates, (), 60.0, lambda _: None, patterns=patterns).counts
    assert counts == {"files": 7, "fine": 1, "bad": 0}
    assert outcome_of(gates, "files").counts == {}


def test_a_result_of_an_earlier_call_counts_no_more(gates: Path) -> None:
    (gates / "good.result").write_text('{"counts": {"tests": 9}}')
    assert outcome_of(gates, "good").counts == {}


@pytest.mark.parametrize(
    ("others", "status", "reason"),
    [
        (0.0, "failed", "took 0 s, more than 0 s"),
        (0.5, "passed", "took 0 s, more than 0 s; no verdict, since other programs used 50% of the CPU time"),
        (None, "passed", "took 0 s, more than 0 s; no verdict, since the load of the machine is unknown"),
    ],
)
def test_a_gate_that_takes_too_long_has_failed_on_a_quiet_machine(
    gates: Path, monkeypatch: pytest.MonkeyPatch, others: float | None, status: str, reason: str
) -> None:
    monkeypatch.setattr("tools.processes.share_of_others", lambda *_: others)
    outcome = outcome_of(gates, "good", limit_s=0.0)
    assert (outcome.status, outcome.limit, outcome.reason) == (status, "0 s", reason)
    assert outcome_of(gates, "good", limit_s=PATIENCE_S).reason == ""


def test_telling_is_without_effect_where_nobody_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(RESULT, raising=False)
    tell(counts={})
    monkeypatch.setenv(RESULT, str(tmp_path / "result"))
    tell(counts={"tests": 2}, figure="1", limit="2", skips={"no reason": 1}, failed=True)
    told = json.loads((tmp_path / "result").read_text())
    assert told == {"counts": {"tests": 2}, "figure": "1", "limit": "2", "skips": {"no reason": 1}, "failed": True}


OUTCOMES = [
    Outcome("lint", "passed", "All checks passed!", seconds=1.6),
    Outcome("startup-time", "failed", "2.0 times", "1.3", "exit status 1", 12.0),
    Outcome("full", "skipped", reason="runs with FULL=1"),
]


SOURCE = {
    "revision": "1a2b3c4d5e",
    "machine": "2 cores",
    "settings": "FAST=0 FULL=0",
    "changed_meanwhile": False,
    "not_gates": ["test-slow", "soak"],
}


def test_the_verdict_names_what_did_not_pass() -> None:
    assert verdict(OUTCOMES) == "1 of 3 gates passed, 1 failed (startup-time), 1 skipped (full)"
    assert verdict(OUTCOMES[:1]) == "1 of 1 gates passed"


def test_only_what_passed_is_ticked() -> None:
    report = as_json(OUTCOMES, SOURCE)
    assert report["passed"] is False
    assert as_json(OUTCOMES[::2], {})["passed"] is True
    lines = as_markdown(report).splitlines()
    assert "- [x] `lint` passed: All checks passed!, 2 s" in lines
    assert "- [ ] `startup-time` **failed**: 2.0 times (limit 1.3), 12 s; exit status 1" in lines
    assert "- [ ] `full` skipped, 0 s; runs with FULL=1" in lines
    assert "Not among the gates: `make test-slow`, `make soak`." in lines
    assert "Files changed while" not in as_markdown(report)
    assert "Files changed while" in as_markdown(as_json(OUTCOMES, SOURCE | {"changed_meanwhile": True}))
