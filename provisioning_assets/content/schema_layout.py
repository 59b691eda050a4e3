"""Places the tables of a data model in its picture and routes the lines between them.

The layout has layers from left to right: a table is placed right of the tables it refers to. Between two neighbouring
layers is a channel, in which each line gets a separate vertical track. A line that passes a layer uses a free lane
between the cards. The rows of all cards lie on one pitch, and each layer is shifted against the next, so that the
horizontal parts of two lines never overlap. The same model gives the same picture.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise, permutations
from typing import NamedTuple

ROW = 22  # px per row of a card; also the pitch of the ports
HEAD_ROWS = 2
LIFT = 3  # px by which rows are above the pitch: gives space below the last row
CARD_GAP_ROWS = 2
TRACK_GAP = 14  # px between two vertical parts of lines
CHANNEL_MARGIN = 30  # px between a card and the first track: room for the crow's foot
MARGIN = 14
# Up to this many tracks in a channel, every order of them is tried; 6! = 720.
_TRIED_TRACKS = 6
_ORDERING_SWEEPS = 12
_ALIGNING_SWEEPS = 8


@dataclass(frozen=True)
class CardSize:
    """What the layout needs to know about a table: its shown columns in order, and the width of its card."""

    name: str
    width: int
    rows: list[str]
    more: bool  # whether there is a last line with the number of columns not shown

    @property
    def height_rows(self) -> int:
        return HEAD_ROWS + len(self.rows) + (1 if self.more else 0)


@dataclass(frozen=True)
class Link:
    """``child.child_row`` refers to ``parent.parent_row``."""

    child: str
    child_row: str
    parent: str
    parent_row: str


@dataclass(frozen=True)
class Box:
    """A placed card, in px."""

    name: str
    x: float
    y: float
    width: float
    height: float


class Point(NamedTuple):
    x: float
    y: float


@dataclass(frozen=True)
class Route:
    """The line of a link: its corner points from the parent's card to the child's card."""

    link: Link
    points: list[Point]


@dataclass(frozen=True)
class Layout:
    width: float
    height: float
    boxes: list[Box]
    routes: list[Route]


@dataclass(eq=False)
class _Node:
    """A card, or, if ``card`` is None, the free lane of a line that passes this layer."""

    name: str
    layer: int
    card: CardSize | None
    top: int = 0  # in rows
    neighbours: list[tuple["_Node", int, int]] = field(default_factory=list)  # node, my port row, its port row

    @property
    def rows(self) -> int:
        return self.card.height_rows if self.card else 1

    def port_row(self, row: str) -> int:
        """Return the row of the card, counted from its top, at which a line to that column ends."""
        return HEAD_ROWS + self.card.rows.index(row) if self.card else 0


@dataclass(frozen=True)
class _Stretch:
    """The part of a line in one channel. Lines from the same port form one net and share a track."""

    left: _Node
    left_row: int
    right: _Node
    right_row: int

    @property
    def net(self) -> tuple[str, int]:
        return self.left.name, self.left_row


def lay_out(cards: list[CardSize], links: list[Link]) -> Layout:
    """Place the cards and route the links.

    Args:
        cards: with distinct names; every row that a link names must be in its card's ``rows``.
        links: between those cards; a table may refer to itself, and references may form a cycle.
    """
    if not cards:
        return Layout(width=2 * MARGIN, height=2 * MARGIN, boxes=[], routes=[])
    own = [link for link in links if link.child == link.parent]
    oriented = _without_circles([card.name for card in cards], [link for link in links if link.child != link.parent])
    layer_of = _layers([card.name for card in cards], [(left, right) for _, left, right in oriented])
    nodes = {card.name: _Node(card.name, layer_of[card.name], card) for card in cards}
    layers: list[list[_Node]] = [[] for _ in range(max(layer_of.values()) + 1)]
    for node in nodes.values():
        layers[node.layer].append(node)
    paths = {link: _path(link, nodes[left], nodes[right], layers) for link, left, right in oriented}
    stretches = list(dict.fromkeys(stretch for path in paths.values() for stretch in path))
    for stretch in stretches:
        stretch.left.neighbours.append((stretch.right, stretch.left_row, stretch.right_row))
        stretch.right.neighbours.append((stretch.left, stretch.right_row, stretch.left_row))
    _order(layers)
    _align(layers)
    return _geometry(layers, paths, stretches, [(nodes[link.child], link) for link in own])


# --- layers ------------------------------------------------------------------------------------------------------


def _without_circles(names: list[str], links: list[Link]) -> list[tuple[Link, str, str]]:
    """Return each link with its left and right table. The parent is left, unless that would close a cycle."""
    rights: dict[str, set[str]] = {name: set() for name in names}
    oriented = []
    for link in links:
        left, right = link.parent, link.child
        if _reaches(rights, right, left):
            left, right = right, left
        rights[left].add(right)
        oriented.append((link, left, right))
    return oriented


def _reaches(rights: dict[str, set[str]], start: str, goal: str) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        for right in sorted(rights[waiting.pop()]):
            if right not in seen:
                seen.add(right)
                waiting.append(right)
    return goal in seen


def _layers(names: list[str], edges: list[tuple[str, str]]) -> dict[str, int]:
    """Return each table's layer: longest path from the left, then moved towards its referring tables for short lines."""
    layer = dict.fromkeys(names, 0)
    for _ in names:
        for left, right in edges:
            layer[right] = max(layer[right], layer[left] + 1)
    for name in sorted(names, key=lambda name: -layer[name]):
        rights = [layer[right] for left, right in edges if left == name]
        lefts = [layer[left] for left, right in edges if right == name]
        if rights and len(rights) > len(lefts):
            layer[name] = min(rights) - 1
    alone = [name for name in names if not any(name in edge for edge in edges)]
    deepest = max(layer.values())
    for name in alone:
        crowd = [sum(layer[other] == depth for other in names if other != name) for depth in range(deepest + 1)]
        layer[name] = crowd.index(min(crowd))
    return layer


