"""How alike two receipts' items are: the normalised tree edit distance of Donut (Kim et al. 2022), as it scores CORD.

The tree has a node for each item, below it one for each of its fields, and below that the value. Its edit distance is
computed as by Zhang and Shasha (1989), with the costs of Donut's evaluator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import Levenshtein

from ocr.fields import ITEM
from ocr.text import plain_text


@dataclass(frozen=True, slots=True)
class Node:
    """A node of an ordered tree.

    Attributes:
        label: name of a field, or a value.
        children: from the first to the last.
        leaf: it is a value.
    """

    label: str
    children: tuple[Node, ...] = ()
    leaf: bool = False

    @property
    def cost(self) -> int:
        """Of its insertion or removal: a value's characters, else 1."""
        return len(self.label) if self.leaf else 1

    def cost_as(self, other: Node) -> int:
        """Of its change into another node: between values their edit distance."""
        if self.leaf and other.leaf:
            return Levenshtein.distance(self.label, other.label)
        if self.leaf or other.leaf:
            return 1 + (self if self.leaf else other).cost
        return int(self.label != other.label)


@dataclass(slots=True)
class Postorder:
    """A tree's nodes, children before their parents.

    Attributes:
        nodes: in that order.
        lefts: of each, the place of its subtree's first node.
    """

    nodes: list[Node] = field(default_factory=list)
    lefts: list[int] = field(default_factory=list)

    def add(self, node: Node) -> Postorder:
        """Add a node's subtree."""
        first = len(self.nodes)
        for child in node.children:
            self.add(child)
        self.nodes.append(node)
        self.lefts.append(first)
        return self

    def keyroots(self) -> list[int]:
        """The places of the root and of the nodes that have a sibling on their left, in order."""
        return sorted({left: place for place, left in enumerate(self.lefts)}.values())


def items_tree(items: Sequence[Mapping[str, str]]) -> Node:
    """The tree of what was bought; fields in the order of Donut (shorter names first), blank values left out.

    Args:
        items: in the order of print, each its values by name.
    """
    menu = []
    for item in items:
        values = {name.removeprefix(ITEM): plain_text(text) for name, text in item.items()}
        names = sorted((name for name in values if values[name]), key=lambda name: (len(name), name))
        if names:
            menu.append(Node("item", tuple(Node(name, (Node(values[name], leaf=True),)) for name in names)))
    return Node("receipt", (Node("menu", tuple(menu)),) if menu else ())


def tree_accuracy(truth: Node, read: Node) -> float:
    """1 less the edit distance over that of an empty tree, at least 0; 1 of two empty trees, 0 if only the truth is.

    Args:
        truth: what a receipt says.
        read: what was found.
    """
    empty = tree_distance(Node(truth.label), truth)
    if not empty:
        return float(truth == read)
    return max(0.0, 1 - tree_distance(read, truth) / empty)


def tree_distance(one: Node, other: Node) -> int:
    """The least cost of the insertions, removals and changes of nodes that make one tree of the other."""
    first, second = Postorder().add(one), Postorder().add(other)
    change = [[node.cost_as(target) for target in second.nodes] for node in first.nodes]
    distance = [[0] * len(second.nodes) for _ in first.nodes]  # between the subtrees of two nodes
    for row in first.keyroots():
        for column in second.keyroots():
            fill_forests(first, second, row, column, change, distance)
    return distance[-1][-1]


def fill_forests(
    first: Postorder, second: Postorder, row: int, column: int, change: list[list[int]], distance: list[list[int]]
) -> None:
    """Compute the distances of the subtrees that begin as those of two keyroots do, from the forests within.

    Args:
        first: one tree.
        second: the other.
        row: place of the one's keyroot.
        column: place of the other's.
        change: cost of making one node of the other.
        distance: of subtrees; those of smaller keyroots are there.
    """
    top, side = first.lefts[row], second.lefts[column]
    lefts = [left - side for left in second.lefts[side : column + 1]]
    added = [node.cost for node in second.nodes[side : column + 1]]
    forests = [[0]]  # by nodes of the one forest, by nodes of the other
    for cost in added:
        forests[0].append(forests[0][-1] + cost)
    for place in range(top, row + 1):
        removed, above, outer = first.nodes[place].cost, forests[-1], forests[first.lefts[place] - top]
        is_tree, changes, trees = first.lefts[place] == top, change[place], distance[place]
        current = [above[0] + removed]
        for number, left in enumerate(lefts):
            best = min(above[number + 1] + removed, current[number] + added[number])
            if is_tree and left == 0:  # both forests are trees
                best = min(best, above[number] + changes[side + number])
                trees[side + number] = best
            else:
                best = min(best, outer[left] + trees[side + number])
            current.append(best)
        forests.append(current)
