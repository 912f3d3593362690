"""Compare our detectors with their peers on the same receipts: one table, one thread, one metric.

    .venv-bench/bin/python benchmarks/compare.py model=receipts.onnx,seed1.onnx data=data split=test [n=15] [worst=5]
    .venv-bench/bin/python benchmarks/compare.py model=receipts.onnx reader=lines.onnx data=mine split=val \
        [facts=weights/facts.onnx,rules]

With ``reader=`` the whole way is compared: each of our detectors with that recogniser, and the peers' own pipelines.
The figures are those of `ocr.metrics.end_to_end`, and ``output/predictions/`` gets what each has read, in the native
format. ``facts=`` names networks that find facts, and ``rules``: company, date, address and total are then compared in
the annotated texts and in what each detector has read.

Every detector gets every image in turn, in an order that rotates from image to image; times are measured from the file
to the polygons. Ground truth is the data set's lines. A detector that fails on an image counts as having found nothing
there, and is named. The results of a peer are cached below ``output`` by its version, the CPU and the image's digest,
including times (marked with their day): another model of ours is then compared in a minute, and a stopped run resumes.
``fresh=true`` measures everything again.

    peers=v4,v6-tiny   only these; peers=none: only ours (and model=none: only the peers)
    easyocr_n=20       images for EasyOCR, the slowest by far
    worst=5            pictures of the images on which the first detector is worst; images=a.jpg,b.jpg: of these instead
    output=outputs/compare, granularity=line
"""

from __future__ import annotations

import json
import platform
from collections.abc import Container, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import cv2
from rich.console import Console
from rich.progress import track

from benchmarks import page_peers
from benchmarks.comparison_table import FIGURES, READING_FIGURES, print_table
from benchmarks.detections import Detector, Found
from benchmarks.facts import figures_of, find_facts, load_finders, table
from benchmarks.options import chosen_peers, names_of, parsed, run, several, table_console, whole
from benchmarks.peers import PEERS, Find, Peer, ReadPage, packages
from benchmarks.prediction import ours
from benchmarks.readings import draw_texts, write_readings
from benchmarks.run import cpu
from benchmarks.standing import Standing, detections_of
from ocr.data.regions import Granularity, regions_of
from ocr.engines.onnx_runtime import OnnxRuntimeEngine
from ocr.formats.native import read_native
from ocr.metrics.facts import facts_of_record
from ocr.pipeline.facts import Finder
from ocr.report.overlay import draw_overlay, save_image
from ocr.report.panels import draw_outcomes, side_by_side, text_window
from ocr.types import InputError, Record, Word
from ocr.utils.digest import file_sha256
from ocr.utils.provenance import git_revision
from ocr.utils.whole_file import whole_file

OPTIONS = {
    "model": "receipts.onnx",
    "reader": "",
    "facts": "",
    "data": "data",
    "split": "test",
    "n": "",
    "peers": "all",
    "easyocr_n": "20",
    "worst": "3",
    "images": "",
    "output": "outputs/compare",
    "granularity": "line",
    "fresh": "false",
}
PATHS = frozenset({"model", "reader", "facts", "data", "output"})
SLOW = ("craft", "easyocr")
"""Peers that get only the first ``easyocr_n`` images."""


def options(arguments: Sequence[str]) -> dict[str, str]:
    """The command line's options over `OPTIONS`.

    Raises:
        InputError: as `parsed`.
    """
    return parsed(arguments, OPTIONS, PATHS)


