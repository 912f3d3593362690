"""Finite automata over the codes of a charset: what a constrained decoding may write next."""

from __future__ import annotations

from collections.abc import Iterable

from ocr.types import InputError

START, DEAD = 0, -1
MOST_STATES, MOST_OF_PATTERN = 50_000, 4000
"""Maximum states of the automaton of a lexicon, and of a pattern, which may be in all of them at once."""


class Automaton:
    """A nondeterministic automaton, made deterministic as far as it is used (subset construction).

    Moves with several codes share one set, as a charset may have 30,000 codes and a pattern thousands of classes.

    States that `step` and `accepts` take are numbers of sets of states; `START` is the first, `DEAD` none.

    Args:
        most: maximum number of states.

    Attributes:
        accepting: the states in which a text may end.
    """

    def __init__(self, most: int = MOST_STATES) -> None:
        self.most = most
        self.accepting: set[int] = set()
        self._moves: list[dict[int, set[int]]] = []
        self._classes: list[list[tuple[frozenset[int], int]]] = []
        self._free: list[set[int]] = []
        self._numbers: dict[frozenset[int], int] = {}
        self._sets: list[frozenset[int]] = []
        self._known: dict[tuple[int, int], int] = {}
        self.state()

    def state(self) -> int:
        """A new state; the first one is the start.

        Raises:
            InputError: there are too many.
        """
        if len(self._moves) >= self.most:
            raise InputError(
                f"the pattern or lexicon needs more than {self.most:,} states; make it shorter, or repeat less in it"
            )
        self._moves.append({})
        self._classes.append([])
        self._free.append(set())
        return len(self._moves) - 1

    def move(self, source: int, code: int, target: int) -> None:
        """Let a state be left to another with a code."""
        self._moves[source].setdefault(code, set()).add(target)

    def move_any(self, source: int, codes: frozenset[int], target: int) -> None:
        """Let a state be left to another with any of these codes."""
        self._classes[source].append((codes, target))

    def free(self, source: int, target: int) -> None:
        """Let a state be left to another without a code."""
        self._free[source].add(target)

    def codes(self) -> set[int]:
        """All codes that occur."""
        classes = {codes for moves in self._classes for codes, _ in moves}
        return {code for moves in self._moves for code in moves}.union(*classes)

    def accepts(self, state: int) -> bool:
        """Whether a text may end in a state."""
        return not self._set(state).isdisjoint(self.accepting)

    def step(self, state: int, code: int) -> int:
        """The state after a code, or `DEAD`."""
        reached = self._known.get((state, code))
        if reached is None:
            states = self._set(state)
            targets = {target for each in states for target in self._moves[each].get(code, ())}
            targets |= {target for each in states for codes, target in self._classes[each] if code in codes}
            reached = self._known[state, code] = self._number(targets) if targets else DEAD
        return reached

    def _set(self, state: int) -> frozenset[int]:
        if not self._sets:
            self._number({START})
        return self._sets[state]

    def _number(self, states: set[int]) -> int:
        pending = list(states)
        while pending:
            fresh = self._free[pending.pop()] - states
            states |= fresh
            pending += fresh
        key = frozenset(states)
        if key not in self._numbers:
            self._numbers[key] = len(self._sets)
            self._sets.append(key)
        return self._numbers[key]


def of_lexicon(entries: Iterable[str], unit: str, codes: dict[str, int]) -> Automaton:
    """The texts that are an entry of a list, or a sequence of entries with single spaces between them.

    Args:
        entries: the allowed lines or words.
        unit: ``line`` or ``word``.
        codes: the code of each character of the charset.

    Raises:
        InputError: an entry has a character that is not in the charset, or the unit is unknown.
    """
    if unit not in {"line", "word"}:
        raise InputError(f"lexicon_unit={unit!r} is unknown; use 'line' or 'word'")
    automaton, nodes = Automaton(), {"": START}
    for entry in entries:
        missing = [letter for letter in entry if letter not in codes]
        if missing or not entry.strip():
            fault = f"has {missing[0]!r}, not in the charset" if missing else "is blank"
            raise InputError(f"lexicon: {entry!r} {fault}; correct the entry or leave it out")
        for end in range(1, len(entry) + 1):
            if entry[:end] not in nodes:
                nodes[entry[:end]] = automaton.state()
                automaton.move(nodes[entry[: end - 1]], codes[entry[end - 1]], nodes[entry[:end]])
        automaton.accepting.add(nodes[entry])
    if unit == "word" and " " in codes:
        for node in automaton.accepting:
            automaton.move(node, codes[" "], START)
    return automaton
