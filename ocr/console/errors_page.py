"""The page Errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from ocr.console.error_source import chosen
from ocr.console.settings import ConsoleSettings
from ocr.console.show import framed, plain, problem, stamp, wrapped
from ocr.pipeline.error_report import Errors, errors_of, lines_page
from ocr.pipeline.evaluate import Evaluation
from ocr.report.errors import WRONG_FIELD, ImageErrors, faults_of, with_fault
from ocr.report.zoom import zoom_errors
from ocr.types import InputError

SHOWN = {
    "cleval/hmean": "CLEval H-mean",
    "iou50/hmean": "IoU50 H-mean",
    "text_matched/line_accuracy": "found lines right",
    "text_matched/cer_bare": "wrong characters",
    "fields/same": "fields right",
    "items/tree": "items alike",
}
"""Figures above the images, as far as they are known."""
HEIGHT = 760
"""CSS pixels of a picture's frame."""
ALL = "any"
DETECTION, TEXT, FACTS = "detection", "text", "facts"
ORDERS = (DETECTION, TEXT, FACTS)


def errors_page(settings: ConsoleSettings) -> None:
    """Show the images of a split, worst first, with what was found in them."""
    st.title("Errors")
    wanted = chosen(settings)
    if wanted is None:
        return
    files = stamp(wanted.truth), stamp(wanted.predictions)
    try:
        errors = compared(wanted.truth, wanted.predictions, wanted.images, wanted.granularity, *files)
    except InputError as error:
        problem(error)
        return
    for warning in errors.warnings:
        st.warning(plain(warning))
    show_figures(errors)
    images = filtered(ordered(errors.images))
    if not images:
        st.success("No image of the split is of that kind.")
        return
    with st.expander(f"Table of {len(images)} images"):
        st.dataframe([row(image) for image in images], hide_index=True)
    names = [image.name for image in images]
    labels = {image.name: label(image) for image in images}
    name = st.selectbox("Image, worst first", names, format_func=labels.__getitem__)
    show_image(images[names.index(name)], errors, *files, wanted.granularity)


@st.cache_resource(show_spinner="Comparing the predictions with the truth …", max_entries=4)
def compared(truth: str, predictions: str, images: str, granularity: Any, *_: tuple[str, int, int]) -> Errors:
    """The errors; computed anew when a file has changed."""
    return errors_of(Evaluation(truth, predictions, granularity, (0.5, 0.7), images=images or None))


def show_figures(errors: Errors) -> None:
    """The main figures of all images."""
    known = {title: errors.figures[name] for name, title in SHOWN.items() if name in errors.figures}
    with st.container(horizontal=True):
        st.metric("images", len(errors.images), width="content")
        for title, value in known.items():
            st.metric(title, f"{100 * value:.2f} %", width="content")


def filtered(images: Sequence[ImageErrors]) -> list[ImageErrors]:
    """The images that have all of the chosen faults."""
    shown, counts = with_fault(images), faults_of(images)
    kinds = st.pills(
        "Show only images with",
        list(counts),
        selection_mode="multi",
        format_func=lambda kind: f"{kind} ({sum(shown[kind])})",
    )
    fields = [name.removeprefix(f"{WRONG_FIELD}: ") for name in shown if name.startswith(f"{WRONG_FIELD}: ")]
    if WRONG_FIELD in kinds and fields:
        field = st.selectbox(
            "Wrong field",
            [ALL, *fields],
            format_func=lambda name: name if name == ALL else f"{name} ({sum(shown[f'{WRONG_FIELD}: {name}'])})",
        )
        kinds = [*kinds, *([f"{WRONG_FIELD}: {field}"] if field != ALL else [])]
    return [image for place, image in enumerate(images) if all(shown[kind][place] for kind in kinds)]


def ordered(images: Sequence[ImageErrors]) -> list[ImageErrors]:
    """The images, worst first by what is chosen; those alike in it, and those without it, as they were."""
    known = {
        DETECTION: True,
        TEXT: any(image.lines for image in images),
        FACTS: any(map(has_facts, images)),
    }
    offered = [name for name in ORDERS if known[name]]
    if len(offered) == 1:
        return list(images)
    by = st.segmented_control(
        "Worst by", offered, default=DETECTION, required=True,
        help="The CLEval H-mean; the share of wrong characters in the lines that were found; the number of wrong "
        "fields, then how alike the items are.",
    )  # fmt: skip
    return sorted(images, key=lambda image: goodness(image, by))


def goodness(image: ImageErrors, by: str) -> tuple[float, ...]:
    """What images are ordered by, the worst have the least; of detection nothing, as that is how they come."""
    if by == TEXT:
        return (-image.figures.get("text_matched/cer_bare", -1.0),)
    return (-len(image.wrong_fields), image.figures.get("items/tree", 1.0)) if by == FACTS else ()


def label(image: ImageErrors) -> str:
    """An image's name, and what is wrong with it."""
    faults = ", ".join(f"{count} {kind}" for kind, count in image.faults.items() if count) or "no fault"
    return f"{image.name}: {faults}"


def row(image: ImageErrors) -> dict[str, Any]:
    """An image in the table."""
    figures = {title: round(100 * image.figures[name], 2) for name, title in SHOWN.items() if name in image.figures}
    return {"image": image.name, **figures, **image.faults}


def show_image(image: ImageErrors, errors: Errors, *of: object) -> None:
    """An image with its regions, and truth beside prediction.

    Args:
        image: the image.
        errors: the errors that it is from.
        of: what changes when they do.
    """
    left, right = st.columns([3, 2])
    with left:
        page, broken = zoomed(image, errors, stamp(str(image.path)), *of)
        if broken:
            problem(f"The image cannot be read; only the outlines are shown. {broken}")
        framed(page, HEIGHT, f"{image.name} with its regions")
    with right:
        of_fields = f" ({len(image.wrong_fields)} wrong)" if has_facts(image) else ""
        of_texts = f" ({len(image.misread)} wrong)" if image.lines else ""
        fields, texts = st.tabs([f"Fields{of_fields}", f"Texts{of_texts}"])
        with fields:
            show_fields(image)
        with texts:
            show_texts(image, errors)


@st.cache_data(show_spinner="Reading the image …", max_entries=20)
def zoomed(_image: ImageErrors, _errors: Errors, *_of: object) -> tuple[str, str]:
    """The image's page, kept as long as its files are the same, and why the image cannot be read."""
    return zoom_errors(_image, _errors.read)


def has_facts(image: ImageErrors) -> bool:
    """Whether truth and predictions both state fields or items."""
    return bool(image.fields or any(image.items))


def show_fields(image: ImageErrors) -> None:
    """The fields and items of the truth beside those that were found."""
    if not has_facts(image):
        st.write("Truth and predictions do not both state fields.")
        return
    if image.fields:
        wrapped(
            [
                {"field": each.name, "": each.agreement.value, "truth": each.truth, "found": each.found}
                for each in image.fields
            ]
        )
    columns = list(dict.fromkeys(name for items in image.items for item in items for name in item))  # of both alike
    for title, items in zip(("Items, truth", "Items, found"), image.items, strict=True):
        if items:
            st.caption(title)
            table = pd.DataFrame([dict(item) for item in items], columns=columns)
            st.dataframe(table, hide_index=True, width="stretch", placeholder="")


def show_texts(image: ImageErrors, errors: Errors) -> None:
    """The texts of the truth beside those that were read."""
    if not image.lines:
        st.write("No prediction with a text lies on a region whose text is known.")
        return
    framed(lines_page(image, errors.read), HEIGHT - 60, f"texts of {image.name}")
