"""What README and docs name is there: targets, files; every module has its page, every command its class."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from doc_commands import all_commands, class_of, read_classes
from ocr.utils.path_utils import REPOSITORY_ROOT

PAGES = [REPOSITORY_ROOT / "README.md", *sorted((REPOSITORY_ROOT / "docs").rglob("*.md"))]
MAKEFILES = [REPOSITORY_ROOT / "Makefile", *REPOSITORY_ROOT.glob("*/*.mk")]
TARGETS = {
    target
    for path in MAKEFILES
    for target in re.findall(r"^([a-z][a-z-]*):", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
}
PLACEHOLDER = re.compile(r"<[^>]+>|\$\w+|…|\.\.\.")


def command_lines(path: Path) -> Iterator[str]:
    """The lines of indented and fenced blocks, and what stands between backticks."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    fenced = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            yield line.strip()
        else:
            yield from re.findall(r"`([^`]+)`", line)


def words(line: str) -> list[str]:
    """A command line as a shell reads it, with something in the place of each placeholder."""
    try:
        return shlex.split(PLACEHOLDER.sub("given", line), comments=True)
    except ValueError:
        return []


def test_every_make_target_that_is_named_exists() -> None:
    named: set[str] = set()
    for line in (line for path in PAGES for line in command_lines(path)):
        command = words(line)
        while command and re.fullmatch(r"[A-Z_]+=\S*", command[0]):
            command = command[1:]
        if command[:1] == ["make"]:
            named |= {word for word in command[1:] if re.fullmatch(r"[a-z][a-z-]*", word)}
    assert named - TARGETS == set()


def test_every_link_to_a_file_leads_somewhere() -> None:
    links = [(path, link) for path in PAGES for link in re.findall(r"\]\(([^)#\s]+)", path.read_text("utf-8"))]
    assert [(path, link) for path, link in links if "://" not in link and not (path.parent / link).exists()] == []


def test_every_file_of_the_repository_that_a_command_names_is_there() -> None:
    """What a reader makes himself lies elsewhere; a link in the text is another test's."""
    places = "|".join(("configs", "docker", "docs", "ocr", "requirements", "runners", "tests", "weights", "benchmarks"))
    named = {
        (command.page, name)
        for command in all_commands()
        if class_of(command, read_classes())[0] != "shown"
        for name in re.findall(rf"(?:^|[\s='\"])((?:{places})/[^\s'\",]*)", command.typed)
    }
    assert ("docs/how-to/export.md", "tests/engines") in named
    assert [(page, name) for page, name in sorted(named) if not (REPOSITORY_ROOT / name).exists()] == []


def test_every_module_has_its_place_in_the_reference() -> None:
    reference = "".join(path.read_text(encoding="utf-8") for path in (REPOSITORY_ROOT / "docs/reference").glob("*.md"))
    shown = set(re.findall(r"^::: (\S+)$", reference, flags=re.MULTILINE))
    modules = {
        ".".join(path.relative_to(REPOSITORY_ROOT).with_suffix("").parts)
        for path in (REPOSITORY_ROOT / "ocr").rglob("*.py")
        if path.stem != "__init__"
    }
    assert modules - shown == set(), "add a line `::: <module>` to its package's page in docs/reference/"
    packages = {name for name in shown if (REPOSITORY_ROOT / name.replace(".", "/")).is_dir()}
    assert {name for name in shown - packages if name.count(".") > 1} - modules == set()


def test_every_line_of_a_block_is_in_a_class() -> None:
    commands, classes = all_commands(), read_classes()
    unknown = [f"{command}: {command.text}" for command in commands if not class_of(command, classes)[0]]
    assert unknown == [], "give them a class in tests/gates/doc_commands.yaml"
