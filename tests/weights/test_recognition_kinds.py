"""What a file of a recogniser may set for the beam search."""

from typing import Any

import pytest

from ocr.weights.kinds import faults

BEAM: dict[str, Any] = {"kind": "beam", "characters": "ab", "width": 16, "language": "AAAA+/==", "lexicon": ["ab"]}
SURE = {"calibration": [2.5, 0.8, -0.2]}


def test_a_beam_search_is_taken() -> None:
    assert list(faults({"task": "recognition", "postprocess": {**BEAM, **SURE}})) == []


@pytest.mark.parametrize("kind", ["greedy", "sequence", "beam"])
def test_every_decoding_may_be_calibrated(kind: str) -> None:
    assert list(faults({"task": "recognition", "postprocess": {"kind": kind, "characters": "ab", **SURE}})) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("width", 10**9),
        ("width", True),
        ("least", -0.1),
        ("language", "A" * 400_001),
        ("language", "__import__('os')"),
        ("language", None),
        ("language_weight", float("nan")),
        ("pattern", "a" * 1001),
        ("lexicon", ["a"] * 10_001),
        ("lexicon", [1]),
        ("lexicon_unit", "page"),
        ("calibration", [1.0, 1.0, 0.0, 0.0]),
        ("calibration", [1.0, 1.0, 101.0]),
        ("calibration", [float("nan")] * 3),
        ("calibration", None),
        ("box_thresh", 0.5),
        ("kind", "db"),
    ],
)
def test_values_out_of_range_are_refused(name: str, value: Any) -> None:
    (fault,) = faults({"task": "recognition", "postprocess": {**BEAM, name: value}})
    assert fault.startswith("postprocess")
