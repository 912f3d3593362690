"""What a file may set: rules for values, with words for messages, and parts with the settings that they take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """What one setting may be.

    Attributes:
        says: the values in words.
        holds: whether a value, which may be anything, is one of them.
    """

    says: str
    holds: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Part:
    """A setting that is an object: one of the kinds that are listed under this name.

    Attributes:
        name: which.
        partial: the class is called later, with what the file does not know.
    """

    name: str
    partial: bool = False


Settings = Mapping[str, Rule | Part]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a name stands for.

    Attributes:
        path: the class; it is imported where the part is built.
        settings: the parameters that a file may set.
        before: paths that it had when files named classes; they never change.
    """

    path: str
    settings: Settings
    before: tuple[str, ...] = ()


def number(low: float, high: float) -> Rule:
    """A number in a range, the ends included; infinities and NaN are in none."""
    return Rule(
        f"a number from {low:g} to {high:g}", lambda value: type(value) in {int, float} and low <= value <= high
    )


def whole(low: int, high: int) -> Rule:
    """A whole number in a range, the ends included."""
    return Rule(f"a whole number from {low} to {high}", lambda value: type(value) is int and low <= value <= high)


def choice(*values: Any) -> Rule:
    """One of some values, and of its type: 1 is not true."""
    return Rule(
        " or ".join(repr(value) for value in values),
        lambda value: any(type(value) is type(each) and value == each for each in values),
    )


def optional(rule: Rule) -> Rule:
    """A value or nothing."""
    return Rule(f"{rule.says}, or null", lambda value: value is None or rule.holds(value))


def several(rule: Rule, most: int) -> Rule:
    """A list of at most so many values."""
    return Rule(
        f"a list of at most {most}, each {rule.says}",
        lambda value: type(value) is list and len(value) <= most and all(map(rule.holds, value)),
    )


def table(**rules: Rule) -> Rule:
    """A dictionary with some of these keys."""
    return Rule(
        "settings among " + ", ".join(f"{name} ({rule.says})" for name, rule in rules.items()),
        lambda value: type(value) is dict and all(name in rules and rules[name].holds(value[name]) for name in value),
    )


def shown(value: Any) -> str:
    """A value for a message, shortened: plain values as they are, of others the type."""
    if value is None or type(value) in {bool, float}:
        return repr(value)
    if type(value) is int:
        return repr(value) if abs(value) < 10**30 else "a whole number of many digits"
    return repr(value[:80]) if type(value) is str else f"a {type(value).__name__}"
