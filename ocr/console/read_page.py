"""The page Read."""

from __future__ import annotations

import threading
from typing import Any

import streamlit as st

from ocr.console.settings import ConsoleSettings
from ocr.console.show import framed, plain, problem, remembered, stamp, wrapped
from ocr.pipeline.layout import page_text
from ocr.pipeline.loading import default_weights
from ocr.pipeline.one_file import MAX_BYTES, MAX_PAGES, MAX_PIXELS, FileRead, OneFile
from ocr.pipeline.read_settings import FORMATS, ReadSettings
from ocr.report.zoom import page_outlines, zoom_page
from ocr.types import InputError

ENGINE = "onnxruntime"
KOREAN = "Likewise; `weights/korean.onnx` reads Korean."
"""Of the shipped networks: it needs no torch and starts in a moment."""
READ = "file that was read"
"""Key of the session's state: what was read, as long as the file is there."""
Downloads = dict[str, dict[str, bytes]]
"""By format: the files by their names."""
HEIGHT = 760
"""CSS pixels of a picture's frame."""
VERDICTS = {"consistent": "The amounts add up.", "inconsistent": "The amounts do not add up.",
            "unknown": "It cannot be said whether the amounts add up."}  # fmt: skip


def read_page(settings: ConsoleSettings) -> None:
    """Read a file that is dropped; nothing of it is kept but in the memory of the session."""
    del settings
    st.title("Read")
    networks = chosen_networks()
    given = st.file_uploader(
        "A photo or a document",
        max_upload_size=MAX_BYTES // 1_000_000,
        help=f"An image, a PDF, TIFF or HEIC of at most {MAX_PAGES} pages of {MAX_PIXELS // 1_000_000} million pixels. "
        "It stays in this computer's memory until it is removed or the page is left.",
    )
    if given is None:
        st.session_state.pop(READ, None)
        return
    try:
        reader, turn = loaded(*networks, *map(stamp, networks))
        with turn:
            file, downloads = read_once(reader, given, networks, st.empty())
            number, image_HWC = chosen_page(reader, file)
    except InputError as error:
        st.session_state.pop(READ, None)
        problem(error)
        return
    for message in file.left_out:
        st.warning(plain(message))
    page = file.pages[number].page
    left, right = st.columns([3, 2])
    with left:
        drawn = zoom_page(f"{file.name}, page {number}", image_HWC, page.size, page_outlines(page))
        framed(drawn, HEIGHT, f"page {number} with what was read")
    with right:
        show_page(page, downloads)


def chosen_networks() -> tuple[str, str, str]:
    """The files of detector, recogniser and extractor."""
    with st.expander("Networks"):
        detector = remembered("detector", "Detector", str(default_weights(ENGINE)), "A checkpoint or a weights file.")
        recogniser = remembered("recogniser", "Recogniser", str(default_weights(ENGINE, "lines")), KOREAN)
        extractor = remembered(
            "extractor", "Extractor", "", "Likewise, or `rules`, or `false`: none; empty: the shipped one."
        )
    return detector, recogniser, extractor


@st.cache_resource(show_spinner="Loading the networks …", max_entries=2)
def loaded(detector: str, recogniser: str, extractor: str, *_: tuple[str, int, int]) -> tuple[OneFile, threading.Lock]:
    """What reads, loaded once for all sessions, and the turn to use it: one file is read at a time."""
    how = ReadSettings(detector, recogniser, extractor=extractor or None, max_pages=MAX_PAGES)
    return OneFile(how, MAX_PIXELS), threading.Lock()


