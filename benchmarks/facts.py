"""Compare what finds facts on annotated receipts: our networks, and rules as the floor.

    .venv/bin/python benchmarks/facts.py model=weights/facts.onnx,rules data=<native data set> split=val \
        [granularity=word] [companies=<SROIE>/entities] [predictions=read/predictions.json]

Fields are found in the annotated texts or, with ``predictions=``, in the lines of a file that `runners/read.py` wrote
(end to end). ``companies=`` is SROIE's folder of entities: the receipts whose company has none in the training split
are then a table of their own, because a network that was trained on a shop's receipts knows it. "Exact" is the value as
printed, "same" by letters and digits, amounts as numbers, dates as dates; F1 is SROIE's task 3, over exact values. The
last columns say of how many receipts the sums are consistent and inconsistent; uncertain amounts are no reason to call
one wrong.

    invented=200       instead of ``data=``: so many invented receipts of each language that no training sees
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import cast

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.options import names_of, parsed, run, several, table_console, whole
from benchmarks.reading import new_companies
from ocr.data.regions import Granularity, regions_of
from ocr.extraction.postprocess.structure import Extraction
from ocr.extraction.postprocess.sums import check_sums
from ocr.formats.native import read_native
from ocr.metrics.facts import ExtractionEvaluator, facts_of_record
from ocr.pipeline.facts import BELIEVED, Finder, finder_for, is_number, places_of, without_empty
from ocr.synthesis.facts import FactSheet, invented_facts
from ocr.types import InputError, Record, Word

OPTIONS = {
    "model": "weights/facts.onnx,rules",
    "data": "data",
    "split": "test",
    "granularity": "word",
    "companies": "",
    "predictions": "",
    "invented": "",
}
PATHS = frozenset({"model", "data", "companies", "predictions"})
JUDGED = ("company", "date", "address", "total")


def texts_of(records: Mapping[str, Record], given: Mapping[str, str]) -> dict[str, Sequence[Word]]:
    """The regions of each receipt whose facts are looked for, in reading order.

    Raises:
        InputError: the predictions lack a receipt.
    """
    if not given["predictions"]:
        granularity = cast(Granularity, given["granularity"])
        return {name: regions_of(record, granularity) for name, record in records.items()}
    path = Path(given["predictions"])
    read = {record.name: tuple(record.words.values()) for record in read_native(path, strict=False)}
    missing = [name for name in records if name not in read]
    if missing:
        raise InputError(f"predictions={path}: has no {missing[0]!r}; read all images of split={given['split']}")
    return {name: read[name] for name in records}


def load_finders(option: str, models: Sequence[str]) -> dict[str, Finder]:
    """What finds facts, by its name (`names_of`).

    Args:
        option: that names the models.
        models: files of networks, or ``rules``.

    Raises:
        InputError: a file cannot be used, or is given twice.
    """
    finders = (
        (name, finder_for(model, threads=1)) for name, model in zip(names_of(option, models), models, strict=True)
    )
    return {name: finder for name, finder in finders if finder is not None}


def find_facts(
    finders: Mapping[str, Finder], texts: Mapping[str, Sequence[Word]], source: str = ""
) -> dict[str, dict[str, Extraction]]:
    """The facts that each finder finds in the regions of each receipt; ``source`` is for the progress bars."""
    return {
        name: {
            receipt: finder.find(words)
            for receipt, words in track(texts.items(), f"{name} {source}", console=Console(stderr=True))
        }
        for name, finder in finders.items()
    }


def figures_of(extractions: Mapping[str, Extraction], truth: Mapping[str, Record]) -> dict[str, float]:
    """The figures of what a model found on some receipts, by name, 0 to 1 (`ExtractionEvaluator.summarise`)."""
    evaluator = ExtractionEvaluator()
    counts = [evaluator.evaluate_image(facts_of_record(record), extractions[name]) for name, record in truth.items()]
    return evaluator.summarise(counts)


def table(title: str, found: Mapping[str, Mapping[str, Extraction]], truth: Mapping[str, Record]) -> Table:
    """The figures of each model on some receipts."""
    result = Table(title=f"{title}: {len(truth)} receipts", title_justify="left")
    for heading in ("model", *(f"{name}: exact, same" for name in (*JUDGED, "mean")), "F1", "consistent", "not"):
        result.add_column(heading)
    for model, extractions in found.items():
        figures = figures_of(extractions, truth)
        pairs = [(figures.get(f"fields/{name}/exact", 0.0), figures.get(f"fields/{name}/same", 0.0)) for name in JUDGED]
        pairs.append((figures["fields/exact"], figures["fields/same"]))
        verdicts = Counter(verdict_of(extractions[name]) for name in truth)
        result.add_row(
            model,
            *(f"{100 * exact:.1f}, {100 * same:.1f}" for exact, same in pairs),
            f"{100 * figures['fields/f1']:.1f}",
            str(verdicts["consistent"]),
            str(verdicts["inconsistent"]),
        )
    return result


def verdict_of(found: Extraction) -> str:
    """What the sums of a receipt say by the finder's confidences alone, with every digit as it was read."""
    found = without_empty(found)
    unsure = [place for place, value in places_of(found) if is_number(place) and value.confidence < BELIEVED]
    return check_sums(found.facts, unsure).verdict


def invented_table(model: str, finder: Finder, sheets: Sequence[FactSheet]) -> Table:
    """The share of right values of each field, and the tree accuracy of items, on invented receipts."""
    evaluator = ExtractionEvaluator()
    counts = [evaluator.evaluate_image(sheet.facts, finder.find(sheet.words)) for sheet in sheets]
    result = Table(title=f"{model}: {len(sheets)} invented receipts", title_justify="left")
    for heading in ("figure", "share"):
        result.add_column(heading)
    for name, value in evaluator.summarise(counts).items():
        if name.endswith("/same") or name.startswith("items/"):
            result.add_row(name, f"{value:.4f}")
    return result


def on_invented(finders: Mapping[str, Finder], count: int) -> None:
    """Print the figures on invented receipts of both languages."""
    for (name, finder), korean in product(finders.items(), (False, True)):
        sheets = [invented_facts(0, "benchmark", number, korean=korean) for number in range(count)]
        table_console().print(invented_table(f"{name}, {'Korean' if korean else 'Latin'}", finder, sheets))


def main(arguments: Sequence[str]) -> None:
    """Find, score, print.

    Raises:
        InputError: an option is invalid.
    """
    given = parsed(arguments, OPTIONS, PATHS)
    finders = load_finders("model", several(given["model"]))
    if given["invented"]:
        on_invented(finders, whole("invented", given["invented"]))
        return
    data, images = Path(given["data"]), Path(given["data"]) / "images" / given["split"]
    records = {record.name: record for record in read_native(data / "jsons" / f"{given['split']}.json", images)}
    texts = texts_of(records, given)
    found = find_facts(finders, texts)
    console = table_console()
    console.print(table("all", found, records))
    if given["companies"]:
        new = new_companies(Path(given["companies"]), data, list(records))
        title = "companies without a receipt in the training split"
        console.print(table(title, found, {name: records[name] for name in new}))


if __name__ == "__main__":
    run(main)