def _path(link: Link, left: _Node, right: _Node, layers: list[list[_Node]]) -> list[_Stretch]:
    """Return the link's stretches. Adds a free lane to each layer it passes, shared by all lines of the same port."""
    left_is_parent = left.name == link.parent
    left_row = left.port_row(link.parent_row if left_is_parent else link.child_row)
    right_row = right.port_row(link.child_row if left_is_parent else link.parent_row)
    stretches = []
    here, row = left, left_row
    for depth in range(left.layer + 1, right.layer):
        name = f"{left.name}\n{left_row}\n{depth}"  # table names contain no line break
        lane = next((node for node in layers[depth] if node.name == name), None)
        if lane is None:
            lane = _Node(name, depth, None)
            layers[depth].append(lane)
        stretches.append(_Stretch(here, row, lane, 0))
        here, row = lane, 0
    return [*stretches, _Stretch(here, row, right, right_row)]


# --- order within a layer, and height ----------------------------------------------------------------------------


def _order(layers: list[list[_Node]]) -> None:
    """Sort each layer by the position of its neighbours, in both directions; keep the order with the fewest crossings."""
    best = [list(layer) for layer in layers]
    fewest = _crossings(layers)
    for sweep in range(_ORDERING_SWEEPS):
        rightwards = sweep % 2 == 0
        for depth in range(len(layers)) if rightwards else reversed(range(len(layers))):
            _pack(layers)
            side = depth - 1 if rightwards else depth + 1
            wanted = {node.name: _mean_height(node, {side}, node.top) for node in layers[depth]}
            layers[depth].sort(key=lambda node: wanted[node.name])
        count = _crossings(layers)
        if count < fewest:
            best, fewest = [list(layer) for layer in layers], count
    for layer, order in zip(layers, best, strict=True):
        layer[:] = order
    _pack(layers)


def _pack(layers: list[list[_Node]]) -> None:
    for layer in layers:
        top = 0
        for node in layer:
            node.top = top
            top += node.rows + CARD_GAP_ROWS