def read_once(reader: OneFile, given: Any, networks: tuple[str, ...], place: Any) -> tuple[FileRead, Downloads]:
    """What was read in the file, and its downloads; it is read when it, or a network, is another one than before.

    Args:
        reader: reads it.
        given: the file.
        networks: the files of the networks.
        place: where to show how far it is; there in each run, so that what is below stays as it is.

    Raises:
        InputError: it cannot be read.
    """
    wanted = (given.file_id, *networks)
    known = st.session_state.get(READ)
    if known is None or known[0] != wanted:
        encoded = given.getvalue()
        if len(encoded) > MAX_BYTES:
            raise InputError(f"{given.name}: has {len(encoded)} bytes, more than {MAX_BYTES}; make the file smaller")
        place.progress(0.0, "Reading …")
        try:
            file = reader.open(
                encoded, given.name, lambda number, count: place.progress(number / count, f"Page {number} of {count}")
            )
            known = wanted, file, {kind: reader.results(file, kind) for kind in FORMATS}
        finally:
            place.empty()
        st.session_state[READ] = known
    return known[1], known[2]


def chosen_page(reader: OneFile, file: FileRead) -> tuple[int, Any]:
    """The number of the page to show, and its picture.

    Raises:
        InputError: it cannot be decoded again.
    """
    numbers = list(file.pages)
    number = numbers[0]
    if len(numbers) > 1:
        number = st.segmented_control("Page", numbers, default=numbers[0], required=True)
    return number, reader.picture(file, number)


def show_page(page: Any, downloads: Downloads) -> None:
    """What was read on a page, and the downloads of all pages."""
    fields, text, lines, files = st.tabs(["Fields", "Text", "Lines", "Downloads"])
    with fields:
        show_facts(page)
    with text:
        st.code(page_text(page), language=None)
    with lines:
        show_lines(page)
    with files:
        show_downloads(downloads)


def show_facts(page: Any) -> None:
    """Fields, items and sums of a page."""
    if page.facts is None:
        st.write("Fields were not looked for.")
        return
    if page.facts.fields:
        wrapped(
            [
                {"field": name, "text": fact.text, "value": fact.value, "confidence": f"{fact.confidence:.2f}"}
                for name, fact in page.facts.fields.items()
            ]
        )
    else:
        st.write("No field was found.")
    if page.facts.items:
        st.caption("Items")
        st.dataframe(
            [{name.removeprefix("menu."): fact.text for name, fact in item.items()} for item in page.facts.items],
            hide_index=True,
            width="stretch",
        )
    sums = page.facts.sums
    currency = f" Currency: {page.facts.currency}." if page.facts.currency else ""
    say = {"consistent": st.success, "inconsistent": st.error}.get(sums.verdict, st.info)
    rows = [each.text for each in sums.sums]
    rows += [f"{place}: {read} read, {chosen} taken" for place, (read, chosen) in sums.changed.items()]
    say(plain("\n".join([VERDICTS[sums.verdict] + currency, *rows])))


def show_lines(page: Any) -> None:
    """The lines of a page in reading order, with their confidences."""
    if not page.lines:
        st.write("No text was found.")
        return
    confidences = [line.confidence for line in page.lines]
    with st.container(horizontal=True):
        st.metric("lines", len(confidences), width="content")
        st.metric("mean confidence", f"{sum(confidences) / len(confidences):.3f}", width="content")
        st.metric("lowest", f"{min(confidences):.3f}", width="content")
    st.dataframe(
        [{"row": line.row + 1, "text": line.text, "confidence": line.confidence} for line in page.lines],
        hide_index=True,
        width="stretch",
        height=HEIGHT - 160,
        column_config={"row": st.column_config.NumberColumn(width="small"), "confidence": confidence_column()},
    )


def confidence_column() -> Any:
    """How a column of confidences looks."""
    return st.column_config.ProgressColumn(format="%.2f", min_value=0.0, max_value=1.0, width="small")


def show_downloads(downloads: Downloads) -> None:
    """A button for each file of each format."""
    st.caption("All pages, the bytes that `runners/read.py` writes for this file.")
    for kind, results in downloads.items():
        for name, content in results.items():
            label = plain(f"{kind}: {name}")
            st.download_button(label, content, name, on_click="ignore", key=f"download {kind} {name}")
