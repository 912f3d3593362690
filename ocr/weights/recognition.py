"""The parts of a text recogniser that a weights file may name, and their allowed settings."""

from __future__ import annotations

from collections.abc import Mapping

from ocr.weights.rules import Kind, Rule, choice, number, several, whole

MOST = 30_000
"""Maximum characters of a charset; Unicode has 11,172 Korean syllables."""

CHARACTERS = Rule(
    f"a text of at most {MOST:,} characters, each once",
    lambda value: type(value) is str and 0 < len(value) <= MOST and len(set(value)) == len(value),
)

BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
LANGUAGE = Rule(
    "a stored language model: base64 of at most 400,000 characters, or empty",
    lambda value: type(value) is str and len(value) <= 400_000 and BASE64.issuperset(value),
)
"""What `ocr.recognition.postprocess.trie` reads, and checks, when the part is built."""


CALIBRATION = several(number(-100, 100), most=3)
"""The numbers of `ocr.recognition.postprocess.calibration.BetaCalibration`, which checks them when it is built."""


def text(most: int) -> Rule:
    """A text with a limited length."""
    return Rule(f"a text of at most {most:,} characters", lambda value: type(value) is str and len(value) <= most)


SIZES: Mapping[str, Rule] = {
    "characters": CHARACTERS,
    "height": whole(8, 256),
    "channels": several(whole(1, 4096), most=3),
    "depth": whole(0, 100),
    "width": whole(1, 4096),
    "blocks": whole(0, 100),
    "heads": whole(1, 256),
    "dropout": number(0, 1),
}
"""Settings of a recogniser without a decoder."""

SEQUENCES = frozenset({"sequence"})
"""The postprocesses of networks that read positions of the text, not steps along the line."""

KINDS: Mapping[str, Mapping[str, Kind]] = {
    "model": {
        "recognizer": Kind("ocr.recognition.models.Recognizer", SIZES),
        "attention-recognizer": Kind(
            "ocr.recognition.models.AttentionRecognizer",
            {
                **SIZES,
                "read": choice("attention", "ctc"),
                "decoder_heads": whole(1, 256),
                "longest": whole(2, 1024),
            },
        ),
    },
    "loss": {
        "ctc": Kind("ocr.recognition.losses.ctc.CTCLoss", {"characters": CHARACTERS}),
        "permuted": Kind(
            "ocr.recognition.losses.permuted.PermutedLoss",
            {"characters": CHARACTERS, "orders": whole(2, 100), "ctc_weight": number(0, 100)},
        ),
    },
    "targets": {
        "characters": Kind(
            "ocr.recognition.targets.characters.CharacterTargets",
            {"characters": CHARACTERS, "case": choice("printed", "unknown")},
        )
    },
    "transform": {
        "line-crop": Kind(
            "ocr.images.crops.LineCrop",
            {
                "height": whole(8, 256),
                "squeeze": number(0.1, 10),
                "margin": number(0, 1),
                "longest": whole(8, 8192),
            },
        )
    },
    "postprocess": {
        "greedy": Kind(
            "ocr.recognition.postprocess.greedy.GreedyCTC", {"characters": CHARACTERS, "calibration": CALIBRATION}
        ),
        "sequence": Kind(
            "ocr.recognition.postprocess.sequence.GreedySequence",
            {"characters": CHARACTERS, "calibration": CALIBRATION},
        ),
        "beam": Kind(
            "ocr.recognition.postprocess.beam.BeamCTC",
            {
                "characters": CHARACTERS,
                "width": whole(1, 1000),
                "drop": number(0, 1),
                "least": number(0, 1),
                "language": LANGUAGE,
                "language_weight": number(0, 10),
                "length_bonus": number(-10, 10),
                "pattern": text(1000),
                "lexicon": several(text(200), most=10_000),
                "lexicon_unit": choice("line", "word"),
                "calibration": CALIBRATION,
            },
        ),
    },
    "evaluator": {"recognition": Kind("ocr.metrics.text.RecognitionEvaluator", {})},
}
"""The allowed kinds, by the section or setting that describes an object."""
