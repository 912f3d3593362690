"""The commands of README and docs, as a reader would paste them, and what is done with each to see that it works."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ocr.utils.path_utils import REPOSITORY_ROOT

PAGES = [
    "README.md",
    "docker/README.md",
    *(f"docs/{path.name}" for path in sorted((REPOSITORY_ROOT / "docs").glob("*.md"))),
]
PAGES += [path.relative_to(REPOSITORY_ROOT).as_posix() for path in sorted((REPOSITORY_ROOT / "docs").glob("*/*.md"))]
CLASSES = Path(__file__).resolve().parents[1] / "gates" / "doc_commands.yaml"
RUNNER = re.compile(r"\bpython3? runners/(\w+)\.py\b")


@dataclass(frozen=True)
class Command:
    """A line of a block.

    Attributes:
        page: path in the repository.
        line: number in the page.
        text: what a shell gets, continued lines joined.
    """

    page: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def typed(self) -> str:
        """Without the comment at its end."""
        return re.split(r"\s+# ", self.text)[0].strip()


def blocks(page: str, text: str) -> Iterator[Command]:
    """The lines of indented and of fenced blocks; a line that ends in a backslash goes on in the next."""
    fenced, joined, started = False, "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif joined or fenced or line.startswith("    "):
            started = started or number
            joined += line.strip().removesuffix("\\")
            if not line.endswith("\\"):
                if joined:
                    yield Command(page, started, joined)
                joined, started = "", 0


def all_commands() -> list[Command]:
    """Of all pages, in their order."""
    return [command for page in PAGES for command in blocks(page, (REPOSITORY_ROOT / page).read_text(encoding="utf-8"))]


def read_classes() -> dict[str, Any]:
    """``doc_commands.yaml``, which says what each class means."""
    classes: dict[str, Any] = yaml.safe_load(CLASSES.read_text(encoding="utf-8"))
    return classes


def class_of(command: Command, classes: dict[str, Any]) -> tuple[str, str]:
    """The class of a command and what its entry says; ``("", "")`` where it is in none.

    Args:
        command: of a page.
        classes: what `read_classes` returns.
    """
    for name in ("shown", "left", "run"):
        for pattern, says in classes[name].items():
            if re.search(pattern, command.typed):
                return name, says
    if RUNNER.search(command.typed):
        return "composed", ""
    return ("planned", "") if re.match(r"(?:[A-Z_]+=\S+ )*make\b", command.typed) else ("", "")


def filled(typed: str, run: str) -> str:
    """A command with the run folder of a training in the place of what a reader has to fill in."""
    for placeholder, value in {
        r"(?<=[= ])\.\.\./": f"{run}/checkpoints/",
        r"outputs/\w+/<[^ ]+?>(?=/|\s|$)": run,
        r"\$RUN\b": run,
        r"<\w+>": "HEAD",
        r"\$seed\b": "0",
    }.items():
        typed = re.sub(placeholder, value, typed)
    return typed


def variables_of(typed: str) -> list[str]:
    """Names of the variables that a call of make sets."""
    return [word.partition("=")[0] for word in shlex.split(typed) if re.match(r"[A-Z_]+=", word)]
