"""The location of code is not behaviour: classes, modules and files of code are compared by their last name.

What two revisions have in different places is listed as moved. Of stored files, the names that stand for classes since
schema ``receipt-ocr/2`` are compared with the classes that stood there before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

MODULE = re.compile(r"(?<![\w./-])(?:ocr|runners|tools)(?:\.[a-z_]\w*)*\.([A-Za-z_]\w*)")
FILE = re.compile(r"(?<![\w.-])(?:ocr|tools|requirements|tests|benchmarks)(?:/[\w-]+)*/([\w-]+\.py)\b")
Places = dict[str, set[str]]
"""By the name that is compared, every place that it had."""

CLASS, NAME = "_target_", "kind"
"""Keys of what a part is, in files before names and since."""
NAMES = {
    "ocr.models.DBNet": "dbnet",
    "ocr.models.TimmEncoder": "timm",
    "ocr.models.FPN": "fpn",
    "ocr.models.FPNASF": "fpn-asf",
    "ocr.models.UNet": "unet",
    "ocr.models.DBHead": "db",
    "ocr.losses.db.DBLoss": "db",
    "ocr.targets.db.DBTargetBuilder": "db",
    "ocr.postprocess.db.DBPostprocessor": "db",
    "ocr.data.geometry_transforms.FitLongSide": "fit-long-side",
    "ocr.metrics.DetectionEvaluator": "detection",
}
"""Written out here, for what reads a file in the tree is what is compared."""
STORED = {".ckpt", ".safetensors", ".onnx"}


def without_places(text: str, places: Places) -> str:
    """The text with last names in place of paths in the code, which are noted."""

    def last(found: re.Match[str]) -> str:
        places.setdefault(found.group(1), set()).add(found.group())
        return found.group(1)

    return FILE.sub(last, MODULE.sub(last, text))


def by_names(values: Iterable[tuple[str, Any]], places: Places) -> Iterator[tuple[str, Any]]:
    """The values of a stored file as a file with names has them; detection is the only task before names."""
    for what, value in values:
        place, _, key = what.rpartition(".")
        if key == CLASS and value in NAMES:
            places.setdefault(f"{place}: {NAMES[value]}", set()).add(value)
            yield f"{place}.{NAME}", NAMES[value]
        elif key == NAME and value in NAMES.values():
            places.setdefault(f"{place}: {value}", set()).add(value)
            yield what, value
        elif what.endswith(" keys"):
            yield what, [NAME if name == CLASS else name for name in value if name not in {"_partial_", "task"}]
        elif key == "_partial_" or (re.split(r"[. ]", what)[-1], value) == ("task", "detection"):
            continue
        else:
            yield what, "receipt-ocr/2" if value == "receipt-ocr/1" else value


def moved(ref: Mapping[str, set[str]], tree: Mapping[str, set[str]]) -> list[str]:
    """Names that the two revisions have in different places, in one line each."""
    pairs = {
        (", ".join(sorted(ref[name])), ", ".join(sorted(tree[name])))
        for name in ref.keys() & tree.keys()
        if ref[name] != tree[name]
    }
    return [f"{there} -> {here}" for there, here in sorted(pairs)]
