"""The edit distance of trees, against its recursive definition and by hand."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.metrics.tree import Node, items_tree, tree_accuracy, tree_distance

LEAVES = st.builds(lambda text: Node(text, leaf=True), st.text("ab", min_size=1, max_size=3))
TREES = st.recursive(
    LEAVES,
    lambda trees: st.builds(Node, st.sampled_from("xy"), st.lists(trees, max_size=3).map(tuple)),
    max_leaves=5,
)


@cache
def by_definition(one: tuple[Node, ...], other: tuple[Node, ...]) -> int:
    """The distance of two forests: the last root is removed, inserted, or made of the other's."""
    if not one and not other:
        return 0
    choices = []
    if one:
        choices.append(by_definition((*one[:-1], *one[-1].children), other) + one[-1].cost)
    if other:
        choices.append(by_definition(one, (*other[:-1], *other[-1].children)) + other[-1].cost)
    if one and other:
        below = by_definition(one[-1].children, other[-1].children)
        choices.append(below + by_definition(one[:-1], other[:-1]) + one[-1].cost_as(other[-1]))
    return min(choices)


@given(TREES, TREES)
def test_the_distance_is_that_of_the_definition(one: Node, other: Node) -> None:
    assert tree_distance(one, other) == by_definition((one,), (other,))


@given(TREES, TREES)
def test_the_distance_is_a_distance(one: Node, other: Node) -> None:
    assert tree_distance(one, other) == tree_distance(other, one)
    assert tree_distance(one, one) == 0


TRUTH = ({"menu.nm": "KOPI O", "menu.price": "3.00"}, {"menu.nm": "TEH", "menu.price": "1.00"})


def test_the_tree_has_items_fields_and_values() -> None:
    assert items_tree(({"menu.price": " 1.00 ", "menu.nm": "TEH", "menu.cnt": ""},)) == Node(
        "receipt",
        (
            Node(
                "menu",
                (
                    Node(
                        "item",
                        (Node("nm", (Node("TEH", leaf=True),)), Node("price", (Node("1.00", leaf=True),))),
                    ),
                ),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("read", "edits"),
    [
        (TRUTH, 0),
        (({"menu.nm": "KOPI", "menu.price": "3.00"}, TRUTH[1]), 2),  # two characters
        (({"menu.nm": "KOPI O"}, TRUTH[1]), 1 + 4),  # a field and its value
        (TRUTH[:1], 1 + (1 + 3) + (1 + 4)),  # an item
        ((*TRUTH, {"menu.nm": "X"}), 1 + 1 + 1),
        ((TRUTH[1],), 1 + (1 + 6) + (1 + 4)),
    ],
)
def test_accuracy_by_hand(read: tuple[dict[str, str], ...], edits: int) -> None:
    # The truth: menu, two items, four fields, 17 characters.
    assert tree_accuracy(items_tree(TRUTH), items_tree(read)) == pytest.approx(1 - edits / (1 + 2 + 4 + 17))


def test_accuracy_of_nothing() -> None:
    empty, full = items_tree(()), items_tree(TRUTH)
    assert tree_accuracy(full, empty) == 0.0
    assert tree_accuracy(empty, empty) == 1.0
    assert tree_accuracy(empty, full) == 0.0
    assert tree_accuracy(full, items_tree(TRUTH * 9)) == 0.0, "never below 0"