def our_detectors(models: Sequence[str], reader: str = "") -> list[Detector]:
    """One detector for each exported file, named after the file, or its path if two file names are equal.

    Args:
        models: the files.
        reader: a recogniser's exported file that reads what they find; none if empty.

    Raises:
        InputError: a file cannot be used, or is given twice.
    """
    detectors = []
    for name, model in zip(names_of("model", models), models, strict=True):
        size = OnnxRuntimeEngine(model).card.transform["long_side"]
        version = f"{file_sha256(Path(model))[:12]}, long side {size}, {packages('onnxruntime')}"
        start: partial[Find] | partial[ReadPage] = partial(load, Path(model))
        if reader:
            version = f"{version}; {Path(reader).stem} {file_sha256(Path(reader))[:12]}"
            start = partial(page_peers.ours, Path(model), Path(reader))
        detectors.append(Detector(f"ours: {name}", version, start))
    return detectors


def load(model: Path) -> Find:
    """An exported file, ready to run."""
    find, _ = ours(model)
    return find


def peer_detectors(given: Mapping[str, str], kept: Path) -> tuple[list[Detector], dict[str, str]]:
    """The peers that can be run, and why the others cannot.

    Raises:
        InputError: a peer is unknown.
    """
    peers: Mapping[str, Peer[Any]] = page_peers.PEERS if given["reader"] else PEERS
    chosen, missing = chosen_peers(",".join(peers) if given["peers"] == "all" else given["peers"], peers)
    limits = {key: whole("easyocr_n", given["easyocr_n"]) for key, _, _ in chosen if key in SLOW}
    fresh = given["fresh"] == "true"
    detectors = [
        Detector(peer.name, version, peer.start, kept=kept, fresh=fresh, machine=cpu(), limit=limits.get(key))
        for key, peer, version in chosen
    ]
    return detectors, missing


def find_all(detectors: Sequence[Detector], paths: Mapping[str, Path]) -> dict[str, dict[str, Found]]:
    """The results of each detector for each image, by detector and image name; one image after the other."""
    found: dict[str, dict[str, Found]] = {detector.name: {} for detector in detectors}
    for number, (name, path) in enumerate(track(paths.items(), "images", len(paths), console=Console(stderr=True))):
        asked = [detector for detector in detectors if detector.limit is None or number < detector.limit]
        first = number % max(len(asked), 1)
        for detector in (*asked[first:], *asked[:first]):
            found[detector.name][name] = detector(path)
    return found


def draw_picture(path: Path, name: str, regions: Sequence[Word], standings: Sequence[Standing], file: Path) -> None:
    """Draw the ground truth, then each detector's result.

    Args:
        path: the image file.
        name: the image's.
        regions: ground truth.
        standings: detectors that did not run on this image are left out.
        file: the picture.
    """
    panels = [("ground truth", draw_overlay(path, [], regions))]
    polygons = [region.points_N2 for region in regions]
    for standing in standings:
        if name in standing.found:
            cleval, iou = standing.counts[name].cleval.hmean, standing.counts[name].iou[0].hmean
            label = f"{standing.name}\nCLEval {100 * cleval:.1f}, IoU50 {100 * iou:.1f}"
            panels.append((label, draw_outcomes(path, regions, detections_of(standing.found[name]))))
            if standing.readings:
                read = standing.image_report(name)["figures"]
                label = (
                    f"lines right {100 * read['text_all/line_accuracy']:.1f}\nCER {100 * read['text_all/cer_bare']:.1f}"
                )
                panels.append((label, draw_texts(panels[0][1].shape[:2], regions, standing.found[name].words)))
            polygons += standing.found[name].polygons
    window = text_window(polygons, panels[0][1])
    save_image(side_by_side([(label, image_HWC[window]) for label, image_HWC in panels]), file)


def images_named(given: Mapping[str, str], known: Container[str]) -> list[str]:
    """The images that ``images`` names.

    Raises:
        InputError: one is not among those compared.
    """
    names = several(given["images"])
    if unknown := [name for name in names if name not in known]:
        raise InputError(f"images={given['images']}: {unknown[0]!r} is not among the images compared")
    return names


