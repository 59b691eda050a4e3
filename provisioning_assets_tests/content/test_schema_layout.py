"""The layout of the schema is valid for any data model: nothing overlaps, and lines turn at right angles and cross no card."""

from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning_assets.content.schema_layout import Box, CardSize, Layout, Link, Point, Route, lay_out
from provisioning_assets_tests.property_tests import examples


@st.composite
def schemas(draw: st.DrawFn) -> tuple[list[CardSize], list[Link]]:
    """Up to a dozen tables, any references between them: circles and references to oneself included."""
    count = draw(st.integers(1, 12))
    references = draw(
        st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), unique=True, max_size=18)
    )
    cards, links = [], []
    for number in range(count):
        mine = [parent for child, parent in references if child == number]
        rows = ["id", *(f"fk_{parent}" for parent in mine), *(["other"] * draw(st.integers(0, 1)))]
        cards.append(CardSize(f"t{number}", draw(st.integers(176, 280)), rows, draw(st.booleans())))
        links += [Link(f"t{number}", f"fk_{parent}", f"t{parent}", "id") for parent in mine]
    return cards, links


Segment = tuple[Point, Point]


def segments(route: Route) -> list[Segment]:
    return list(pairwise(route.points))


def crosses(segment: Segment, box: Box) -> bool:
    """Whether the segment passes through the card's inside."""
    (x1, y1), (x2, y2) = segment
    return (
        min(x1, x2) < box.x + box.width - 0.01
        and max(x1, x2) > box.x + 0.01
        and min(y1, y2) < box.y + box.height - 0.01
        and max(y1, y2) > box.y + 0.01
    )


def fall_together(one: Segment, other: Segment) -> bool:
    """Whether two segments share more than a point."""
    for axis in (0, 1):
        along = 1 - axis
        if one[0][axis] == one[1][axis] == other[0][axis] == other[1][axis]:
            low = max(min(one[0][along], one[1][along]), min(other[0][along], other[1][along]))
            high = min(max(one[0][along], one[1][along]), max(other[0][along], other[1][along]))
            return high - low > 0.01
    return False


def assert_tidy(layout: Layout, links: list[Link]) -> None:
    for one, other in combinations(layout.boxes, 2):
        apart = (
            one.x + one.width <= other.x
            or other.x + other.width <= one.x
            or one.y + one.height <= other.y
            or other.y + other.height <= one.y
        )
        assert apart, f"{one.name} and {other.name} overlap"
    assert sorted(map(repr, (route.link for route in layout.routes))) == sorted(map(repr, links))
    for route in layout.routes:
        for start, end in segments(route):
            assert start.x == end.x or start.y == end.y
            assert min(start.x, end.x) >= 0
            assert max(start.x, end.x) <= layout.width
            assert max(start.y, end.y) <= layout.height
            assert not any(crosses((start, end), box) for box in layout.boxes)
    for one, other in combinations(layout.routes, 2):
        # Lines to one key share a trunk; lines turned round by a circle may share the column they start from.
        if {(one.link.parent, one.link.parent_row), (one.link.child, one.link.child_row)} & {
            (other.link.parent, other.link.parent_row),
            (other.link.child, other.link.child_row),
        }:
            continue
        for a in segments(one):
            assert not any(fall_together(a, b) for b in segments(other)), f"{one.link} lies on {other.link}"


@given(schemas())
@settings(max_examples=examples(120))
def test_every_schema_is_laid_out_tidily(schema: tuple[list[CardSize], list[Link]]) -> None:
    cards, links = schema
    assert_tidy(lay_out(cards, links), links)


def test_a_chain_runs_from_left_to_right_in_straight_lines() -> None:
    cards = [CardSize(name, 200, ["id", "fk"], False) for name in ("a", "b", "c")]
    links = [Link("b", "fk", "a", "id"), Link("c", "fk", "b", "id")]
    layout = lay_out(cards, links)
    a, b, c = layout.boxes
    assert a.x < b.x < c.x
    assert_tidy(layout, links)


def test_a_line_passes_the_layers_between_in_a_lane_of_its_own() -> None:
    cards = [CardSize(name, 200, ["id", "one", "two"], True) for name in ("a", "b", "c")]
    links = [Link("b", "one", "a", "id"), Link("c", "one", "b", "id"), Link("c", "two", "a", "id")]
    assert_tidy(lay_out(cards, links), links)


def test_many_lines_between_two_layers_are_ordered_too() -> None:
    parents = [CardSize(f"p{n}", 180, ["id"], False) for n in range(9)]
    child = CardSize("facts", 220, ["id", *(f"fk{n}" for n in range(9))], False)
    links = [Link("facts", f"fk{n}", f"p{8 - n}", "id") for n in range(9)]
    assert_tidy(lay_out([*parents, child], links), links)


def test_a_table_that_refers_to_itself_gets_a_loop() -> None:
    links = [Link("employees", "manager_id", "employees", "id"), Link("employees", "id", "employees", "id")]
    layout = lay_out([CardSize("employees", 200, ["id", "manager_id"], False)], links)
    assert [len(route.points) for route in layout.routes] == [4, 4]
    assert all(point.x <= layout.width for route in layout.routes for point in route.points)


def test_no_table_makes_an_empty_picture() -> None:
    assert lay_out([], []).boxes == []


def test_the_same_schema_is_laid_out_in_the_same_way() -> None:
    cards = [CardSize(f"t{n}", 200, ["id", "fk"], False) for n in range(6)]
    links = [Link(f"t{n}", "fk", f"t{n // 2}", "id") for n in range(1, 6)]
    assert lay_out(cards, links) == lay_out(cards, links)
