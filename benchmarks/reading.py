"""Compare our recognisers with their peers on the same lines: true boxes, one thread, one metric.

    .venv-bench/bin/python benchmarks/reading.py model=weights/lines.onnx data=mine split=val granularity=word \
        [companies=sroie/entities] [n=15] [peers=v4,v6-tiny,v6-small,easyocr,tesseract]

Every recogniser reads the annotated lines of every image, in an order that rotates from image to image; times are from
the decoded image to the texts, crops and decoding included. ``companies=`` is SROIE's folder of entities: the receipts
whose company has none in the training split are then counted apart, because a recogniser that was trained on a shop's
receipts knows its words. Texts and times of a peer are kept below ``output`` by its version, the CPU and the image.

    slow_n=25          images for EasyOCR and Tesseract
    worst=60           the lines that the first recogniser reads worst, drawn
    output=outputs/reading
"""

from __future__ import annotations

import datetime
import json
import platform
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from PIL import Image, ImageDraw
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from benchmarks.compare import several, whole
from benchmarks.line_peers import PEERS, ReadLines
from benchmarks.peers import Missing, packages
from benchmarks.run import cpu
from ocr.data.regions import Granularity, regions_of
from ocr.formats.native import read_native
from ocr.images.crops import LineCrop
from ocr.images.decode import MAX_PIXELS, read_picture
from ocr.metrics.text import TextCounts, compare_texts, text_figures
from ocr.pipeline.recognizer import LineReader
from ocr.types import InputError, Record, UInt8Array, Word
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
    "worst": "60",
    "output": "outputs/reading",
    "granularity": "word",
    "companies": "",
    "fresh": "false",
}
SLOW = ("easyocr", "tesseract")
FIGURES = {
    "line accuracy": "text/line_accuracy",
    "CER": "text/cer_folded",
    "CER ns": "text/cer_bare",
    "amounts wrong": "text/amounts_wrong",
}
"""Title of each column of figures, in percent, and the figure's name."""


@dataclass(slots=True)
class Reader:
    """One row of the table.

    Attributes:
        name: as the table has it.
        version: what decides its output.
        start: loads it.
        kept: file with texts and times by image; ``None``: nothing is kept.
        limit: maximum number of images; ``None``: all.
        texts: what was read, by image.
        seconds: time of each image.
    """

    name: str
    version: str
    start: Callable[[], ReadLines]
    kept: Path | None = None
    limit: int | None = None
    texts: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    read: ReadLines | None = None

    def __call__(self, name: str, image_HWC: UInt8Array, words: Sequence[Word]) -> None:
        """Read the lines of an image, unless that is kept from before."""
        if name in self.texts:
            return
        self.read = self.read or self.start()
        started = time.perf_counter()
        self.texts[name] = self.read(image_HWC, [word.points_N2 for word in words])
        self.seconds[name] = time.perf_counter() - started

    def load(self, digest: str) -> None:
        """Take texts and times of an earlier run over the same annotation."""
        if self.kept is not None and self.kept.is_file():
            content = json.loads(self.kept.read_text(encoding="utf-8"))
            if content["annotation_sha256"] == digest:
                self.texts, self.seconds = content["texts"], content["seconds"]

    def keep(self, digest: str) -> None:
        """Write texts and times for a later run."""
        if self.kept is None:
            return
        content = {
            "annotation_sha256": digest,
            "measured": datetime.date.today().isoformat(),
            "texts": self.texts,
            "seconds": self.seconds,
        }
        with whole_file(self.kept) as temporary:
            temporary.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    def counts(self, truth: Mapping[str, Sequence[Word]], names: Sequence[str]) -> list[TextCounts]:
        """Counts of the lines of the images that it has read."""
        return [
            compare_texts(word.text or "", text)
            for name in names
            if name in self.texts
            for word, text in zip(truth[name], self.texts[name], strict=True)
        ]


def options(arguments: Sequence[str]) -> dict[str, str]:
    """``name=value`` arguments over `OPTIONS`.

    Raises:
        InputError: one has no ``=`` or is not known.
    """
    given = dict(OPTIONS)
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if not equals or name not in OPTIONS:
            raise InputError(f"{argument}: unknown option; use {' '.join(f'{known}=' for known in OPTIONS)}")
        given[name] = value
    return given


def our_readers(models: Sequence[str]) -> list[Reader]:
    """One row for each of our files."""

    def start(model: str) -> ReadLines:
        reader = LineReader.load(model, threads=1)
        return lambda image_HWC, polygons: [reading.text for reading in reader.read(image_HWC, polygons)]

    return [
        Reader(f"ours: {model}", f"{file_sha256(Path(model))[:12]}, {packages('onnxruntime')}", partial(start, model))
        for model in models
    ]