def compare_facts(
    finders: Mapping[str, Finder],
    records: Mapping[str, Record],
    truth: Mapping[str, Sequence[Word]],
    standings: Sequence[Standing],
) -> dict[str, dict[str, dict[str, float]]]:
    """Find facts; print a table for the annotated texts and one for each detector that reads.

    Args:
        finders: what finds them, by name.
        records: what the receipts say, by the image's name.
        truth: their regions.
        standings: of the detectors.

    Returns:
        The figures by source of the texts, finder and name.
    """
    sources = {"annotated texts": truth}
    sources |= {each.name: {name: one.words for name, one in each.found.items()} for each in standings if each.readings}
    figures, console = {}, table_console()
    for source, texts in sources.items():
        compared = {name: records[name] for name in texts if facts_of_record(records[name]).known}
        found = find_facts(finders, {name: texts[name] for name in compared}, source)
        console.print(table(f"facts, {source}", found, compared))
        figures[source] = {finder: figures_of(extractions, compared) for finder, extractions in found.items()}
    return figures


def write_result(standings: Sequence[Standing], names: Sequence[str], about: Mapping[str, Any], path: Path) -> None:
    """Write the figures of each detector, overall and per image, as JSON."""
    content = {
        **about,
        "detectors": {standing.name: standing.report() for standing in standings},
        "per_image": {
            name: {each.name: each.image_report(name) for each in standings if name in each.found} for name in names
        },
    }
    with whole_file(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main(given: Mapping[str, str]) -> None:
    """Find, score, print, write, draw.

    Raises:
        InputError: an option is invalid.
    """
    cv2.setNumThreads(1)
    if given["reader"] and not Path(given["reader"]).is_file():
        raise InputError(f"reader={given['reader']}: no such file; give a recogniser that runners/export.py wrote")
    output, data = Path(given["output"]), Path(given["data"])
    annotation, images = data / "jsons" / f"{given['split']}.json", data / "images" / given["split"]
    records = {record.image_path.relative_to(images).as_posix(): record for record in read_native(annotation, images)}
    names = list(records)[: whole("n", given["n"])] if given["n"] else list(records)
    truth = {name: regions_of(records[name], cast(Granularity, given["granularity"])) for name in names}
    worst, pictures = whole("worst", given["worst"], 0), images_named(given, truth)
    mine, reads = our_detectors(several(given["model"]), given["reader"]), bool(given["reader"])
    peers, missing = peer_detectors(given, output / ("kept_readings" if given["reader"] else "kept"))
    detectors = [*mine, *peers]
    if not names or not detectors:
        raise InputError("nothing to compare: give at least one image and one detector that can be run")
    finders = load_finders("facts", several(given["facts"]))
    if finders and not any(facts_of_record(records[name]).known for name in names):
        raise InputError(
            f"facts={given['facts']}: no word of the compared images has a 'field', and no image 'fields'; "
            "leave it out, or choose data that have them"
        )
    found = find_all(detectors, {name: records[name].image_path for name in names})
    standings = [Standing.of(detector, found[detector.name], truth, reads=reads) for detector in detectors]
    columns = READING_FIGURES if reads else FIGURES
    print_table(standings[: len(mine)], standings[len(mine) :], missing, columns)
    for standing in standings if reads else []:
        write_readings(standing, records, output / "predictions")
    facts = compare_facts(finders, records, truth, standings) if finders else {}
    about = {
        "options": dict(given),
        "annotation_sha256": file_sha256(annotation),
        "revision": git_revision(),
        "processor": cpu(),
        "python": platform.python_version(),
        "not_run": missing,
        "facts": facts,
    }
    write_result(standings, names, about, output / "compare.json")
    for name in pictures or standings[0].worst_first()[:worst]:
        draw_picture(records[name].image_path, name, truth[name], standings, output / "pictures" / f"{name}.png")
    print(f"figures of each image: {output / 'compare.json'}; pictures: {output / 'pictures'}")


if __name__ == "__main__":
    run(lambda arguments: main(options(arguments)))
