"""Rules for what may differ between two runs of a revision: where they ran, when, for how long, from which commit."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.proof.places import Places, without_places

CLOCKS = frozenset({"images_per_s", "data_wait", "seconds", "wall_time_s"})
"""Figures and fields that hold a time; those in which REF's two trainings differ are added."""

SEPARATORS = re.compile(r"[ ./]")

Replace = str | Callable[[re.Match[str]], str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A piece of text that is irrelevant for behaviour.

    Attributes:
        name: what the report calls it.
        pattern: what is replaced.
        by: what stands for it.
    """

    name: str
    pattern: re.Pattern[str]
    by: Replace


RULES = (
    Rule("dates", re.compile(r"\b20\d\d-\d\d-\d\d[_T ]\d\d[-:]\d\d[-:]\d\d([.,]\d+)?(Z|[+-]\d\d:?\d\d)?"), "<date>"),
    Rule("progress bars", re.compile(r"^.*[━╸╺].*?$", re.MULTILINE), "<progress>"),
    Rule("durations", re.compile(r"(?<![\w.])\d+(\.\d+)?(?= (s|ms|seconds|images/s)\b)"), "<clock>"),
    Rule("seconds in tables", re.compile(r"(?<![\d. ]) *\d+\.\d\d(?= *[│┃]$)", re.MULTILINE), "<clock>"),
    Rule("event files", re.compile(r"tfevents\.\d+\..*?\.\d+\.(\d+)\b"), r"tfevents.<date>.<process>.\1"),
    Rule("lines of code", re.compile(r'(\.py(?:", line |:))\d+'), r"\1<line>"),
    Rule("process ids", re.compile(r"(\bpid[ =]|/tmp/)[\w.-]+"), r"\1<process>"),
)


@dataclass(frozen=True)
class Normaliser:
    """Makes the output of two revisions comparable.

    Attributes:
        places: texts of one revision (folders, commit) and what stands for them, the longest first.
        clocks: names of fields that hold a time.
        used: how often each rule found something, by its name.
        code: where the code lives that was named.
    """

    places: Mapping[str, str]
    clocks: frozenset[str] = CLOCKS
    used: dict[str, int] = field(default_factory=dict)
    code: Places = field(default_factory=dict)
    _seen: dict[str, tuple[str, list[tuple[str, int]]]] = field(default_factory=dict)

    @classmethod
    def of(cls, about: Path, clocks: frozenset[str]) -> Normaliser:
        """The rules for a revision that ``about`` (a JSON file) describes."""
        described = json.loads(about.read_text(encoding="utf-8"))
        commit = described["commit"]
        places = {
            described["root"]: "<checkout>",
            described["work"]: "<work>",
            commit: "<commit>",
            commit[:10]: "<commit>",
            commit[:7]: "<commit>",
        }
        return cls(places, clocks)

    @functools.cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All of them, the clocks known by name included."""
        clocks = "|".join(map(re.escape, sorted(self.clocks)))
        return (*RULES, Rule("named clocks", re.compile(rf"\b({clocks})([ =:]+)\d[\d.e+-]*"), r"\1\2<clock>"))

    def __call__(self, text: str) -> str:
        """The text with every rule used on it."""
        if text not in self._seen:  # most are names of fields, which come back in every file
            self._seen[text] = self.replaced(text)
        text, found = self._seen[text]
        for name, count in found:
            self.used[name] = self.used.get(name, 0) + count
        return text

    def replaced(self, text: str) -> tuple[str, list[tuple[str, int]]]:
        """The same for a text that was not there before, with how often each rule found something."""
        for place, by in self.places.items():
            text = text.replace(place, by)
        found = []
        for rule in self.rules:
            text, count = rule.pattern.subn(rule.by, text)
            if count:
                found.append((rule.name, count))
        return without_places(text, self.code), found

    def is_clock(self, name: str) -> bool:
        """The last part of the field's name, after a blank, a dot or a slash, is that of a time."""
        last = SEPARATORS.split(name)[-1]
        if last not in self.clocks:
            return False
        self.used[last] = self.used.get(last, 0) + 1
        return True
