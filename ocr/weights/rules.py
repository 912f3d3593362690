"""The rules for what a weights file may set: values, with descriptions for messages, and parts with their settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """The allowed values of a setting.

    Attributes:
        says: description of the values.
        holds: whether an arbitrary value is allowed.
    """

    says: str
    holds: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Part:
    """A setting that is an object: one of the kinds listed under this name.

    Attributes:
        name: section of the table of kinds.
        partial: the class is called later, with arguments that the file does not have.
    """

    name: str
    partial: bool = False


Settings = Mapping[str, Rule | Part]


@dataclass(frozen=True, slots=True)
class Kind:
    """The class that a name stands for.

    Attributes:
        path: path of the class, which is imported when the part is built.
        settings: the parameters that a file may set.
        before: its paths from the time when files named classes; they never change.
    """

    path: str
    settings: Settings
    before: tuple[str, ...] = ()


def number(low: float, high: float) -> Rule:
    """A number in a closed range; infinities and NaN are never allowed."""
    return Rule(
        f"a number from {low:g} to {high:g}", lambda value: type(value) in {int, float} and low <= value <= high
    )


def whole(low: int, high: int) -> Rule:
    """A whole number in a closed range."""
    return Rule(f"a whole number from {low} to {high}", lambda value: type(value) is int and low <= value <= high)


def choice(*values: Any) -> Rule:
    """One of the given values, with the same type: 1 is not true."""
    return Rule(
        " or ".join(repr(value) for value in values),
        lambda value: any(type(value) is type(each) and value == each for each in values),
    )


def optional(rule: Rule) -> Rule:
    """A value or ``None``."""
    return Rule(f"{rule.says}, or null", lambda value: value is None or rule.holds(value))


def several(rule: Rule, most: int) -> Rule:
    """A list of at most ``most`` values."""
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
    """A value for a message: shortened plain values, otherwise the type."""
    if value is None or type(value) in {bool, float}:
        return repr(value)
    if type(value) is int:
        return repr(value) if abs(value) < 10**30 else "a whole number with many digits"
    return repr(value[:80]) if type(value) is str else f"a {type(value).__name__}"
