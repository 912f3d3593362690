"""Corruptions of one word of an image."""

from collections.abc import Callable
from typing import Any

from corrupted_annotations import edited
from corruption_kind import Corruption, Rng


def word(key: str, *values: Any) -> Corruption:
    """One field of one word with one of these values; a callable makes it from the present one."""

    def change(images: dict[str, Any], name: str, rng: Rng) -> None:
        words = images[name]["words"]
        entry = words[str(rng.choice(sorted(words)))]
        value = values[int(rng.integers(0, len(values)))]
        entry[key] = value(entry.get(key), rng) if callable(value) else value

    return edited(change)


def one_number(value: Any) -> Callable[[list[list[float]], Rng], Any]:
    """The polygon with this for one of its coordinates."""

    def change(points: list[list[float]], rng: Rng) -> Any:
        points[int(rng.integers(0, len(points)))][int(rng.integers(0, 2))] = value
        return points

    return change


def duplicated(images: dict[str, Any], name: str, rng: Rng) -> None:  # noqa: ARG001 - as the others
    """A word twice."""
    words = images[name]["words"]
    words["9999"] = words[min(words)]


WORD: dict[str, Corruption] = {
    "not a number": word("points", *map(one_number, (float("nan"), float("inf"), -float("inf")))),
    "out of bounds": word("points", *map(one_number, (-500, 1e6, 1e38, 1e308, 10**400, -3, 203))),
    "no number": word("points", *map(one_number, ("12", None, [], True))),
    "points": word("points", None, [], [[1, 2]], [[1, 2], [3, 4]], "1 2 3 4", [1, 2, 3, 4, 5, 6], [[1, 2, 3]] * 4, {}),
    "closed ring": word("points", lambda points, _: [*points, points[0]]),
    "no area": word("points", [[10, 10]] * 4, [[10, 10], [60, 10], [110, 10]], [[10, 10], [10.001, 10], [10, 10.001]]),
    "crosses itself": word("points", [[10, 10], [60, 40], [60, 10], [10, 40]], lambda points, _: points + points),
    "anticlockwise": word("points", lambda points, _: points[::-1], lambda points, _: points[2:] + points[:2]),
    "very many points": word("points", lambda _, rng: (rng.random((3000, 2)) * 100).tolist()),
    "transcription": word(
        "transcription",
        *(7, [], "", " ", "\u200b\u00ad", "\x00\x07", "\ufffd", "caf\u00c3\u00a9", "\ud83d", "x" * 100_000),
    ),
    "ignore": word("ignore", "yes", 1, None, True),
    "line": word("line", 1.5, "1", -1, 10**30, True),
    "word duplicated": edited(duplicated),
}
