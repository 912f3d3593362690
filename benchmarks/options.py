"""The ``name=value`` options of the comparisons, the peers that they choose, and where their tables go."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from benchmarks.peers import Missing, Peer
from ocr.types import InputError
from ocr.utils.arguments import home

Program = TypeVar("Program")
FILE_WIDTH = 320
"""Columns if the output is not a terminal, so that no cell is wrapped."""


def parsed(arguments: Sequence[str], known: Mapping[str, str], paths: Container[str]) -> dict[str, str]:
    """``name=value`` arguments over their defaults.

    Args:
        arguments: of the command line.
        known: the options with their defaults; ``fresh``, if it is one of them, is true or false.
        paths: names of the options that are paths, or several, in which ``~`` is a home folder.

    Raises:
        InputError: one has no ``=`` or is not known, or ``fresh`` is neither true nor false.
    """
    given = {}
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if not equals or name not in known:
            raise InputError(f"{argument}: unknown option; use {' '.join(f'{each}=' for each in known)}")
        given[name] = ",".join(map(home, value.split(","))) if name in paths else value
    if given.get("fresh", "false") not in ("true", "false"):
        raise InputError(f"fresh={given['fresh']}: must be true or false")
    return {**known, **given}


def run(main: Callable[[Sequence[str]], None]) -> None:
    """Call a program with its arguments; an `InputError` ends it with its message, status 1."""
    try:
        main(sys.argv[1:])
    except InputError as error:
        sys.exit(f"{type(error).__name__}: {error}")


def several(text: str) -> list[str]:
    """Split a comma-separated list; ``none`` is an empty list."""
    return [] if text == "none" else [part for part in text.split(",") if part]


def names_of(option: str, files: Sequence[str]) -> list[str]:
    """Names of files, without folder and suffix, or whole paths where two of these are equal.

    Raises:
        InputError: a file is given twice.
    """
    stems = [Path(file).stem for file in files]
    names = [stem if stems.count(stem) == 1 else file for stem, file in zip(stems, files, strict=True)]
    if len(set(names)) < len(names):
        raise InputError(f"{option}={','.join(files)}: has a file twice; remove one")
    return names


def whole(name: str, text: str, least: int = 1) -> int:
    """Parse a whole number.

    Raises:
        InputError: it is not one, or too small.
    """
    if not text.isdecimal() or int(text) < least:
        raise InputError(f"{name}={text}: must be a whole number of at least {least}")
    return int(text)


def chosen_peers(
    text: str, peers: Mapping[str, Peer[Program]]
) -> tuple[list[tuple[str, Peer[Program], str]], dict[str, str]]:
    """The peers that ``peers=`` names and that can be run, with key and version, and why the others cannot.

    Raises:
        InputError: a peer is unknown.
    """
    chosen, missing = [], {}
    for key in several(text):
        if key not in peers:
            raise InputError(f"peers={text}: {key!r} is unknown; use {','.join(peers)}, or none")
        try:
            chosen.append((key, peers[key], peers[key].version()))
        except Missing as reason:
            missing[peers[key].name] = str(reason)
    return chosen, missing


def table_console() -> Console:
    """A console that wraps no cell where the output is not a terminal."""
    console = Console()
    if not console.is_terminal:
        console.width = FILE_WIDTH
    return console
