r"""A subset of regular expressions, as an automaton over a charset.

A pattern describes the whole line. It has: characters; ``.`` for any; ``[A-Z0-9.]`` and ``[^...]``; ``\d`` for a digit,
``\w`` for an ASCII letter, digit or underscore; a backslash before any other sign for the sign itself; groups ``( )``;
alternatives ``|``; and after a character, class or group ``?``, ``*``, ``+``, ``{n}``, ``{n,}`` or ``{n,m}``. All mean
what they mean in Python's `re.fullmatch`; everything else of its grammar is refused.
"""

from __future__ import annotations

import re
import string
from bisect import bisect_left, bisect_right

from ocr.recognition.postprocess.automaton import MOST_OF_PATTERN, START, Automaton
from ocr.types import InputError

LONGEST_PATTERN = 1000
MOST_REPEATS = 100
DEEPEST = 50
"""Groups that may stand inside each other."""
CLASSES = {"d": string.digits, "w": string.ascii_letters + string.digits + "_"}
COUNT = re.compile(r"\{(\d{1,4})(,?)(\d{0,4})\}")
REPEATS = {"?": (0, 1), "*": (0, None), "+": (1, None)}
REFUSED = {
    "^": "the pattern is always compared with the whole line; leave it out, or write \\^",
    "$": "the pattern is always compared with the whole line; leave it out, or write \\$",
    "*": "nothing is before it to be repeated; write \\*",
    "+": "nothing is before it to be repeated; write \\+",
    "?": "nothing is before it to be repeated; write \\?",
    "{": "nothing is before it to be repeated; write \\{",
    "}": "write \\}",
    "]": "write \\]",
}


def of_pattern(pattern: str, codes: dict[str, int]) -> Automaton:
    """The texts that a pattern matches (Thompson 1968).

    Args:
        pattern: in the grammar of this module.
        codes: the code of each character of the charset.

    Raises:
        InputError: the pattern is not in the grammar, is too long, or needs a character that is not in the charset.
    """
    if len(pattern) > LONGEST_PATTERN:
        raise InputError(f"pattern: has {len(pattern)} characters, more than {LONGEST_PATTERN}; make it shorter")
    return Parser(pattern, codes).whole()


