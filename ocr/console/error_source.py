"""Choose what the page Errors compares: the predictions of a file, or of a run's network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from ocr.console.settings import ConsoleSettings
from ocr.console.shared import all_runs, badge, name_of
from ocr.console.show import plain, problem, remembered, working
from ocr.pipeline.data_samples import split_names
from ocr.pipeline.jobs import last_words
from ocr.pipeline.split_predictions import SplitPredictions
from ocr.types import InputError

RUN, FILE = "a run", "a file"
GRANULARITIES = ("line", "word")


@dataclass(frozen=True, slots=True)
class Source:
    """What is compared.

    Attributes:
        truth: annotation file.
        predictions: file in the same format.
        images: folder of the images; empty: as in a native data set.
        granularity: unit of a region of the truth.
    """

    truth: str
    predictions: str
    images: str
    granularity: Any


def chosen(settings: ConsoleSettings) -> Source | None:
    """What is to be compared; ``None`` as long as there are no predictions, which the page then says."""
    given = "predictions" in st.query_params
    with st.container(border=True):
        of = st.segmented_control("Predictions of", [RUN, FILE], default=FILE if given else RUN, required=True)
        return of_file(settings) if of == FILE else of_run(settings)


def of_file(settings: ConsoleSettings) -> Source | None:
    """Files that are named."""
    columns = st.columns([3, 3, 3, 1])
    with columns[0]:
        truth = remembered("truth", "Ground truth", str(Path(settings.data, "jsons", "val.json")))
    with columns[1]:
        predictions = remembered("predictions", "Predictions", "", help="A file in the native format.")
    with columns[2]:
        images = remembered("images", "Images", "", help="Their folder; empty: images/<split>/ beside jsons/.")
    with columns[3]:
        granularity = st.selectbox("Regions", GRANULARITIES, help="What a region of the truth is.")
    if not predictions:
        st.info("Give the predictions of a split: `predictions.json` as `runners/predict.py` and `read.py` write it.")
        return None
    return Source(truth, predictions, images, granularity)


def of_run(settings: ConsoleSettings) -> Source | None:
    """The best network of a run on a split of its data, whose predictions are made on request and kept in the run."""
    runs = {
        name_of(run, settings.runs): run
        for run in all_runs(settings.runs)
        if (run.folder / "checkpoints" / "best.ckpt").exists()
    }
    if not runs:
        st.info("No run has a network yet; give the predictions of a file.")
        return None
    first, second, third = st.columns([4, 1, 1])
    with first:
        name = st.selectbox("Run", list(runs), key="run", bind="query-params")
    folder = runs[name].folder
    try:
        root = SplitPredictions.of(folder, "").root
        if not root.exists():
            raise InputError(f"{root}: no such folder; the run's data have been moved or deleted")
        with second:
            split = st.selectbox("Split", sorted(split_names(root), key=lambda split: split != "val"))
        wanted = SplitPredictions.of(folder, split)
        with third:
            likely = GRANULARITIES.index(wanted.granularity)
            granularity = st.selectbox("Regions", GRANULARITIES, likely, key=f"regions of {name}", help="Of the truth.")
        st.caption(f"{badge(runs[name].state)} network: checkpoints/{wanted.checkpoint.name}, {wanted.made}")
        return ready(replace(wanted, granularity=granularity)) if split else None
    except InputError as error:
        problem(error)
        return None


def ready(wanted: SplitPredictions) -> Source | None:
    """The predictions, if there are any; otherwise how far they are, or the button that makes them.

    Raises:
        InputError: they cannot be made.
    """
    state = wanted.state
    if state == "running":
        working(wanted.log, f"Finding what the network sees in {wanted.split}")
        return None
    if state == "failed":
        st.error(plain(last_words(wanted.log)))
    if state == "outdated":
        st.warning("The run has a better network since these predictions were made.")
    find = "Find the errors"
    labels = {"none": find, "cancelled": find, "failed": "Try again", "outdated": f"{find} of the new one"}
    if state in labels and st.button(labels[state], type="primary"):
        wanted.start()
        st.rerun()
    if state not in {"ready", "outdated"}:
        return None
    return Source(str(wanted.truth), str(wanted.predictions), str(wanted.images), wanted.granularity)
