import json
from pathlib import Path

import pytest

from tools.proof.normalise import CLOCKS, Normaliser


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("outputs/train/2026-11-28_20-03-02/metrics.json", "outputs/train/<date>/metrics.json"),
        ("[2026-11-28 20:03:02,123][INFO] a", "[<date>][INFO] a"),
        ("done after 12.3 s, 7 images/s", "done after <clock> s, <clock> images/s"),
        ("images_per_s 1.02", "images_per_s <clock>"),
        ('File "/a/b.py", line 17, in c', 'File "/a/b.py", line <line>, in c'),
        ("/a/b.py:17: UserWarning: odd", "/a/b.py:<line>: UserWarning: odd"),
        ("events.out.tfevents.1795896248.vm.11480.1", "events.out.tfevents.<date>.<process>.1"),
        ("│ a.png │ 4 │ 0.973 │    0.12 │", "│ a.png │ 4 │ 0.973 │<clock> │"),
        ("│ a.png │ 4 │ 0.973 │   10.12 │", "│ a.png │ 4 │ 0.973 │<clock> │"),
    ],
)
def test_what_differs_between_any_two_runs(text: str, expected: str) -> None:
    assert Normaliser({})(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "continue with: python runners/train.py resume=outputs/mine",
        "│ hmean │ 0.9964 │",
        "12 images with 48 words",
        "hmean 0.12, 3 shards, lr=0.003",
        "line 17 of a.json: the value 12",
        "0.9 split",
    ],
)
def test_what_is_behaviour_stays(text: str) -> None:
    assert Normaliser({})(text) == text


def test_folders_and_the_commit_of_a_revision(tmp_path: Path) -> None:
    about = tmp_path / "about.json"
    commit = "0123456789abcdef0123456789abcdef01234567"
    about.write_text(json.dumps({"root": "/p/work/old", "work": "/p/old", "commit": commit}))
    normalise = Normaliser.of(about, CLOCKS)
    assert normalise(f"/p/old/jobs/a of /p/work/old at {commit}, {commit[:10]}") == (
        "<work>/jobs/a of <checkout> at <commit>, <commit>"
    )


def test_each_rule_counts_what_it_found() -> None:
    normalise = Normaliser({})
    normalise("12 s and 3 s")
    assert normalise.is_clock("line 3 data_wait")
    assert not normalise.is_clock("line 3 loss")
    assert normalise.used == {"durations": 2, "data_wait": 1}
