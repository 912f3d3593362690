"""A run as it is now: state, figures, curves, pictures and log, with the buttons that stop and continue it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ocr.console.shared import badge, lines, name_of, run_reader
from ocr.console.show import act, plain
from ocr.pipeline.launching import continue_training, stop_training
from ocr.pipeline.run_files import Curves, curves, log_tail, newest_overlays
from ocr.pipeline.runs import Run
from ocr.report.runs import duration, epochs_done, main_figures
from ocr.utils.holders import stopping_holder
from ocr.utils.runs import LOCK

EVERY_S = 2.0
"""Seconds between two looks at a run."""
SPEED, WAIT = "images_per_s", "data_wait"
LOSSES = ("train/loss", "val/loss")
SCORES = ("hmean", "line_accuracy", "cer_bare", "same", "exact")
"""Ends of the names of a validation's main figures."""
CONTINUABLE = frozenset({"stopped", "failed", "killed"})


@st.fragment(run_every=EVERY_S)
def show_run(folder: Path, parent: str) -> None:
    """Show a run, again every two seconds."""
    run = run_reader().run(folder)
    st.subheader(plain(name_of(run, parent)), anchor=False)
    stopping = stopping_process(run)
    show_state(run, stopping)
    buttons(run, stopping=stopping is not None)
    found = curves(folder)
    tiles(run, found)
    charts(found)
    pictures(run)
    with st.expander("Log", expanded=True):
        st.code("\n".join(log_tail(folder)) or "nothing yet", language=None, wrap_lines=True)


def show_state(run: Run, stopping: int | None) -> None:
    """What a run is doing, and why it ended: always in two elements, so that those below keep their places."""
    if run.starting:
        st.markdown(":blue-badge[… starting]")
        st.caption("")
    elif stopping:
        st.markdown(":orange-badge[… stopping]")
        st.caption(
            f"Process {stopping} ends once its state is consistent and saved: after a step, or when it has begun."
        )
    else:
        st.markdown(badge(run.state))
        (st.error if run.state == "failed" and run.reason else st.caption)(plain(run.reason))


def stopping_process(run: Run) -> int | None:
    """The process of a run that has been asked to stop, by whomever, and has not ended."""
    if run.state != "running" or run.starting:
        return None
    return stopping_holder(run.folder / LOCK, st.session_state.get(f"stopped {run.folder}"))


def stop(run: Run) -> None:
    """Ask a run to stop, and remember its process while it does.

    Raises:
        InputError: it is not running, or cannot be asked from here.
    """
    st.session_state[f"stopped {run.folder}"] = stop_training(run.folder)


def buttons(run: Run, *, stopping: bool) -> None:
    """Stop a run that is running, continue one that is not."""
    with st.container(horizontal=True):
        # Each run has buttons of its own: a click that comes while another run is being shown is not meant for that.
        stopped = act(
            "Stop",
            lambda: stop(run),
            key=f"stop {run.folder}",
            icon=":material/stop_circle:",
            disabled=run.state != "running" or run.starting or stopping,
            help="SIGTERM: it saves",
        )
        continued = act(
            "Continue",
            lambda: continue_training(run.folder),
            key=f"continue {run.folder}",
            icon=":material/resume:",
            disabled=not (run.state in CONTINUABLE and run.resumable),
            help=why_not(run),
        )
    if stopped or continued:
        st.rerun()  # the state stands above


def why_not(run: Run) -> str:
    """What continuing does, or why it cannot be done."""
    if run.state == "running":
        return "this run is running already"
    if run.state == "finished":
        return "it has finished; more epochs are a new command: resume= and trainer.max_epochs="
    if not run.resumable:
        return "it has no checkpoint to continue from"
    return "from its last checkpoint, as if it had not been interrupted"


def tiles(run: Run, found: Curves) -> None:
    """The figures that change, in brief."""
    speed, wait = (found[name][-1][1] if name in found else None for name in (SPEED, WAIT))
    row = {"epochs": run.epochs, "max_epochs": run.max_epochs}
    shown = {
        "epochs": epochs_done(row),
        "images/s": f"{speed:.1f}" if speed is not None else "–",
        "waiting for data": f"{wait:.0%}" if wait is not None else "–",
        "duration": duration(run.wall_time_s) or "–",
    }
    with st.container(horizontal=True):
        for name, value in shown.items():
            st.metric(name, value, width="content")
    figures = main_figures(run.figures)
    if figures:
        st.markdown(f"**{figures}**")


def charts(found: Curves) -> None:
    """Loss, figures of the validations, speed."""
    scores = {name: points for name, points in found.items() if name.startswith("val/") and name.endswith(SCORES)}
    wanted: dict[str, Curves] = {
        "loss": {name: found[name] for name in LOSSES if name in found},
        "figure": scores,
        "images/s": {SPEED: found[SPEED]} if SPEED in found else {},
        "waiting for data": {WAIT: found[WAIT]} if WAIT in found else {},
    }
    drawn = [(title, chosen) for title, chosen in wanted.items() if chosen]
    if not drawn:
        st.caption("No curve yet: the first point comes after trainer.log_every_n_steps steps.")
    for start in range(0, len(drawn), 2):
        for place, (title, chosen) in zip(st.columns(2), drawn[start : start + 2], strict=False):
            place.altair_chart(lines(chosen, title, LOSSES if title == "loss" else None), width="stretch")


def pictures(run: Run) -> None:
    """What the last validation found on its first images."""
    found = newest_overlays(run.folder)
    if not found:
        return
    with st.expander(f"Validation images, {found[0].parent.name.replace('_', ' ')}", expanded=True):
        if run.task == "detection":
            st.caption("Green: annotated, red: found.")
        for start in range(0, len(found), 4):
            for place, path in zip(st.columns(4), found[start : start + 4], strict=False):
                place.image(path.read_bytes(), caption=plain(path.stem), width="stretch")