def _mean_height(node: _Node, sides: set[int], otherwise: float) -> float:
    """Return the top at which the node's lines to those layers would be straight, on average."""
    tops = [other.top + its_row - my_row for other, my_row, its_row in node.neighbours if other.layer in sides]
    return sum(tops) / len(tops) if tops else otherwise


def _crossings(layers: list[list[_Node]]) -> int:
    _pack(layers)
    count = 0
    for layer in layers[:-1]:
        ends = [
            (node.top + my_row, other.top + its_row)
            for node in layer
            for other, my_row, its_row in node.neighbours
            if other.layer == node.layer + 1
        ]
        count += sum((a[0] - b[0]) * (a[1] - b[1]) < 0 for i, a in enumerate(ends) for b in ends[i + 1 :])
    return count


def _align(layers: list[list[_Node]]) -> None:
    """Move cards up and down to straighten their lines, without changing their order or overlapping them."""
    tallest = max(_layer_rows(layer) for layer in layers)
    for layer in layers:
        shift = (tallest - _layer_rows(layer)) // 2
        for node in layer:
            node.top += shift
    for sweep in range(_ALIGNING_SWEEPS):
        for depth in range(len(layers)) if sweep % 2 == 0 else reversed(range(len(layers))):
            wanted = [_mean_height(node, {depth - 1, depth + 1}, node.top) for node in layers[depth]]
            _settle(layers[depth], wanted, tallest)
    lowest = min(node.top for layer in layers for node in layer)
    for layer in layers:
        for node in layer:
            node.top -= lowest


def _layer_rows(layer: list[_Node]) -> int:
    return sum(node.rows for node in layer) + CARD_GAP_ROWS * (len(layer) - 1)


def _settle(layer: list[_Node], wanted: list[float], tallest: int) -> None:
    """Set the tops nearest to the wanted ones, in order and without overlap. Overlapping neighbours move as one block."""
    blocks: list[tuple[float, int, int]] = []  # sum of wanted tops (each less its offset), nodes, rows
    for node, top in zip(layer, wanted, strict=True):
        total, count, rows = top, 1, node.rows + CARD_GAP_ROWS
        while blocks and blocks[-1][0] / blocks[-1][1] + blocks[-1][2] > total / count:
            before_total, before_count, before_rows = blocks.pop()
            total = before_total + total - before_rows * count
            count += before_count
            rows += before_rows
        blocks.append((total, count, rows))
    tops: list[int] = []
    nodes = iter(layer)
    for total, count, _ in blocks:
        top = round(total / count)
        for node in [next(nodes) for _ in range(count)]:
            tops.append(top)
            top += node.rows + CARD_GAP_ROWS
    # Not above the page and not below its lowest card; in a full layer this overrides the wanted tops.
    floor = tallest
    for index in reversed(range(len(layer))):
        floor -= layer[index].rows
        tops[index] = min(tops[index], floor)
        floor = tops[index] - CARD_GAP_ROWS
    ceiling = 0
    for index, node in enumerate(layer):
        node.top = max(tops[index], ceiling)
        ceiling = node.top + node.rows + CARD_GAP_ROWS


# --- geometry ----------------------------------------------------------------------------------------------------


