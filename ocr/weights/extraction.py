"""The parts of a network that finds a receipt's facts which a weights file may name, and their allowed settings."""

from __future__ import annotations

from collections.abc import Mapping

from ocr.weights.rules import Kind, Rule, number, whole

MOST = 1000
"""Maximum number of fields."""

FIELDS = Rule(
    f"a list of at most {MOST:,} different names of fields, each of at most 100 characters",
    lambda value: (
        type(value) is list
        and 0 < len(value) <= MOST
        and all(type(name) is str and len(name) <= 100 for name in value)
        and len(set(value)) == len(value)
    ),
)

KNOWN = Rule(
    f"lists of at most {MOST:,} values of at most 1,000 characters by field",
    lambda value: (
        type(value) is dict
        and len(value) <= MOST
        and all(type(name) is str and type(each) is list and len(each) <= MOST for name, each in value.items())
        and all(type(text) is str and len(text) <= 1000 for each in value.values() for text in each)
    ),
)

KINDS: Mapping[str, Mapping[str, Kind]] = {
    "model": {
        "extractor": Kind(
            "ocr.extraction.models.Extractor",
            {
                "fields": whole(1, MOST),
                "letters": whole(1, 4096),
                "width": whole(1, 4096),
                "blocks": whole(0, 100),
                "heads": whole(1, 256),
                "dropout": number(0, 1),
            },
        )
    },
    "loss": {
        "tokens": Kind("ocr.extraction.losses.tokens.TokenLoss", {"starts": number(0, 100), "needed": number(0, 100)})
    },
    "targets": {"fields": Kind("ocr.extraction.targets.fields.FieldTargets", {"fields": FIELDS})},
    "transform": {"tokens": Kind("ocr.extraction.tokens.Tokens", {})},
    "postprocess": {
        "structure": Kind(
            "ocr.extraction.postprocess.structure.Structure",
            {"fields": FIELDS, "least": number(0, 1), "change": number(0, 100), "gap": whole(0, 1000), "known": KNOWN},
        )
    },
    "evaluator": {"extraction": Kind("ocr.metrics.facts.ExtractionEvaluator", {})},
}
"""The allowed kinds, by the section or setting that describes an object."""
