"""Command-line arguments: home folders, line ends, Hydra's quoting. Standard library only."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ocr.utils.errors import InputError

PATHS = ("output_dir", "hydra.run.dir", "hydra.sweep.dir", "environments", "generated")
"""Path settings shared by several runners, in addition to those that a runner names itself."""
GLOBS = ("include", "exclude")
"""Settings that are globs over names, which may begin with ``~``."""
UNQUOTED = ("", "null", "???")
"""Values with a meaning of their own in Hydra."""


class NoSuchUserError(InputError):
    """A path begins with ``~user``, and there is no such user."""


def home(path: str) -> str:
    """Expand ``~`` or ``~user`` at the start of a path, as most shells do; return any other path unchanged.

    Raises:
        NoSuchUserError: there is no such user.
    """
    expanded = os.path.expanduser(path)  # noqa: PTH111 - a Path would lose the end of a URL or a glob
    if path.startswith("~") and expanded == path:
        user = path[1:].split("/", 1)[0]
        raise NoSuchUserError(f"{path}: there is no user {user!r}; write ./{path} for a path of that name")
    return expanded


def without_line_ends(argument: str) -> str:
    """Strip line ends: a script with Windows line ends leaves a carriage return on its last argument."""
    return argument.rstrip("\r\n")


def quoted(argument: str, text: tuple[str, ...]) -> str:
    """Quote the value of an override for Hydra if it is a path or glob typed without quotes.

    Args:
        argument: one command-line argument.
        text: keys whose values are paths or globs; a value that begins with ``~`` counts as one whatever its key.

    Raises:
        NoSuchUserError: as `home`.
    """
    key, separator, value = argument.partition("=")
    expands = value.startswith(("~", "'~", '"~')) and key.lstrip("+") not in GLOBS
    if not separator or value in UNQUOTED or not (expands or key in text or key in PATHS):
        return argument
    if len(value) > 1 and value[0] in "'\"" and value[-1] == value[0]:
        return f"{key}={value[0]}{home(value[1:-1])}{value[0]}" if expands else argument
    plain = home(value) if expands else value
    # Before a quote, and hence at the end too, Hydra reads a backslash as an escape.
    escaped = re.sub(r"(\\*)('|$)", lambda found: found[1] * 2 + ("\\'" if found[2] else ""), plain)
    return f"{key}='{escaped}'"


def homes(config: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Find the paths that begin with ``~`` in nested dictionaries and lists: dotted key and expanded path (`home`).

    Raises:
        NoSuchUserError: as `home`.
    """
    if isinstance(config, dict):
        for name, value in config.items():
            if name not in GLOBS:
                yield from homes(value, f"{key}.{name}" if key else str(name))
    elif isinstance(config, list):
        for place, value in enumerate(config):
            yield from homes(value, f"{key}[{place}]")
    elif isinstance(config, str) and config.startswith("~"):
        yield key, home(config)


def flat_keys(config: Any, prefix: str = "") -> Iterator[str]:
    """All keys of nested dictionaries in dotted form, including inner ones."""
    if isinstance(config, dict):
        for key, value in config.items():
            yield f"{prefix}{key}"
            yield from flat_keys(value, f"{prefix}{key}.")


def near(key: str, known: Iterable[str]) -> list[str]:
    """Up to four known keys, in dotted form, that are similar to a misspelt one."""
    leaves: dict[str, list[str]] = {}
    for name in sorted(known):
        leaves.setdefault(name.rsplit(".", 1)[-1], []).append(name)
    names = difflib.get_close_matches(key, sorted(known), n=3, cutoff=0.6)
    for leaf in difflib.get_close_matches(key.rsplit(".", 1)[-1], sorted(leaves), n=2, cutoff=0.7):
        names += [name for name in leaves[leaf] if name not in names]
    return names[:4]
