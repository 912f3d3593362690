"""Compare our recognisers with their peers on the same lines: true boxes, one thread, one metric.

    .venv-bench/bin/python benchmarks/reading.py model=weights/lines.onnx data=mine split=val granularity=word \
        [companies=sroie/entities] [n=15] [peers=v4,v6-tiny,v6-small,easyocr,tesseract]

Every recogniser reads the annotated lines of every image, in an order that rotates from image to image; times are from
the decoded image to the texts, crops and decoding included. ``companies=`` is SROIE's folder of entities: the receipts
whose company has none in the training split are then counted apart, because a recogniser that was trained on a shop's
receipts knows its words. Texts and times of a peer are kept below ``output`` by its version, the CPU, the image and its
lines. If some read fewer images than others, a second table has the images that all have read.

    slow_n=25          images for EasyOCR and Tesseract
    worst=300          lines in worst.html, of those that the first recogniser reads wrong; its confusions are printed
    output=outputs/reading
"""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import cv2
from rich.console import Console
from rich.progress import track

from benchmarks.line_peers import PEERS
from benchmarks.line_readers import Reader, lines_digest, our_readers, peer_readers
from benchmarks.options import parsed, run, several, table_console, whole
from benchmarks.reading_report import confusion_table, read_by_all, table, write_worst
from benchmarks.run import cpu
from ocr.data.regions import Granularity, regions_of
from ocr.formats.native import read_native
from ocr.images.decode import MAX_PIXELS, read_picture
from ocr.metrics.text import text_figures
from ocr.types import InputError
from ocr.utils.digest import file_sha256
from ocr.utils.provenance import git_revision
from ocr.utils.whole_file import whole_file

OPTIONS = {
    "model": "weights/lines.onnx",
    "data": "mine",
    "split": "val",
    "n": "",
    "peers": ",".join(PEERS),
    "slow_n": "25",
    "worst": "300",
    "output": "outputs/reading",
    "granularity": "word",
    "companies": "",
    "fresh": "false",
}


PATHS = frozenset({"model", "data", "output", "companies"})


def options(arguments: Sequence[str]) -> dict[str, str]:
    """The command line's options over `OPTIONS`.

    Raises:
        InputError: as `parsed`.
    """
    return parsed(arguments, OPTIONS, PATHS)


def new_companies(folder: Path, data: Path, names: Sequence[str]) -> list[str]:
    """The images whose company, letters and digits alone, has no receipt in the training split.

    Args:
        folder: SROIE's ``entities``, a JSON file an image.
        data: the data set, with the split ``train``.
        names: images of the compared split.
    """

    def company(name: str) -> str:
        entities = json.loads((folder / f"{Path(name).stem}.json").read_text(encoding="utf-8"))
        return re.sub(r"[\W_]+", "", entities.get("company", "")).casefold()

    training = json.loads((data / "jsons" / "train.json").read_text(encoding="utf-8"))["images"]
    known = {company(name) for name in training}
    return [name for name in names if company(name) not in known]


def parts_of(
    readers: Sequence[Reader], given: Mapping[str, str], data: Path, names: Sequence[str]
) -> dict[str, Sequence[str]]:
    """The images of each table, by its title."""
    parts: dict[str, Sequence[str]] = {"all": names}
    if given["companies"]:
        new = new_companies(Path(given["companies"]), data, names)
        parts["companies without a receipt in the training split"] = new
    for title, part in list(parts.items()):
        common = read_by_all(readers, part)
        if len(common) < len(part):
            parts[f"{title}, read by every recogniser"] = common
    return parts


def main(given: Mapping[str, str]) -> None:
    """Read, score, print, write, draw.

    Raises:
        InputError: an option is invalid.
    """
    cv2.setNumThreads(1)
    output, data = Path(given["output"]), Path(given["data"])
    annotation, images = data / "jsons" / f"{given['split']}.json", data / "images" / given["split"]
    records = {record.image_path.relative_to(images).as_posix(): record for record in read_native(annotation, images)}
    names = list(records)[: whole("n", given["n"])] if given["n"] else list(records)
    truth = {
        name: [word for word in regions_of(record, cast(Granularity, given["granularity"])) if word.readable]
        for name, record in records.items()
    }
    mine = our_readers(several(given["model"]))
    peers, missing = peer_readers(given, output / "kept")
    readers, digest = [*mine, *peers], file_sha256(annotation)
    if not readers:
        raise InputError(f"model={given['model']} peers={given['peers']}: nothing that can read here; name a model")
    digests = {name: lines_digest(digest, given["granularity"], words) for name, words in truth.items()}
    for reader in readers if given["fresh"] == "false" else []:
        reader.load(digests)
    for number, name in enumerate(track(names, "images", console=Console(stderr=True))):
        picture = read_picture(records[name].image_path.read_bytes(), float("inf"), MAX_PIXELS)
        first = number % len(readers)
        for reader in (*readers[first:], *readers[:first]):
            if reader.limit is None or number < reader.limit:
                reader(name, picture.image_HWC, truth[name])
    for reader in peers:
        reader.keep(digests)
    parts = parts_of(readers, given, data, names)
    console = table_console()
    for title, part in parts.items():
        console.print(f"\n{title}: {len(part)} images")
        console.print(table(readers, truth, part))
    console.print(f"\nconfusions of {readers[0].name}")
    console.print(confusion_table(readers[0], truth, names))
    for name, reason in missing.items():
        console.print(f"not run: {name}: {reason}")
    report = {
        "options": dict(given),
        "annotation_sha256": digest,
        "revision": git_revision(),
        "processor": cpu(),
        "python": platform.python_version(),
        "not_run": missing,
        "readers": {
            reader.name: {
                "version": reader.version,
                **{title: text_figures(reader.counts(truth, part)) for title, part in parts.items()},
            }
            for reader in readers
        },
    }
    with whole_file(output / "reading.json") as temporary:
        temporary.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_worst(readers[0], records, truth, whole("worst", given["worst"], 0), output / "worst.html")
    print(f"figures: {output / 'reading.json'}; the worst lines of {readers[0].name}: {output / 'worst.html'}")


if __name__ == "__main__":
    run(lambda arguments: main(options(arguments)))
