"""What the pages share: the runs that were read, their state in colour, charts of figures over steps."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import altair as alt
import pandas as pd
import streamlit as st

from ocr.pipeline.runs import Run, RunReader, State

COLOURS: Mapping[State, str] = {
    "running": "blue", "finished": "green", "stopped": "orange", "failed": "red", "killed": "violet"
}  # fmt: skip
ICONS: Mapping[State, str] = {"running": "▶", "finished": "✔", "stopped": "■", "failed": "✖", "killed": "†"}
"""By state, for those who do not tell the colours apart."""
PALETTE = ("#2a93c9", "#d1661f", "#3a8f4d", "#8a4fb0", "#b8323f", "#6b6b6b", "#a08a00", "#00857c")
"""Colours of curves, which stand out from a white and from a dark background."""

SHORT = 20
"""Characters of a name, two of which fit beside each other on a phone."""


@st.cache_resource
def run_reader() -> RunReader:
    """The reader of this process; it only spares reading again what has not changed."""
    return RunReader()


def all_runs(parent: str) -> list[Run]:
    """The runs of a folder, the latest first."""
    return run_reader().runs(Path(parent))


def name_of(run: Run, parent: str) -> str:
    """A run's name: its folder below that of the runs."""
    return os.path.relpath(run.folder, parent)


def badge(state: State) -> str:
    """A state as coloured text."""
    return f":{COLOURS[state]}-badge[{ICONS[state]} {state}]"


def lines(
    curves: Mapping[str, Sequence[tuple[int, float]]], title: str, names: Sequence[str] | None = None
) -> alt.Chart:
    """A chart of curves over the optimiser's steps.

    Args:
        curves: by name, step and value.
        title: title of the vertical axis.
        names: of all curves that may be there, so that each keeps its colour; ``None``: those that are.
    """
    rows = [(name, step, value) for name, points in curves.items() for step, value in points]
    frame = pd.DataFrame(rows, columns=["curve", "step", "value"])
    domain = list(names or curves)
    columns = 1 if max(map(len, domain)) > SHORT else 2
    legend = alt.Legend(orient="bottom", labelLimit=400, columns=columns) if len(domain) > 1 else None
    few = max((len(points) for points in curves.values()), default=0) < 40
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_line(point=few)
        .encode(
            x=alt.X("step:Q", title="step", axis=alt.Axis(format="d", tickMinStep=1)),
            y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=False)),
            color=alt.Color("curve:N", title=None, scale=alt.Scale(domain=domain, range=list(PALETTE)), legend=legend),
            tooltip=["curve:N", "step:Q", alt.Tooltip("value:Q", format=".4f")],
        )
        .properties(height=260 + 26 * (len(domain) // columns))
    )
    return chart
