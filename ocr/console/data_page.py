"""The page Data."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from ocr.console.settings import ConsoleSettings
from ocr.console.show import Stamp, foreign, framed, plain, problem, remembered, stamp, working
from ocr.pipeline.check_reports import REPORT, CheckReport, latest_log, reports_of, start_check
from ocr.pipeline.data_samples import SplitNumbers, SplitSamples, numbers_of, split_names
from ocr.pipeline.jobs import is_running, last_words, was_cancelled
from ocr.types import InputError

SHOWN = 12
"""Images on a page of samples."""
LONG_SIDE = 480
"""Pixels of the longer side of each."""
WIDTH = 160
"""CSS pixels of its width."""
HEIGHT = 760
"""CSS pixels of a frame."""
EVERY = "all kinds"


def data_page(settings: ConsoleSettings) -> None:
    """Show what a data folder holds, and what its check says."""
    st.title("Data")
    root = Path(remembered("folder", "Data folder", settings.data, "With images/<split>/ and jsons/<split>.json."))
    if str(root) == ConsoleSettings().data and not root.exists():
        st.info(
            "There are no data yet. Run `make data` in a terminal to get 1,000 synthetic receipts in `data`, or name "
            "the folder of your own data above; `docs/how-to/own-data.md` says how to make one."
        )
        return
    try:
        names = split_names(root)
    except InputError as error:
        problem(error)
        return
    samples, numbers, check = st.tabs(["Samples", "Statistics", "Check"])
    with samples:
        show_samples(root, names)
    with numbers:
        show_numbers(root, names)
    with check:
        show_check(Path(settings.runs), root)


@st.cache_resource(show_spinner="Reading the annotation …", max_entries=6)
def opened(root: str, split: str, *_: tuple[str, int, int]) -> tuple[SplitSamples, SplitNumbers]:
    """A split and its numbers, read anew when the annotation has changed."""
    samples = SplitSamples.of(Path(root), split)
    return samples, numbers_of(samples)


def split_of(root: Path, split: str) -> tuple[SplitSamples, SplitNumbers]:
    """As `opened`.

    Raises:
        InputError: the annotation cannot be read.
    """
    return opened(str(root), split, stamp(str(root / "jsons" / f"{split}.json")))


def show_samples(root: Path, splits: list[str]) -> None:
    """The images of a split with their regions, a page of them at a time, and one as large as wanted."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        split = st.segmented_control("Split", splits, default=splits[0], required=True)
        try:
            samples, _ = split_of(root, split)
        except InputError as error:
            problem(error)
            return
        pages = max(-(-len(samples.records) // SHOWN), 1)
        number = st.number_input(f"Page, of {pages}", 1, pages, key=f"page of {split}", width=160)
    for message in samples.broken:
        st.warning(plain(message))
    names = list(samples.records)[(number - 1) * SHOWN : number * SHOWN]
    if not names:
        st.write("The annotation has no image.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name in names:
            with st.container(width=WIDTH):
                show_thumbnail(samples, name, root / "jsons" / f"{split}.json")
    name = st.selectbox("Look at", names)
    try:
        framed(samples.page(name), HEIGHT, f"{name} with its regions")
    except InputError as error:
        problem(error)


def show_thumbnail(samples: SplitSamples, name: str, annotation: Path) -> None:
    """A small image with the regions of the annotation, or why it cannot be read."""
    try:
        of = stamp(str(samples.folder / name)), stamp(str(annotation))
        st.image(thumbnail(samples, name, of), width="stretch")
    except InputError as error:
        problem(error)
    st.caption(plain(f"{name}: {len(samples.records[name].words)} regions"))


@st.cache_data(show_spinner=False, max_entries=10 * SHOWN)
def thumbnail(_samples: SplitSamples, name: str, of: tuple[Stamp, Stamp]) -> Any:
    """A small image with its regions; `of`, the stamps of image and annotation, says which (``_samples`` does not)."""
    del of
    return _samples.thumbnail(name, LONG_SIDE)


def show_numbers(root: Path, splits: list[str]) -> None:
    """The numbers of all splits beside each other, and the characters and fields of one."""
    found: dict[str, SplitNumbers] = {}
    for split in splits:
        try:
            found[split] = split_of(root, split)[1]
        except InputError as error:
            problem(error)
    if not found:
        return
    st.dataframe([{"split": split, **each.counts} for split, each in found.items()], hide_index=True)
    st.caption("Sizes: least, percentiles and most, in pixels or as counted")
    st.dataframe(
        [
            {"": measure, "split": split, **percentiles}
            for measure in next(iter(found.values())).spreads
            for split, each in found.items()
            if (percentiles := each.spreads[measure])
        ],
        hide_index=True,
    )
    numbers = found[st.segmented_control("Of split", list(found), default=next(iter(found)), required=True)]
    left, right = st.columns(2)
    with left:
        show_counter(f"{len(numbers.characters)} characters", "character", numbers.characters, named=True)
    with right:
        show_counter(f"{len(numbers.fields)} fields of receipts", "field", numbers.fields)
        show_counter(f"{len(numbers.labels)} labels of regions", "label", numbers.labels)


def show_counter(title: str, what: str, counter: Mapping[str, int], *, named: bool = False) -> None:
    """What was counted, the most frequent first; characters with their names."""
    st.caption(title)
    if not counter:
        return
    rows = sorted(counter.items(), key=lambda each: (-each[1], each[0]))
    names = {key: {"name": unicodedata.name(key, "")} if named else {} for key in counter}
    most = rows[0][1]
    st.dataframe(
        [{what: key, **names[key], "number": number, "": number} for key, number in rows],
        hide_index=True,
        column_config={"": st.column_config.ProgressColumn(format=" ", min_value=0, max_value=most)},
    )


def show_check(runs: Path, root: Path) -> None:
    """The stored reports of the data check, and the button that makes another one."""
    log = latest_log(runs, root)
    running = log is not None and is_running(log)
    if st.button(
        "Check the data now", disabled=running, help="All splits, as `make data-check`: see its report below."
    ):
        try:
            start_check(runs, root)
            st.rerun()
        except InputError as error:
            problem(error)
    if log and running:
        working(log, "Checking")
    elif log and was_cancelled(log):
        st.info("The last check was cancelled.")
    elif log and not (log.parent / REPORT).exists():
        problem(last_words(log))
    reports = reports_of(runs, root)
    if not reports:
        st.info("There is no report on this folder yet.")
        return
    labels = [f"{report.made:%Y-%m-%d %H:%M:%S}: {report.folder}" for report in reports]
    place = st.selectbox("Report", range(len(reports)), format_func=labels.__getitem__)
    show_report(reports[place])


def show_report(report: CheckReport) -> None:
    """What a check found, kind by kind, and its page with the pictures."""
    with st.container(horizontal=True):
        for severity, count in report.severities.items():
            st.metric(f"{severity}s", plain(str(count)), width="content")
    kinds: Mapping[str, Any] = report.content["kinds"]
    if not kinds:
        st.success("Nothing was found.")
    else:
        columns = ("severity", "count", "images", "meaning", "fix")
        st.dataframe(
            [{"kind": kind, **{name: about.get(name) for name in columns}} for kind, about in kinds.items()],
            hide_index=True,
        )
        kind = st.selectbox("Findings of", [EVERY, *kinds])
        findings = [each for each in report.content.get("findings", []) if kind in (EVERY, each.get("kind"))]
        st.dataframe(findings, hide_index=True)
    if page := report.page:
        with st.expander("Report with pictures and charts"):
            foreign(page, HEIGHT, "report of the data check")
