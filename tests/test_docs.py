"""What README and docs tell a reader to type is there: targets, runners, settings; every module has its page."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from doc_commands import all_commands, class_of, read_classes
from ocr.utils.arguments import quoted
from ocr.utils.path_utils import CONFIG_DIR, REPOSITORY_ROOT

PAGES = [REPOSITORY_ROOT / "README.md", *sorted((REPOSITORY_ROOT / "docs").rglob("*.md"))]
MAKEFILES = [REPOSITORY_ROOT / "Makefile", *REPOSITORY_ROOT.glob("*/*.mk")]
TARGETS = {
    target
    for path in MAKEFILES
    for target in re.findall(r"^([a-z][a-z-]*):", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
}
# Keys whose values are paths or globs, as the runners declare them.
TEXT = ("checkpoint_path", "input", "output", "split", "include", "exclude", "root", "pointer", "resume")
PLACEHOLDER = re.compile(r"<[^>]+>|\$\w+|…|\.\.\.")


def page_id(path: Path) -> str:
    return path.relative_to(REPOSITORY_ROOT).as_posix()


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


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_every_make_target_that_is_named_exists(path: Path) -> None:
    named: set[str] = set()
    for line in command_lines(path):
        command = words(line)
        while command and re.fullmatch(r"[A-Z_]+=\S*", command[0]):
            command = command[1:]
        if command[:1] == ["make"]:
            named |= {word for word in command[1:] if re.fullmatch(r"[a-z][a-z-]*", word)}
    assert named <= TARGETS


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_every_command_of_a_runner_composes(path: Path) -> None:
    for line in command_lines(path):
        match = re.match(r"(?:uv run (?:--no-sync )?)?(?:\.venv/bin/)?python3? runners/(\w+)\.py\b(.*)", line)
        if not match:
            continue
        name, rest = match.groups()
        assert (REPOSITORY_ROOT / "runners" / f"{name}.py").is_file(), line
        typed = [word for word in words(rest) if not word.startswith("-")]
        if "max_epoch=" in rest:  # the misspelt one of docs/results.md
            continue
        swept = [re.sub(r",[^=\]]*$", "", word) if "--multirun" in rest else word for word in typed]
        with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
            cfg = compose(name, overrides=[quoted(word, TEXT) for word in swept])
        if "output_dir" in cfg.keys():  # noqa: SIM118 - `in cfg` asks Hydra for its value, and only a runner has Hydra
            cfg.output_dir = "nowhere"
        assert OmegaConf.missing_keys(cfg) == set(), line


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_every_link_to_a_file_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
    gone = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert gone == []


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


def test_every_configuration_is_shown() -> None:
    page = (REPOSITORY_ROOT / "docs" / "reference" / "configuration.md").read_text(encoding="utf-8")
    shown = set(re.findall(r'--8<-- "configs/(\S+)"', page))
    assert shown == {  # docs/reference/configuration.md has a section for each
        path.relative_to(CONFIG_DIR).as_posix() for path in CONFIG_DIR.rglob("*.yaml")
    }


def test_every_page_is_in_the_navigation() -> None:
    def pages(entry: object) -> Iterator[str]:
        for value in entry.values() if isinstance(entry, dict) else entry if isinstance(entry, list) else ():
            yield from pages(value)
        if isinstance(entry, str):
            yield entry

    nav = yaml.safe_load((REPOSITORY_ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    docs = REPOSITORY_ROOT / "docs"
    assert {page for entry in nav for page in pages(entry)} == {
        path.relative_to(docs).as_posix() for path in docs.rglob("*.md")
    }


def test_every_line_of_a_block_is_in_a_class() -> None:
    commands, classes = all_commands(), read_classes()
    unknown = [f"{command}: {command.text}" for command in commands if not class_of(command, classes)[0]]
    assert unknown == [], "give them a class in tests/gates/doc_commands.yaml"


def test_every_entry_is_about_some_line() -> None:
    commands, classes = all_commands(), read_classes()
    used = {
        (name, pattern)
        for name in classes
        for pattern in classes[name]
        for command in commands
        if re.search(pattern, command.typed)
    }
    assert {(name, pattern) for name in classes for pattern in classes[name]} - used == set()
