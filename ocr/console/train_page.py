"""The page Train: start a training, watch it, stop it, continue it."""

from __future__ import annotations

import shlex
from pathlib import Path

import streamlit as st

from ocr.console.run_view import show_run
from ocr.console.settings import ConsoleSettings
from ocr.console.shared import all_runs, name_of
from ocr.console.show import problem
from ocr.pipeline.choices import GROUPS, Setting, as_overrides, choices, chosen_files, settings
from ocr.pipeline.launching import check_name, check_settings, start_training
from ocr.types import InputError

AS_CHOSEN = "(as the experiment has it)"
GIVEN = "run"
"""Key in the page's address of the run that is shown."""


def train_page(given: ConsoleSettings) -> None:
    """Show the form of a new training, and one run."""
    st.title("Train")
    runs = all_runs(given.runs)
    with st.expander("New training", expanded=not runs):
        new_training(given)
    if not runs:
        st.caption(f"No run in {given.runs} yet.")
        return
    names = {name_of(run, given.runs): run for run in runs}
    asked = st.query_params.get(GIVEN, "")
    running = next((name for name, run in names.items() if run.state == "running"), "")
    default = next(name for name in (asked, running, *names) if name in names)
    name = st.selectbox("Run", list(names), index=list(names).index(default))  # its state, which changes, is below
    st.query_params[GIVEN] = name
    show_run(names[name].folder, given.runs)


def new_training(given: ConsoleSettings) -> None:
    """The form: files of the configuration, a name, settings that differ, and what the runner says to it."""
    wanted = chosen_groups()
    known = settings(wanted)
    name = st.text_input(
        "Name",
        known["exp_name"].value,
        key=f"name of {wanted.get('experiment')}",
        help=known["exp_name"].help,
        persist_state="session",
    )
    changed = changed_settings({key: known[key] for key in known if key != "exp_name"})
    more = st.text_area(
        "Further overrides",
        key="further",
        persist_state="session",
        placeholder="trainer.max_steps=100",
        help="As on the command line, any number.",
    )
    try:
        overrides = [*as_overrides(wanted, changed), *shlex.split(more)]
    except ValueError as error:
        st.error(f"Further overrides: {error}")
        return
    st.code(shlex.join(["python", "runners/train.py", f"exp_name={name}", *overrides]), language=None, wrap_lines=True)
    with st.container(horizontal=True):
        start = st.button("Start", type="primary", icon=":material/play_circle:")
        check = st.button("Check", icon=":material/fact_check:", help="Builds everything and trains nothing.")
    if start or check:
        begin(given, name, overrides, start=start)


def begin(given: ConsoleSettings, name: str, overrides: list[str], *, start: bool) -> None:
    """Check the settings with the runner, and start the training if it accepts them."""
    cwd = Path.cwd()
    try:
        check_name(name)
        with st.spinner("the runner checks the settings"):
            refused = check_settings([*overrides, f"exp_name={name}"], cwd)
        if refused:
            st.error("The runner refuses these settings.")
            st.code(refused, language=None, wrap_lines=True)
            return
        if not start:
            st.success("The runner accepts these settings.")
            return
        folder = start_training(Path(given.runs), name, overrides, cwd)
    except InputError as error:
        problem(error)
        return
    st.query_params[GIVEN] = str(folder.relative_to(Path(given.runs).absolute()))
    st.rerun()


def chosen_groups() -> dict[str, str]:
    """The files chosen by hand, by group; what an experiment chooses is named where nothing else is."""
    wanted: dict[str, str] = {}
    for start in range(0, len(GROUPS), 3):
        for place, group in zip(st.columns(3), GROUPS[start : start + 3], strict=False):
            found = choices(group)
            own = chosen_files(wanted).get(group)
            none = "none" if group in {"experiment", "debug"} else f"{own} {AS_CHOSEN}" if own else AS_CHOSEN
            name = place.selectbox(
                group, [none, *found], key=f"group {group}", help=described(found), persist_state="session"
            )
            if name in found:
                wanted[group] = name
                place.caption(found[name])
    return wanted


def described(found: dict[str, str]) -> str:
    """The comments at the top of a group's files as a list."""
    return "\n".join(f"- **{name}**: {about}" for name, about in found.items())


def changed_settings(known: dict[str, Setting]) -> dict[str, str]:
    """The settings that are given another value, each with its comment as help."""
    keys = st.multiselect(
        "Settings to change", list(known), format_func=lambda key: f"{key} = {known[key].value}", key="changed",
        persist_state="session",
        help="All keys of the chosen files; type a part of a name.",
    )  # fmt: skip
    return {
        key: st.text_input(
            key,
            known[key].value,
            key=f"value of {key}, {known[key].value}",
            help=known[key].help or None,
            persist_state="session",
        )
        for key in keys
    }