def _geometry(
    layers: list[list[_Node]],
    paths: dict[Link, list[_Stretch]],
    stretches: list[_Stretch],
    own: list[tuple[_Node, Link]],
) -> Layout:
    shift = ROW / len(layers)
    x = float(MARGIN)
    left_edge: list[float] = []
    right_edge: list[float] = []
    track_x: dict[tuple[int, tuple[str, int]], float] = {}
    loops = {node.layer for node, _ in own}

    def height(node: _Node, row: int) -> float:
        return MARGIN + node.layer * shift + (node.top + row + 0.5) * ROW - LIFT

    for depth, layer in enumerate(layers):
        width = max((node.card.width for node in layer if node.card), default=0)
        left_edge.append(x)
        right_edge.append(x + width)
        x += width
        through = [stretch for stretch in stretches if stretch.left.layer == depth]
        tracks = _tracks(through, height)
        first = x + CHANNEL_MARGIN + (TRACK_GAP * 2 if depth in loops else 0)
        for index, net in enumerate(tracks):
            track_x[depth, net] = first + index * TRACK_GAP
        if depth < len(layers) - 1:
            x = first + max(0, len(tracks) - 1) * TRACK_GAP + CHANNEL_MARGIN
        elif depth in loops:
            x += CHANNEL_MARGIN + TRACK_GAP

    boxes = [
        # All cards of one layer have the same width.
        Box(
            node.name,
            left_edge[depth],
            height(node, 0) - ROW / 2 + LIFT,
            right_edge[depth] - left_edge[depth],
            node.rows * ROW,
        )
        for depth, layer in enumerate(layers)
        for node in layer
        if node.card
    ]
    routes = []
    for link, path in paths.items():
        start = right_edge[path[0].left.layer]
        points = [Point(start, height(path[0].left, path[0].left_row))]
        for stretch in path:
            track = track_x[stretch.left.layer, stretch.net]
            end = height(stretch.right, stretch.right_row)
            # Through a lane, the line continues to the other side of the layer.
            layer = stretch.right.layer
            side = left_edge[layer] if stretch.right.card else right_edge[layer]
            points += [Point(track, points[-1].y), Point(track, end), Point(side, end)]
        if path[0].left.name != link.parent:
            points.reverse()
        routes.append(Route(link, _corners(points)))
    for node, link in own:
        start, end = (height(node, node.port_row(row)) for row in (link.parent_row, link.child_row))
        # A column that refers to itself (a key that is its own reference) still needs a visible loop.
        end += ROW / 4 if start == end else 0
        edge = right_edge[node.layer]
        out = edge + CHANNEL_MARGIN
        routes.append(Route(link, [Point(edge, start), Point(out, start), Point(out, end), Point(edge, end)]))
    # A lane may run below the lowest card.
    lowest = max([box.y + box.height for box in boxes] + [point.y for route in routes for point in route.points])
    return Layout(width=x + MARGIN, height=lowest + MARGIN, boxes=boxes, routes=routes)


def _corners(points: Iterable[Point]) -> list[Point]:
    """Remove the points that lie on the straight line between their neighbours."""
    kept: list[Point] = []
    for point in points:
        if kept and point == kept[-1]:
            continue
        if len(kept) > 1 and (kept[-2].x == kept[-1].x == point.x or kept[-2].y == kept[-1].y == point.y):
            kept.pop()
        kept.append(point)
    return kept


def _tracks(through: list[_Stretch], height: Callable[[_Node, int], float]) -> list[tuple[str, int]]:
    """Return the nets of a channel from left track to right track, in the order with the fewest crossings."""
    starts: dict[tuple[str, int], float] = {}
    ends: dict[tuple[str, int], list[float]] = {}
    for stretch in through:
        starts[stretch.net] = height(stretch.left, stretch.left_row)
        ends.setdefault(stretch.net, []).append(height(stretch.right, stretch.right_row))

    def spans(net: tuple[str, int], y: float) -> bool:
        return min(starts[net], *ends[net]) < y < max(starts[net], *ends[net])

    def cost(left: tuple[str, int], right: tuple[str, int]) -> int:
        """Return the number of crossings of two nets if the track of ``left`` is left of the track of ``right``."""
        return spans(left, starts[right]) + sum(spans(right, end) for end in ends[left])

    nets = sorted(starts, key=lambda net: (starts[net], net))
    if len(nets) <= _TRIED_TRACKS:
        costs = {(a, b): cost(a, b) for a in nets for b in nets if a != b}
        return list(
            min(
                permutations(nets),
                key=lambda order: sum(costs[a, b] for i, a in enumerate(order) for b in order[i + 1 :]),
            )
        )
    for _ in nets:
        for index, (a, b) in enumerate(pairwise(list(nets))):
            if nets[index] == a and nets[index + 1] == b and cost(b, a) < cost(a, b):
                nets[index], nets[index + 1] = b, a
    return nets
