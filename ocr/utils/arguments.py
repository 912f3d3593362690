"""What a shell hands over and what is meant by it: home folders, line ends, Hydra's quotes. Standard library only."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ocr.utils.errors import InputError

PATHS = ("output_dir", "hydra.run.dir", "hydra.sweep.dir", "environments", "generated")
"""Settings of several runners that are paths, beside those that a runner names itself."""
GLOBS = ("include", "exclude")
"""Settings that are globs over names: a name may begin with ``~``."""
UNQUOTED = ("", "null", "???")
"""Values that mean something to Hydra."""


class NoSuchUserError(InputError):
    """A path begins with the home folder of nobody here."""


def home(path: str) -> str:
    """A path whose ``~`` or ``~user`` is that user's home folder, as most shells have it; any other as it is.

    Raises:
        NoSuchUserError: there is no such user.
    """
    expanded = os.path.expanduser(path)  # noqa: PTH111 - a Path would lose what ends an address or a glob
    if path.startswith("~") and expanded == path:
        user = path[1:].split("/", 1)[0]
        raise NoSuchUserError(f"{path}: nobody here is called {user!r}; write ./{path} for a path of that name")
    return expanded


def without_line_ends(argument: str) -> str:
    """An argument as it was meant: a script with line ends of Windows leaves a carriage return at the last one."""
    return argument.rstrip("\r\n")


def quoted(argument: str, text: tuple[str, ...]) -> str:
    """An override as Hydra takes it for what was typed: its value in quotes, where it is a path or glob without any.

    Args:
        argument: of the command line.
        text: keys whose values are paths or globs; a value that begins with ``~`` is one whatever its key.

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
    # Before a quote, and so at the end too, Hydra takes a backslash for the sign that the next one is meant.
    escaped = re.sub(r"(\\*)('|$)", lambda found: found[1] * 2 + ("\\'" if found[2] else ""), plain)
    return f"{key}='{escaped}'"


def homes(config: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """The paths in nested dictionaries and lists that begin with ``~``: key in dotted form and `home` of each.

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
    """All keys of nested dictionaries in dotted form, inner ones included."""
    if isinstance(config, dict):
        for key, value in config.items():
            yield f"{prefix}{key}"
            yield from flat_keys(value, f"{prefix}{key}.")


def near(key: str, known: Iterable[str]) -> list[str]:
    """Up to four of the known keys, in dotted form, that a misspelt one may be meant for."""
    leaves: dict[str, list[str]] = {}
    for name in sorted(known):
        leaves.setdefault(name.rsplit(".", 1)[-1], []).append(name)
    names = difflib.get_close_matches(key, sorted(known), n=3, cutoff=0.6)
    for leaf in difflib.get_close_matches(key.rsplit(".", 1)[-1], sorted(leaves), n=2, cutoff=0.7):
        names += [name for name in leaves[leaf] if name not in names]
    return names[:4]
