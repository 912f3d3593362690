"""The page Runs: all runs as a table, and several of them compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from ocr.console.settings import ConsoleSettings
from ocr.console.shared import ICONS, all_runs, lines, name_of
from ocr.console.show import plain
from ocr.pipeline.run_comparison import differences, over_seeds, spread
from ocr.pipeline.run_files import curves
from ocr.pipeline.runs import STATES, Run
from ocr.report.runs import MAIN, duration

SPLITS = ("val", "test")
COMPARED = "compared"
"""Key of the names of the runs that are compared."""
TICKED = "ticked"
"""Key of the names of the runs that were ticked when the page was shown last."""


def runs_page(given: ConsoleSettings) -> None:
    """Show the table, and below it the comparison of the chosen runs."""
    st.title("Runs")
    runs = {name_of(run, given.runs): run for run in all_runs(given.runs)}
    if not runs:
        st.caption(f"No run in {given.runs} yet.")
        return
    shown = filtered(runs)
    st.caption(f"{len(shown)} of {len(runs)} runs in {given.runs}")
    compared = compared_runs(runs, shown)
    if compared:
        compare(compared)


def compared_runs(runs: Mapping[str, Run], shown: Mapping[str, Run]) -> dict[str, Run]:
    """Show the table and the list of those that are compared, in which runs stay that a filter hides.

    Args:
        runs: all, by name.
        shown: those of the table.

    Returns:
        Those that are compared.
    """
    names, before = list(shown), [name for name in st.session_state.get(COMPARED, []) if name in runs]
    # Ticks are kept by position: a table of other rows is another table, in which those of the same names are ticked.
    event = st.dataframe(
        pd.DataFrame([table_row(name, run) for name, run in shown.items()]),
        hide_index=True, width="stretch", placeholder="–", key=f"table {names}",
        on_select="rerun", selection_mode="multi-row",
        selection_default={"selection": {"rows": [names.index(name) for name in before if name in shown]}},
        column_config={"duration": st.column_config.TextColumn(help="hours:minutes:seconds, without killed parts")},
    )  # fmt: skip
    ticked = [names[place] for place in event["selection"]["rows"]]
    earlier: list[str] = st.session_state.get(TICKED, [])
    wanted = [name for name in before if name in ticked or name not in earlier or name not in shown]
    wanted += [name for name in ticked if name not in earlier and name not in before]
    st.session_state[TICKED] = ticked
    chosen = st.multiselect(
        "Compare",
        list(runs),
        wanted,
        key=f"compare {ticked} {names}",
        help="Also by the boxes at the left of the table. A filter of the table changes nothing here.",
    )
    st.session_state[COMPARED] = chosen
    return {name: runs[name] for name in chosen}


def filtered(runs: Mapping[str, Run]) -> dict[str, Run]:
    """The runs that the filters let through."""
    text, state, task = st.columns([2, 3, 2])
    part = text.text_input("Name contains")
    states = state.pills(
        "State", STATES, selection_mode="multi", format_func=lambda name: f"{ICONS[name]} {name}", wrap=True
    )
    tasks = task.multiselect("Task", sorted({run.task for run in runs.values() if run.task}))
    return {
        name: run
        for name, run in runs.items()
        if part.lower() in name.lower() and run.state in (states or STATES) and (not tasks or run.task in tasks)
    }


def table_row(name: str, run: Run) -> dict[str, object]:
    """A row of the table."""
    figures = {f"{split}/{figure}": run.figures.get(f"{split}/{figure}") for split in SPLITS for figure in MAIN}
    return {
        "run": name,
        "state": f"{ICONS[run.state]} {run.state}",
        **{figure: value for figure, value in figures.items() if value is not None},
        "epochs": f"{run.epochs}/{run.max_epochs}" if run.max_epochs else str(run.epochs),
        "duration": duration(run.wall_time_s),
        "seed": run.seed,
        "task": run.task,
        "started": run.started.strftime("%Y-%m-%d %H:%M") if run.started else "",
        "data": (run.data_md5 or "")[:8],
        "revision": (run.git_revision or "")[:8],
        "reason": run.reason,
    }


def compare(runs: Mapping[str, Run]) -> None:
    """Show curves, differing settings, and figures over seeds."""
    st.subheader("Curves", anchor=False)
    found = {name: curves(run.folder) for name, run in runs.items()}
    figures = sorted({figure for each in found.values() for figure in each})
    if figures:
        main = [place for place, figure in enumerate(figures) if figure.removeprefix("val/") in MAIN]
        figure = st.selectbox("Figure", figures, main[0] if main else 0)
        drawn = {name: each[figure] for name, each in found.items() if figure in each}
        st.altair_chart(lines(drawn, figure), width="stretch")
    else:
        st.caption("None of them has logged a figure.")
    st.subheader("Settings that differ", anchor=False)
    rows = differences([run.folder for run in runs.values()])
    if rows:
        st.dataframe(pd.DataFrame.from_dict(rows, orient="index", columns=list(runs)), width="stretch")
    else:
        st.caption("None." if len(runs) > 1 else "Choose a second run.")
    seeds(runs)


def seeds(runs: Mapping[str, Run]) -> None:
    """Show mean and spread of the figures of runs that differ in the seed alone."""
    st.subheader("Over seeds", anchor=False)
    names = {run.folder: name for name, run in runs.items()}
    groups = over_seeds(list(runs.values()))
    if not groups:
        st.caption("No two of them differ in the seed alone: same settings, data and revision.")
    for group in groups:
        st.markdown(f"{len(group)} runs: {plain(', '.join(names[run.folder] for run in group))}")
        st.dataframe(pd.DataFrame(spread_rows(group)), hide_index=True, width="stretch")


def spread_rows(group: Sequence[Run]) -> list[dict[str, object]]:
    """A row for each figure: ``0.9123 ± 0.0045``, minimum and maximum."""
    return [
        {
            "figure": name,
            "mean ± standard deviation": f"{found.mean:.4f} ± {found.deviation:.4f}",
            "lowest": found.low,
            "highest": found.high,
            "runs": found.count,
        }
        for name, found in spread(group).items()
    ]