class Parser:
    """Reads a pattern from left to right and adds its states to an automaton.

    A piece of the pattern is read again for each of its repetitions, so that each has states of its own. The work is
    limited by the number of states, as a class is read once.
    """

    def __init__(self, pattern: str, codes: dict[str, int]) -> None:
        self.pattern = pattern
        self.codes = codes
        self.automaton = Automaton(MOST_OF_PATTERN)
        self.at = 0
        self.depth = 0
        self._sorted = sorted(codes)
        self._classes: dict[int, tuple[frozenset[int], int]] = {}

    def whole(self) -> Automaton:
        """The automaton of the whole pattern."""
        end = self.alternatives(START)
        if self.at < len(self.pattern):
            raise self.fault(self.at, "it closes no group; write \\)")
        self.automaton.accepting.add(end)
        return self.automaton

    def alternatives(self, source: int) -> int:
        """Read alternatives; the state behind all of them."""
        end = self.automaton.state()
        while True:
            self.automaton.free(self.sequence(source), end)
            if self.peek() != "|":
                return end
            self.at += 1

    def sequence(self, source: int) -> int:
        """Read what stands one behind the other; the state behind it."""
        while self.peek() not in {"", "|", ")"}:
            source = self.repeated(source)
        return source

    def repeated(self, source: int) -> int:
        """Read an atom with its number of repetitions; the state behind it."""
        begin = self.at
        entry = self.automaton.state()
        self.automaton.free(source, entry)
        source = self.atom(entry)
        least, most = self.count()
        ends, after = [entry] if least == 0 else [], self.at
        for number in range(2, (least if most is None else most) + 1):
            if number > least:
                ends.append(source)
            self.at = begin
            entry = source
            source = self.atom(source)
        self.at = after
        if most is None:
            # A state of its own, so that going back does not enter what is before or behind.
            self.automaton.free(source, entry)
        if most == 0:
            raise self.fault(begin, "it is repeated 0 times; leave it out")
        end = self.automaton.state()
        for each in (*ends, source):
            self.automaton.free(each, end)
        return end

    def count(self) -> tuple[int, int | None]:
        """Read how often an atom is repeated: at least, and at most or without limit."""
        begin, sign = self.at, self.peek()
        if sign in REPEATS and sign:
            self.at += 1
            least, most = REPEATS[sign]
        elif sign == "{":
            found = COUNT.match(self.pattern, self.at)
            if not found:
                raise self.fault(self.at, "no count as {2} or {1,3}; write \\{")
            self.at = found.end()
            least = int(found[1])
            most = least if not found[2] else int(found[3]) if found[3] else None
        else:
            return 1, 1
        if max(least, most or 0) > MOST_REPEATS or (most is not None and most < least):
            raise self.fault(begin, f"a count must be ascending, and at most {MOST_REPEATS}")
        if self.peek() in {*REPEATS, "{"} - {""}:
            raise self.fault(self.at, "a second count; possessive and reluctant counts are not supported")
        return least, most

    def atom(self, source: int) -> int:
        """Read a character, class or group; the state behind it."""
        begin, sign = self.at, self.pattern[self.at]
        if sign == "(":
            return self.group(source)
        if sign in REFUSED:
            raise self.fault(begin, REFUSED[sign])
        end = self.automaton.state()
        codes, self.at = self._classes.get(begin) or self.letters()
        self._classes[begin] = codes, self.at
        self.automaton.move_any(source, codes, end)
        return end

    def letters(self) -> tuple[frozenset[int], int]:
        """Read a character or class; its codes, and the place behind it."""
        begin, sign = self.at, self.peek()
        letters = self.bracket() if sign == "[" else self.codes.keys() if self.skip(".") else self.single()
        codes = frozenset(self.codes[letter] for letter in letters if letter in self.codes)
        if not codes:
            raise self.fault(begin, "no character of it is in the charset; use those that the network reads")
        return codes, self.at

    def group(self, source: int) -> int:
        """Read a group; the state behind it."""
        begin = self.at
        self.at += 1
        self.depth += 1
        if self.peek() == "?":
            raise self.fault(begin, "groups that begin with ? are not supported; use a plain group")
        if self.depth > DEEPEST:
            raise self.fault(begin, f"more than {DEEPEST} groups inside each other")
        inner = self.automaton.state()
        self.automaton.free(source, inner)
        end = self.alternatives(inner)
        if not self.skip(")"):
            raise self.fault(begin, "the group is not closed; add )")
        self.depth -= 1
        return end

    def single(self) -> set[str]:
        """Read one character or an escape."""
        sign = self.pattern[self.at]
        self.at += 1
        if sign != "\\":
            return {sign}
        escaped = self.peek()
        if escaped in CLASSES and escaped:
            self.at += 1
            return set(CLASSES[escaped])
        if not escaped or escaped.isalnum():
            raise self.fault(self.at - 1, "of the escapes with a letter or digit only \\d and \\w are supported")
        self.at += 1
        return {escaped}

    def bracket(self) -> set[str]:
        """Read a class in brackets."""
        begin = self.at
        self.at += 1
        negated, letters = self.skip("^"), set[str]()
        inside = self.at
        while self.peek() not in {"", "]"}:
            first = self.single()
            following = self.pattern[self.at : self.at + 2]
            if len(following) < 2 or following[0] != "-" or following[1] == "]":
                letters |= first
                continue
            self.at += 1
            last = self.single()
            if len(first) > 1 or len(last) > 1 or min(first) > min(last):
                raise self.fault(begin, "a range must be from a character to a later one")
            # Those of the charset alone: a range of all of Unicode has a million.
            low, high = bisect_left(self._sorted, min(first)), bisect_right(self._sorted, min(last))
            letters.update(self._sorted[low:high])
        if self.at == inside or not self.skip("]"):
            raise self.fault(begin, "the class is empty or not closed; write \\[ for the sign")
        return set(self.codes) - letters if negated else letters

    def peek(self) -> str:
        """The next sign, or an empty text at the end."""
        return self.pattern[self.at : self.at + 1]

    def skip(self, sign: str) -> bool:
        """Go past a sign if it is the next one."""
        found = self.peek() == sign
        self.at += found
        return found

    def fault(self, at: int, reason: str) -> InputError:
        """The error for the sign at a place."""
        return InputError(f"pattern {self.pattern!r}: {self.pattern[at : at + 1]!r} at character {at + 1}: {reason}")