def peer_readers(given: Mapping[str, str], folder: Path) -> tuple[list[Reader], dict[str, str]]:
    """The peers that can be run, and why the others cannot.

    Raises:
        InputError: a peer is unknown.
    """
    readers, missing = [], {}
    for key in several(given["peers"]):
        if key not in PEERS:
            raise InputError(f"peers={given['peers']}: {key!r} is unknown; use {','.join(PEERS)}, or none")
        peer = PEERS[key]
        try:
            version = peer.version()
        except Missing as reason:
            missing[peer.name] = str(reason)
            continue
        kept = folder / (re.sub(r"[^\w.-]+", "_", f"{peer.name} {version} {cpu()}") + ".json")
        limit = whole("slow_n", given["slow_n"]) if key in SLOW else None
        readers.append(Reader(peer.name, version, peer.start, kept, limit))
    return readers, missing


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


def table(readers: Sequence[Reader], truth: Mapping[str, Sequence[Word]], names: Sequence[str]) -> Table:
    """The figures of each reader over some images, as Markdown."""
    rows = Table("recogniser", "version", *FIGURES, "ms a line (quartiles)", "lines", box=box.MARKDOWN)
    for reader in readers:
        counts = reader.counts(truth, names)
        figures = text_figures(counts)
        each = [1000 * reader.seconds[n] / len(truth[n]) for n in names if n in reader.seconds and truth[n]]
        low, median, high = np.percentile(each, [25, 50, 75]) if each else (0, 0, 0)
        cells = [f"{100 * figures[figure]:.2f}" for figure in FIGURES.values()]
        time_ms = f"{median:.1f} ({low:.1f} to {high:.1f})"
        rows.add_row(*map(escape, (reader.name, reader.version, *cells, time_ms, str(len(counts)))))
    return rows


def draw_worst(
    reader: Reader, records: Mapping[str, Record], truth: Mapping[str, Sequence[Word]], count: int, file: Path
) -> None:
    """Draw the lines that were read worst: the crop, the truth, and below it what was read."""
    wrong = []
    for name, texts in reader.texts.items():
        for number, (word, text) in enumerate(zip(truth[name], texts, strict=True)):
            line = compare_texts(word.text or "", text)
            if not line.bare_exact:
                wrong.append((line.bare_edits / max(line.bare_characters, 1), name, number))
    crop, rows = LineCrop(squeeze=1.0), []
    for _, name, number in sorted(wrong, reverse=True)[:count]:
        picture = read_picture(records[name].image_path.read_bytes(), float("inf"), MAX_PIXELS)
        word = truth[name][number]
        line_HWC = crop(picture.image_HWC, word.points_N2)[:, :600]
        row = Image.new("RGB", (1200, 36), "white")
        row.paste(Image.fromarray(line_HWC), (0, 2))
        drawing = ImageDraw.Draw(row)
        drawing.text((610, 2), f"{name}: {word.text}"[:95], fill="black")
        drawing.text((610, 18), reader.texts[name][number][:95], fill="red")
        rows.append(np.asarray(row))
    if rows:
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.concatenate(rows)).save(file)


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
        name: [
            word
            for word in regions_of(records[name], cast(Granularity, given["granularity"]))
            if word.text is not None and not word.ignore
        ]
        for name in names
    }
    mine = our_readers(several(given["model"]))
    peers, missing = peer_readers(given, output / "kept")
    readers, digest = [*mine, *peers], file_sha256(annotation)
    for reader in readers if given["fresh"] == "false" else []:
        reader.load(digest)
    for number, name in enumerate(track(names, "images", console=Console(stderr=True))):
        picture = read_picture(records[name].image_path.read_bytes(), float("inf"), MAX_PIXELS)
        first = number % len(readers)
        for reader in (*readers[first:], *readers[:first]):
            if reader.limit is None or number < reader.limit:
                reader(name, picture.image_HWC, truth[name])
    for reader in peers:
        reader.keep(digest)
    parts = {"all": names}
    if given["companies"]:
        parts["companies without a receipt in the training split"] = new_companies(
            Path(given["companies"]), data, names
        )
    console = Console(width=None if sys.stdout.isatty() else 320)
    for title, part in parts.items():
        console.print(f"\n{title}: {len(part)} images")
        console.print(table(readers, truth, part))
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
    if readers:
        draw_worst(readers[0], records, truth, whole("worst", given["worst"], 0), output / "worst.png")
    print(f"figures: {output / 'reading.json'}; the worst lines of {readers[0].name}: {output / 'worst.png'}")


if __name__ == "__main__":
    try:
        main(options(sys.argv[1:]))
    except InputError as error:
        sys.exit(f"{type(error).__name__}: {error}")
